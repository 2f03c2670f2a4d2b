/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "session-registry-private.h"

#include "base/log.h"
#include "session-keeping.h"
#include "user-group.h"

#include <string.h>

/* What connections ask of sessions: to be attached to one, and what becomes of it when they end. */

/* The session that this connection names, made on its first tunnel. */
static SpSession *
find_or_make (SpSessionRegistry *self, SpConnection *connection)
{
  const SpConnectionFacts *facts = sp_connection_get_facts (connection);
  SpSession *session = sp_session_registry_find_by_id (self, facts->session);
  SpUser *user = sp_user_registry_find_by_id (self->users, facts->user);

  if (session == NULL && user != NULL)
    sp_session_limit_make_room (self, user);
  if (session == NULL && user != NULL && self->sessions->len < SP_SESSIONS_MAX)
    session = sp_session_registry_add (self, facts->session, user);
  if (session != NULL && facts->signed_in != 0)
    sp_session_get_estate (session)->record.created = facts->signed_in;
  if (session != NULL && self->devices != NULL)
    sp_session_set_device (session, sp_device_registry_find_by_id (self->devices, facts->device));
  if (session != NULL)
    sp_session_set_group (session, sp_session_registry_find_group (self, facts));
  return session;
}

static gboolean
furnish (SpSessionRegistry *self, SpSession *session, GError **error)
{
  SpSessionEstate *estate = sp_session_get_estate (session);

  if (!estate->has_lease && !sp_session_registry_reserve (self, session, error))
    return FALSE;
  if (estate->tun != NULL)
    return TRUE;
  return sp_session_network_open (self, session, error);
}

/* Who is kept out gets no tunnel, even if the keyholder does not know yet. */
static gboolean
is_barred (SpSessionRegistry *self, SpConnection *connection)
{
  const SpConnectionFacts *facts = sp_connection_get_facts (connection);
  SpUser *user = sp_user_registry_find_by_id (self->users, facts->user);
  SpDevice *device =
      self->devices != NULL ? sp_device_registry_find_by_id (self->devices, facts->device) : NULL;
  gint64 now = g_get_real_time ();
  SpBar bar = user != NULL ? sp_user_get_bar (user, now) : SP_BAR_NONE;
  gboolean blocked = device != NULL && sp_device_is_barred (device, now);

  if (bar != SP_BAR_NONE)
    sp_connection_refuse (connection, 401, sp_bar_to_text (bar));
  else if (blocked)
    sp_connection_refuse (connection, 401, "This device is blocked.");
  return bar != SP_BAR_NONE || blocked;
}

/* Who chose a group gets that or nothing, also if the keyholder does not know yet. */
static gboolean
has_lost_group (SpSessionRegistry *self, SpConnection *connection)
{
  const SpConnectionFacts *facts = sp_connection_get_facts (connection);
  SpUser *user = sp_user_registry_find_by_id (self->users, facts->user);

  if (facts->group[0] == '\0' || user == NULL ||
      (sp_session_registry_find_group (self, facts) != NULL &&
       sp_user_groups_have (&sp_user_get_record (user)->values, facts->group)))
    return FALSE;
  sp_connection_refuse (connection, 401, sp_bar_to_text (SP_BAR_GROUP));
  return TRUE;
}

/* A cookie that was earned at an address nobody remembers may have been earned anywhere. */
static gboolean
may_come_from (SpSessionRegistry *self, const SpConnectionFacts *facts)
{
  char text[SP_ENDPOINT_TEXT_MAX];

  if (self->settings->roaming ||
      memcmp (facts->peer.address, facts->signed_in_from, SP_ADDRESS_SIZE) == 0)
    return TRUE;
  sp_address_to_text (facts->peer.address, text);
  sp_log (SP_LOG_NOTICE, "session", "a cookie came from %s, where nobody signed in", text);
  return FALSE;
}

