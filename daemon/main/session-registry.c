/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "session-registry-private.h"

#include "session-keeping.h"
#include "user-conflict.h"

#include <string.h>

G_DEFINE_TYPE (SpSessionRegistry, sp_session_registry, G_TYPE_OBJECT)

enum
{
  SIGNAL_CLOSED,
  SIGNAL_QUOTA_REACHED,
  N_SIGNALS
};

static guint signals[N_SIGNALS]; /* nocheck: set once by class_init */

static void
sp_session_registry_finalize (GObject *object)
{
  SpSessionRegistry *self = SP_SESSION_REGISTRY (object);

  sp_session_registry_close (self);
  sp_user_registry_set_judge (self->users, NULL, NULL);
  g_ptr_array_unref (self->sessions);
  g_free (self->ended);
  g_clear_object (&self->devices);
  g_clear_object (&self->groups);
  g_object_unref (self->users);
  G_OBJECT_CLASS (sp_session_registry_parent_class)->finalize (object);
}

static void
sp_session_registry_class_init (SpSessionRegistryClass *class)
{
  GObjectClass *object_class = G_OBJECT_CLASS (class);
  GType type = G_OBJECT_CLASS_TYPE (class);

  object_class->finalize = sp_session_registry_finalize;
  (void) g_signal_new ("opened", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 1,
                       SP_TYPE_SESSION);
  (void) g_signal_new ("adopted", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 1,
                       SP_TYPE_SESSION);
  signals[SIGNAL_CLOSED] = g_signal_new ("closed", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                         G_TYPE_NONE, 2, SP_TYPE_SESSION, G_TYPE_STRING);
  signals[SIGNAL_QUOTA_REACHED] =
      g_signal_new ("quota-reached", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 2,
                    SP_TYPE_USER, G_TYPE_UINT);
}

static void
sp_session_registry_init (SpSessionRegistry *self)
{
  self->sessions = g_ptr_array_new_with_free_func (g_object_unref);
  self->ended = g_new0 (SpEndedSessions, 1);
}

static void
user_changed_cb (SpUserRegistry *users, SpUser *user, SpSessionRegistry *self)
{
  sp_session_network_reserve (self);
  sp_session_network_follow_user (self, user);
}

SpSessionRegistry *
sp_session_registry_new (SpStore *store,
                         SpKeyholderClient *keyholder,
                         SpDoorClient *door,
                         SpUserRegistry *users,
                         SpTrafficLedger *ledger)
{
  SpSessionRegistry *self = g_object_new (SP_TYPE_SESSION_REGISTRY, NULL);

  self->store = store;
  self->keyholder = keyholder;
  self->door = door;
  self->users = g_object_ref (users);
  self->ledger = ledger;
  g_signal_connect_object (users, "changed", G_CALLBACK (user_changed_cb), self, 0);
  g_signal_connect_object (users, "added", G_CALLBACK (user_changed_cb), self, 0);
  g_signal_connect_object (users, "removed", G_CALLBACK (user_changed_cb), self, 0);
  sp_user_registry_set_judge (users, sp_session_network_judge, self);
  return self;
}

void
sp_session_registry_set_devices (SpSessionRegistry *self, SpDeviceRegistry *devices)
{
  (void) g_set_object (&self->devices, devices);
}

static void
group_changed_cb (SpGroupRegistry *groups, SpGroup *group, SpSessionRegistry *self)
{
  sp_session_network_follow_group (self, group);
}

void
sp_session_registry_set_groups (SpSessionRegistry *self, SpGroupRegistry *groups)
{
  self->groups = g_object_ref (groups);
  g_signal_connect_object (groups, "changed", G_CALLBACK (group_changed_cb), self, 0);
}

guint
sp_session_registry_get_n (SpSessionRegistry *self)
{
  return self->sessions->len;
}

SpSession *
sp_session_registry_get (SpSessionRegistry *self, guint position)
{
  return g_ptr_array_index (self->sessions, position);
}

SpSession *
sp_session_registry_find_by_id (SpSessionRegistry *self, const guint8 *id)
{
  for (guint i = 0; i < self->sessions->len; i++)
    if (memcmp (sp_session_get_id (self->sessions->pdata[i]), id, SP_ID_SIZE) == 0)
      return self->sessions->pdata[i];
  return NULL;
}

