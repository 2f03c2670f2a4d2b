/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "login-stage.h"

#include "base/log.h"
#include "base/secret.h"
#include "codec/login-request.h"
#include "login-reply.h"

#include <string.h>

/* Every further try on this connection would break the keyholder's rules. */
static void
refuse_more_tries (SpWorker *self)
{
  if (self->sign_in.was_busy)
    sp_worker_leave (self, SP_LEFT_CLOSED, 0, "too many tries while the keyholder was busy");
  else
    sp_login_reply_refuse (self, 401, "Too many failed tries", NULL, SP_LEFT_DENIED);
}

/* As the keyholder knows it.  What nobody offered is a name that no group has. */
static guint16
name_group (const SpWorker *self, guint8 ret_name[SP_GROUP_NAME_MAX])
{
  const SpGroupChosen *chosen = &self->sign_in.group;
  const char *name = chosen->is_unknown    ? "?"
                     : chosen->number == 0 ? ""
                                           : self->groups.choices[chosen->number].name;

  memcpy (ret_name, name, strlen (name));
  return (guint16) strlen (name);
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
  question.group_length = name_group (self, question.group);
  self->sign_in.n_tries++;
  asked = sp_keyholder_wall_ask (&self->keyholder, SP_MESSAGE_TRY_PASSWORD, &question, &error);
  sp_secret_wipe (&question, sizeof question);
  if (asked)
    sp_worker_enter (self, SP_WORKER_PASSWORD);
  else
    sp_worker_leave_literal (self, SP_LEFT_NO_KEYHOLDER, 0, error->message);
}

static void
try_code (SpWorker *self, const SpLoginRequest *request)
{
  SpTryCode question = { .code_length = request->password_length };
  g_autoptr (GError) error = NULL;
  gboolean asked;

  if (self->sign_in.n_code_tries >= SP_CODE_TRIES)
    {
      refuse_more_tries (self);
      return;
    }
  memcpy (question.ticket, request->ticket, SP_TICKET_SIZE);
  memcpy (question.code, request->password, question.code_length);
  self->sign_in.n_code_tries++;
  asked = sp_keyholder_wall_ask (&self->keyholder, SP_MESSAGE_TRY_CODE, &question, &error);
  sp_secret_wipe (&question, sizeof question);
  if (asked)
    sp_worker_enter (self, SP_WORKER_PASSWORD);
  else
    sp_worker_leave_literal (self, SP_LEFT_NO_KEYHOLDER, 0, error->message);
}

/* A client that filled in the name alone gets it back, hidden, with the question for the password:
 * so nothing has to be remembered here, and the next step may come on another connection. */
