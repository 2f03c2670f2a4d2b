/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "to-main.h"

#include "base/error.h"
#include "base/log.h"
#include "link/channel.h"
#include "poller.h"
#include "walls/main-door.h"

#include <string.h>

typedef struct
{
  guint32 serial;
  SpIdMinted message;
} Answer;

struct _SpToMain
{
  int wall_fd;
  int poller;
  gboolean blocked;
  gboolean gone;
  guint n_answers;
  Answer answers[SP_QUESTIONS_MAX]; /* oldest first */
  SpLogThrottle unsendable;
};

static const SpWatch wall_watch = { .kind = SP_WATCH_WALL };

SpToMain *
sp_to_main_new (int wall_fd, int poller)
{
  SpToMain *to_main = g_new0 (SpToMain, 1);

  to_main->wall_fd = wall_fd;
  to_main->poller = poller;
  return to_main;
}

void
sp_to_main_free (SpToMain *to_main)
{
  g_free (to_main);
}

static void
block (SpToMain *to_main)
{
  if (!to_main->blocked)
    sp_poller_change (to_main->poller, to_main->wall_fd, EPOLLIN | EPOLLOUT, &wall_watch);
  to_main->blocked = TRUE;
}

static SpSending
fail (SpToMain *to_main, const GError *error)
{
  guint suppressed;

  if (g_error_matches (error, SP_ERROR, SP_ERROR_AGAIN))
    {
      block (to_main);
      return SP_BLOCKED;
    }
  if (g_error_matches (error, SP_ERROR, SP_ERROR_PEER_GONE))
    to_main->gone = TRUE;
  else if (sp_log_throttle (&to_main->unsendable, g_get_monotonic_time (), &suppressed))
    sp_log (SP_LOG_WARNING, "wall", "%s; and %u more since the last such line", error->message,
            suppressed);
  return SP_UNSENDABLE;
}

static SpSending
send_now (SpToMain *to_main, guint8 type, guint32 serial, gconstpointer message, int fd)
{
  g_autoptr (GError) error = NULL;

  if (sp_channel_send (to_main->wall_fd, &sp_wall_main_door, type, serial, message, &fd,
                       fd >= 0 ? 1 : 0, &error))
    return SP_SENT;
  return fail (to_main, error);
}

SpSending
sp_to_main_send (SpToMain *to_main, guint8 type, gconstpointer message, int fd)
{
  return to_main->blocked ? SP_BLOCKED : send_now (to_main, type, 0, message, fd);
}

void
sp_to_main_answer_id (SpToMain *to_main, guint32 serial, const guint8 id[SP_APP_ID_SIZE])
{
  Answer answer = { .serial = serial };
  SpSending sending = SP_BLOCKED;

  memcpy (answer.message.app_id, id, SP_APP_ID_SIZE);
  if (!to_main->blocked)
    sending = send_now (to_main, SP_MESSAGE_ID_MINTED, serial, &answer.message, -1);
  if (sending != SP_BLOCKED)
    return;
  if (to_main->n_answers < SP_QUESTIONS_MAX)
    to_main->answers[to_main->n_answers++] = answer;
  else
    to_main->gone = TRUE; /* it asks more than its own table lets it, and does not listen */
}

gboolean
sp_to_main_is_blocked (const SpToMain *to_main)
{
  return to_main->blocked;
}

gboolean
sp_to_main_is_gone (const SpToMain *to_main)
{
  return to_main->gone;
}

void
sp_to_main_resume (SpToMain *to_main)
{
  guint sent = 0;

  if (!to_main->blocked)
    return;
  while (sent < to_main->n_answers &&
         send_now (to_main, SP_MESSAGE_ID_MINTED, to_main->answers[sent].serial,
                   &to_main->answers[sent].message, -1) != SP_BLOCKED)
    sent++;
  to_main->n_answers -= sent;
  memmove (to_main->answers, to_main->answers + sent, to_main->n_answers * sizeof (Answer));
  if (to_main->n_answers > 0)
    return;
  to_main->blocked = FALSE;
  sp_poller_change (to_main->poller, to_main->wall_fd, EPOLLIN, &wall_watch);
}
