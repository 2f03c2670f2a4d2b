/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "session-keeping.h"

#include "base/error.h"
#include "base/log.h"
#include "tunnel-routes.h"
#include "user-conflict.h"
#include "user-network.h"

#include <string.h>

/* What a worker does with packets to its client by itself. */
#define OFFLOADS (SP_TUN_OFFLOAD_CHECKSUM | SP_TUN_OFFLOAD_TCP | SP_TUN_OFFLOAD_UDP)

/* What the network does for a session, from its user's and group's values as they are, and the
 * server's settings as they were when its client was told about them. */

typedef struct
{
  SpNetworkSession session; /* points into the others */
  GArray *hosts;
  GByteArray *name_servers;
  GArray *behind;
} Wishes;

static void
wishes_clear (Wishes *wishes)
{
  g_array_unref (wishes->hosts);
  g_byte_array_unref (wishes->name_servers);
  g_array_unref (wishes->behind);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Wishes, wishes_clear)

static gboolean
sees_others (const SpSettings *settings, SpUser *user)
{
  const char *choice = sp_user_get_text (user, SP_USER_SEES_OTHER_DEVICES);

  return *choice != '\0' ? g_str_equal (choice, "yes") : settings->clients_see_each_other;
}

/* What lies behind a person lies behind one of the person's clients: the first that is there. */
static gboolean
leads_behind (SpSessionRegistry *self, SpSession *session)
{
  for (guint i = 0; i < self->sessions->len && self->sessions->pdata[i] != session; i++)
    if (sp_session_get_user (self->sessions->pdata[i]) == sp_session_get_user (session) &&
        sp_session_get_estate (self->sessions->pdata[i])->tun != NULL)
      return FALSE;
  return TRUE;
}

static void
describe (SpSessionRegistry *self, SpSession *session, Wishes *ret)
{
  const SpSessionEstate *estate = sp_session_get_estate (session);
  SpUser *user = sp_session_get_user (session);
  SpNetworkSession *wishes = &ret->session;
  SpTunnelWishes said;

  sp_session_get_wishes (session, estate->settings, &said);
  memset (ret, 0, sizeof *ret);
  memcpy (wishes->lease.ipv4, estate->record.ipv4, SP_ADDRESS_SIZE);
  memcpy (wishes->lease.ipv6, estate->record.ipv6, SP_ADDRESS_SIZE);
  wishes->user = sp_user_get_id (user);
  wishes->rates.up = sp_user_get_number (user, SP_USER_RATE_UP);
  wishes->rates.down = sp_user_get_number (user, SP_USER_RATE_DOWN);
  wishes->reach = sp_tunnel_wishes_reach (&said);
  wishes->silent = estate->undo_token != NULL;
  wishes->sees_others = sees_others (estate->settings, user);
  ret->hosts = sp_tunnel_routes_list_hosts (&said);
  wishes->hosts = (const SpFirewallHost *) (gpointer) ret->hosts->data;
  wishes->n_hosts = ret->hosts->len;
  ret->name_servers =
      sp_tunnel_routes_list_name_servers (&said, sp_network_setup_get_uplink (self->network));
  wishes->name_servers = ret->name_servers->data;
  wishes->n_name_servers = ret->name_servers->len / SP_ADDRESS_SIZE;
  ret->behind = sp_user_network_list_behind (sp_user_get_record (user));
  wishes->behind = (const SpNetwork *) (gpointer) ret->behind->data;
  wishes->n_behind = leads_behind (self, session) ? ret->behind->len : 0;
}

static void
take_settings (SpSessionRegistry *self, SpSession *session)
{
  SpSessionEstate *estate = sp_session_get_estate (session);

  g_clear_pointer (&estate->settings, sp_settings_unref);
  estate->settings = sp_settings_ref (self->settings);
}

gboolean
sp_session_network_open (SpSessionRegistry *self, SpSession *session, GError **error)
{
  g_auto (Wishes) wishes = { 0 };

  take_settings (self, session);
  describe (self, session, &wishes);
  sp_session_get_estate (session)->tun = sp_network_setup_open_session (
      self->network, &wishes.session, SP_MTU_DEFAULT, OFFLOADS, error);
  return sp_session_get_estate (session)->tun != NULL;
}

void
sp_session_registry_expect (SpSessionRegistry *self)
{
  if (self->network != NULL)
    sp_network_setup_expect_session (self->network);
}