static void
take_reply (SpWorker *self, const SpLoginRequest *request)
{
  if (request->has_ticket && request->has_password)
    try_code (self, request);
  else if (request->has_login && request->has_password)
    try_password (self, request);
  else if (self->sign_in.phone)
    sp_login_reply_refuse (self, 401, "Name and password are missing", NULL, SP_LEFT_DENIED);
  else if (request->login_length > 0)
    sp_login_reply_password_form (self, request->login);
  else
    sp_login_reply_form (self, self->sign_in.certificate_fault);
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

/* The answer says nothing of whether there was such a session.  It waits until that is over: who
 * asks for its tunnel then is refused. */
static void
log_out (SpWorker *self, const SpLoginRequest *request)
{
  SpLogoutCookie question;
  g_autoptr (GError) error = NULL;
  gboolean asked;

  if (!request->has_cookie)
    {
      sp_login_reply_logged_out (self);
      return;
    }
  memcpy (question.cookie, request->cookie, SP_COOKIE_SIZE);
  asked = sp_keyholder_wall_ask (&self->keyholder, SP_MESSAGE_LOGOUT_COOKIE, &question, &error);
  sp_secret_wipe (&question, sizeof question);
  if (asked)
    sp_worker_enter (self, SP_WORKER_COOKIE);
  else
    sp_worker_leave_literal (self, SP_LEFT_NO_KEYHOLDER, 0, error->message);
}

/* Why somebody with the right password may not; NULL if it is not that. */
static const char *
explain (SpLogin verdict)
{
  switch (verdict)
    {
      case SP_LOGIN_USER_DISABLED:
        return "Your access is turned off.";
      case SP_LOGIN_USER_EXPIRED:
        return "Your access has ended.";
      case SP_LOGIN_USER_QUOTA:
        return "Your traffic for this month is used up.";
      case SP_LOGIN_USER_PAUSED:
        return "Your access is paused.";
      case SP_LOGIN_TWO_STEP_MISSING:
        return "You need a second step to sign in, and have none yet. Please ask who runs this "
               "server to set it up.";
      case SP_LOGIN_CERTIFICATE_WANTED:
        return "You sign in with a certificate, which this device did not show.";
      case SP_LOGIN_CODE_WANTED: /* of a phone, which has no form to show */
        return "This device can not ask for a code";
      default:
        return NULL;
    }
}

/* --- certificates --- */

void
sp_login_stage_forget (SpWorker *self)
{
  if (self->sign_in.pending != NULL)
    sp_login_request_clear (self->sign_in.pending);
  g_clear_pointer (&self->sign_in.pending, g_free);
}

/* Without a certificate, or with one that does not help. */
static void
begin_without (SpWorker *self, const SpLoginRequest *request)
{
  const char *fault = self->sign_in.certificate_fault;

  if (self->sign_in.offered & SP_ADOPT_PASSWORDS)
    sp_login_reply_form (self, fault);
  else if (self->sign_in.phone)
    sp_login_reply_refuse (self, 401, "A certificate is needed", NULL, SP_LEFT_DENIED);
  else if (fault == NULL && self->sign_in.dialect == SP_LOGIN_DIALECT_CONFIG_AUTH &&
           !request->certificate_failed)
    sp_login_reply_certificate_request (self);
  else
    sp_login_reply_refusal (self,
                            fault != NULL ? fault : "A certificate is needed to sign in here.");
}

static void
go_on (SpWorker *self, const SpLoginRequest *request)
{
  if (request->type == SP_LOGIN_REQUEST_REPLY)
    take_reply (self, request);
  else
    begin_without (self, request);
}

static const char *
find_fault (SpLogin verdict)
{
  switch (verdict)
    {
      case SP_LOGIN_CERTIFICATE_FOREIGN:
        return "Your certificate is not one of this server's.";
      case SP_LOGIN_CERTIFICATE_EXPIRED:
        return "Your certificate is not valid at this time.";
      case SP_LOGIN_CERTIFICATE_UNKNOWN:
        return "Your certificate belongs to no device that this server knows.";
      case SP_LOGIN_CERTIFICATE_REVOKED:
        return "Your certificate was revoked.";
      case SP_LOGIN_DEVICE_BLOCKED:
        return "This device is blocked.";
      case SP_LOGIN_BUSY:
        return "The server is busy. Please try again in a moment.";
      default:
        return explain (verdict);
    }
}

/* Who has filled in a form has chosen, and so has who gets none to choose in. */
static gboolean
has_chosen (const SpWorker *self, const SpLoginRequest *request)
{
  return request->type == SP_LOGIN_REQUEST_REPLY || self->groups.n == 0 ||
         self->sign_in.group.by_path || self->sign_in.phone;
}

/* Once a connection.  FALSE: the keyholder is gone. */
static gboolean
prove_certificate (SpWorker *self, GError **error)
{
  g_autoptr (GByteArray) handshake = g_steal_pointer (&self->sign_in.handshake);
  g_autofree SpProveCertificate *proof = NULL;

  if (handshake == NULL)
    return TRUE;
  proof = g_new0 (SpProveCertificate, 1);
  proof->handshake_length = (guint16) handshake->len;
  memcpy (proof->handshake, handshake->data, handshake->len);
  return sp_keyholder_wall_ask (&self->keyholder, SP_MESSAGE_PROVE_CERTIFICATE, proof, error);
}

static void
ask_about_certificate (SpWorker *self,
                       const SpLoginRequest *request,
                       const guint8 *certificate,
                       gsize size)
{
  g_autofree SpTryCertificate *question = g_new0 (SpTryCertificate, 1);
  g_autoptr (GError) error = NULL;

  self->sign_in.n_certificate_tries++;
  question->certificate_length = (guint16) size;
  memcpy (question->certificate, certificate, size);
  question->has_chosen = has_chosen (self, request) ? 1 : 0;
  question->group_length = name_group (self, question->group);
  self->sign_in.pending = g_memdup2 (request, sizeof *request);
  if (prove_certificate (self, &error) &&
      sp_keyholder_wall_ask (&self->keyholder, SP_MESSAGE_TRY_CERTIFICATE, question, &error))
    sp_worker_enter (self, SP_WORKER_PASSWORD);
  else
    sp_worker_leave_literal (self, SP_LEFT_NO_KEYHOLDER, 0, error->message);
}

/* The client's certificate goes to the keyholder once, before anything else of this connection is
 * asked; the request waits.  It goes there again with a choice that was wanted.  FALSE if there is
 * none to show. */
static gboolean
try_certificate (SpWorker *self, const SpLoginRequest *request)
{
  const guint8 *certificate;
  gsize size;

  if (!(self->sign_in.offered & SP_ADOPT_CERTIFICATES) ||
      (self->sign_in.n_certificate_tries > 0 && !self->sign_in.certificate_chooses))
    return FALSE;
  certificate = sp_tls_session_get_certificate (self->tls, &size);
  if (certificate == NULL)
    return FALSE;
  if (size > SP_CERTIFICATE_MAX) /* which none of our authority's is */
    {
      self->sign_in.certificate_fault = find_fault (SP_LOGIN_CERTIFICATE_FOREIGN);
      return FALSE;
    }
  if (self->sign_in.certificate_chooses && !has_chosen (self, request))
    sp_login_reply_group_form (self, NULL);
  else if (self->sign_in.n_certificate_tries >= SP_CERTIFICATE_TRIES)
    refuse_more_tries (self);
  else
    ask_about_certificate (self, request, certificate, size);
  return TRUE;
}

static void
begin (SpWorker *self, const SpLoginRequest *request)
{
  if (!try_certificate (self, request))
    go_on (self, request);
}

/* The certificate is good, and the group is not its person's. */
static void
refuse_group (SpWorker *self)
{
  static const char reason[] = "You cannot connect in this group.";

  if (self->sign_in.phone)
    sp_login_reply_refuse (self, 401, reason, NULL, SP_LEFT_DENIED);
  else if (self->sign_in.group.by_path)
    sp_login_reply_refusal (self, reason);
  else if (self->sign_in.n_certificate_tries >= SP_CERTIFICATE_TRIES)
    refuse_more_tries (self);
  else
    sp_login_reply_group_form (self, reason);
}

void
sp_login_stage_decide_certificate (SpWorker *self, const SpCertificateVerdict *verdict)
{
  g_auto (SpLoginRequest) request = { 0 };

  if (self->sign_in.pending == NULL)
    return;
  request = *self->sign_in.pending;
  sp_login_stage_forget (self);
  self->sign_in.certificate_chooses =
      verdict->verdict == SP_LOGIN_GROUP_WANTED || verdict->verdict == SP_LOGIN_WRONG;
  if (verdict->verdict == SP_LOGIN_ACCEPTED)
    sp_login_reply_complete (self, verdict->cookie);
  else if (verdict->verdict == SP_LOGIN_WRONG)
    refuse_group (self);
  else if (verdict->verdict == SP_LOGIN_GROUP_WANTED)
    sp_login_reply_group_form (self, NULL);
  else
    {
      self->sign_in.certificate_fault = find_fault (verdict->verdict);
      go_on (self, &request);
    }
}

/* A path says it once and for all.  What an INIT asks for is a wish for the list; where nothing is
 * offered, clients that remember a group are let be. */
static void
choose_group (SpWorker *self, const SpLoginRequest *request)
{
  SpGroupChosen *chosen = &self->sign_in.group;
  int found;

  if (chosen->by_path || self->groups.n == 0 || request->group_select[0] == '\0')
    return;
  found = sp_group_list_find (&self->groups, request->group_select);
  chosen->number = (guint) MAX (found, 0);
  chosen->is_unknown = found < 0 && request->type == SP_LOGIN_REQUEST_REPLY;
}

static void
sign_in (SpWorker *self)
{
  g_auto (SpLoginRequest) request = { 0 };
  g_autoptr (GError) error = NULL;
  gboolean understood = read_login (self, &request, &error);

  sp_http_stage_next (self->http);
  if (!understood)
    sp_worker_leave_literal (self, SP_LEFT_GARBAGE, 0, error->message);
  else if (request.type == SP_LOGIN_REQUEST_LOGOUT)
    log_out (self, &request);
  else
    {
      choose_group (self, &request);
      begin (self, &request);
    }
}

/* An older client asks for the form by GET. */
static void
show_form (SpWorker *self)
{
  g_auto (SpLoginRequest) request = { 0 };

  request.type = SP_LOGIN_REQUEST_INIT;
  begin (self, &request);
}

/* Whoever knows what a cookie is called has a mark, too: some of AnyConnect's programs show no
 * other. */
static gboolean
is_stranger (const SpHttpHead *head)
{
  const char *cookie;
  gsize length;

  return !sp_client_has_marks (head) &&
         !sp_http_head_cookie (head, SP_TUNNEL_COOKIE, &cookie, &length);
}

void
sp_login_stage_look (SpWorker *self)
{
  const SpHttpHead *head = sp_http_stage_get_head (self->http);
  const SpHttpField *agent = sp_http_head_find (head, "User-Agent");

  self->sign_in.minor = head->minor;
  self->sign_in.only_head = head->method == SP_HTTP_HEAD;
  self->sign_in.stranger = is_stranger (head);
  self->sign_in.keep_alive = head->keep_alive;
  self->sign_in.mobile = self->sign_in.mobile || sp_http_head_is_mobile (head);
  self->sign_in.dialect = SP_LOGIN_DIALECT_BARE;
  self->sign_in.client = agent != NULL
                             ? sp_client_kind_from_user_agent (agent->value, agent->value_length)
                             : SP_CLIENT_UNKNOWN;
}

void
sp_login_stage_begin (SpWorker *self)
{
  const SpHttpHead *head = sp_http_stage_get_head (self->http);
  SpHttpMethod method = head->method == SP_HTTP_HEAD ? SP_HTTP_GET : head->method;
  const SpPathPolicy *policy = sp_path_policy_find (method, head->target, head->target_length);
  int group = sp_group_list_find_target (&self->groups, head->target, head->target_length);

  self->sign_in.group = (SpGroupChosen){ .number = (guint) MAX (group, 0), .by_path = group >= 0 };
  self->sign_in.phone = policy->use == SP_PATH_PHONE;
  switch (policy->use)
    {
      case SP_PATH_FORM:
        show_form (self);
        break;
      case SP_PATH_SIGN_IN:
      case SP_PATH_PHONE:
        sign_in (self);
        break;
      case SP_PATH_DOCUMENT:
        sp_login_reply_document (self, policy);
        break;
      case SP_PATH_NOTHING:
        sp_login_reply_not_found (self);
        break;
    }
}

/* A phone has no form to show: it asks its user and begins anew. */
static void
refuse_phone (SpWorker *self, SpLogin verdict)
{
  if (verdict == SP_LOGIN_BUSY)
    sp_login_reply_refuse (self, 503, NULL, "The server is busy", SP_LEFT_STOPPED);
  else if (explain (verdict) != NULL)
    sp_login_reply_refuse (self, 401, explain (verdict), NULL, SP_LEFT_DENIED);
  else
    sp_login_reply_refuse (self, 401, "Name or password is wrong", NULL, SP_LEFT_DENIED);
}

static void
refuse (SpWorker *self, SpLogin verdict)
{
  if (verdict == SP_LOGIN_BUSY)
    sp_login_reply_form (self, "The server is busy. Please try again in a moment.");
  else if (verdict == SP_LOGIN_STALE)
    sp_login_reply_form (self, "That took too long. Please sign in again.");
  else if (verdict == SP_LOGIN_TWO_STEP_MISSING)
    sp_login_reply_refusal (self, explain (verdict));
  else if (explain (verdict) != NULL && self->sign_in.n_tries < SP_PASSWORD_TRIES)
    sp_login_reply_form (self, explain (verdict));
  else if (verdict == SP_LOGIN_WRONG && self->sign_in.n_tries < SP_PASSWORD_TRIES)
    sp_login_reply_form (self, "Name or password is wrong.");
  else if (verdict == SP_LOGIN_WRONG)
    sp_login_reply_refuse (self, 401, "Too many failed tries", NULL, SP_LEFT_DENIED);
  else
    sp_login_reply_refuse (self, 401, "Access denied", NULL, SP_LEFT_DENIED);
}

/* The usual one, or what somebody else wants to know, in their words. */
static void
ask_code (SpWorker *self, const SpPasswordVerdict *verdict)
{
  g_autofree char *prompt = g_strndup ((const char *) verdict->prompt, verdict->prompt_length);

  sp_login_reply_code_form (self, verdict->ticket, *prompt != '\0' ? prompt : NULL, NULL);
}

void
sp_login_stage_decide (SpWorker *self, const SpPasswordVerdict *verdict)
{
  self->sign_in.was_busy = verdict->verdict == SP_LOGIN_BUSY;
  if (verdict->verdict == SP_LOGIN_ACCEPTED)
    sp_login_reply_complete (self, verdict->cookie);
  else if (self->sign_in.phone)
    refuse_phone (self, verdict->verdict);
  else if (verdict->verdict == SP_LOGIN_CODE_WANTED)
    ask_code (self, verdict);
  else if (verdict->verdict == SP_LOGIN_WRONG_CODE)
    sp_login_reply_code_form (self, verdict->ticket, NULL,
                              "The code is wrong, or was used before.");
  else
    refuse (self, verdict->verdict);
}