void
sp_session_registry_attach (SpSessionRegistry *self, SpConnection *connection)
{
  SpSession *session;
  g_autoptr (GError) error = NULL;

  if (sp_ended_sessions_has (self->ended, sp_connection_get_facts (connection)->session))
    {
      sp_connection_refuse (connection, 401, "The session is over.");
      return;
    }
  if (is_barred (self, connection) || has_lost_group (self, connection))
    return;
  if (self->network != NULL && !may_come_from (self, sp_connection_get_facts (connection)))
    {
      sp_connection_refuse (connection, 401, "Sign in from this address.");
      return;
    }
  session = self->network != NULL ? find_or_make (self, connection) : NULL;

  if (session == NULL)
    {
      sp_connection_refuse (connection, 503, "The server takes no sessions now.");
      return;
    }
  if (sp_session_get_state (session) == SP_SESSION_DISCONNECTING)
    {
      sp_connection_refuse (connection, 503, "The session is being disconnected.");
      return;
    }
  if (sp_session_get_seconds_left (session, self->settings->session_timeout) == 0)
    {
      sp_connection_refuse (connection, 401, "The session's time is over.");
      sp_session_registry_dismiss (self, session, "The session's time is over", "session-timeout");
      return;
    }
  if (!furnish (self, session, &error))
    {
      sp_log (SP_LOG_ERROR, "session", "%s: %s", sp_session_get_path_element (session),
              error->message);
      sp_connection_refuse (connection, 503, error->message);
      if (!sp_session_get_estate (session)->announced)
        sp_session_registry_end (self, session, "failed");
      return;
    }
  sp_session_loan_request (self, session, connection);
}

SpSession *
sp_session_registry_find_of_holder (SpSessionRegistry *self, SpConnection *connection)
{
  const SpConnectionFacts *facts = sp_connection_get_facts (connection);
  SpSession *session =
      facts->may_tunnel ? sp_session_registry_find_by_id (self, facts->session) : NULL;

  if (session == NULL || sp_session_get_estate (session)->holder != connection)
    return NULL;
  return session;
}

/* As the worker says, within what a device can have. */
static void
set_mtu (SpSessionRegistry *self, SpSession *session, guint32 said)
{
  g_autoptr (GError) error = NULL;
  guint32 mtu = CLAMP (said, SP_MTU_LINK_MIN_IPV4, SP_MTU_LINK_MAX);
  guint suppressed;

  if (!sp_tun_set_mtu (sp_session_get_estate (session)->tun, mtu, &error) &&
      sp_log_throttle (&self->bad_mtus, g_get_monotonic_time (), &suppressed))
    sp_log (SP_LOG_WARNING, "session", "%s: %s", sp_session_get_path_element (session),
            error->message);
  sp_session_set_mtu (session, mtu);
}

/* While its disconnection can be undone nothing is carried, whoever has the device. */
static void
be_connected (SpSession *session)
{
  if (sp_session_get_state (session) == SP_SESSION_DISCONNECTING)
    sp_connection_pause (sp_session_get_estate (session)->holder, TRUE);
  else
    sp_session_set_state (session, SP_SESSION_CONNECTED);
}

void
sp_session_registry_attached (SpSessionRegistry *self, SpConnection *connection, guint32 mtu)
{
  SpSession *session = sp_session_registry_find_of_holder (self, connection);
  SpSessionEstate *estate;
  SpLogAbout about;

  if (session == NULL)
    return;
  estate = sp_session_get_estate (session);
  sp_session_loan_acknowledged (self, session);
  estate->reported_at = g_get_monotonic_time ();
  sp_session_registry_serve_early_hello (self, session);
  set_mtu (self, session, mtu);
  sp_session_set_client (session, connection);
  be_connected (session);
  if (estate->renew_after != 0)
    sp_keyholder_client_may_renew (self->keyholder, sp_connection_get_facts (connection)->worker,
                                   estate->renew_after);
  sp_keyholder_client_hold (self->keyholder, estate->record.id);
  sp_session_registry_deal_quota (self, sp_session_get_user (session));
  if (estate->announced)
    sp_session_history_return (self, session);
  else
    sp_session_history_remember (self, session);
  sp_session_keep (self, session);
  about = sp_session_about (session);
  sp_log_about (&about, SP_LOG_NOTICE, "session", "%s of %s connected", about.session,
                sp_user_get_login (sp_session_get_user (session)));
  if (estate->announced)
    return;
  estate->announced = TRUE;
  estate->first_time = sp_session_history_is_first (self, session);
  g_signal_emit_by_name (self, "opened", session);
}

