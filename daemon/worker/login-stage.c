/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "login-stage.h"

#include "base/io.h"
#include "base/log.h"
#include "base/secret.h"
#include "codec/login-request.h"
#include "http-answer.h"

#include <string.h>

#define XML_TYPE           "text/xml; charset=utf-8"
#define CONTEXT_ATTRIBUTES "Max-Age=300"
#define LONG_AGO           "expires=Thu, 01 Jan 1970 00:00:00 GMT"
#define HEX_COOKIE_SIZE    (2 * SP_COOKIE_SIZE + 1)
#define FIELDS_SIZE        1024

static void
send_text (SpWorker *self, GString *text)
{
  if (!sp_tls_session_send_all (self->tls, text->str, text->len))
    sp_worker_leave (self, SP_LEFT_CLOSED, 0, "the answer could not be sent");
  sp_http_answer_free (text);
}

void
sp_stage_refuse (SpWorker *self, guint status, const char *reason, const char *x_reason, SpLeft how)
{
  const SpHttpAnswer answer = {
    .minor = self->sign_in.minor, .status = status, .reason = reason, .x_reason = x_reason
  };

  send_text (self, sp_http_answer_new (&answer, NULL, ""));
  sp_worker_leave (self, how, 0, "%s", x_reason != NULL ? x_reason : reason);
}

