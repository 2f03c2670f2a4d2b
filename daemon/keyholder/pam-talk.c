/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "pam-talk.h"

#include "base/error.h"
#include "base/io.h"
#include "base/secret.h"

#include <string.h>

struct _SpPamTalk
{
  SpKeyholder *keyholder;
  guint64 number;
  SpLink *link;  /* NULL until main has started the room, and when it is lost */
  guint32 asked; /* serial of its question, or 0 */
  GSource *patience;
  SpBeginPam begin;
  const SpPamEvents *events;
  gpointer user_data;
};

/* --- patience --- */

static void
stop_waiting (SpPamTalk *self)
{
  if (self->patience == NULL)
    return;
  g_source_destroy (self->patience);
  g_clear_pointer (&self->patience, g_source_unref);
}

static void
log_loss (SpPamTalk *self, const char *why)
{
  guint suppressed;

  if (sp_log_throttle (&self->keyholder->pam_failures, g_get_monotonic_time (), &suppressed))
    sp_log (SP_LOG_WARNING, "pam", "a sign-in is not judged: %s (%u more)", why, suppressed);
}

static gboolean
patience_cb (gpointer user_data)
{
  SpPamTalk *self = user_data;

  stop_waiting (self);
  log_loss (self, "it takes too long");
  self->events->lost (self->user_data);
  return G_SOURCE_REMOVE;
}

static void
wait_for (SpPamTalk *self, guint seconds)
{
  stop_waiting (self);
  self->patience = g_timeout_source_new_seconds (seconds);
  g_source_set_callback (self->patience, patience_cb, self, NULL);
  g_source_attach (self->patience, NULL);
}

void
sp_pam_talk_await_person (SpPamTalk *self)
{
  wait_for (self, SP_TICKET_LIFE / G_USEC_PER_SEC);
}

/* --- what it says --- */

static void
ask_person_cb (gpointer user_data, guint32 serial, gconstpointer message, int *fds)
{
  SpPamTalk *self = user_data;
  const SpAskPerson *question = message;

  if (self->asked != 0)
    {
      stop_waiting (self);
      log_loss (self, "it asks before it was answered");
      self->events->lost (self->user_data);
      return;
    }
  self->asked = serial;
  self->events->asks (self->user_data, question->prompt, question->prompt_length);
}

static void
pam_decided_cb (gpointer user_data, guint32 serial, gconstpointer message, int *fds)
{
  SpPamTalk *self = user_data;
  const SpPamDecided *decided = message;
  g_autofree char *text = g_utf8_make_valid ((const char *) decided->text, decided->text_length);

  sp_link_enter (self->link, SP_KEYHOLDER_PAM_OVER);
  stop_waiting (self);
  if (decided->result >= SP_PAM_FAILED)
    log_loss (self, text);
  self->events->decided (self->user_data, (SpPamResult) MIN (decided->result, SP_PAM_FAILED));
}

static void
closed_cb (gpointer user_data, const GError *error)
{
  SpPamTalk *self = user_data;

  stop_waiting (self);
  log_loss (self, error->message);
  self->events->lost (self->user_data);
}

static const SpLinkTable from_pam = {
  .handlers = {
    [SP_MESSAGE_ASK_PERSON] = ask_person_cb,
    [SP_MESSAGE_PAM_DECIDED] = pam_decided_cb,
  },
  .closed = closed_cb,
};

/* --- and what it is told --- */

SpPamTalk *
sp_pam_talk_new (SpKeyholder *keyholder,
                 guint64 number,
                 const guint8 *login,
                 gsize login_length,
                 const guint8 *address,
                 const SpPamEvents *events,
                 gpointer user_data)
{
  const SpStartPam start = { .number = number };
  SpPamTalk *self;

  if (sp_link_ask (keyholder->main, SP_MESSAGE_START_PAM, &start, NULL, 0) == 0)
    return NULL;
  self = g_new0 (SpPamTalk, 1);
  self->keyholder = keyholder;
  self->number = number;
  self->events = events;
  self->user_data = user_data;
  self->begin.login_length = (guint16) login_length;
  memcpy (self->begin.login, login, login_length);
  memcpy (self->begin.address, address, SP_ADDRESS_SIZE);
  wait_for (self, SP_PAM_STEP_SECONDS);
  return self;
}

void
sp_pam_talk_free (SpPamTalk *self)
{
  const SpEndPam end = { .number = self->number };

  stop_waiting (self);
  g_clear_pointer (&self->link, sp_link_free);
  sp_link_send (self->keyholder->main, SP_MESSAGE_END_PAM, &end, NULL, 0);
  g_free (self);
}

void
sp_pam_talk_started (SpPamTalk *self, int wall)
{
  if (self->link != NULL)
    {
      sp_fd_clear (&wall);
      return;
    }
  self->link =
      sp_link_new (wall, &sp_wall_keyholder_pam, SP_KEYHOLDER_PAM_KEYHOLDER, &from_pam, self);
  sp_link_enter (self->link, SP_KEYHOLDER_PAM_TALKING);
  sp_link_send (self->link, SP_MESSAGE_BEGIN_PAM, &self->begin, NULL, 0);
}

void
sp_pam_talk_answer (SpPamTalk *self, const guint8 *answer, gsize length)
{
  SpPersonSaid said = { .answer_length = (guint16) length };

  memcpy (said.answer, answer, length);
  sp_link_answer (self->link, SP_MESSAGE_PERSON_SAID, self->asked, &said, NULL, 0);
  sp_secret_wipe (&said, sizeof said);
  self->asked = 0;
  wait_for (self, SP_PAM_STEP_SECONDS);
}