void
sp_session_registry_mtu_changed (SpSessionRegistry *self, SpConnection *connection, guint32 mtu)
{
  SpSession *session = sp_session_registry_find_of_holder (self, connection);

  if (session == NULL)
    return;
  set_mtu (self, session, mtu);
  sp_session_keep (self, session);
}

void
sp_session_registry_reported (SpSessionRegistry *self,
                              SpConnection *connection,
                              const SpReport *report)
{
  SpSession *session = sp_session_registry_find_of_holder (self, connection);
  SpSessionEstate *estate;
  SpReport judged = *report;

  if (session == NULL)
    return;
  estate = sp_session_get_estate (session);
  sp_session_quota_judge (session, &judged);
  estate->used_at = MAX (estate->used_at, (gint64) judged.used_at);
  sp_session_quota_count (self, session, &judged);
  sp_session_set_report (session, &judged);
  sp_session_keep_transport (self, session, judged.transport);
  sp_session_quota_enforce (self, session);
}

static void
put_away (SpSession *session, gboolean was_idle)
{
  SpSessionEstate *estate = sp_session_get_estate (session);

  estate->away_since = g_get_monotonic_time ();
  estate->was_idle = was_idle;
  if (was_idle)
    sp_log (SP_LOG_NOTICE, "session", "%s of %s was idle for too long",
            sp_session_get_path_element (session),
            sp_user_get_login (sp_session_get_user (session)));
  sp_session_set_state (session, SP_SESSION_RECONNECTING);
}

/* Whoever comes back has to sign in again. */
static void
forget (SpSessionRegistry *self, SpSession *session, const char *reason)
{
  sp_session_registry_forget_cookie (self, session);
  sp_session_registry_end (self, session, reason);
}

/* The holder is gone and nobody waits: what becomes of the session.  A client that signs out while
 * its disconnection can still be undone is out: there is nothing to come back to. */
static void
settle (SpSessionRegistry *self, SpSession *session, const SpConnectionFacts *facts)
{
  SpSessionEstate *estate = sp_session_get_estate (session);
  gboolean is_ending = sp_session_get_state (session) == SP_SESSION_DISCONNECTING;

  if (is_ending && estate->undo_token == NULL)
    {
      sp_session_registry_end (self, session, estate->end_reason);
      return;
    }
  if (facts->left == SP_LEFT_LOGOUT)
    {
      forget (self, session, "logout");
      return;
    }
  if (facts->left == SP_LEFT_OVER ||
      sp_session_get_seconds_left (session, self->settings->session_timeout) == 0)
    {
      forget (self, session, "session-timeout");
      return;
    }
  if (is_ending)
    return;
  sp_session_registry_release (self, session);
  put_away (session, facts->left == SP_LEFT_IDLE);
  sp_session_history_remember (self, session);
}

void
sp_session_registry_connection_ended (SpSessionRegistry *self, SpConnection *connection)
{
  const SpConnectionFacts *facts = sp_connection_get_facts (connection);
  SpSession *session =
      facts->may_tunnel ? sp_session_registry_find_by_id (self, facts->session) : NULL;
  SpSessionEstate *estate;

  if (session == NULL)
    return;
  estate = sp_session_get_estate (session);
  if (estate->waiting == connection)
    sp_session_loan_waiting_gone (self, session);
  else if (estate->holder == connection)
    sp_session_loan_returned (self, session);
  else
    return;
  if (estate->holder == NULL && estate->waiting == NULL && self->network != NULL)
    settle (self, session, facts);
}
