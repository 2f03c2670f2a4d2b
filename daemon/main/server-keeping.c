/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "server-listeners.h"
#include "server-private.h"

#include "base/log.h"
#include "platform/listener.h"

#include <string.h>

/* A server that was on when its main ended goes on by the next one, where a holder keeps what that
 * needs.  Where that cannot be had all begins anew, and clients come back by themselves. */

G_STATIC_ASSERT (SP_HOLDER_LISTENERS_MAX >= 2 * SP_DOOR_SOCKETS_MAX);

gboolean
sp_server_has_kept (SpServer *self)
{
  return sp_holding_get_server (self->holding) != NULL;
}

void
sp_server_let_kept_go (SpServer *self)
{
  g_autoptr (GError) error = NULL;

  if (!sp_server_has_kept (self))
    return;
  sp_holding_let_all_go (self->holding);
  if (!sp_network_setup_recover (self->state_folder, &error))
    sp_log (SP_LOG_ERROR, "server", "%s", error->message);
}

static void
give_up (SpServer *self, const char *why)
{
  sp_log (SP_LOG_WARNING, "server", "sessions of before cannot go on: %s", why);
  sp_holding_let_all_go (self->holding);
  self->adopts = FALSE;
}

gboolean
sp_server_adopt_network (SpServer *self, const SpNetworkSettings *wishes)
{
  SpNetworkSettings adopting = *wishes;
  g_autoptr (GError) error = NULL;

  if (!sp_server_has_kept (self))
    return FALSE;
  adopting.adopts = TRUE;
  self->network = sp_network_setup_start (&adopting, self->state_folder, &error);
  self->adopts = self->network != NULL;
  if (!self->adopts)
    give_up (self, error->message);
  return self->adopts;
}

static SpListenerSet *
take_kept_listeners (SpServer *self)
{
  SpListenerSet *set = g_new0 (SpListenerSet, 1);
  SpListenerKept said;
  int fd;

  while ((fd = sp_holding_take_listener (self->holding, &said)) >= 0)
    {
      SpDoorListener listener = { .kind = said.kind, .local = { .port = said.port }, .fd = fd };

      memcpy (listener.local.address, said.address, SP_ADDRESS_SIZE);
      memcpy (listener.device, said.device, MIN (said.device_length, sizeof listener.device - 1));
      (void) sp_listener_set_add (set, &listener);
    }
  return set;
}

gboolean
sp_server_adopt_listeners (SpServer *self)
{
  g_autoptr (SpListenerSet) kept = take_kept_listeners (self);
  g_autoptr (GError) error = NULL;

  /* Attachments are younger than the time when their main began, and older than now. */
  self->listeners = sp_listener_set_open (self->settings, self->inherited, kept,
                                          (guint64) g_get_monotonic_time (), &error);
  if (self->listeners == NULL)
    {
      give_up (self, error->message);
      return FALSE;
    }
  sp_server_let_listeners_go (self, kept);
  sp_server_follow_listeners (self);
  return TRUE;
}

/* One that does not fit is dropped, and comes back by itself. */
static gboolean
adopt_session (SpServer *self, SpKeptSession *kept)
{
  SpConnection *connection = sp_reception_resume (self->reception, kept);
  g_autoptr (GError) error = NULL;

  if (sp_session_registry_adopt (self->sessions, connection, kept, &error))
    return TRUE;
  sp_log (SP_LOG_WARNING, "server", "a session cannot go on: %s", error->message);
  sp_connection_stop (connection, SP_STOP_DROP, "");
  return FALSE;
}

/* In one turn of the main loop: nothing of them is heard or told before all of it is in place. */
gboolean
sp_server_adopt_sessions (SpServer *self, GError **error)
{
  guint n = sp_holding_count_sessions (self->holding);
  guint n_adopted = 0;

  for (guint i = 0; i < n; i++)
    {
      SpKeptSession *session = sp_holding_get_session (self->holding, i);

      if (adopt_session (self, session))
        n_adopted++;
      else
        sp_holding_let_session_go (self->holding, session->said.worker);
    }
  self->kept_start = (gint64) sp_holding_get_server (self->holding)->started_at;
  sp_door_client_set_keys (self->door, sp_holding_take_door_keys (self->holding));
  sp_holding_forget (self->holding);
  self->adopts = FALSE;
  sp_session_registry_end_adoption (self->sessions);
  sp_log (SP_LOG_NOTICE, "server", "%u of %u sessions go on", n_adopted, n);
  return sp_network_setup_finish_adoption (self->network, error);
}

static void
describe_listener (const SpDoorListener *listener, SpKeepListener *ret)
{
  ret->kind = listener->kind;
  ret->port = listener->local.port;
  memcpy (ret->address, listener->local.address, SP_ADDRESS_SIZE);
  ret->device_length = (guint16) MIN (strlen (listener->device), sizeof ret->device);
  memcpy (ret->device, listener->device, ret->device_length);
}

/* What was handed over each main gets anew. */
void
sp_server_keep_listeners (SpServer *self)
{
  for (guint i = 0; i < self->listeners->n_listeners; i++)
    {
      const SpDoorListener *listener = &self->listeners->listeners[i];
      SpKeepListener message = { 0 };

      describe_listener (listener, &message);
      if (!listener->is_handed)
        sp_holding_keep_listener (self->holding, &message, listener->fd);
    }
}

void
sp_server_let_listeners_go (SpServer *self, const SpListenerSet *before)
{
  for (guint i = 0; i < before->n_listeners; i++)
    {
      const SpDoorListener *listener = &before->listeners[i];
      SpKeepListener words = { 0 };
      SpLetListenerGo message;

      if (listener->is_handed || sp_listener_set_find (self->listeners, listener) != NULL)
        continue;
      describe_listener (listener, &words);
      memcpy (&message, &words, sizeof message); /* the same fields */
      sp_holding_let_listener_go (self->holding, &message);
      if (listener->kind != SP_LISTENER_UDP)
        sp_listener_end (listener->fd);
    }
}

void
sp_server_keep (SpServer *self)
{
  SpKeepServer message = { .started_at = (guint64) self->started_at };

  sp_server_keep_listeners (self);
  sp_holding_keep_door_keys (self->holding, sp_door_client_get_keys (self->door));
  sp_holding_keep_server (self->holding, &message);
}
