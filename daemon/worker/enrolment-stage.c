/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "enrolment-stage.h"

#include "base/secret.h"
#include "http-answer.h"
#include "login-reply.h"

#include <string.h>

#define PIN_TEXT_PREFIX "pin-sha256:"

/* --- the request --- */

static void
look_at_visitor (SpWorker *self, const SpHttpHead *head)
{
  const SpHttpField *agent = sp_http_head_find (head, "User-Agent");
  const SpHttpField *wishes = sp_http_head_find (head, "Accept-Language");

  self->enrolment.platform = agent != NULL
                                 ? sp_platform_from_user_agent (agent->value, agent->value_length)
                                 : SP_PLATFORM_OTHER;
  self->enrolment.language =
      wishes != NULL ? sp_language_choose (wishes->value, wishes->value_length, sp_page_languages)
                     : 0;
}

/* Takes the token, whatever its type: it is the first and only secret of each question. */
static void
ask (SpWorker *self, guint8 type, gpointer question, gsize size)
{
  g_autoptr (GError) error = NULL;
  gboolean asked = sp_keyholder_wall_ask (&self->keyholder, type, question, &error);

  sp_secret_wipe (question, size);
  if (asked)
    sp_worker_enter (self, SP_WORKER_ENROLMENT);
  else
    sp_worker_leave_literal (self, SP_LEFT_NO_KEYHOLDER, 0, error->message);
}

/* Programs that show what a link leads to open it, too: only the button uses it up. */
static void
ask_for_page (SpWorker *self, SpHttpMethod method, const guint8 *token)
{
  SpLookAtInvitation look;
  SpClaimInvitation claim;

  if (method == SP_HTTP_POST)
    {
      memcpy (claim.token, token, SP_TOKEN_SIZE);
      ask (self, SP_MESSAGE_CLAIM_INVITATION, &claim, sizeof claim);
      return;
    }
  memcpy (look.token, token, SP_TOKEN_SIZE);
  ask (self, SP_MESSAGE_LOOK_AT_INVITATION, &look, sizeof look);
}

/* What of each file the keyholder makes; the rest is written here. */
static const SpFetch wanted[] = {
  [SP_ENROLMENT_PAGE] = SP_FETCH_NOTHING,
  [SP_ENROLMENT_PKCS12] = SP_FETCH_PKCS12,
  [SP_ENROLMENT_NETWORK_MANAGER] = SP_FETCH_NOTHING,
  [SP_ENROLMENT_APPLE] = SP_FETCH_PROFILE,
};
G_STATIC_ASSERT (G_N_ELEMENTS (wanted) == SP_ENROLMENT_LAST + 1);

static void
ask_for_file (SpWorker *self, const guint8 *token)
{
  SpFetchEnrolment fetch = { .what = (guint8) wanted[self->enrolment.file] };

  memcpy (fetch.claim, token, SP_TOKEN_SIZE);
  ask (self, SP_MESSAGE_FETCH_ENROLMENT, &fetch, sizeof fetch);
}

gboolean
sp_enrolment_stage_begin (SpWorker *self)
{
  const SpHttpHead *head = sp_http_stage_get_head (self->http);
  SpHttpMethod method = head->method;
  guint8 token[SP_TOKEN_SIZE];

  if (!sp_enrolment_path_read (head->target, head->target_length, &self->enrolment.file, token))
    return FALSE;
  look_at_visitor (self, head);
  sp_http_stage_next (self->http);
  if (method == SP_HTTP_CONNECT || method == SP_HTTP_OTHER ||
      (method == SP_HTTP_POST && self->enrolment.file != SP_ENROLMENT_PAGE))
    sp_login_reply_stranger (self);
  else if (self->enrolment.file == SP_ENROLMENT_PAGE)
    ask_for_page (self, method, token);
  else
    ask_for_file (self, token);
  sp_secret_wipe (token, sizeof token);
  return TRUE;
}

/* --- the answer --- */

static void
send_file (SpWorker *self, const char *fields, const char *body, gsize size)
{
  const SpHttpAnswer answer = { .minor = self->sign_in.minor,
                                .status = 200,
                                .type = sp_enrolment_file_get_row (self->enrolment.file)->type,
                                .only_head = self->sign_in.only_head,
                                .to_stranger = TRUE };

  sp_login_reply_send (self,
                       sp_http_answer_new_bytes (&answer, fields, (const guint8 *) body, size));
  sp_worker_leave (self, SP_LEFT_SERVED, 0, "an invitation");
}