/* Reserves the addresses, those of last time if they are still free. */
gboolean
sp_session_registry_reserve (SpSessionRegistry *self, SpSession *session, GError **error)
{
  SpSessionRecord *record = &sp_session_get_estate (session)->record;
  SpLeasePool *leases = sp_network_setup_get_leases (self->network);
  gboolean has_earlier = !sp_address_is_unset (record->ipv4) || !sp_address_is_unset (record->ipv6);
  SpLease earlier;
  SpLease fixed;
  SpLease lease;

  memcpy (earlier.ipv4, record->ipv4, SP_ADDRESS_SIZE);
  memcpy (earlier.ipv6, record->ipv6, SP_ADDRESS_SIZE);
  sp_user_network_read_fixed (sp_user_get_record (sp_session_get_user (session)), &fixed);
  if (!sp_lease_pool_allocate (leases, record->id, has_earlier ? &earlier : NULL, &fixed, &lease,
                               error))
    return FALSE;
  sp_session_set_lease (session, &lease);
  return TRUE;
}

SpSession *
sp_session_registry_add (SpSessionRegistry *self, const guint8 *id, SpUser *user)
{
  SpSession *session = sp_session_new (id, user);

  g_ptr_array_add (self->sessions, session);
  return session;
}

void
sp_session_registry_open (SpSessionRegistry *self,
                          SpNetworkSetup *network,
                          SpSettings *settings,
                          const SpDoorListener *listeners,
                          guint n_listeners)
{
  self->network = network;
  self->settings = sp_settings_ref (settings);
  self->listeners = listeners;
  self->n_listeners = n_listeners;
  /* The door's keys may be older than this program: no handle comes twice. */
  self->last_attachment = MAX (self->last_attachment, (guint64) g_get_monotonic_time ());
  sp_session_network_reserve (self);
  for (guint i = 0; i < self->sessions->len; i++)
    {
      g_autoptr (GError) error = NULL;
      if (!sp_session_registry_reserve (self, self->sessions->pdata[i], &error))
        sp_log (SP_LOG_WARNING, "session", "keeps no address: %s", error->message);
    }
  sp_session_history_open (self);
}

void
sp_session_registry_take_settings (SpSessionRegistry *self, SpSettings *settings)
{
  sp_settings_unref (self->settings);
  self->settings = sp_settings_ref (settings);
  sp_session_history_prune (self);
}

void
sp_session_registry_release (SpSessionRegistry *self, SpSession *session)
{
  guint left = sp_session_get_seconds_left (session, self->settings->session_timeout);

  sp_keyholder_client_release (self->keyholder, sp_session_get_id (session),
                               MIN (self->settings->cookie_timeout, left));
}

void
sp_session_registry_unfurnish (SpSessionRegistry *self, SpSession *session)
{
  SpSessionEstate *estate = sp_session_get_estate (session);

  sp_session_loan_cancel (self, session);
  if (estate->tun != NULL)
    {
      sp_network_setup_close_session (self->network, g_steal_pointer (&estate->tun));
      sp_session_network_follow_user (self, sp_session_get_user (session));
    }
  if (estate->has_lease)
    (void) sp_lease_pool_release (sp_network_setup_get_leases (self->network), estate->record.id);
  estate->has_lease = FALSE;
}

void
sp_session_registry_close (SpSessionRegistry *self)
{
  if (self->network == NULL)
    return;
  sp_session_keeping_close (self);
  sp_session_history_close (self);
  for (guint i = 0; i < self->sessions->len; i++)
    {
      SpSession *session = self->sessions->pdata[i];
      sp_session_history_remember (self, session);
      sp_session_history_finish (self, session, "stopped");
      if (sp_session_get_state (session) == SP_SESSION_CONNECTED)
        sp_session_registry_release (self, session);
      sp_session_registry_unfurnish (self, session);
      sp_session_set_state (session, SP_SESSION_RECONNECTING);
    }
  self->network = NULL;
  g_clear_pointer (&self->settings, sp_settings_unref);
  self->listeners = NULL;
  self->n_listeners = 0;
}

void
sp_session_registry_known (SpSessionRegistry *self, const guint8 *id, const guint8 *user_id)
{
  SpSession *session = sp_session_registry_find_by_id (self, id);
  SpUser *user = sp_user_registry_find_by_id (self->users, user_id);
  SpSessionRecord record;

  if (session != NULL)
    sp_session_get_estate (session)->unconfirmed = FALSE;
  if (session != NULL && sp_session_get_state (session) == SP_SESSION_CONNECTED)
    sp_keyholder_client_hold (self->keyholder, id);
  if (session != NULL || user == NULL || !sp_store_find_session (self->store, id, &record, NULL))
    return;
  session = sp_session_registry_add (self, id, user);
  sp_session_get_estate (session)->record = record;
  if (self->network != NULL)
    (void) sp_session_registry_reserve (self, session, NULL);
}

