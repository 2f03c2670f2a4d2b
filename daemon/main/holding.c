/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "holding.h"

#include "base/error.h"
#include "base/io.h"
#include "base/log.h"
#include "base/names.h"
#include "link/channel.h"

#include <fcntl.h>
#include <poll.h>
#include <string.h>

#define PATIENCE_MILLISECONDS 5000 /* the holder has nothing else to do */

typedef struct
{
  SpListenerKept said;
  int fd;
} Listener;

struct _SpHolding
{
  int wall; /* -1: nobody keeps anything */
  gboolean is_strange;
  gboolean has_server;
  SpServerKept server;
  int door_keys;
  int lock;
  GArray *listeners;   /* of Listener: not taken yet */
  GPtrArray *sessions; /* of SpKeptSession: what the one before left */
  GHashTable *kept;    /* workers whose sessions are kept now: guint64 * → nothing */
};

static void
kept_session_free (gpointer data)
{
  SpKeptSession *session = data;

  for (guint i = 0; i < session->n_channels; i++)
    sp_fd_clear (&session->channel_fds[i]);
  for (guint i = SP_KEPT_DESCRIPTORS; i > 0; i--)
    sp_fd_clear (&session->fds[i - 1]);
  g_free (session);
}

static void
listener_clear (gpointer data)
{
  sp_fd_clear (&((Listener *) data)->fd);
}

/* --- what was kept --- */

typedef void (*Handler) (SpHolding *self, gconstpointer message, int *fds);

static void
on_server_kept (SpHolding *self, gconstpointer message, int *fds)
{
  self->server = *(const SpServerKept *) message;
  self->has_server = TRUE;
}

static void
on_door_keys_kept (SpHolding *self, gconstpointer message, int *fds)
{
  self->door_keys = sp_fd_steal (&fds[0]);
}

static void
on_lock_kept (SpHolding *self, gconstpointer message, int *fds)
{
  self->lock = sp_fd_steal (&fds[0]);
}

static void
on_listener_kept (SpHolding *self, gconstpointer message, int *fds)
{
  const Listener listener = { *(const SpListenerKept *) message, sp_fd_steal (&fds[0]) };

  g_array_append_val (self->listeners, listener);
}

static void
remember (SpHolding *self, guint64 worker)
{
  (void) g_hash_table_add (self->kept, g_memdup2 (&worker, sizeof worker));
}

static void
on_session_kept (SpHolding *self, gconstpointer message, int *fds)
{
  SpKeptSession *session = g_new0 (SpKeptSession, 1);

  session->said = *(const SpSessionKept *) message;
  for (guint i = 0; i < SP_KEPT_DESCRIPTORS; i++)
    session->fds[i] = sp_fd_steal (&fds[i]);
  g_ptr_array_add (self->sessions, session);
  remember (self, session->said.worker);
}

/* It follows its session. */
static void
on_channel_kept (SpHolding *self, gconstpointer message, int *fds)
{
  SpKeptSession *session =
      self->sessions->len > 0 ? self->sessions->pdata[self->sessions->len - 1] : NULL;
  const SpChannelKept *channel = message;

  if (session == NULL || session->said.worker != channel->worker ||
      session->n_channels == SP_HOLDER_CHANNELS_MAX)
    return;
  session->channels[session->n_channels] = *channel;
  session->channel_fds[session->n_channels++] = sp_fd_steal (&fds[0]);
}

static void
on_all_kept (SpHolding *self, gconstpointer message, int *fds)
{
}

static const Handler from_holder[] = {
  [SP_MESSAGE_SERVER_KEPT] = on_server_kept,     [SP_MESSAGE_DOOR_KEYS_KEPT] = on_door_keys_kept,
  [SP_MESSAGE_LISTENER_KEPT] = on_listener_kept, [SP_MESSAGE_SESSION_KEPT] = on_session_kept,
  [SP_MESSAGE_CHANNEL_KEPT] = on_channel_kept,   [SP_MESSAGE_ALL_KEPT] = on_all_kept,
  [SP_MESSAGE_LOCK_KEPT] = on_lock_kept,
};

/* FALSE when it has said all, or nothing comes any more (`error`). */
static gboolean
hear (SpHolding *self, SpPermit *permit, SpEnvelope *envelope, GError **error)
{
  struct pollfd wait = { .fd = self->wall, .events = POLLIN };
  GError *own_error = NULL;
  gboolean is_last;

  if (!sp_channel_receive (self->wall, permit, envelope, &own_error))
    {
      if (g_error_matches (own_error, SP_ERROR, SP_ERROR_AGAIN) &&
          poll (&wait, 1, PATIENCE_MILLISECONDS) > 0)
        {
          g_error_free (own_error);
          return TRUE;
        }
      g_propagate_error (error, own_error);
      return FALSE;
    }
  from_holder[envelope->header.type](self, envelope->message.bytes, envelope->fds);
  is_last = envelope->header.type == SP_MESSAGE_ALL_KEPT;
  sp_envelope_clear (envelope);
  return !is_last;
}

