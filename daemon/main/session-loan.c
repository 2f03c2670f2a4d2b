/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "session-registry-private.h"

#include "base/io.h"
#include "base/log.h"
#include "tunnel-grant.h"

#include <string.h>

/* A client that is dropped comes back at once, however often: more than a few quick returns in a
 * row are slowed down, never refused.  Orderly returns for new keys are five seconds apart or more,
 * so they are not quick. */
#define QUICK_RETURNS_FREE      5
#define QUICK_MICROSECONDS      (2 * G_USEC_PER_SEC)
#define DELAY_STEP_MILLISECONDS 100
#define DELAY_MOST_MILLISECONDS 1000

/* For callbacks that need both. */
typedef struct
{
  SpSessionRegistry *registry;
  SpSession *session; /* lent: timers and questions are cancelled before it goes */
} Pair;

static void step (SpSessionRegistry *self,
                  SpSession *session,
                  SpLoanEvent event,
                  const guint8 *app_id);

static Pair *
pair_new (SpSessionRegistry *registry, SpSession *session)
{
  Pair *pair = g_new (Pair, 1);

  pair->registry = registry;
  pair->session = session;
  return pair;
}

static void
minted_cb (gpointer user_data, const guint8 *app_id)
{
  g_autofree Pair *pair = user_data;

  sp_session_get_estate (pair->session)->mint = NULL;
  step (pair->registry, pair->session, SP_LOAN_MINTED, app_id);
}

static gboolean
delay_over_cb (gpointer user_data)
{
  Pair *pair = user_data;
  SpSessionEstate *estate = sp_session_get_estate (pair->session);
  Pair *mint = pair_new (pair->registry, pair->session);
  const SpSettings *settings = pair->registry->settings;

  estate->delay_timer = 0;
  estate->mint = mint;
  /* A proxy passes on the stream alone. */
  estate->dtls_mode = sp_connection_get_facts (estate->waiting)->is_forwarded
                          ? SP_DTLS_MODE_OFF
                          : sp_tunnel_grant_choose_dtls (
                                settings, sp_connection_get_facts (estate->waiting)->request.flags);
  sp_door_client_mint_id (pair->registry->door, estate->attachment,
                          sp_tunnel_grant_choose_hello (settings, estate->dtls_mode), minted_cb,
                          mint);
  return G_SOURCE_REMOVE;
}

static guint
choose_delay (SpSessionEstate *estate)
{
  gint64 now = g_get_monotonic_time ();

  if (now - estate->last_attach > QUICK_MICROSECONDS)
    estate->attaches = 0;
  estate->last_attach = now;
  if (++estate->attaches <= QUICK_RETURNS_FREE)
    return 0;
  return MIN ((estate->attaches - QUICK_RETURNS_FREE) * DELAY_STEP_MILLISECONDS,
              DELAY_MOST_MILLISECONDS);
}

static void
forget_mint (SpSessionRegistry *self, SpSessionEstate *estate)
{
  g_clear_handle_id (&estate->delay_timer, g_source_remove);
  if (estate->mint == NULL)
    return;
  sp_door_client_cancel_mint (self->door, estate->mint);
  g_clear_pointer (&estate->mint, g_free);
}

/* Before a newer one begins, so that the door answers no old hello while the client shakes hands.
 */
static void
end_attachment (SpSessionRegistry *self, SpSessionEstate *estate)
{
  if (estate->attachment != 0)
    sp_door_client_end_attachment (self->door, estate->attachment);
  estate->attachment = 0;
}

/* A fresh handle for each attachment: a hello that names an old one leads nowhere. */
static void
mint (SpSessionRegistry *self, SpSession *session)
{
  SpSessionEstate *estate = sp_session_get_estate (session);

  forget_mint (self, estate);
  end_attachment (self, estate);
  estate->attachment = ++self->last_attachment;
  estate->last_hello = 0; /* was for another one: a quick return need not wait */
  g_clear_pointer (&estate->early_hello, g_free);
  estate->delay_timer = g_timeout_add_full (G_PRIORITY_DEFAULT, choose_delay (estate),
                                            delay_over_cb, pair_new (self, session), g_free);
}

/* The session is in use from here on: the time that it was away does not count as idle. */
static void
resume_idle_time (SpSessionEstate *estate)
{
  gint64 now = g_get_monotonic_time ();

  if (estate->used_at == 0)
    estate->used_at = now;
  else if (estate->away_since != 0)
    estate->used_at += now - estate->away_since;
  estate->away_since = 0;
  estate->was_idle = FALSE;
}

/* Where the fast channel of this connection is: at the same port, where datagrams come in there, or
 * else at the first that there is; 0: none. */
static guint16
choose_datagram_port (SpSessionRegistry *self, SpConnection *connection)
{
  guint16 own = sp_connection_get_facts (connection)->local.port;
  guint16 first = 0;

  for (guint i = 0; i < self->n_listeners; i++)
    {
      const SpDoorListener *listener = &self->listeners[i];

      if (listener->kind != SP_LISTENER_UDP || listener->retired_at != 0)
        continue;
      if (listener->local.port == own)
        return own;
      first = first != 0 ? first : listener->local.port;
    }
  return first;
}

