/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "kept.h"

#include "base/io.h"

#include <string.h>

/* What is handed over is what was said: the same fields under another name. */
G_STATIC_ASSERT (sizeof (SpKeepServer) == sizeof (SpServerKept));
G_STATIC_ASSERT (sizeof (SpKeepListener) == sizeof (SpListenerKept));
G_STATIC_ASSERT (sizeof (SpKeepListener) == sizeof (SpLetListenerGo));
G_STATIC_ASSERT (sizeof (SpKeepSession) == sizeof (SpSessionKept));
G_STATIC_ASSERT (sizeof (SpKeepSession) == sizeof (SpChangeSession));
G_STATIC_ASSERT (sizeof (SpKeepChannel) == sizeof (SpChannelKept));

typedef struct
{
  SpKeepListener said;
  int fd;
} Listener;

typedef struct
{
  SpKeepChannel said;
  int fd; /* -1: free */
} Channel;

typedef struct
{
  SpKeepSession said;
  int fds[SP_KEPT_DESCRIPTORS];
  Channel channels[SP_HOLDER_CHANNELS_MAX];
} Session;

struct _SpKept
{
  gboolean has_server;
  SpKeepServer server;
  int door_keys;
  int lock;
  guint n_listeners;
  Listener listeners[SP_HOLDER_LISTENERS_MAX];
  GHashTable *sessions; /* worker → Session */
};

static void
session_free (gpointer data)
{
  Session *session = data;

  for (guint i = 0; i < SP_HOLDER_CHANNELS_MAX; i++)
    sp_fd_clear (&session->channels[i].fd);
  /* The wall last: its end ends the worker. */
  for (guint i = SP_KEPT_DESCRIPTORS; i > 0; i--)
    sp_fd_clear (&session->fds[i - 1]);
  g_free (session);
}

SpKept *
sp_kept_new (void)
{
  SpKept *self = g_new0 (SpKept, 1);

  self->door_keys = -1;
  self->lock = -1;
  self->sessions = g_hash_table_new_full (g_int64_hash, g_int64_equal, NULL, session_free);
  return self;
}

void
sp_kept_free (SpKept *self)
{
  sp_kept_clear (self);
  sp_fd_clear (&self->lock);
  g_hash_table_unref (self->sessions);
  g_free (self);
}

void
sp_kept_clear (SpKept *self)
{
  self->has_server = FALSE;
  sp_fd_clear (&self->door_keys);
  while (self->n_listeners > 0)
    sp_fd_clear (&self->listeners[--self->n_listeners].fd);
  g_hash_table_remove_all (self->sessions);
}

guint
sp_kept_count_sessions (SpKept *self)
{
  return g_hash_table_size (self->sessions);
}

gboolean
sp_kept_has_server (SpKept *self)
{
  return self->has_server;
}

void
sp_kept_put_server (SpKept *self, const SpKeepServer *server)
{
  self->server = *server;
  self->has_server = TRUE;
}

void
sp_kept_put_door_keys (SpKept *self, int *fd)
{
  sp_fd_clear (&self->door_keys);
  self->door_keys = sp_fd_steal (fd);
}

void
sp_kept_put_lock (SpKept *self, int *fd)
{
  sp_fd_clear (&self->lock);
  self->lock = sp_fd_steal (fd);
}

/* `said`: a SpKeepListener, or the same of another message. */
static Listener *
find_listener (SpKept *self, gconstpointer said)
{
  for (guint i = 0; i < self->n_listeners; i++)
    if (memcmp (&self->listeners[i].said, said, sizeof self->listeners[i].said) == 0)
      return &self->listeners[i];
  return NULL;
}

gboolean
sp_kept_put_listener (SpKept *self, const SpKeepListener *listener, int *fd)
{
  Listener *earlier = find_listener (self, listener);

  if (earlier != NULL)
    {
      sp_fd_clear (&earlier->fd);
      earlier->fd = sp_fd_steal (fd);
      return TRUE;
    }
  if (self->n_listeners == SP_HOLDER_LISTENERS_MAX)
    return FALSE;
  self->listeners[self->n_listeners].said = *listener;
  self->listeners[self->n_listeners++].fd = sp_fd_steal (fd);
  return TRUE;
}

