/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "codec/login-page.h"

#include <string.h>

#define DECLARATION "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"

/* The tags in order, each with its attributes, so that a test compares what a client sees. */
static void
note_start (GMarkupParseContext *context,
            const char *name,
            const char **attributes,
            const char **values,
            gpointer user_data,
            GError **error)
{
  GString *seen = user_data;

  g_string_append_printf (seen, "<%s", name);
  for (guint i = 0; attributes[i] != NULL; i++)
    g_string_append_printf (seen, " %s=%s", attributes[i], values[i]);
  g_string_append_c (seen, '>');
}

static void
note_text (GMarkupParseContext *context,
           const char *text,
           gsize length,
           gpointer user_data,
           GError **error)
{
  g_string_append_len (user_data, text, (gssize) length);
}

static char *
read_document (const GString *page)
{
  static const GMarkupParser parser = { .start_element = note_start, .text = note_text };
  g_autoptr (GString) seen = g_string_new (NULL);
  g_autoptr (GMarkupParseContext) context = g_markup_parse_context_new (&parser, 0, seen, NULL);
  g_autoptr (GError) error = NULL;

  g_assert_true (g_str_has_prefix (page->str, DECLARATION));
  g_assert_true (g_markup_parse_context_parse (context, page->str, (gssize) page->len, &error));
  g_assert_true (g_markup_parse_context_end_parse (context, &error));
  g_assert_no_error (error);
  return g_strchomp (g_string_free (g_steal_pointer (&seen), FALSE));
}

#define FORM  "<form method=post action=/auth>"
#define LOGIN "<input type=text name=username label=Username:>"
#define BOTH  FORM LOGIN "<input type=password name=password label=Password:>"
#define HIDDEN(login)                                                                              \
  FORM "<input type=hidden name=username value=" login                                             \
       "><input type=password name=password label=Password:>"
#define CODE_WORDS "Please enter the code that your phone shows, or a recovery code."
#define CODE(ticket)                                                                               \
  FORM "<input type=hidden name=auth_handle value=" ticket                                         \
       "><input type=password name=secondary_password label=Code:>"
#define ANSWER(ticket)                                                                             \
  FORM "<input type=hidden name=auth_handle value=" ticket                                         \
       "><input type=password name=secondary_password label=Answer:>"
#define ROOT "<config-auth client=vpn type=auth-request><version who=sg>0.1(1)"

static const SpGroupList groups = {
  3, { { "default", "Usual" }, { "home", "Home <network>" }, { "all", "All" } }
};

#define SELECT(first, second, third)                                                               \
  "<select name=group_list label=Group:><option value=" first "<option value=" second              \
  "<option value=" third
#define NONE       "default>Usual"
#define HOME_FIRST SELECT ("home selected=true>Home <network>", NONE, "all>All")
#define NONE_FIRST SELECT ("default selected=true>Usual", "home>Home <network>", "all>All")

