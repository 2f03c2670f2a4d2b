/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "server-listeners.h"

#include "base/log.h"
#include "server-private.h"
#include "server-ranges.h"

/* Where clients come in, which follows the settings while the server is on: others are opened
 * before anything is written, and then take the place of those of before in one turn.  Who is
 * connected has a socket of their own and notices nothing.  Those for datagrams stay, retired,
 * until everybody left who knows no other: a client that lost its fast channel asks there for
 * another. */

#define LOOK_SECONDS 10 /* whether somebody needs what is retired */

G_STATIC_ASSERT (SP_DATAGRAM_PORTS_MAX >= 1 + SP_ALSO_LISTEN_MAX + SP_RETIRED_LISTENERS_MAX);

gboolean
sp_server_open_listeners (SpServer *self, GError **error)
{
  self->listeners = sp_listener_set_open (self->settings, self->inherited, NULL, 0, error);
  return self->listeners != NULL;
}

void
sp_server_close_listeners (SpServer *self)
{
  g_clear_handle_id (&self->retired_timer, g_source_remove);
  g_clear_pointer (&self->claimed, sp_listener_set_free);
  g_clear_pointer (&self->listeners, sp_listener_set_free);
}

void
sp_server_tell_proxies (SpServer *self)
{
  sp_door_client_set_proxies (self->door, self->settings->proxies.items, self->settings->proxies.n);
}

/* --- others while it is on --- */

gboolean
sp_server_judge_settings (gpointer server, SpSettings *fresh, gboolean check_only, GError **error)
{
  SpServer *self = server;
  g_autoptr (SpListenerSet) claimed = NULL;

  g_clear_pointer (&self->claimed, sp_listener_set_free);
  if (self->state != SP_SERVER_ON)
    return TRUE;
  if (fresh == NULL)
    {
      sp_server_look_at_ranges (self);
      return TRUE;
    }
  claimed = sp_listener_set_open (fresh, self->inherited, self->listeners,
                                  sp_session_registry_get_last_attachment (self->sessions), error);
  if (claimed == NULL || !sp_server_judge_ranges (self, fresh, check_only, error))
    return FALSE;
  if (!check_only && !sp_listener_set_equal (claimed, self->listeners))
    self->claimed = g_steal_pointer (&claimed);
  return TRUE;
}

static void
add_port (guint16 *ports, guint16 port)
{
  for (guint i = 0; i < SP_DATAGRAM_PORTS_MAX; i++)
    if (ports[i] == 0 || ports[i] == port)
      {
        ports[i] = port;
        return;
      }
}

static void
tell_datagram_ports (SpServer *self)
{
  guint16 ports[SP_DATAGRAM_PORTS_MAX] = { 0 };
  g_autoptr (GError) error = NULL;

  for (guint i = 0; i < self->listeners->n_listeners; i++)
    if (self->listeners->listeners[i].kind == SP_LISTENER_UDP)
      add_port (ports, self->listeners->listeners[i].local.port);
  if (!sp_network_setup_set_datagram_ports (self->network, ports, &error))
    sp_log (SP_LOG_ERROR, "server", "the ports of datagrams: %s", error->message);
}

static void use_listeners (SpServer *self, SpListenerSet *fresh);
static void watch_retired (SpServer *self);

static gboolean
is_needed (gpointer server, guint64 last_attachment)
{
  return sp_session_registry_has_attachment_until (((SpServer *) server)->sessions,
                                                   last_attachment);
}

static gboolean
look_at_retired_cb (gpointer server)
{
  SpServer *self = server;
  SpListenerSet *rest = sp_listener_set_thin_out (self->listeners, is_needed, self);

  self->retired_timer = 0;
  if (rest != NULL)
    use_listeners (self, rest);
  else
    watch_retired (self);
  return G_SOURCE_REMOVE;
}

static void
watch_retired (SpServer *self)
{
  if (self->retired_timer == 0 && sp_listener_set_has_retired (self->listeners))
    self->retired_timer = g_timeout_add_seconds (LOOK_SECONDS, look_at_retired_cb, self);
}

void
sp_server_follow_listeners (SpServer *self)
{
  tell_datagram_ports (self);
  watch_retired (self);
}

/* Takes `fresh`. */
static void
use_listeners (SpServer *self, SpListenerSet *fresh)
{
  g_autoptr (SpListenerSet) before = self->listeners;

  self->listeners = fresh;
  sp_session_registry_set_listeners (self->sessions, fresh->listeners, fresh->n_listeners);
  sp_server_keep_listeners (self);
  sp_door_client_set_listeners (self->door, fresh->listeners, fresh->n_listeners);
  sp_server_let_listeners_go (self, before);
  sp_server_follow_listeners (self);
}

/* What a service manager opened stays what it is, whatever the settings say. */
static void
tell_handed (SpServer *self, const SpSettings *before)
{
  if (self->listeners->listeners[0].is_handed &&
      (before->port != self->settings->port || before->udp_port != self->settings->udp_port))
    sp_log (SP_LOG_WARNING, "server",
            "clients come in at the sockets that were handed over as before: where these are, the "
            "unit says that opens them");
}

void
sp_server_take_live (SpServer *self, const SpSettings *before)
{
  tell_handed (self, before);
  sp_server_take_ranges (self);
  if (self->claimed == NULL)
    return;
  use_listeners (self, g_steal_pointer (&self->claimed));
  sp_log (SP_LOG_NOTICE, "server", "clients come in elsewhere now; who is connected stays");
}
