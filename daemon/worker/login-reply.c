/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "login-reply.h"

#include "base/io.h"
#include "base/secret.h"
#include "http-answer.h"

#define XML_TYPE           "text/xml; charset=utf-8"
#define HTML_TYPE          "text/html"
#define CONTEXT_ATTRIBUTES "Max-Age=300"
#define LONG_AGO           "expires=Thu, 01 Jan 1970 00:00:00 GMT"
#define HEX_COOKIE_SIZE    (2 * SP_COOKIE_SIZE + 1)
#define HEX_TICKET_SIZE    (2 * SP_TICKET_SIZE + 1)
#define FIELDS_SIZE        1024

#define NOT_FOUND_PAGE  "<html><body><h1>404 Not Found</h1></body></html>\n"
#define LOGGED_OUT_PAGE "<html></html>\n"
#define TEXT_TYPE       "text/plain; charset=utf-8"

void
sp_login_reply_send (SpWorker *self, GString *text)
{
  if (!sp_tls_session_send_all (self->tls, text->str, text->len))
    sp_worker_leave (self, SP_LEFT_CLOSED, 0, "the answer could not be sent");
  sp_http_answer_free (text);
}

void
sp_login_reply_refuse (
    SpWorker *self, guint status, const char *reason, const char *x_reason, SpLeft how)
{
  const SpHttpAnswer answer = {
    .minor = self->sign_in.minor, .status = status, .reason = reason, .x_reason = x_reason
  };

  sp_login_reply_send (self, sp_http_answer_new (&answer, NULL, ""));
  sp_worker_leave_literal (self, how, 0, x_reason != NULL ? x_reason : reason);
}

void
sp_login_reply_not_found (SpWorker *self)
{
  const SpHttpAnswer answer = { .minor = self->sign_in.minor,
                                .status = 404,
                                .type = HTML_TYPE,
                                .only_head = self->sign_in.only_head };

  sp_login_reply_send (self, sp_http_answer_new (&answer, NULL, NOT_FOUND_PAGE));
  sp_worker_leave (self, SP_LEFT_REQUEST, 0, "there is nothing at that path");
}

void
sp_login_reply_stranger (SpWorker *self)
{
  gboolean nothing = self->stranger_answer[0] == '\0';
  const SpHttpAnswer answer = { .minor = self->sign_in.minor,
                                .status = nothing ? 404 : 200,
                                .type = TEXT_TYPE,
                                .only_head = self->sign_in.only_head,
                                .to_stranger = TRUE };
  g_autofree char *line = g_strconcat (nothing ? "Not Found" : self->stranger_answer, "\n", NULL);

  sp_login_reply_send (self, sp_http_answer_new (&answer, NULL, line));
  sp_worker_leave (self, SP_LEFT_REQUEST, 0, "it has no mark of a VPN client");
}

/* Sends a page and waits for the next request. */
static void
send_page (SpWorker *self, const char *type, const char *fields, const char *body)
{
  const SpHttpAnswer answer = { .minor = self->sign_in.minor,
                                .status = 200,
                                .keep_alive = self->sign_in.keep_alive,
                                .type = type,
                                .only_head = self->sign_in.only_head };

  sp_login_reply_send (self, sp_http_answer_new (&answer, fields, body));
  sp_http_stage_next (self->http);
  if (!self->sign_in.keep_alive)
    sp_worker_leave (self, SP_LEFT_CLOSED, 0, "the request asked for the end of the connection");
  else if (self->state != SP_WORKER_GONE)
    sp_worker_enter (self, SP_WORKER_REQUEST);
}

void
sp_login_reply_document (SpWorker *self, const SpPathPolicy *document)
{
  send_page (self, document->type, document->fields, document->body);
}

void
sp_login_reply_logged_out (SpWorker *self)
{
  self->sign_in.keep_alive = FALSE;
  send_page (self, HTML_TYPE, NULL, LOGGED_OUT_PAGE);
}

/* AnyConnect continues to sign in on other connections and wants something to remember; there is
 * nothing that we need to. */
static void
add_context_cookie (GString *fields)
{
  guint8 random[SP_COOKIE_SIZE];
  char text[HEX_COOKIE_SIZE];

  sp_random_bytes (random, sizeof random);
  sp_hex_encode (random, sizeof random, text);
  sp_http_answer_add_cookie (fields, "webvpncontext", text, CONTEXT_ATTRIBUTES);
}