static const struct
{
  SpLoginForm form;
  const char *seen;
} forms[] = {
  { { .dialect = SP_LOGIN_DIALECT_CONFIG_AUTH, .groups = &groups },
    ROOT "<auth id=main><title>Sallyport<message>Please enter your user name and password." BOTH
        NONE_FIRST },
  { { .dialect = SP_LOGIN_DIALECT_CONFIG_AUTH, .groups = &groups, .group = 1 },
    ROOT "<auth id=main><title>Sallyport<message>Please enter your user name and password." BOTH
        HOME_FIRST },
  { { .dialect = SP_LOGIN_DIALECT_BARE, .groups = &groups, .group = 1 },
    "<auth id=main><message>Please enter your user name and password." BOTH HOME_FIRST },
  { { .dialect = SP_LOGIN_DIALECT_BARE, .groups = &groups, .asks = SP_LOGIN_ASKS_LOGIN },
    "<auth id=main><message>Please enter your user name." FORM LOGIN NONE_FIRST },
  { { .dialect = SP_LOGIN_DIALECT_BARE,
      .asks = SP_LOGIN_ASKS_PASSWORD,
      .login = "joe",
      .groups = &groups,
      .group = 2 },
    "<auth id=passwd><message>Please enter your password." HIDDEN (
        "joe") "<input type=hidden name=group_list value=all>" },
  { { .dialect = SP_LOGIN_DIALECT_CONFIG_AUTH,
      .asks = SP_LOGIN_ASKS_GROUP,
      .groups = &groups,
      .group = 1,
      .error = "No" },
    ROOT "<auth id=main><title>Sallyport<message>Please choose how to connect."
         "<error id=13 param1= param2=>No" FORM HOME_FIRST },
  { { .dialect = SP_LOGIN_DIALECT_CONFIG_AUTH,
      .asks = SP_LOGIN_ASKS_CODE,
      .ticket = "ab01",
      .groups = &groups },
    ROOT "<auth id=challenge><title>Sallyport<message>" CODE_WORDS CODE ("ab01") },
  { { .dialect = SP_LOGIN_DIALECT_CONFIG_AUTH, .path_group = "home" },
    ROOT "<auth id=main><title>Sallyport<message>Please enter your user name and password."
         "<form method=post action=/home>" LOGIN
         "<input type=password name=password label=Password:>" },
  { { .dialect = SP_LOGIN_DIALECT_CONFIG_AUTH },
    ROOT "<auth id=main><title>Sallyport<message>Please enter your user name and password." BOTH },
  { { .dialect = SP_LOGIN_DIALECT_CONFIG_AUTH, .error = "Wrong" },
    ROOT "<auth id=main><title>Sallyport<message>Please enter your user name and password."
         "<error id=13 param1= param2=>Wrong" BOTH },
  { { .dialect = SP_LOGIN_DIALECT_CONFIG_AUTH, .error = "<b>&\"'\001\n]]>" },
    ROOT "<auth id=main><title>Sallyport<message>Please enter your user name and password."
         "<error id=13 param1= param2=><b>&\"' \n]]>" BOTH },
  { { .dialect = SP_LOGIN_DIALECT_CONFIG_AUTH, .asks = SP_LOGIN_ASKS_LOGIN },
    ROOT "<auth id=main><title>Sallyport<message>Please enter your user name." FORM LOGIN },
  { { .dialect = SP_LOGIN_DIALECT_CONFIG_AUTH, .asks = SP_LOGIN_ASKS_PASSWORD, .login = "joe" },
    ROOT "<auth id=main><title>Sallyport<message>Please enter your password." HIDDEN ("joe") },
  { { .dialect = SP_LOGIN_DIALECT_CONFIG_AUTH, .banner = "Be <kind>", .error = "Wrong" },
    ROOT "<auth id=main><title>Sallyport<message>Please enter your user name and password."
         "<banner>Be <kind><error id=13 param1= param2=>Wrong" BOTH },
  { { .dialect = SP_LOGIN_DIALECT_BARE, .banner = "Be kind" },
    "<auth id=main><message>Please enter your user name and password." BOTH },
  { { .dialect = SP_LOGIN_DIALECT_BARE },
    "<auth id=main><message>Please enter your user name and password." BOTH },
  { { .dialect = SP_LOGIN_DIALECT_BARE, .error = "Wrong" }, "<auth id=main><message>Wrong" BOTH },
  { { .dialect = SP_LOGIN_DIALECT_BARE, .asks = SP_LOGIN_ASKS_LOGIN },
    "<auth id=main><message>Please enter your user name." FORM LOGIN },
  { { .dialect = SP_LOGIN_DIALECT_BARE, .asks = SP_LOGIN_ASKS_PASSWORD, .login = "\"/><x>é&" },
    "<auth id=passwd><message>Please enter your password." HIDDEN ("\"/><x>é&") },
  { { .dialect = SP_LOGIN_DIALECT_CONFIG_AUTH, .asks = SP_LOGIN_ASKS_CODE, .ticket = "ab01" },
    ROOT "<auth id=challenge><title>Sallyport<message>" CODE_WORDS CODE ("ab01") },
  { { .dialect = SP_LOGIN_DIALECT_CONFIG_AUTH,
      .asks = SP_LOGIN_ASKS_CODE,
      .ticket = "ab01",
      .error = "Wrong" },
    ROOT "<auth id=challenge><title>Sallyport<message>" CODE_WORDS
         "<error id=13 param1= param2=>Wrong" CODE ("ab01") },
  { { .dialect = SP_LOGIN_DIALECT_CONFIG_AUTH,
      .asks = SP_LOGIN_ASKS_CODE,
      .ticket = "ab01",
      .prompt = "Wie\xff \033[31m\nviele <legs>?" },
    ROOT "<auth id=challenge><title>Sallyport<message>Wie\357\277\275  [31m\nviele <legs>?" ANSWER (
        "ab01") },
  { { .dialect = SP_LOGIN_DIALECT_BARE, .asks = SP_LOGIN_ASKS_CODE, .ticket = "ab01" },
    "<auth id=challenge><message>" CODE_WORDS CODE ("ab01") },
};