/* `app_id` is NULL when there is no door now: this connection stays on TLS. */
static void
grant (SpSessionRegistry *self, SpSession *session, const guint8 *app_id)
{
  SpSessionEstate *estate = sp_session_get_estate (session);
  g_autofree SpTunnelGranted *granted = g_new (SpTunnelGranted, 1);
  g_autoptr (GError) error = NULL;
  sp_autofd int tun_fd = -1;

  estate->holder = g_steal_pointer (&estate->waiting);
  sp_connection_get_facts (estate->holder)->attachment = estate->attachment;
  tun_fd = sp_tun_lend (estate->tun, &error);
  if (tun_fd < 0)
    {
      sp_log (SP_LOG_ERROR, "session", "%s: %s", sp_session_get_path_element (session),
              error->message);
      sp_connection_kill (estate->holder);
      return;
    }
  resume_idle_time (estate);
  sp_session_network_refresh (self, session);
  sp_tunnel_grant_fill (granted, session, estate->holder, self->settings, self->network,
                        app_id != NULL ? choose_datagram_port (self, estate->holder) : 0);
  sp_session_set_grant (session, granted);
  granted->allowance = sp_session_quota_allow (self, session);
  sp_session_custody_begin (self, session, granted->session_timeout);
  if (app_id != NULL)
    memcpy (granted->app_id, app_id, SP_APP_ID_SIZE);
  estate->renew_after =
      granted->rekey_ssl != 0 ? granted->rekey / 2 : 0; /* as the worker demands of its client */
  sp_connection_grant (estate->holder, granted, tun_fd);
}

static gboolean
recall_over_cb (gpointer user_data)
{
  SpSession *session = user_data;
  SpSessionEstate *estate = sp_session_get_estate (session);

  estate->recall_timer = 0;
  sp_log (SP_LOG_NOTICE, "session", "%s: a worker is ended that does not give the tunnel back",
          sp_session_get_path_element (session));
  sp_connection_kill (estate->holder);
  return G_SOURCE_REMOVE;
}

static void
recall (SpSession *session)
{
  SpSessionEstate *estate = sp_session_get_estate (session);

  sp_connection_recall (estate->holder);
  estate->recall_timer = g_timeout_add (SP_RECALL_MILLISECONDS, recall_over_cb, session);
}

static void
act (SpSessionRegistry *self, SpSession *session, SpLoanAction action, const guint8 *app_id)
{
  switch (action)
    {
      case SP_LOAN_DO_NOTHING:
        break;
      case SP_LOAN_DO_MINT:
        mint (self, session);
        break;
      case SP_LOAN_DO_GRANT:
        grant (self, session, app_id);
        break;
      case SP_LOAN_DO_RECALL:
        recall (session);
        break;
      case SP_LOAN_DO_FORGET:
        forget_mint (self, sp_session_get_estate (session));
        break;
    }
}

/* The one place where a loan's phase changes. */
static void
step (SpSessionRegistry *self, SpSession *session, SpLoanEvent event, const guint8 *app_id)
{
  SpSessionEstate *estate = sp_session_get_estate (session);
  SpLoanPhase next;
  SpLoanAction action;

  if (!sp_loan_step (estate->phase, event, &next, &action))
    return;
  sp_log (SP_LOG_DEBUG, "session", "%s: loan %s → %s", sp_session_get_path_element (session),
          sp_loan_phase_to_string (estate->phase), sp_loan_phase_to_string (next));
  estate->phase = next;
  act (self, session, action, app_id);
}

static void
refuse_older (SpConnection *connection)
{
  sp_connection_refuse (connection, 503, "A newer connection of this session took over.");
}

static gboolean
is_newer (SpConnection *than, SpConnection *connection)
{
  return than != NULL &&
         sp_connection_get_facts (than)->turn > sp_connection_get_facts (connection)->turn;
}

/* Which is the newest the keyholder decides, not the order in which workers get to speak. */
void
sp_session_loan_request (SpSessionRegistry *self, SpSession *session, SpConnection *connection)
{
  SpSessionEstate *estate = sp_session_get_estate (session);
  SpConnection *replaced;

  if (is_newer (estate->waiting, connection) || is_newer (estate->holder, connection))
    {
      refuse_older (connection);
      return;
    }
  replaced = g_steal_pointer (&estate->waiting);
  estate->waiting = connection;
  if (replaced != NULL)
    refuse_older (replaced);
  step (self, session, SP_LOAN_REQUESTED, NULL);
}

void
sp_session_loan_returned (SpSessionRegistry *self, SpSession *session)
{
  SpSessionEstate *estate = sp_session_get_estate (session);

  g_clear_handle_id (&estate->recall_timer, g_source_remove);
  sp_session_custody_end (session);
  estate->holder = NULL;
  end_attachment (self, estate);
  step (self, session, estate->waiting != NULL ? SP_LOAN_RETURNED : SP_LOAN_ABANDONED, NULL);
}

void
sp_session_loan_waiting_gone (SpSessionRegistry *self, SpSession *session)
{
  sp_session_get_estate (session)->waiting = NULL;
  step (self, session, SP_LOAN_WAITING_GONE, NULL);
}

void
sp_session_loan_acknowledged (SpSessionRegistry *self, SpSession *session)
{
  step (self, session, SP_LOAN_ACKNOWLEDGED, NULL);
}

void
sp_session_loan_cancel (SpSessionRegistry *self, SpSession *session)
{
  SpSessionEstate *estate = sp_session_get_estate (session);

  forget_mint (self, estate);
  end_attachment (self, estate);
  g_clear_handle_id (&estate->recall_timer, g_source_remove);
  sp_session_custody_end (session);
  estate->holder = NULL;
  estate->waiting = NULL;
  estate->phase = SP_LOAN_FREE;
}
