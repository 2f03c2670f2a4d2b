/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "from-main.h"

#include "base/error.h"
#include "walls/main-door.h"

/* Each says whether there was room for what is to be kept. */
typedef gboolean (*Handler) (SpKept *kept, gconstpointer message, int *fds);

static gboolean
keep_server (SpKept *kept, gconstpointer message, int *fds)
{
  sp_kept_put_server (kept, message);
  return TRUE;
}

static gboolean
keep_door_keys (SpKept *kept, gconstpointer message, int *fds)
{
  sp_kept_put_door_keys (kept, &fds[0]);
  return TRUE;
}

static gboolean
keep_lock (SpKept *kept, gconstpointer message, int *fds)
{
  sp_kept_put_lock (kept, &fds[0]);
  return TRUE;
}

static gboolean
keep_listener (SpKept *kept, gconstpointer message, int *fds)
{
  return sp_kept_put_listener (kept, message, &fds[0]);
}

static gboolean
let_listener_go (SpKept *kept, gconstpointer message, int *fds)
{
  sp_kept_remove_listener (kept, message);
  return TRUE;
}

static gboolean
keep_session (SpKept *kept, gconstpointer message, int *fds)
{
  return sp_kept_put_session (kept, message, fds);
}

static gboolean
change_session (SpKept *kept, gconstpointer message, int *fds)
{
  sp_kept_change_session (kept, message);
  return TRUE;
}

static gboolean
keep_channel (SpKept *kept, gconstpointer message, int *fds)
{
  return sp_kept_put_channel (kept, message, &fds[0]);
}

static gboolean
let_channel_go (SpKept *kept, gconstpointer message, int *fds)
{
  const SpLetChannelGo *which = message;

  sp_kept_remove_channel (kept, which->worker, which->number);
  return TRUE;
}

static gboolean
let_session_go (SpKept *kept, gconstpointer message, int *fds)
{
  const SpLetSessionGo *which = message;

  sp_kept_remove_session (kept, which->worker);
  return TRUE;
}

static gboolean
let_all_go (SpKept *kept, gconstpointer message, int *fds)
{
  sp_kept_clear (kept);
  return TRUE;
}

/* What follows from it is the caller's. */
static gboolean
serving (SpKept *kept, gconstpointer message, int *fds)
{
  return TRUE;
}

static const Handler from_main[] = {
  [SP_MESSAGE_KEEP_SERVER] = keep_server,       [SP_MESSAGE_KEEP_DOOR_KEYS] = keep_door_keys,
  [SP_MESSAGE_KEEP_LISTENER] = keep_listener,   [SP_MESSAGE_LET_LISTENER_GO] = let_listener_go,
  [SP_MESSAGE_KEEP_SESSION] = keep_session,     [SP_MESSAGE_CHANGE_SESSION] = change_session,
  [SP_MESSAGE_KEEP_CHANNEL] = keep_channel,     [SP_MESSAGE_LET_CHANNEL_GO] = let_channel_go,
  [SP_MESSAGE_LET_SESSION_GO] = let_session_go, [SP_MESSAGE_LET_ALL_GO] = let_all_go,
  [SP_MESSAGE_KEEP_LOCK] = keep_lock,           [SP_MESSAGE_SERVING] = serving,
};

gboolean
sp_holder_hear_main (int wall, SpPermit *permit, SpKept *kept, SpNews *news, GError **error)
{
  g_autofree SpEnvelope *envelope = g_new (SpEnvelope, 1);
  g_autoptr (GError) own_error = NULL;

  while (sp_channel_receive (wall, permit, envelope, &own_error))
    {
      gboolean kept_it =
          from_main[envelope->header.type](kept, envelope->message.bytes, envelope->fds);

      news->is_on |= envelope->header.type == SP_MESSAGE_KEEP_SERVER;
      news->is_serving |= envelope->header.type == SP_MESSAGE_SERVING;
      sp_envelope_clear (envelope);
      if (kept_it)
        continue;
      g_set_error (error, SP_ERROR, SP_ERROR_PEER_BROKE_RULES, "main has too much to keep");
      return FALSE;
    }
  if (g_error_matches (own_error, SP_ERROR, SP_ERROR_AGAIN))
    return TRUE;
  g_propagate_error (error, g_steal_pointer (&own_error));
  return FALSE;
}
