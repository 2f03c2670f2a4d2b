/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "server-private.h"

#include "base/log.h"

#include <string.h>

/* A server that was on when its main ended goes on by the next one, where a holder keeps what that
 * needs.  Settings that belong to clients' addresses and to where they come in must be the same;
 * otherwise all begins anew, and clients come back by themselves. */

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

static gboolean
is_same (const SpNetwork *wish, const SpNetwork *kept)
{
  return wish == NULL || (wish->length == kept->length &&
                          memcmp (wish->address, kept->address, SP_ADDRESS_SIZE) == 0);
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
  const SpServerKept *kept = sp_holding_get_server (self->holding);
  SpNetworkSettings same = *wishes;
  SpNetwork ipv4, ipv6;
  g_autoptr (GError) error = NULL;

  if (kept == NULL)
    return FALSE;
  ipv4.length = kept->ipv4_length;
  ipv6.length = kept->ipv6_length;
  memcpy (ipv4.address, kept->ipv4, SP_ADDRESS_SIZE);
  memcpy (ipv6.address, kept->ipv6, SP_ADDRESS_SIZE);
  same.adopts = TRUE;
  same.ipv4_range = &ipv4;
  same.ipv6_range = ipv6.length > 0 ? &ipv6 : NULL;
  if (is_same (wishes->ipv4_range, &ipv4) && is_same (wishes->ipv6_range, &ipv6) &&
      (wishes->ipv6_mode == SP_IPV6_OFF) == (ipv6.length == 0))
    self->network = sp_network_setup_start (&same, self->state_folder, &error);
  self->adopts = self->network != NULL;
  if (!self->adopts)
    give_up (self, error != NULL ? error->message : "they are of other ranges");
  return self->adopts;
}

gboolean
sp_server_adopt_listeners (SpServer *self)
{
  if (sp_server_open_listeners (self, NULL) && sp_holding_count_listeners (self->holding) == 0)
    return TRUE;
  sp_server_close_listeners (self);
  give_up (self, "clients come in elsewhere now");
  return FALSE;
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
keep_listener (SpServer *self, const SpDoorListener *listener)
{
  const char *device = self->running->listen_device;
  SpKeepListener message = { .kind = listener->kind, .port = listener->local.port };

  memcpy (message.address, listener->local.address, SP_ADDRESS_SIZE);
  message.device_length = (guint16) MIN (strlen (device), sizeof message.device);
  memcpy (message.device, device, message.device_length);
  sp_holding_keep_listener (self->holding, &message, listener->fd);
}

static void
describe (const SpNetwork *network, guint8 *ret_address, guint8 *ret_length)
{
  *ret_length = network != NULL ? network->length : 0;
  if (network != NULL)
    memcpy (ret_address, network->address, SP_ADDRESS_SIZE);
}

void
sp_server_keep (SpServer *self)
{
  SpLeasePool *leases = sp_network_setup_get_leases (self->network);
  SpKeepServer message = { .started_at = (guint64) self->started_at };

  describe (sp_lease_pool_get_ipv4 (leases), message.ipv4, &message.ipv4_length);
  describe (sp_lease_pool_get_ipv6 (leases), message.ipv6, &message.ipv6_length);
  for (guint i = 0; i < self->n_listeners; i++)
    keep_listener (self, &self->listeners[i]);
  sp_holding_keep_door_keys (self->holding, sp_door_client_get_keys (self->door));
  sp_holding_keep_server (self->holding, &message);
}
