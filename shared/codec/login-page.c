/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "codec/login-page.h"

#include "base/names.h"
#include "codec/login-request.h"

#define DECLARATION    "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
#define VERSION        "<version who=\"sg\">0.1(1)</version>"
#define ERROR_ID_LOGIN "13"

/* Bytes that markup cannot hold are left out, so that no text of the owner breaks the page. */
static void
append_escaped (GString *page, const char *text)
{
  g_autofree char *valid = g_utf8_make_valid (text, -1);
  g_autofree char *escaped = NULL;

  for (char *at = valid; *at != '\0'; at++)
    if (g_ascii_iscntrl (*at) && *at != '\n' && *at != '\t')
      *at = ' ';
  escaped = g_markup_escape_text (valid, -1);
  g_string_append (page, escaped);
}

static void
append_element (GString *page, const char *name, const char *text)
{
  if (text == NULL)
    return;
  g_string_append_printf (page, "<%s>", name);
  append_escaped (page, text);
  g_string_append_printf (page, "</%s>", name);
}

static void
open_document (GString *page, SpLoginDialect dialect, const char *type)
{
  g_string_append (page, DECLARATION);
  if (dialect == SP_LOGIN_DIALECT_CONFIG_AUTH)
    g_string_append_printf (page, "<config-auth client=\"vpn\" type=\"%s\">" VERSION, type);
}

static void
close_document (GString *page, SpLoginDialect dialect)
{
  if (dialect == SP_LOGIN_DIALECT_CONFIG_AUTH)
    g_string_append (page, "</config-auth>");
  g_string_append_c (page, '\n');
}

static void
append_error (GString *page, const char *error)
{
  if (error == NULL)
    return;
  g_string_append (page, "<error id=\"" ERROR_ID_LOGIN "\" param1=\"\" param2=\"\">");
  append_escaped (page, error);
  g_string_append (page, "</error>");
}

/* Before the fields.  Clients of version 3, which only know the bare dialect, are strict about what
 * stands there: one message, so the error is the message. */
static void
append_words (GString *page, const SpLoginForm *form)
{
  static const char *const messages[] = {
    [SP_LOGIN_ASKS_BOTH] = "Please enter your user name and password.",
    [SP_LOGIN_ASKS_LOGIN] = "Please enter your user name.",
    [SP_LOGIN_ASKS_PASSWORD] = "Please enter your password.",
    [SP_LOGIN_ASKS_CODE] = "Please enter the code that your phone shows, or a recovery code.",
    [SP_LOGIN_ASKS_GROUP] = "Please choose how to connect.",
  };

  if (form->dialect == SP_LOGIN_DIALECT_BARE && form->error != NULL)
    {
      append_element (page, "message", form->error);
      return;
    }
  if (form->dialect == SP_LOGIN_DIALECT_CONFIG_AUTH)
    append_element (page, "title", SP_PRODUCT_NAME);
  append_element (page, "message", form->prompt != NULL ? form->prompt : messages[form->asks]);
  if (form->dialect == SP_LOGIN_DIALECT_CONFIG_AUTH)
    append_element (page, "banner", form->banner);
  append_error (page, form->error);
}

static void
append_hidden (GString *page, const char *name, const char *value)
{
  g_string_append_printf (page, "<input type=\"hidden\" name=\"%s\" value=\"", name);
  append_escaped (page, value);
  g_string_append (page, "\"/>");
}

/* The name of the code's field is one at which clients that can make codes fill one in, and it has
 * the word without which others show no field. */
static void
append_code_fields (GString *page, const SpLoginForm *form)
{
  append_hidden (page, SP_LOGIN_TICKET_FIELD, form->ticket);
  g_string_append_printf (page,
                          "<input type=\"password\" name=\"secondary_password\" label=\"%s\"/>",
                          form->prompt != NULL ? "Answer:" : "Code:");
}

static void
append_choice (GString *page, const SpGroupChoice *choice, gboolean selected)
{
  g_string_append (page, "<option value=\"");
  append_escaped (page, choice->name);
  g_string_append (page, selected ? "\" selected=\"true\">" : "\">");
  append_escaped (page, choice->label);
  g_string_append (page, "</option>");
}

