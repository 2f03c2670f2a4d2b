/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "link/link.h"

#include "base/error.h"
#include "base/io.h"
#include "base/secret.h"
#include "link/watch.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>

#define QUEUE_MAX 256 /* messages that wait for a peer that does not read, unless set otherwise */

typedef struct
{
  guint8 type;
  guint32 serial;
  guint n_fds;
  int fds[SP_MESSAGE_FDS_MAX];
  gsize size;       /* of the struct */
  guint8 message[]; /* the struct */
} Waiting;

struct _SpLink
{
  int fd;
  SpPermit permit;
  const SpLinkTable *table;
  gpointer user_data;
  SpWatch *watch;   /* NULL once it is closed */
  GSource *failing; /* while the failure waits to be told */
  GQueue waiting;
  guint queue_max;
  int priority;
  gint64 message_interval; /* microseconds that each message costs; 0 = no limit */
  gint64 allowance;        /* microseconds that may be run up */
  gint64 paid_until;
  gboolean silent; /* the peer takes nothing any more */
  GError *failure; /* set once; told from the main loop */
  gboolean *freed; /* set by free while a handler runs */
};

static void
waiting_free (Waiting *waiting)
{
  for (guint i = 0; i < waiting->n_fds; i++)
    sp_fd_clear (&waiting->fds[i]);
  sp_secret_wipe (waiting->message, waiting->size);
  g_free (waiting);
}

static void
stop_failing (SpLink *link)
{
  if (link->failing == NULL)
    return;
  g_source_destroy (link->failing);
  g_clear_pointer (&link->failing, g_source_unref);
}

static void
forget_waiting (SpLink *link)
{
  g_queue_clear_full (&link->waiting, (GDestroyNotify) waiting_free);
  if (link->watch != NULL)
    sp_watch_set_condition (link->watch, G_IO_IN);
}

static void
close_link (SpLink *link, GError *error)
{
  g_autoptr (GError) owned = error;

  g_clear_pointer (&link->watch, sp_watch_free);
  stop_failing (link);
  link->table->closed (link->user_data, owned);
}

/* FALSE if the peer has run up more than its allowance. */
static gboolean
pay (SpLink *link)
{
  gint64 now = g_get_monotonic_time ();

  link->paid_until = MAX (link->paid_until, now) + link->message_interval;
  return link->message_interval == 0 || link->paid_until - now <= link->allowance;
}

static void
hand_over (SpLink *link, SpEnvelope *envelope)
{
  link->table->handlers[envelope->header.type](link->user_data, envelope->header.serial,
                                               &envelope->message, envelope->fds);
}

/* Returns FALSE once the link was closed or freed by a handler. */
static gboolean
dispatch_one (SpLink *link, SpEnvelope *envelope)
{
  GError *error = NULL;
  gboolean freed = FALSE;

  if (link->failure != NULL)
    return FALSE;
  if (sp_channel_receive (link->fd, &link->permit, envelope, &error))
    {
      if (!pay (link))
        {
          sp_envelope_clear (envelope);
          close_link (link, g_error_new (SP_ERROR, SP_ERROR_PEER_BROKE_RULES,
                                         "%s: %s talks too much", link->permit.wall->name,
                                         link->permit.wall->sides[1 - link->permit.own_side]));
          return FALSE;
        }
      link->freed = &freed;
      hand_over (link, envelope);
      sp_envelope_clear (envelope);
      if (!freed)
        link->freed = NULL;
      return !freed && link->watch != NULL;
    }
  if (g_error_matches (error, SP_ERROR, SP_ERROR_AGAIN))
    {
      g_error_free (error);
      return FALSE;
    }
  close_link (link, error);
  return FALSE;
}

/* A bounded turn, so that one busy peer does not starve the others. */
static void
read_some (SpLink *link)
{
  g_autofree SpEnvelope *envelope = g_new (SpEnvelope, 1);

  for (guint i = 0; i < 16; i++)
    if (!dispatch_one (link, envelope))
      break;
}

static gboolean
failed_cb (gpointer user_data)
{
  SpLink *link = user_data;

  close_link (link, g_steal_pointer (&link->failure));
  return G_SOURCE_REMOVE;
}

/* The failure is told from the main loop, so that a sender is never called back from its own call.
 */
static void
fail_later (SpLink *link, GError *error)
{
  if (link->failure != NULL || link->watch == NULL)
    {
      g_error_free (error);
      return;
    }
  link->failure = error;
  forget_waiting (link);
  link->failing = g_idle_source_new ();
  g_source_set_priority (link->failing, link->priority);
  g_source_set_callback (link->failing, failed_cb, link, NULL);
  g_source_attach (link->failing, g_main_context_get_thread_default ());
}

/* The peer has closed, but what it said before that is still to be heard: the reader finds the end
 * behind it, also when the peer only gave up reading. */
static void
fall_silent (SpLink *link)
{
  link->silent = TRUE;
  forget_waiting (link);
  (void) shutdown (link->fd, SHUT_RDWR);
}

static void
cannot_send (SpLink *link, GError *error)
{
  if (!g_error_matches (error, SP_ERROR, SP_ERROR_PEER_GONE))
    {
      fail_later (link, error);
      return;
    }
  g_error_free (error);
  fall_silent (link);
}

