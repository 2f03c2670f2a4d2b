/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "session-keeping.h"

#include "base/error.h"
#include "base/io.h"
#include "tunnel-grant.h"

#include <string.h>

/* Sessions that outlive main: what is kept of them, and how another main takes them over.  What the
 * owner may still undo is not kept, nor is what is between two connections. */

#define CONFIRM_SECONDS 10 /* for the keyholder to say which cookies are good */

void
sp_session_registry_set_holding (SpSessionRegistry *self, SpHolding *holding)
{
  self->holding = holding;
}

static void
describe (SpSession *session, SpKeepSession *ret)
{
  const SpSessionEstate *estate = sp_session_get_estate (session);

  sp_session_describe (session, ret);
  ret->place = estate->place;
  ret->attachment = estate->attachment;
  ret->dtls_mode = (guint8) estate->dtls_mode;
  memcpy (ret->ipv4, estate->record.ipv4, SP_ADDRESS_SIZE);
  memcpy (ret->ipv6, estate->record.ipv6, SP_ADDRESS_SIZE);
  ret->used_at = (guint64) estate->used_at;
  ret->over_at = (guint64) estate->over_at;
  ret->allowance = estate->allowance;
  ret->counted_before = estate->counted_before;
  ret->carried_before = estate->carried_before;
}

void
sp_session_keep (SpSessionRegistry *self, SpSession *session)
{
  SpSessionEstate *estate = sp_session_get_estate (session);
  g_autofree SpKeepSession *record = NULL;

  if (self->holding == NULL || estate->holder == NULL || estate->phase != SP_LOAN_ATTACHED ||
      sp_session_get_state (session) != SP_SESSION_CONNECTED)
    return;
  if (estate->place == 0)
    estate->place = estate->attachment; /* they only grow */
  record = g_new0 (SpKeepSession, 1);
  describe (session, record);
  estate->kept_transport = record->transport;
  sp_connection_keep (estate->holder, self->holding, record, sp_tun_get_queue (estate->tun));
}

void
sp_session_keep_transport (SpSessionRegistry *self, SpSession *session, guint8 transport)
{
  if (sp_session_get_estate (session)->kept_transport != transport)
    sp_session_keep (self, session);
}

void
sp_session_keeping_close (SpSessionRegistry *self)
{
  g_clear_handle_id (&self->confirm_timer, g_source_remove);
}

/* --- another main's --- */

static void
take_estate (SpSessionRegistry *self,
             SpSession *session,
             SpConnection *connection,
             const SpSessionKept *said)
{
  SpSessionEstate *estate = sp_session_get_estate (session);

  estate->phase = SP_LOAN_ATTACHED;
  estate->holder = connection;
  estate->place = said->place;
  estate->attachment = said->attachment;
  estate->dtls_mode = (SpDtlsMode) MIN (said->dtls_mode, SP_DTLS_MODE_LAST);
  estate->kept_transport = said->transport;
  estate->used_at = (gint64) said->used_at;
  estate->over_at = (gint64) said->over_at;
  estate->allowance = said->allowance;
  estate->is_counted = said->allowance != 0;
  estate->counted_before = said->counted_before;
  estate->carried_before = said->carried_before;
  estate->reported_at = g_get_monotonic_time ();
  estate->unconfirmed = TRUE;
  self->last_attachment = MAX (self->last_attachment, said->attachment);
}

/* Of whichever range: it has them in its device. */
static gboolean
keep_addresses (SpSessionRegistry *self, SpSession *session, GError **error)
{
  const SpSessionRecord *record = &sp_session_get_estate (session)->record;
  SpLease lease;

  memcpy (lease.ipv4, record->ipv4, SP_ADDRESS_SIZE);
  memcpy (lease.ipv6, record->ipv6, SP_ADDRESS_SIZE);
  if (!sp_lease_pool_restore (sp_network_setup_get_leases (self->network), record->id, &lease,
                              error))
    return FALSE;
  sp_session_set_lease (session, &lease);
  return TRUE;
}

static gboolean
refuse (GError **error, const char *why)
{
  g_set_error_literal (error, SP_ERROR, SP_ERROR_FAILED, why);
  return FALSE;
}