/* What was chosen stands first: some clients look at nothing else. */
static void
append_groups (GString *page, const SpLoginForm *form)
{
  if (form->groups == NULL || form->groups->n == 0)
    return;
  g_string_append (page, "<select name=\"" SP_LOGIN_GROUP_FIELD "\" label=\"Group:\">");
  append_choice (page, &form->groups->choices[form->group], TRUE);
  for (guint i = 0; i < form->groups->n; i++)
    if (i != form->group)
      append_choice (page, &form->groups->choices[i], FALSE);
  g_string_append (page, "</select>");
}

static void
append_fields (GString *page, const SpLoginForm *form)
{
  if (form->asks == SP_LOGIN_ASKS_GROUP)
    {
      append_groups (page, form);
      return;
    }
  if (form->asks == SP_LOGIN_ASKS_CODE)
    {
      append_code_fields (page, form);
      return;
    }
  if (form->asks == SP_LOGIN_ASKS_PASSWORD)
    append_hidden (page, "username", form->login);
  else
    g_string_append (page, "<input type=\"text\" name=\"username\" label=\"Username:\"/>");
  if (form->asks != SP_LOGIN_ASKS_LOGIN)
    g_string_append (page, "<input type=\"password\" name=\"password\" label=\"Password:\"/>");
  if (form->asks != SP_LOGIN_ASKS_PASSWORD)
    append_groups (page, form);
  else if (form->groups != NULL && form->groups->n > 0)
    append_hidden (page, SP_LOGIN_GROUP_FIELD, form->groups->choices[form->group].name);
}

static const char *
choose_id (const SpLoginForm *form)
{
  if (form->asks == SP_LOGIN_ASKS_CODE)
    return "challenge";
  if (form->asks == SP_LOGIN_ASKS_PASSWORD && form->dialect == SP_LOGIN_DIALECT_BARE)
    return "passwd";
  return "main";
}

void
sp_login_page_write_form (GString *page, const SpLoginForm *form)
{
  open_document (page, form->dialect, "auth-request");
  g_string_append_printf (page, "<auth id=\"%s\">", choose_id (form));
  append_words (page, form);
  g_string_append_printf (page, "<form method=\"post\" action=\"%s%s\">",
                          form->path_group != NULL ? "/" : SP_LOGIN_ACTION,
                          form->path_group != NULL ? form->path_group : "");
  append_fields (page, form);
  g_string_append (page, "</form></auth>");
  close_document (page, form->dialect);
}

void
sp_login_page_write_refusal (GString *page, SpLoginDialect dialect, const char *error)
{
  open_document (page, dialect, "auth-request");
  g_string_append (page, "<auth id=\"main\">");
  if (dialect == SP_LOGIN_DIALECT_CONFIG_AUTH)
    append_element (page, "title", SP_PRODUCT_NAME);
  append_error (page, error);
  g_string_append (page, "</auth>");
  close_document (page, dialect);
}

void
sp_login_page_write_certificate_request (GString *page)
{
  open_document (page, SP_LOGIN_DIALECT_CONFIG_AUTH, "auth-request");
  g_string_append (page, "<client-cert-request/>");
  close_document (page, SP_LOGIN_DIALECT_CONFIG_AUTH);
}

static void
append_certificate (GString *page, const char *certificate_sha1)
{
  if (certificate_sha1 == NULL)
    return;
  g_string_append (page, "<config client=\"vpn\" type=\"private\"><vpn-base-config>");
  append_element (page, "server-cert-hash", certificate_sha1);
  g_string_append (page, "</vpn-base-config></config>");
}

void
sp_login_page_write_complete (GString *page,
                              SpLoginDialect dialect,
                              const char *banner,
                              const char *certificate_sha1)
{
  open_document (page, dialect, "complete");
  g_string_append (page, "<auth id=\"success\">");
  append_element (page, "title", SP_PRODUCT_NAME);
  append_element (page, "banner", banner);
  g_string_append (page, "</auth>");
  if (dialect == SP_LOGIN_DIALECT_CONFIG_AUTH)
    append_certificate (page, certificate_sha1);
  close_document (page, dialect);
}