void
sp_kept_remove_listener (SpKept *self, const SpLetListenerGo *listener)
{
  Listener *earlier = find_listener (self, listener);

  if (earlier == NULL)
    return;
  sp_fd_clear (&earlier->fd);
  *earlier = self->listeners[--self->n_listeners];
}

static Session *
find (SpKept *self, guint64 worker)
{
  return g_hash_table_lookup (self->sessions, &worker);
}

gboolean
sp_kept_put_session (SpKept *self, const SpKeepSession *said, int *fds)
{
  Session *session;

  if (find (self, said->worker) == NULL && sp_kept_count_sessions (self) == SP_SESSIONS_MAX)
    return FALSE;
  session = g_new0 (Session, 1);
  session->said = *said;
  for (guint i = 0; i < SP_KEPT_DESCRIPTORS; i++)
    session->fds[i] = sp_fd_steal (&fds[i]);
  for (guint i = 0; i < SP_HOLDER_CHANNELS_MAX; i++)
    session->channels[i].fd = -1;
  (void) g_hash_table_replace (self->sessions, &session->said.worker, session);
  return TRUE;
}

void
sp_kept_change_session (SpKept *self, const SpChangeSession *said)
{
  Session *session = find (self, said->worker);

  if (session != NULL)
    memcpy (&session->said, said, sizeof *said);
}

static Channel *
find_channel (Session *session, guint32 number)
{
  for (guint i = 0; session != NULL && i < SP_HOLDER_CHANNELS_MAX; i++)
    if (session->channels[i].fd >= 0 && session->channels[i].said.number == number)
      return &session->channels[i];
  return NULL;
}

gboolean
sp_kept_put_channel (SpKept *self, const SpKeepChannel *said, int *fd)
{
  Session *session = find (self, said->worker);

  if (session == NULL)
    return TRUE;
  sp_kept_remove_channel (self, said->worker, said->number);
  for (guint i = 0; i < SP_HOLDER_CHANNELS_MAX; i++)
    if (session->channels[i].fd < 0)
      {
        session->channels[i].said = *said;
        session->channels[i].fd = sp_fd_steal (fd);
        return TRUE;
      }
  return FALSE;
}

void
sp_kept_remove_channel (SpKept *self, guint64 worker, guint32 number)
{
  Channel *channel = find_channel (find (self, worker), number);

  if (channel != NULL)
    sp_fd_clear (&channel->fd);
}

void
sp_kept_remove_session (SpKept *self, guint64 worker)
{
  (void) g_hash_table_remove (self->sessions, &worker);
}

static gboolean
tell_session (const Session *session, SpKeptTell tell, gpointer user_data)
{
  if (!tell (user_data, SP_MESSAGE_SESSION_KEPT, &session->said, session->fds, SP_KEPT_DESCRIPTORS))
    return FALSE;
  for (guint i = 0; i < SP_HOLDER_CHANNELS_MAX; i++)
    {
      const Channel *channel = &session->channels[i];

      if (channel->fd >= 0 &&
          !tell (user_data, SP_MESSAGE_CHANNEL_KEPT, &channel->said, &channel->fd, 1))
        return FALSE;
    }
  return TRUE;
}

gboolean
sp_kept_tell_all (SpKept *self, SpKeptTell tell, gpointer user_data)
{
  const SpDoorKeysKept keys = { 0 };
  const SpLockKept lock = { 0 };
  GHashTableIter iter;
  gpointer session;

  if (self->lock >= 0 && !tell (user_data, SP_MESSAGE_LOCK_KEPT, &lock, &self->lock, 1))
    return FALSE;
  if (self->has_server && !tell (user_data, SP_MESSAGE_SERVER_KEPT, &self->server, NULL, 0))
    return FALSE;
  if (self->door_keys >= 0 &&
      !tell (user_data, SP_MESSAGE_DOOR_KEYS_KEPT, &keys, &self->door_keys, 1))
    return FALSE;
  for (guint i = 0; i < self->n_listeners; i++)
    if (!tell (user_data, SP_MESSAGE_LISTENER_KEPT, &self->listeners[i].said,
               &self->listeners[i].fd, 1))
      return FALSE;
  g_hash_table_iter_init (&iter, self->sessions);
  while (g_hash_table_iter_next (&iter, NULL, &session))
    if (!tell_session (session, tell, user_data))
      return FALSE;
  return TRUE;
}