gboolean
sp_session_network_adopt (SpSessionRegistry *self, SpSession *session, int *queue, GError **error)
{
  g_auto (Wishes) wishes = { 0 };

  take_settings (self, session);
  describe (self, session, &wishes);
  sp_session_get_estate (session)->tun =
      sp_network_setup_adopt_session (self->network, &wishes.session, OFFLOADS, queue, error);
  return sp_session_get_estate (session)->tun != NULL;
}

static void
follow (SpSessionRegistry *self, SpSession *session)
{
  g_auto (Wishes) wishes = { 0 };
  g_autoptr (GError) error = NULL;

  describe (self, session, &wishes);
  if (!sp_network_setup_change_session (self->network, sp_session_get_estate (session)->tun,
                                        &wishes.session, &error))
    sp_log (SP_LOG_ERROR, "session", "%s reaches what it did: %s",
            sp_session_get_path_element (session), error->message);
}

void
sp_session_network_follow (SpSessionRegistry *self, SpSession *session)
{
  if (self->network != NULL && sp_session_get_estate (session)->tun != NULL)
    follow (self, session);
}

void
sp_session_network_refresh (SpSessionRegistry *self, SpSession *session)
{
  take_settings (self, session);
  follow (self, session);
}

void
sp_session_network_follow_user (SpSessionRegistry *self, SpUser *user)
{
  for (guint i = 0; self->network != NULL && i < self->sessions->len; i++)
    {
      SpSession *session = self->sessions->pdata[i];

      if (sp_session_get_user (session) == user && sp_session_get_estate (session)->tun != NULL)
        follow (self, session);
    }
}

void
sp_session_network_follow_group (SpSessionRegistry *self, SpGroup *group)
{
  for (guint i = 0; self->network != NULL && i < self->sessions->len; i++)
    {
      SpSession *session = self->sessions->pdata[i];

      if (sp_session_get_group (session) == group && sp_session_get_estate (session)->tun != NULL)
        follow (self, session);
    }
}

void
sp_session_network_reserve (SpSessionRegistry *self)
{
  g_autoptr (GByteArray) addresses = g_byte_array_new ();

  for (guint i = 0; self->network != NULL && i < sp_user_registry_get_n (self->users); i++)
    {
      const SpUserRecord *record = sp_user_get_record (sp_user_registry_get (self->users, i));
      SpLease fixed;

      if (sp_user_values_is_default (&record->values, SP_USER_FIXED_ADDRESSES))
        continue;
      sp_user_network_read_fixed (record, &fixed);
      if (!sp_address_is_unset (fixed.ipv4))
        g_byte_array_append (addresses, fixed.ipv4, SP_ADDRESS_SIZE);
      if (!sp_address_is_unset (fixed.ipv6))
        g_byte_array_append (addresses, fixed.ipv6, SP_ADDRESS_SIZE);
    }
  if (self->network != NULL)
    sp_lease_pool_reserve (sp_network_setup_get_leases (self->network), addresses->data,
                           addresses->len / SP_ADDRESS_SIZE);
}

static gboolean
check_fixed (SpLeasePool *pool, const guint8 *address, GError **error)
{
  char text[SP_ENDPOINT_TEXT_MAX];

  if (sp_address_is_unset (address) || sp_lease_pool_has (pool, address))
    return TRUE;
  sp_address_to_text (address, text);
  g_set_error (error, SP_ERROR, SP_ERROR_ADDRESS_CONFLICT,
               "“FixedAddresses”: %s is none of the addresses that devices can have", text);
  return FALSE;
}

gboolean
sp_session_network_judge (gpointer user_data, const SpUserRecord *record, GError **error)
{
  SpSessionRegistry *self = user_data;
  SpLeasePool *pool;
  SpLease fixed;
  g_autoptr (GArray) behind = NULL;

  if (self->network == NULL)
    return TRUE;
  pool = sp_network_setup_get_leases (self->network);
  sp_user_network_read_fixed (record, &fixed);
  if (!check_fixed (pool, fixed.ipv4, error) || !check_fixed (pool, fixed.ipv6, error))
    return FALSE;
  behind = sp_user_network_list_behind (record);
  for (guint i = 0; i < behind->len; i++)
    if (!sp_network_setup_check_behind (self->network, &g_array_index (behind, SpNetwork, i),
                                        error))
      {
        g_prefix_error (error, "“NetworksBehind”: ");
        return FALSE;
      }
  return TRUE;
}