static gint
compare_places (gconstpointer a, gconstpointer b)
{
  guint64 first = (*(SpKeptSession *const *) a)->said.place;
  guint64 second = (*(SpKeptSession *const *) b)->said.place;

  return first < second ? -1 : first > second;
}

static void
listen_to_holder (SpHolding *self)
{
  g_autofree SpEnvelope *envelope = g_new (SpEnvelope, 1);
  g_autoptr (GError) error = NULL;
  SpPermit permit;

  sp_permit_init (&permit, &sp_wall_main_holder, SP_MAIN_HOLDER_MAIN);
  while (hear (self, &permit, envelope, &error))
    ;
  if (error != NULL)
    {
      sp_log (SP_LOG_ERROR, "holder", "%s: nothing is kept", error->message);
      sp_fd_clear (&self->wall);
    }
  g_ptr_array_sort (self->sessions, compare_places);
}

/* What the environment says, if there is such a descriptor: behind what a service manager handed
 * over.  That of a strange holder stays open, as it would think that we are gone. */
static void
find_wall (SpHolding *self)
{
  const char *said = g_getenv (SP_HOLDER_VARIABLE);
  g_auto (GStrv) parts = g_strsplit (said != NULL ? said : "", ":", 2);
  g_autofree char *fingerprint = g_strdup_printf ("%x", sp_main_holder_fingerprint ());
  guint64 number = 0;

  g_unsetenv (SP_HOLDER_VARIABLE);
  if (parts[0] == NULL ||
      !g_ascii_string_to_unsigned (parts[0], 10, SP_WALL_FD, SP_WALL_FD + SP_HOLDER_SOCKETS_MAX,
                                   &number, NULL) ||
      fcntl ((int) number, F_SETFD, FD_CLOEXEC) != 0)
    return;
  self->is_strange = g_strcmp0 (parts[1], fingerprint) != 0;
  if (!self->is_strange)
    self->wall = (int) number;
}

SpHolding *
sp_holding_open (void)
{
  SpHolding *self = g_new0 (SpHolding, 1);

  self->wall = -1;
  find_wall (self);
  self->door_keys = -1;
  self->lock = -1;
  self->listeners = g_array_new (FALSE, FALSE, sizeof (Listener));
  g_array_set_clear_func (self->listeners, listener_clear);
  self->sessions = g_ptr_array_new_with_free_func (kept_session_free);
  self->kept = g_hash_table_new_full (g_int64_hash, g_int64_equal, g_free, NULL);
  if (self->wall >= 0)
    listen_to_holder (self);
  return self;
}

void
sp_holding_free (SpHolding *self)
{
  sp_fd_clear (&self->wall);
  sp_fd_clear (&self->door_keys);
  sp_fd_clear (&self->lock);
  g_array_unref (self->listeners);
  g_ptr_array_unref (self->sessions);
  g_hash_table_unref (self->kept);
  g_free (self);
}

gboolean
sp_holding_is_there (SpHolding *self)
{
  return self->wall >= 0;
}

gboolean
sp_holding_is_strange (SpHolding *self)
{
  return self->is_strange;
}

const SpServerKept *
sp_holding_get_server (SpHolding *self)
{
  return self != NULL && self->has_server ? &self->server : NULL;
}

int
sp_holding_take_door_keys (SpHolding *self)
{
  return sp_fd_steal (&self->door_keys);
}

int
sp_holding_take_lock (SpHolding *self)
{
  return sp_fd_steal (&self->lock);
}

int
sp_holding_take_listener (SpHolding *self, SpListenerKept *ret_said)
{
  guint n = self->listeners->len;
  Listener *last;
  int fd;

  if (n == 0)
    return -1;
  last = &g_array_index (self->listeners, Listener, n - 1);
  *ret_said = last->said;
  fd = sp_fd_steal (&last->fd);
  g_array_set_size (self->listeners, n - 1);
  return fd;
}

guint
sp_holding_count_sessions (SpHolding *self)
{
  return self->sessions->len;
}

SpKeptSession *
sp_holding_get_session (SpHolding *self, guint position)
{
  return self->sessions->pdata[position];
}

