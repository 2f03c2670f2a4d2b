/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "session-registry-private.h"
#include "user-quota.h"

/* Who has used up its traffic is cut off in the midst of it.  A worker is told at which count of
 * its session it has to stop, so that it does so at that very packet; it says so at once, and then
 * main ends the session.  Of several sessions of one user each gets an equal share of what is left,
 * and shares are dealt anew with every report.
 *
 * Shares are not made too small: at the end all may carry the same rest, so that together they
 * can exceed the quota by that. */
#define SHARE_MIN (64 * 1024)

#define BYTES_A_MICROSECOND_MAX 12500 /* 100 Gbit/s */

static gboolean
has_tunnel (SpSession *session, SpUser *user)
{
  return sp_session_get_user (session) == user && sp_session_get_estate (session)->holder != NULL;
}

static guint
count_tunnels (SpSessionRegistry *self, SpUser *user)
{
  guint n = 0;

  for (guint i = 0; i < self->sessions->len; i++)
    n += has_tunnel (self->sessions->pdata[i], user);
  return n;
}

/* The count of both directions at which the session stops; 0 = never. */
static guint64
find_allowance (SpSessionRegistry *self, SpSession *session)
{
  SpUser *user = sp_session_get_user (session);
  const SpSessionRecord *record = &sp_session_get_estate (session)->record;
  guint64 quota = sp_user_get_number (user, SP_USER_QUOTA);
  guint64 used = sp_user_get_record (user)->used;
  guint64 left = quota > used ? quota - used : 0;
  guint64 share;

  if (quota == 0)
    return 0;
  share = left / MAX (count_tunnels (self, user), 1);
  /* Not 0, which means something else. */
  return MAX (record->rx_bytes + record->tx_bytes + (share < SHARE_MIN ? left : share), 1);
}

guint64
sp_session_quota_allow (SpSessionRegistry *self, SpSession *session)
{
  SpSessionEstate *estate = sp_session_get_estate (session);

  estate->allowance = find_allowance (self, session);
  return estate->allowance;
}

void
sp_session_registry_deal_quota (SpSessionRegistry *self, SpUser *user)
{
  for (guint i = 0; i < self->sessions->len; i++)
    {
      SpSession *session = self->sessions->pdata[i];
      SpSessionEstate *estate = sp_session_get_estate (session);
      guint64 allowance;

      if (!has_tunnel (session, user))
        continue;
      allowance = find_allowance (self, session);
      if (allowance != estate->allowance && sp_connection_allow (estate->holder, allowance))
        {
          estate->allowance = allowance;
          sp_session_custody_follow (self, session);
        }
    }
}

/* A worker that was taken over counts as it likes: backwards, or so much that the sums of others
 * would wrap.  What stands is what the time since the last report had room for. */
static guint64
believe (guint64 before, guint64 said, gint64 elapsed)
{
  guint64 most = before + (guint64) (elapsed + G_USEC_PER_SEC) * BYTES_A_MICROSECOND_MAX;

  return CLAMP (said, before, MAX (most, before));
}

void
sp_session_quota_judge (SpSession *session, SpReport *report)
{
  SpSessionEstate *estate = sp_session_get_estate (session);
  gint64 now = g_get_monotonic_time ();
  gint64 elapsed = now - estate->reported_at;

  report->rx_bytes = believe (estate->record.rx_bytes, report->rx_bytes, elapsed);
  report->tx_bytes = believe (estate->record.tx_bytes, report->tx_bytes, elapsed);
  report->used_at = MIN (report->used_at, (guint64) now);
  estate->reported_at = now;
}

/* Between `from` and `to` bytes, which are those of the session so far. */
static guint64
difference (guint64 from, guint64 to)
{
  return to > from ? to - from : 0;
}

void
sp_session_quota_count (SpSessionRegistry *self, SpSession *session, const SpReport *report)
{
  const SpSessionRecord *record = &sp_session_get_estate (session)->record;
  SpUser *user = sp_session_get_user (session);
  guint before = sp_user_get_quota_level (user);
  SpUsage usage;

  sp_traffic_ledger_count (self->ledger, record->user,
                           difference (record->rx_bytes, report->rx_bytes),
                           difference (record->tx_bytes, report->tx_bytes), g_get_real_time ());
  usage = sp_traffic_ledger_get_usage (self->ledger, record->user);
  sp_user_set_usage (user, usage.since, usage.bytes);
  if (sp_user_get_quota_level (user) > before)
    sp_session_registry_tell_quota (self, user, sp_user_get_quota_level (user));
}

void
sp_session_quota_enforce (SpSessionRegistry *self, SpSession *session)
{
  SpUser *user = sp_session_get_user (session);

  if (sp_session_get_state (session) == SP_SESSION_DISCONNECTING)
    return;
  if (sp_user_get_bar (user, g_get_real_time ()) == SP_BAR_QUOTA)
    {
      /* The keyholder first, so that it refuses who comes back at once. */
      sp_user_registry_announce_one (self->users, user);
      sp_session_registry_enforce (self);
    }
  else if (sp_user_get_number (user, SP_USER_QUOTA) != 0)
    sp_session_registry_deal_quota (self, user);
}