static void
write_waiting (SpLink *link)
{
  while (!g_queue_is_empty (&link->waiting))
    {
      Waiting *waiting = g_queue_peek_head (&link->waiting);
      GError *error = NULL;

      if (!sp_channel_send (link->fd, link->permit.wall, waiting->type, waiting->serial,
                            waiting->message, waiting->fds, waiting->n_fds, &error))
        {
          if (g_error_matches (error, SP_ERROR, SP_ERROR_AGAIN))
            {
              g_error_free (error);
              return;
            }
          cannot_send (link, error); /* empties the queue */
          return;
        }
      waiting_free (g_queue_pop_head (&link->waiting));
    }
  sp_watch_set_condition (link->watch, G_IO_IN);
}

static void
ready (gpointer user_data)
{
  SpLink *link = user_data;

  if (!g_queue_is_empty (&link->waiting))
    write_waiting (link);
  read_some (link);
}

/* FALSE if this process has no descriptor left. */
static gboolean
copy_fds (Waiting *waiting, const int *fds, guint n_fds)
{
  while (waiting->n_fds < n_fds)
    {
      int copy = fcntl (fds[waiting->n_fds], F_DUPFD_CLOEXEC, 0);
      if (copy < 0)
        return FALSE;
      waiting->fds[waiting->n_fds++] = copy;
    }
  return TRUE;
}

static void
queue_message (
    SpLink *link, guint8 type, guint32 serial, gconstpointer message, const int *fds, guint n_fds)
{
  gsize size = sp_wall_find (link->permit.wall, type)->shape.struct_size;
  Waiting *waiting;

  if (g_queue_get_length (&link->waiting) >= link->queue_max)
    {
      fail_later (link, g_error_new (SP_ERROR, SP_ERROR_BUSY, "%s: the peer does not read",
                                     link->permit.wall->name));
      return;
    }
  waiting = g_malloc0 (sizeof *waiting + size);
  waiting->type = type;
  waiting->serial = serial;
  waiting->size = size;
  memcpy (waiting->message, message, size);
  if (!copy_fds (waiting, fds, n_fds))
    {
      GError *error = NULL;
      sp_error_set_errno (&error, errno, "%s: keeping a message", link->permit.wall->name);
      waiting_free (waiting);
      fail_later (link, error);
      return;
    }
  g_queue_push_tail (&link->waiting, waiting);
  sp_watch_set_condition (link->watch, G_IO_IN | G_IO_OUT);
}

void
sp_link_answer (
    SpLink *link, guint8 type, guint32 serial, gconstpointer message, const int *fds, guint n_fds)
{
  GError *error = NULL;

  if (link->silent || link->failure != NULL || link->watch == NULL)
    return;
  if (g_queue_is_empty (&link->waiting) &&
      sp_channel_send (link->fd, link->permit.wall, type, serial, message, fds, n_fds, &error))
    return;
  if (error == NULL || g_error_matches (error, SP_ERROR, SP_ERROR_AGAIN))
    queue_message (link, type, serial, message, fds, n_fds);
  else
    cannot_send (link, g_steal_pointer (&error));
  g_clear_error (&error);
}

void
sp_link_send (SpLink *link, guint8 type, gconstpointer message, const int *fds, guint n_fds)
{
  sp_link_answer (link, type, 0, message, fds, n_fds);
}

guint32
sp_link_ask (SpLink *link, guint8 type, gconstpointer message, const int *fds, guint n_fds)
{
  guint32 serial = sp_permit_ask (&link->permit, type);

  if (serial != 0)
    sp_link_answer (link, type, serial, message, fds, n_fds);
  return serial;
}

void
sp_link_enter (SpLink *link, guint8 phase)
{
  sp_permit_enter (&link->permit, phase);
}

int
sp_link_get_fd (SpLink *link)
{
  return link->fd;
}

guint8
sp_link_get_phase (SpLink *link)
{
  return link->permit.phase;
}

void
sp_link_set_priority (SpLink *link, int priority)
{
  link->priority = priority;
  if (link->watch != NULL)
    sp_watch_set_priority (link->watch, priority);
  if (link->failing != NULL)
    g_source_set_priority (link->failing, priority);
}

void
sp_link_set_queue_max (SpLink *link, guint queue_max)
{
  link->queue_max = queue_max;
}

void
sp_link_set_rate_max (SpLink *link, guint messages_a_second, guint burst)
{
  link->message_interval = G_USEC_PER_SEC / messages_a_second;
  link->allowance = link->message_interval * burst;
}

SpLink *
sp_link_new (
    int fd, const SpWall *wall, guint8 own_side, const SpLinkTable *table, gpointer user_data)
{
  SpLink *link = g_new0 (SpLink, 1);

  for (guint i = 0; i < wall->n_rules; i++)
    if (wall->rules[i].sender != own_side && table->handlers[wall->rules[i].type] == NULL)
      g_error ("%s: no handler for %s", wall->name, wall->rules[i].name);
  link->fd = fd;
  sp_permit_init (&link->permit, wall, own_side);
  link->table = table;
  link->user_data = user_data;
  g_queue_init (&link->waiting);
  link->queue_max = QUEUE_MAX;
  link->priority = G_PRIORITY_DEFAULT;
  link->watch = sp_watch_new (fd, G_IO_IN, link->priority, ready, link);
  return link;
}

void
sp_link_free (SpLink *link)
{
  if (link == NULL)
    return;
  if (link->freed != NULL)
    *link->freed = TRUE;
  g_clear_pointer (&link->watch, sp_watch_free);
  stop_failing (link);
  g_queue_clear_full (&link->waiting, (GDestroyNotify) waiting_free);
  g_clear_error (&link->failure);
  sp_fd_clear (&link->fd);
  g_free (link);
}
