/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "user-watch.h"

#include "base/log.h"
#include "platform/wall-timer.h"

/* The moments of all users are looked at again that often, should anything have been missed. */
#define LOOK_MICROSECONDS (G_GINT64_CONSTANT (3600) * G_USEC_PER_SEC)

struct _SpUserWatch
{
  SpUserRegistry *users;
  SpSessionRegistry *sessions;
  SpTrafficLedger *ledger;
  SpWallTimer *timer;
  gint64 armed; /* for that moment, or an earlier one */
};

static void
arm (SpUserWatch *self, gint64 when)
{
  self->armed = when;
  sp_wall_timer_set (self->timer, when);
}

/* Sees to it that what is counted belongs to the quota's period of now; returns when the next one
 * begins.  A clock that was set wrong takes nothing away and gives nothing: the hours are summed.
 */
static gint64
follow_period (SpUserWatch *self, SpUser *user, gint64 now)
{
  const guint8 *id = sp_user_get_id (user);
  gboolean was_over = sp_user_get_quota_level (user) == 100;
  SpUsage usage = sp_traffic_ledger_get_usage (self->ledger, id);
  g_autoptr (GError) error = NULL;
  gint64 begin;
  gint64 end;

  sp_quota_find_period ((guint) sp_user_get_number (user, SP_USER_QUOTA_DAY), now, &begin, &end);
  if (usage.since != begin && !sp_traffic_ledger_begin_period (self->ledger, id, begin, &error))
    sp_log (SP_LOG_ERROR, "quota", "of %s: %s", sp_user_get_login (user), error->message);
  usage = sp_traffic_ledger_get_usage (self->ledger, id);
  sp_user_set_usage (user, usage.since, usage.bytes);
  if (was_over && sp_user_get_quota_level (user) != 100)
    sp_user_registry_announce_one (self->users, user);
  return end;
}

/* When time alone changes what the user may. */
static gint64
get_next_moment (SpUser *user, gint64 period_end, gint64 now)
{
  const SpUserRecord *record = sp_user_get_record (user);
  gint64 end = sp_user_record_get_end (record);
  gint64 purged = record->removed_at != 0 ? record->removed_at + SP_USER_KEPT : G_MAXINT64;
  const gint64 moments[] = { end, purged,
                             (gint64) sp_user_get_number (user, SP_USER_PAUSED_UNTIL) };
  gint64 next = period_end;

  for (guint i = 0; i < G_N_ELEMENTS (moments); i++)
    if (moments[i] > now)
      next = MIN (next, moments[i]);
  return next;
}

static void
purged_cb (GObject *users, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GError) error = NULL;

  if (!sp_user_registry_update_finish (SP_USER_REGISTRY (users), result, &error))
    sp_log (SP_LOG_WARNING, "users", "a removed user is purged later: %s", error->message);
}

/* Who was removed long ago goes for good; tried again with the next look. */
static void
purge_if_due (SpUserWatch *self, SpUser *user, gint64 now)
{
  const SpUserRecord *record = sp_user_get_record (user);

  if (record->removed_at != 0 && record->removed_at + SP_USER_KEPT <= now)
    sp_user_registry_purge_async (self->users, user, NULL, purged_cb, NULL);
}

static void
on_removed (SpUserRegistry *users, SpUser *user, gpointer user_data)
{
  SpUserWatch *self = user_data;

  sp_traffic_ledger_drop (self->ledger, sp_user_get_id (user));
}

static void
woken_cb (gpointer user_data)
{
  SpUserWatch *self = user_data;
  gint64 now = g_get_real_time ();
  gint64 next = now + LOOK_MICROSECONDS;

  for (guint i = 0; i < sp_user_registry_get_n (self->users); i++)
    {
      SpUser *user = sp_user_registry_get (self->users, i);
      gint64 period_end = follow_period (self, user, now);

      sp_user_refresh (user, now);
      sp_session_registry_deal_quota (self->sessions, user);
      purge_if_due (self, user, now);
      next = MIN (next, get_next_moment (user, period_end, now));
    }
  sp_session_registry_enforce (self->sessions);
  arm (self, next);
}

static void
on_changed (SpUserRegistry *users, SpUser *user, gpointer user_data)
{
  SpUserWatch *self = user_data;
  gint64 now = g_get_real_time ();
  gint64 next = get_next_moment (user, follow_period (self, user, now), now);

  sp_user_refresh (user, now);
  if (next < self->armed)
    arm (self, next);
  sp_session_registry_enforce (self->sessions);
  sp_session_registry_deal_quota (self->sessions, user);
}

SpUserWatch *
sp_user_watch_new (SpUserRegistry *users,
                   SpSessionRegistry *sessions,
                   SpTrafficLedger *ledger,
                   GError **error)
{
  g_autoptr (SpUserWatch) self = g_new0 (SpUserWatch, 1);

  self->users = users;
  self->sessions = sessions;
  self->ledger = ledger;
  self->timer = sp_wall_timer_new (woken_cb, self, error);
  if (self->timer == NULL)
    return NULL;
  g_signal_connect (users, "added", G_CALLBACK (on_changed), self);
  g_signal_connect (users, "changed", G_CALLBACK (on_changed), self);
  g_signal_connect (users, "removed", G_CALLBACK (on_removed), self);
  woken_cb (self);
  return g_steal_pointer (&self);
}

void
sp_user_watch_free (SpUserWatch *self)
{
  if (self == NULL)
    return;
  (void) g_signal_handlers_disconnect_by_data (self->users, self);
  sp_wall_timer_free (self->timer);
  g_free (self);
}
