/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "reception-private.h"

#include <string.h>

/* What the keyholder says of the clients. */

void
sp_reception_login_decided (SpReception *self, const SpLoginDecided *decided)
{
  SpConnection *connection = sp_reception_find (self, decided->worker);
  SpConnectionFacts *facts;

  if (connection == NULL)
    return;
  facts = sp_connection_get_facts (connection);
  memcpy (facts->user, decided->user, SP_ID_SIZE);
  if (!facts->is_known)
    sp_door_client_connection_ended (self->door, facts->peer.address, SP_OUTCOME_LOGGED_IN);
  facts->is_known = TRUE;
  sp_lobby_met (self->lobby, facts->peer.address, g_get_monotonic_time ());
  if (decided->by != SP_BY_COOKIE)
    return;
  memcpy (facts->session, decided->session, SP_ID_SIZE);
  memcpy (facts->signed_in_from, decided->signed_in_from, SP_ADDRESS_SIZE);
  memcpy (facts->device, decided->device, SP_ID_SIZE);
  memcpy (facts->group, decided->group, decided->group_length);
  facts->group[decided->group_length] = '\0';
  facts->signed_in = (gint64) MIN (decided->signed_in, (guint64) G_MAXINT64);
  facts->may_tunnel = TRUE;
  facts->turn = ++self->last_turn;
  sp_connection_log_cookie (connection);
  if (facts->has_request)
    sp_session_registry_attach (self->sessions, connection);
}

const SpEndpoint *
sp_reception_login_failed (SpReception *self, const SpLoginFailed *failed)
{
  SpConnection *connection = sp_reception_find (self, failed->worker);
  SpConnectionFacts *facts;

  if (connection == NULL)
    return NULL;
  facts = sp_connection_get_facts (connection);
  facts->has_failed = TRUE;
  return &facts->peer;
}
