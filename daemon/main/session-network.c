/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "session-registry-private.h"

#include "tunnel-grant.h"

#include <string.h>

/* What the network does for a session, from its user's values and the server's settings. */

static void
describe (SpSessionRegistry *self, SpSession *session, SpNetworkSession *ret)
{
  const SpSessionRecord *record = &sp_session_get_estate (session)->record;
  SpUser *user = sp_session_get_user (session);

  memset (ret, 0, sizeof *ret);
  memcpy (ret->lease.ipv4, record->ipv4, SP_ADDRESS_SIZE);
  memcpy (ret->lease.ipv6, record->ipv6, SP_ADDRESS_SIZE);
  ret->user = sp_user_get_id (user);
  ret->rates.up = sp_user_get_number (user, SP_USER_RATE_UP);
  ret->rates.down = sp_user_get_number (user, SP_USER_RATE_DOWN);
  ret->reach = sp_tunnel_grant_reach (self->settings);
}

gboolean
sp_session_network_open (SpSessionRegistry *self, SpSession *session, GError **error)
{
  SpNetworkSession wishes;

  describe (self, session, &wishes);
  sp_session_get_estate (session)->tun = sp_network_setup_open_session (
      self->network, &wishes, SP_MTU_DEFAULT, SP_TUN_OFFLOAD_NONE, error);
  return sp_session_get_estate (session)->tun != NULL;
}

void
sp_session_network_follow_user (SpSessionRegistry *self, SpUser *user)
{
  for (guint i = 0; self->network != NULL && i < self->sessions->len; i++)
    {
      SpSession *session = self->sessions->pdata[i];
      SpSessionEstate *estate = sp_session_get_estate (session);
      SpNetworkSession wishes;

      if (sp_session_get_user (session) != user || estate->tun == NULL)
        continue;
      describe (self, session, &wishes);
      sp_network_setup_change_session (self->network, estate->tun, &wishes);
    }
}
