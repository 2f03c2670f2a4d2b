/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "pam-room.h"

#include "base/error.h"
#include "base/io.h"
#include "base/secret.h"
#include "link/channel.h"

#include <poll.h>
#include <stdlib.h>
#include <string.h>

void
sp_pam_room_init (SpPamRoom *room, int wall)
{
  memset (room, 0, sizeof *room);
  room->wall = wall;
  room->words = g_string_new (NULL);
  sp_permit_init (&room->permit, &sp_wall_keyholder_pam, SP_KEYHOLDER_PAM_PAM);
}

void
sp_pam_room_clear (SpPamRoom *room)
{
  sp_fd_clear (&room->wall);
  (void) g_string_free (room->words, TRUE);
  sp_secret_wipe (room, sizeof *room);
}

/* --- what the keyholder says --- */

static void
begin_pam (SpPamRoom *room, const SpEnvelope *envelope)
{
  const SpBeginPam *begin = (const SpBeginPam *) envelope->message.bytes;

  memcpy (room->login, begin->login, begin->login_length);
  memcpy (room->address, begin->address, SP_ADDRESS_SIZE);
  room->begun = TRUE;
  sp_permit_enter (&room->permit, SP_KEYHOLDER_PAM_TALKING);
}

static void
person_said (SpPamRoom *room, const SpEnvelope *envelope)
{
  const SpPersonSaid *said = (const SpPersonSaid *) envelope->message.bytes;

  memcpy (room->answer, said->answer, said->answer_length);
  room->answer_length = said->answer_length;
  if (room->asked == envelope->header.serial)
    room->asked = 0;
}

typedef void (*Handler) (SpPamRoom *room, const SpEnvelope *envelope);

static const Handler handlers[] = {
  [SP_MESSAGE_BEGIN_PAM] = begin_pam,
  [SP_MESSAGE_PERSON_SAID] = person_said,
};

/* One message, however long it takes: main ends a room that waits for too long. */
static gboolean
serve_keyholder (SpPamRoom *room, GError **error)
{
  struct pollfd wait = { .fd = room->wall, .events = POLLIN };
  g_autoptr (GError) cause = NULL;
  SpEnvelope envelope;

  (void) poll (&wait, 1, -1);
  if (sp_channel_receive (room->wall, &room->permit, &envelope, &cause))
    {
      handlers[envelope.header.type](room, &envelope);
      sp_envelope_clear (&envelope);
      return TRUE;
    }
  if (g_error_matches (cause, SP_ERROR, SP_ERROR_AGAIN))
    return TRUE;
  g_propagate_error (error, g_steal_pointer (&cause));
  return FALSE;
}

gboolean
sp_pam_room_await_begin (SpPamRoom *room, GError **error)
{
  while (!room->begun)
    if (!serve_keyholder (room, error))
      return FALSE;
  return TRUE;
}

/* --- and what it is told --- */

void
sp_pam_room_note (SpPamRoom *room, const char *words)
{
  if (room->words->len > 0)
    g_string_append_c (room->words, '\n');
  g_string_append_len (room->words, words, (gssize) strnlen (words, SP_PROMPT_MAX));
  if (room->words->len > SP_PROMPT_MAX)
    g_string_truncate (room->words, SP_PROMPT_MAX);
}

/* Of a text with zero bytes PAM would see only the beginning. */
static char *
take_answer (SpPamRoom *room, GError **error)
{
  char *answer = NULL;

  if (memchr (room->answer, '\0', room->answer_length) != NULL)
    g_set_error_literal (error, SP_ERROR, SP_ERROR_PEER_BROKE_RULES, "the answer is no text");
  else
    answer = strndup (room->answer, room->answer_length);
  sp_secret_wipe (room->answer, sizeof room->answer);
  return answer;
}

char *
sp_pam_room_ask (SpPamRoom *room, const char *prompt, GError **error)
{
  SpAskPerson question = { 0 };

  sp_pam_room_note (room, prompt);
  question.prompt_length = (guint16) room->words->len;
  memcpy (question.prompt, room->words->str, room->words->len);
  g_string_truncate (room->words, 0);
  room->asked = sp_permit_ask (&room->permit, SP_MESSAGE_ASK_PERSON);
  if (!sp_channel_send (room->wall, &sp_wall_keyholder_pam, SP_MESSAGE_ASK_PERSON, room->asked,
                        &question, NULL, 0, error))
    return NULL;
  while (room->asked != 0)
    if (!serve_keyholder (room, error))
      return NULL;
  return take_answer (room, error);
}

gboolean
sp_pam_room_tell (SpPamRoom *room, SpPamResult result, const char *text, GError **error)
{
  SpPamDecided decided = { .result = (guint8) result };

  decided.text_length = (guint16) strnlen (text, sizeof decided.text);
  memcpy (decided.text, text, decided.text_length);
  return sp_channel_send (room->wall, &sp_wall_keyholder_pam, SP_MESSAGE_PAM_DECIDED, 0, &decided,
                          NULL, 0, error);
}