/* Sends a page and waits for the next request. */
static void
send_page (SpWorker *self, const char *type, const char *fields, const char *body)
{
  const SpHttpAnswer answer = { .minor = self->sign_in.minor,
                                .status = 200,
                                .keep_alive = self->sign_in.keep_alive,
                                .type = type };

  send_text (self, sp_http_answer_new (&answer, fields, body));
  sp_http_stage_next (self->http);
  if (!self->sign_in.keep_alive)
    sp_worker_leave (self, SP_LEFT_CLOSED, 0, "the request asked for the end of the connection");
  else if (self->state != SP_WORKER_GONE)
    sp_worker_enter (self, SP_WORKER_REQUEST);
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

static void
send_form (SpWorker *self, const char *error)
{
  g_autoptr (GString) page = g_string_new (NULL);
  g_autoptr (GString) fields = g_string_new (NULL);

  sp_login_page_write_form (page, self->sign_in.dialect, NULL, error);
  add_context_cookie (fields);
  send_page (self, XML_TYPE, fields->str, page->str);
}

static void
send_complete (SpWorker *self, const guint8 cookie[SP_COOKIE_SIZE])
{
  g_autoptr (GString) page = g_string_new (NULL);
  g_autofree char *settings =
      g_strdup_printf ("bu:/&p:t&iu:1/&sh:%s", self->equipment->certificate_sha1);
  GString *fields = g_string_sized_new (FIELDS_SIZE);
  char text[HEX_COOKIE_SIZE];

  sp_login_page_write_complete (page, self->sign_in.dialect, NULL,
                                self->equipment->certificate_sha1);
  sp_hex_encode (cookie, SP_COOKIE_SIZE, text);
  add_context_cookie (fields);
  sp_http_answer_add_cookie (fields, SP_TUNNEL_COOKIE, text, NULL);
  sp_http_answer_add_cookie (fields, "webvpnc", "", LONG_AGO "; path=/");
  sp_http_answer_add_cookie (fields, "webvpnc", settings, "path=/");
  send_page (self, XML_TYPE, fields->str, page->str);
  sp_http_answer_free (fields);
  sp_secret_wipe (text, sizeof text);
}

/* Every further try on this connection would break the keyholder's rules. */
static void
refuse_more_tries (SpWorker *self)
{
  if (self->sign_in.was_busy)
    sp_worker_leave (self, SP_LEFT_CLOSED, 0, "too many tries while the keyholder was busy");
  else
    sp_stage_refuse (self, 401, "Too many failed tries", NULL, SP_LEFT_DENIED);
}

static void
try_password (SpWorker *self, const SpLoginRequest *request)
{
  SpTryPassword question = { .login_length = request->login_length,
                             .password_length = request->password_length };
  g_autoptr (GError) error = NULL;
  gboolean asked;

  if (self->sign_in.n_tries >= SP_PASSWORD_TRIES)
    {
      refuse_more_tries (self);
      return;
    }
  memcpy (question.login, request->login, request->login_length);
  memcpy (question.password, request->password, request->password_length);
  self->sign_in.n_tries++;
  asked = sp_keyholder_wall_ask (&self->keyholder, SP_MESSAGE_TRY_PASSWORD, &question, &error);
  sp_secret_wipe (&question, sizeof question);
  if (asked)
    sp_worker_enter (self, SP_WORKER_PASSWORD);
  else
    sp_worker_leave (self, SP_LEFT_NO_KEYHOLDER, 0, "%s", error->message);
}

static void
answer_login (SpWorker *self, const SpLoginRequest *request)
{
  if (request->type == SP_LOGIN_REQUEST_REPLY && request->has_login && request->has_password)
    try_password (self, request);
  else
    send_form (self, NULL);
}

/* The body says what it is; its content type does not. */
static gboolean
read_login (SpWorker *self, SpLoginRequest *request, GError **error)
{
  gsize size;
  const char *body = sp_http_stage_get_body (self->http, &size);

  if (sp_login_request_is_xml (body, size))
    {
      self->sign_in.dialect = SP_LOGIN_DIALECT_CONFIG_AUTH;
      return sp_login_request_parse_xml (body, size, request, error);
    }
  self->sign_in.dialect = SP_LOGIN_DIALECT_BARE;
  return sp_login_request_parse_form (body, size, request, error);
}

static void
handle_post (SpWorker *self, const SpHttpHead *head)
{
  g_auto (SpLoginRequest) request = { 0 };
  g_autoptr (GError) error = NULL;
  gboolean understood = read_login (self, &request, &error);

  sp_http_stage_next (self->http);
  if (understood)
    answer_login (self, &request);
  else
    sp_worker_leave (self, SP_LEFT_GARBAGE, 0, "%s", error->message);
}

/* "/", "/auth" and "/VPN" are where forms are, and so is any single word: a user group. */
static gboolean
is_form_path (const SpHttpHead *head)
{
  gsize length = 0;

  if (head->target_length == 0 || head->target[0] != '/')
    return FALSE;
  while (length < head->target_length && head->target[length] != '?')
    if (length > 0 && !g_ascii_isalnum (head->target[length]) && head->target[length] != '-' &&
        head->target[length] != '_')
      return FALSE;
    else
      length++;
  return TRUE;
}

static void
handle_get (SpWorker *self, const SpHttpHead *head)
{
  const SpHttpDocument *document = sp_http_document_find (head->target, head->target_length);

  self->sign_in.dialect = SP_LOGIN_DIALECT_BARE;
  if (document != NULL)
    send_page (self, document->type, NULL, document->body);
  else if (is_form_path (head))
    send_form (self, NULL);
  else
    sp_stage_refuse (self, 404, "Not Found", NULL, SP_LEFT_REQUEST);
}

void
sp_login_stage_begin (SpWorker *self)
{
  const SpHttpHead *head = sp_http_stage_get_head (self->http);

  self->sign_in.minor = head->minor;
  self->sign_in.keep_alive = head->keep_alive;
  if (head->method == SP_HTTP_POST)
    handle_post (self, head);
  else if (head->method == SP_HTTP_GET)
    handle_get (self, head);
  else
    sp_stage_refuse (self, 404, "Not Found", NULL, SP_LEFT_REQUEST);
}

void
sp_login_stage_decide (SpWorker *self, const SpPasswordVerdict *verdict)
{
  self->sign_in.was_busy = verdict->verdict == SP_LOGIN_BUSY;
  switch (verdict->verdict)
    {
      case SP_LOGIN_ACCEPTED:
        send_complete (self, verdict->cookie);
        break;
      case SP_LOGIN_WRONG:
        if (self->sign_in.n_tries >= SP_PASSWORD_TRIES)
          sp_stage_refuse (self, 401, "Too many failed tries", NULL, SP_LEFT_DENIED);
        else
          send_form (self, "Name or password is wrong.");
        break;
      case SP_LOGIN_BUSY:
        send_form (self, "The server is busy. Please try again in a moment.");
        break;
      default:
        sp_stage_refuse (self, 401, "Access denied", NULL, SP_LEFT_DENIED);
        break;
    }
}