static void
send_page (SpWorker *self, GString *html)
{
  g_autofree char *fields = sp_page_fields ();

  send_file (self, fields, html->str, html->len);
}

static SpEnrolmentPage
begin_page (const SpWorker *self)
{
  return (SpEnrolmentPage){ .language = self->enrolment.language,
                            .platform = self->enrolment.platform };
}

void
sp_enrolment_stage_seen (SpWorker *self, const SpInvitationSeen *seen)
{
  SpEnrolmentPage page = begin_page (self);
  g_autofree char *name = g_strndup ((const char *) seen->name, seen->name_length);
  g_autofree char *url = g_strndup ((const char *) seen->url, seen->url_length);
  g_autoptr (GString) html = g_string_sized_new (SP_ENROLMENT_PAGE_MAX);

  if (seen->verdict != SP_LOGIN_ACCEPTED)
    {
      sp_login_reply_stranger (self);
      return;
    }
  page.name = name;
  page.url = url;
  sp_enrolment_page_write_first (html, &page);
  send_page (self, html);
}

static char *
pin_text (const guint8 *pin)
{
  g_autofree char *base64 = g_base64_encode (pin, SP_PIN_SIZE);

  return g_strconcat (PIN_TEXT_PREFIX, base64, NULL);
}

static char *
folder_text (const guint8 *claim)
{
  char text[SP_TOKEN_TEXT_LENGTH + 1];
  char *folder;

  sp_token_write (claim, text);
  folder = g_strconcat (SP_ENROLMENT_FOLDER, text, NULL);
  sp_secret_wipe (text, sizeof text);
  return folder;
}

static void
send_second_page (SpWorker *self, const SpInvitationClaimed *claimed)
{
  SpEnrolmentPage page = begin_page (self);
  g_autofree char *name = g_strndup ((const char *) claimed->name, claimed->name_length);
  g_autofree char *url = g_strndup ((const char *) claimed->url, claimed->url_length);
  g_autofree char *login = g_strndup ((const char *) claimed->login, claimed->login_length);
  g_autofree char *common_name =
      g_strndup ((const char *) claimed->common_name, claimed->common_name_length);
  g_autofree char *pin = pin_text (claimed->pin);
  g_autoptr (SpSecretText) folder = folder_text (claimed->claim);
  g_autoptr (SpSecretText) passphrase =
      g_strndup ((const char *) claimed->passphrase, claimed->passphrase_length);
  GString *html = g_string_sized_new (SP_ENROLMENT_PAGE_MAX);

  page.name = name;
  page.url = url;
  page.login = login;
  page.common_name = common_name;
  page.pin = pin;
  page.folder = folder;
  page.passphrase = passphrase;
  sp_enrolment_page_write_second (html, &page);
  send_page (self, html);
  sp_http_answer_free (html);
}

void
sp_enrolment_stage_claimed (SpWorker *self, const SpInvitationClaimed *claimed)
{
  if (claimed->verdict == SP_LOGIN_ACCEPTED)
    send_second_page (self, claimed);
  else
    sp_login_reply_stranger (self);
}

static char *
file_fields (SpEnrolmentFile file)
{
  const SpEnrolmentFileRow *row = sp_enrolment_file_get_row (file);

  return g_strdup_printf ("Content-Disposition: attachment; filename=\"%s\"\r\n"
                          "Referrer-Policy: no-referrer\r\n",
                          row->name);
}

void
sp_enrolment_stage_fetched (SpWorker *self, const SpEnrolmentFetched *fetched)
{
  g_autofree char *fields = file_fields (self->enrolment.file);
  g_autofree char *url = g_strndup ((const char *) fetched->url, fetched->url_length);
  const SpEnrolmentPage page = { .url = url };
  g_autoptr (GString) text = g_string_new (NULL);

  if (fetched->verdict != SP_LOGIN_ACCEPTED)
    {
      sp_login_reply_stranger (self);
      return;
    }
  if (wanted[self->enrolment.file] != SP_FETCH_NOTHING)
    {
      send_file (self, fields, (const char *) fetched->file, fetched->file_length);
      return;
    }
  sp_enrolment_page_write_connection (text, &page);
  send_file (self, fields, text->str, text->len);
}