/* A group that the path names needs no list; the next step comes by the same path. */
static void
send_form (SpWorker *self, const SpLoginForm *plan)
{
  g_autoptr (GString) page = g_string_new (NULL);
  g_autoptr (GString) fields = g_string_new (NULL);
  const SpGroupChosen *chosen = &self->sign_in.group;
  SpLoginForm form = *plan;

  if (chosen->by_path)
    form.path_group = self->groups.choices[chosen->number].name;
  else
    form.groups = &self->groups;
  form.group = chosen->number;
  sp_login_page_write_form (page, &form);
  add_context_cookie (fields);
  send_page (self, XML_TYPE, fields->str, page->str);
}

void
sp_login_reply_form (SpWorker *self, const char *error)
{
  gboolean one_by_one = self->sign_in.client == SP_CLIENT_OPENCONNECT_LEGACY;
  const SpLoginForm form = { .dialect = self->sign_in.dialect,
                             .asks = one_by_one ? SP_LOGIN_ASKS_LOGIN : SP_LOGIN_ASKS_BOTH,
                             .banner = self->login_banner[0] != '\0' ? self->login_banner : NULL,
                             .error = error };

  send_form (self, &form);
}

void
sp_login_reply_group_form (SpWorker *self, const char *error)
{
  const SpLoginForm form = { .dialect = self->sign_in.dialect,
                             .asks = SP_LOGIN_ASKS_GROUP,
                             .error = error };

  send_form (self, &form);
}

void
sp_login_reply_password_form (SpWorker *self, const char *login)
{
  const SpLoginForm form = { .dialect = self->sign_in.dialect,
                             .asks = SP_LOGIN_ASKS_PASSWORD,
                             .login = login };

  send_form (self, &form);
}

void
sp_login_reply_code_form (SpWorker *self,
                          const guint8 ticket[SP_TICKET_SIZE],
                          const char *prompt,
                          const char *error)
{
  char text[HEX_TICKET_SIZE];
  const SpLoginForm form = { .dialect = self->sign_in.dialect,
                             .asks = SP_LOGIN_ASKS_CODE,
                             .ticket = text,
                             .prompt = prompt,
                             .error = error };

  sp_hex_encode (ticket, SP_TICKET_SIZE, text);
  send_form (self, &form);
  sp_secret_wipe (text, sizeof text);
}

void
sp_login_reply_refusal (SpWorker *self, const char *error)
{
  g_autoptr (GString) page = g_string_new (NULL);

  sp_login_page_write_refusal (page, self->sign_in.dialect, error);
  self->sign_in.keep_alive = FALSE;
  send_page (self, XML_TYPE, NULL, page->str);
}

void
sp_login_reply_certificate_request (SpWorker *self)
{
  g_autoptr (GString) page = g_string_new (NULL);

  sp_login_page_write_certificate_request (page);
  send_page (self, XML_TYPE, NULL, page->str);
}

/* AnyConnect wants to know which certificate its next connection has to meet, and where to begin.
 */
static void
add_settings_cookie (SpWorker *self, GString *fields)
{
  g_autofree char *settings =
      g_strdup_printf ("bu:/&p:t&iu:1/&sh:%s", self->equipment->certificate_sha1);

  sp_http_answer_add_cookie (fields, "webvpnc", "", LONG_AGO "; path=/");
  sp_http_answer_add_cookie (fields, "webvpnc", settings, "path=/");
}

/* A phone shows no page and wants no cookie but one. */
void
sp_login_reply_complete (SpWorker *self, const guint8 cookie[SP_COOKIE_SIZE])
{
  g_autoptr (GString) page = g_string_new (NULL);
  GString *fields = g_string_sized_new (FIELDS_SIZE);
  char text[HEX_COOKIE_SIZE];

  sp_hex_encode (cookie, SP_COOKIE_SIZE, text);
  if (!self->sign_in.phone)
    {
      sp_login_page_write_complete (page, self->sign_in.dialect, NULL,
                                    self->equipment->certificate_sha1);
      add_context_cookie (fields);
    }
  sp_http_answer_add_cookie (fields, SP_TUNNEL_COOKIE, text, NULL);
  if (!self->sign_in.phone)
    add_settings_cookie (self, fields);
  send_page (self, self->sign_in.phone ? NULL : XML_TYPE, fields->str, page->str);
  sp_http_answer_free (fields);
  sp_secret_wipe (text, sizeof text);
}