/* A session whose wall nobody took is nobody's. */
void
sp_holding_forget (SpHolding *self)
{
  for (guint i = 0; i < self->sessions->len; i++)
    {
      const SpKeptSession *session = self->sessions->pdata[i];

      if (session->fds[SP_KEPT_WALL] >= 0)
        sp_holding_let_session_go (self, session->said.worker);
    }
  g_ptr_array_set_size (self->sessions, 0);
  g_array_set_size (self->listeners, 0);
  sp_fd_clear (&self->door_keys);
  self->has_server = FALSE;
}

/* --- what shall be kept --- */

/* A holder that does not listen any more keeps nothing; its end is told by a signal. */
static void
tell (SpHolding *self, guint8 type, gconstpointer message, const int *fds, guint n_fds)
{
  struct pollfd room = { .fd = self != NULL ? self->wall : -1, .events = POLLOUT };
  g_autoptr (GError) error = NULL;

  while (room.fd >= 0 && self->wall >= 0 &&
         !sp_channel_send (self->wall, &sp_wall_main_holder, type, 0, message, fds, n_fds, &error))
    {
      if (!g_error_matches (error, SP_ERROR, SP_ERROR_AGAIN) ||
          poll (&room, 1, PATIENCE_MILLISECONDS) <= 0)
        {
          sp_log (SP_LOG_ERROR, "holder", "%s: nothing is kept any more", error->message);
          sp_fd_clear (&self->wall);
          return;
        }
      g_clear_error (&error);
    }
}

void
sp_holding_tell_serving (SpHolding *self)
{
  const SpServing message = { 0 };

  tell (self, SP_MESSAGE_SERVING, &message, NULL, 0);
}

void
sp_holding_keep_server (SpHolding *self, const SpKeepServer *server)
{
  tell (self, SP_MESSAGE_KEEP_SERVER, server, NULL, 0);
}

void
sp_holding_keep_door_keys (SpHolding *self, int fd)
{
  const SpKeepDoorKeys message = { 0 };

  tell (self, SP_MESSAGE_KEEP_DOOR_KEYS, &message, &fd, 1);
}

void
sp_holding_keep_lock (SpHolding *self, int fd)
{
  const SpKeepLock message = { 0 };

  tell (self, SP_MESSAGE_KEEP_LOCK, &message, &fd, 1);
}

void
sp_holding_keep_listener (SpHolding *self, const SpKeepListener *listener, int fd)
{
  tell (self, SP_MESSAGE_KEEP_LISTENER, listener, &fd, 1);
}

void
sp_holding_let_listener_go (SpHolding *self, const SpLetListenerGo *listener)
{
  tell (self, SP_MESSAGE_LET_LISTENER_GO, listener, NULL, 0);
}

gboolean
sp_holding_has_session (SpHolding *self, guint64 worker)
{
  return g_hash_table_contains (self->kept, &worker);
}

void
sp_holding_keep_session (SpHolding *self, const SpKeepSession *session, const int *fds)
{
  if (fds != NULL)
    {
      tell (self, SP_MESSAGE_KEEP_SESSION, session, fds, SP_KEPT_DESCRIPTORS);
      remember (self, session->worker);
    }
  else if (sp_holding_has_session (self, session->worker))
    tell (self, SP_MESSAGE_CHANGE_SESSION, session, NULL, 0); /* the same fields */
}

void
sp_holding_keep_channel (SpHolding *self, const SpKeepChannel *channel, int fd)
{
  if (sp_holding_has_session (self, channel->worker))
    tell (self, SP_MESSAGE_KEEP_CHANNEL, channel, &fd, 1);
}

void
sp_holding_let_channel_go (SpHolding *self, guint64 worker, guint32 number)
{
  const SpLetChannelGo message = { .worker = worker, .number = number };

  if (sp_holding_has_session (self, worker))
    tell (self, SP_MESSAGE_LET_CHANNEL_GO, &message, NULL, 0);
}

void
sp_holding_let_session_go (SpHolding *self, guint64 worker)
{
  const SpLetSessionGo message = { .worker = worker };

  if (g_hash_table_remove (self->kept, &worker))
    tell (self, SP_MESSAGE_LET_SESSION_GO, &message, NULL, 0);
}

void
sp_holding_let_all_go (SpHolding *self)
{
  const SpLetAllGo message = { 0 };

  if (self == NULL)
    return;
  sp_holding_forget (self);
  g_hash_table_remove_all (self->kept);
  tell (self, SP_MESSAGE_LET_ALL_GO, &message, NULL, 0);
}