/* The session as it was stored: its next report counts whatever came since, once. */
static SpSession *
restore (SpSessionRegistry *self, const SpSessionKept *said, GError **error)
{
  SpUser *user = sp_user_registry_find_by_id (self->users, said->user);
  SpSession *session = sp_session_registry_find_by_id (self, said->session);
  SpSessionRecord record;

  if (session != NULL || user == NULL ||
      !sp_store_find_session (self->store, said->session, &record, NULL) ||
      memcmp (record.user, said->user, SP_ID_SIZE) != 0)
    {
      (void) refuse (error, "nobody's, or another one's by now");
      return NULL;
    }
  memcpy (record.ipv4, said->ipv4, SP_ADDRESS_SIZE);
  memcpy (record.ipv6, said->ipv6, SP_ADDRESS_SIZE);
  session = sp_session_registry_add (self, said->session, user);
  sp_session_get_estate (session)->record = record;
  return session;
}

/* Devices and groups are those of the sign-in, if they are still there. */
static void
take_belongings (SpSessionRegistry *self, SpSession *session, SpConnection *connection)
{
  const SpConnectionFacts *facts = sp_connection_get_facts (connection);

  if (self->devices != NULL)
    sp_session_set_device (session, sp_device_registry_find_by_id (self->devices, facts->device));
  sp_session_set_group (session, sp_session_registry_find_group (self, facts));
}

static void
show (SpSessionRegistry *self, SpSession *session, SpConnection *connection, SpKeptSession *kept)
{
  g_autofree SpTunnelGranted *granted = g_new0 (SpTunnelGranted, 1);

  sp_session_set_client (session, connection);
  sp_tunnel_grant_fill (granted, session, connection, self->settings, self->network,
                        0); /* the port is not shown */
  sp_session_set_grant (session, granted);
  sp_session_resume (session, &kept->said);
  sp_session_history_remember (self, session);
  sp_session_get_estate (session)->announced = TRUE;
  g_signal_emit_by_name (self, "adopted", session);
}

gboolean
sp_session_registry_adopt (SpSessionRegistry *self,
                           SpConnection *connection,
                           SpKeptSession *kept,
                           GError **error)
{
  SpSession *session = self->network != NULL ? restore (self, &kept->said, error) : NULL;
  gboolean good;

  if (session == NULL)
    return error == NULL || *error != NULL ? FALSE : refuse (error, "the server is off");
  take_belongings (self, session, connection);
  good = keep_addresses (self, session, error) &&
         sp_session_network_adopt (self, session, &kept->fds[SP_KEPT_TUN], error);
  if (!good)
    {
      sp_session_registry_unfurnish (self, session);
      (void) g_ptr_array_remove (self->sessions, session);
      return FALSE;
    }
  take_estate (self, session, connection, &kept->said);
  show (self, session, connection, kept);
  sp_session_keep (self, session);
  sp_session_custody_follow (self, session);
  return TRUE;
}

static gboolean
confirm_cb (gpointer user_data)
{
  SpSessionRegistry *self = user_data;
  g_autoptr (GPtrArray) unknown = g_ptr_array_new_with_free_func (g_object_unref);

  self->confirm_timer = 0;
  for (guint i = 0; i < self->sessions->len; i++)
    if (sp_session_get_estate (self->sessions->pdata[i])->unconfirmed)
      g_ptr_array_add (unknown, g_object_ref (self->sessions->pdata[i]));
  for (guint i = 0; i < unknown->len; i++)
    if (sp_session_get_state (unknown->pdata[i]) != SP_SESSION_DISCONNECTING)
      sp_session_registry_dismiss (self, unknown->pdata[i], "This sign-in is no longer valid.",
                                   "expired");
  return G_SOURCE_REMOVE;
}

void
sp_session_registry_end_adoption (SpSessionRegistry *self)
{
  if (self->confirm_timer == 0)
    self->confirm_timer = g_timeout_add_seconds (CONFIRM_SECONDS, confirm_cb, self);
  sp_session_registry_enforce (self);
}