static void
test_forms (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (forms); i++)
    {
      g_autoptr (GString) page = g_string_new (NULL);
      g_autofree char *seen = NULL;

      sp_login_page_write_form (page, &forms[i].form);
      seen = read_document (page);
      g_assert_cmpstr (seen, ==, forms[i].seen);
    }
}

static void
test_complete (void)
{
  static const struct
  {
    SpLoginDialect dialect;
    const char *banner;
    const char *certificate;
    const char *seen;
  } pages[] = {
    { SP_LOGIN_DIALECT_CONFIG_AUTH, NULL, NULL,
      "<config-auth client=vpn type=complete><version who=sg>0.1(1)<auth id=success>"
      "<title>Sallyport" },
    { SP_LOGIN_DIALECT_CONFIG_AUTH, "Hi & welcome", "AB12",
      "<config-auth client=vpn type=complete><version who=sg>0.1(1)<auth id=success>"
      "<title>Sallyport<banner>Hi & welcome<config client=vpn type=private><vpn-base-config>"
      "<server-cert-hash>AB12" },
    { SP_LOGIN_DIALECT_BARE, NULL, "AB12", "<auth id=success><title>Sallyport" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (pages); i++)
    {
      g_autoptr (GString) page = g_string_new (NULL);
      g_autofree char *seen = NULL;

      sp_login_page_write_complete (page, pages[i].dialect, pages[i].banner, pages[i].certificate);
      seen = read_document (page);
      g_assert_cmpstr (seen, ==, pages[i].seen);
    }
}

static void
test_refusal (void)
{
  g_autoptr (GString) xml = g_string_new (NULL);
  g_autoptr (GString) bare = g_string_new (NULL);
  g_autofree char *seen_xml = NULL;
  g_autofree char *seen_bare = NULL;

  sp_login_page_write_refusal (xml, SP_LOGIN_DIALECT_CONFIG_AUTH, "No & never");
  seen_xml = read_document (xml);
  g_assert_cmpstr (seen_xml, ==,
                   ROOT "<auth id=main><title>Sallyport<error id=13 param1= param2=>No & never");
  sp_login_page_write_refusal (bare, SP_LOGIN_DIALECT_BARE, "No");
  seen_bare = read_document (bare);
  g_assert_cmpstr (seen_bare, ==, "<auth id=main><error id=13 param1= param2=>No");
}

static void
test_invalid_text (void)
{
  g_autoptr (GString) page = g_string_new (NULL);
  g_autofree char *seen = NULL;
  const SpLoginForm form = { .dialect = SP_LOGIN_DIALECT_BARE, .error = "caf\xe9" };

  sp_login_page_write_form (page, &form);
  seen = read_document (page);
  g_assert_nonnull (strstr (seen, "caf\xef\xbf\xbd"));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/login-page/forms", test_forms);
  g_test_add_func ("/login-page/complete", test_complete);
  g_test_add_func ("/login-page/refusal", test_refusal);
  g_test_add_func ("/login-page/invalid-text", test_invalid_text);
  return g_test_run ();
}