void
sp_session_registry_end (SpSessionRegistry *self, SpSession *session, const char *reason)
{
  g_autoptr (SpSession) kept = g_object_ref (session);
  SpSessionEstate *estate = sp_session_get_estate (session);
  SpLogAbout about;
  g_autoptr (GError) error = NULL;

  about = sp_session_about (session);
  sp_log_about (&about, SP_LOG_NOTICE, "session", "%s of %s ended: %s", about.session,
                sp_user_get_login (sp_session_get_user (session)), reason);
  if (self->network != NULL)
    sp_session_registry_unfurnish (self, session);
  sp_session_history_finish (self, session, reason);
  if (!sp_store_remove_session (self->store, estate->record.id, &error))
    sp_log (SP_LOG_ERROR, "session", "cannot be removed: %s", error->message);
  (void) g_ptr_array_remove (self->sessions, session);
  if (estate->announced)
    g_signal_emit (self, signals[SIGNAL_CLOSED], 0, kept, reason);
}

void
sp_session_registry_forget_cookie (SpSessionRegistry *self, SpSession *session)
{
  sp_ended_sessions_add (self->ended, sp_session_get_id (session));
  sp_keyholder_client_forget (self->keyholder, sp_session_get_id (session));
}

void
sp_session_registry_end_all (SpSessionRegistry *self, const char *reason)
{
  while (self->sessions->len > 0)
    {
      SpSession *session = self->sessions->pdata[0];
      sp_session_registry_forget_cookie (self, session);
      sp_session_registry_end (self, session, reason);
    }
}

void
sp_session_registry_tell_quota (SpSessionRegistry *self, SpUser *user, guint level)
{
  sp_log (SP_LOG_NOTICE, "quota", "%s has used %u %%", sp_user_get_login (user), level);
  g_signal_emit (self, signals[SIGNAL_QUOTA_REACHED], 0, user, level);
}

/* The keyholder ended it: its cookie is gone already. */
static void
cut_off (SpSessionRegistry *self, const guint8 *id, const char *text, const char *reason)
{
  SpSession *session = sp_session_registry_find_by_id (self, id);
  SpSessionEstate *estate;

  sp_ended_sessions_add (self->ended, id);
  if (session == NULL)
    return;
  estate = sp_session_get_estate (session);
  if (estate->waiting != NULL)
    sp_connection_refuse (estate->waiting, 401, "The session is over.");
  if (estate->holder != NULL)
    sp_connection_stop (estate->holder, SP_STOP_DISCONNECT, text);
  sp_session_registry_end (self, session, reason);
}

void
sp_session_registry_expired (SpSessionRegistry *self, const guint8 *id, SpBar bar)
{
  SpSession *session = sp_session_registry_find_by_id (self, id);
  SpDevice *device = session != NULL ? sp_session_get_device (session) : NULL;
  gboolean was_idle = session != NULL && sp_session_get_estate (session)->was_idle;

  if (session != NULL && bar != SP_BAR_NONE)
    {
      sp_session_registry_bar (self, session, bar);
      return;
    }
  if (device != NULL && sp_device_is_revoked (device))
    cut_off (self, id, "This device may no longer use the VPN.", "revoked");
  else if (device != NULL && sp_device_is_barred (device, g_get_real_time ()))
    cut_off (self, id, "This device is blocked.", "device-blocked");
  else
    cut_off (self, id, "This sign-in is no longer valid.", was_idle ? "idle" : "expired");
}

void
sp_session_registry_logged_out (SpSessionRegistry *self, const guint8 *id)
{
  cut_off (self, id, "You have signed out.", "logout");
}

SpGroup *
sp_session_registry_find_group (SpSessionRegistry *self, const SpConnectionFacts *facts)
{
  return self->groups != NULL && facts->group[0] != '\0'
             ? sp_group_registry_find (self->groups, facts->group)
             : NULL;
}

/* It is suspended for the very thing that keeps its user out. */
static gboolean
awaits (SpSession *session, SpBar bar)
{
  const SpSessionEstate *estate = sp_session_get_estate (session);

  return bar != SP_BAR_NONE && estate->undo_token != NULL && estate->awaited == bar;
}

void
sp_session_registry_enforce (SpSessionRegistry *self)
{
  g_autoptr (GPtrArray) all = g_ptr_array_new_with_free_func (g_object_unref);
  gint64 now = g_get_real_time ();

  for (guint i = 0; i < self->sessions->len; i++)
    g_ptr_array_add (all, g_object_ref (self->sessions->pdata[i]));
  for (guint i = 0; i < all->len; i++)
    {
      SpUser *user = sp_session_get_user (all->pdata[i]);
      SpBar bar = sp_user_get_bar (user, now);

      if (!g_ptr_array_find (self->sessions, all->pdata[i], NULL) || awaits (all->pdata[i], bar))
        continue;
      if (bar != SP_BAR_NONE)
        sp_session_registry_bar (self, all->pdata[i], bar);
      else
        sp_session_limit_enforce (self, user);
    }
}
