/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "session-registry-private.h"

#include "base/log.h"

/* A worker stops by itself at its session's quota and at the end of its time.  One that was taken
 * over does not; then main sees to it, by its own clock and by what the kernel counted of the
 * session's device, which is main's.  What happens while a disconnection can be undone says
 * session-network.c. */

#define GRACE_SECONDS 5 /* a worker says goodbye, and is believed to */
#define LOOK_SECONDS  5

/* What was read from the device and dropped, since the client is slower, was counted by the kernel
 * and not carried. */
#define TOLERANCE_BYTES   (G_GUINT64_CONSTANT (64) << 20)
#define TOLERANCE_DIVISOR 4

typedef struct
{
  SpSessionRegistry *registry;
  SpSession *session; /* lent: the timer goes before it */
} Custody;

static gboolean
read_carried (SpSession *session, guint64 *ret_bytes)
{
  g_autoptr (GError) error = NULL;

  if (sp_tun_get_carried (sp_session_get_estate (session)->tun, ret_bytes, &error))
    return TRUE;
  sp_log (SP_LOG_WARNING, "session", "%s: its device does not tell what it carried: %s",
          sp_session_get_path_element (session), error->message);
  return FALSE;
}

static guint64
get_counted (const SpSessionEstate *estate)
{
  return estate->record.rx_bytes + estate->record.tx_bytes;
}

/* What the device carried since it is counted that nobody may have reported, if that is so much
 * that the worker cannot have meant to stop; 0 = all is well. */
static guint64
find_excess (SpSession *session)
{
  const SpSessionEstate *estate = sp_session_get_estate (session);
  guint64 counted = get_counted (estate);
  guint64 carried;
  guint64 allowed;

  if (estate->allowance == 0 || !read_carried (session, &carried))
    return 0;
  carried -= MIN (carried, estate->carried_before);
  allowed = estate->allowance - MIN (estate->allowance, estate->counted_before);
  if (carried <= allowed + allowed / TOLERANCE_DIVISOR + TOLERANCE_BYTES)
    return 0;
  return carried - MIN (carried, counted - MIN (counted, estate->counted_before));
}

/* It counts as carried, so that the user's quota is used up, as it is. */
static void
charge (SpSessionRegistry *self, SpSession *session, guint64 bytes)
{
  const SpSessionRecord *record = &sp_session_get_estate (session)->record;
  SpReport report = { .rx_bytes = record->rx_bytes, .tx_bytes = record->tx_bytes + bytes };

  sp_session_quota_count (self, session, &report);
  sp_session_add_sent (session, bytes);
}

static void
end_by_force (SpSession *session, const char *why)
{
  sp_log (SP_LOG_WARNING, "session", "%s: a worker is ended that goes on %s",
          sp_session_get_path_element (session), why);
  sp_connection_kill (sp_session_get_estate (session)->holder);
}

static gboolean
look_cb (gpointer user_data)
{
  Custody *custody = user_data;
  SpSessionRegistry *self = custody->registry;
  SpSession *session = custody->session;
  SpSessionEstate *estate = sp_session_get_estate (session);
  guint64 excess = find_excess (session);

  estate->custody_timer = 0;
  if (g_get_monotonic_time () >= estate->over_at)
    end_by_force (session, "when its session's time is over");
  else if (excess > 0)
    {
      end_by_force (session, "when its session's quota is used up");
      charge (self, session, excess);
      sp_session_quota_enforce (self, session);
    }
  else
    sp_session_custody_follow (self, session);
  return G_SOURCE_REMOVE;
}

/* How soon there is something to look at; 0 = never. */
static guint
choose_wait (const SpSessionEstate *estate)
{
  gint64 left = (estate->over_at - g_get_monotonic_time ()) / G_USEC_PER_SEC + 1;

  if (estate->allowance != 0)
    return LOOK_SECONDS;
  return estate->over_at < G_MAXINT64 ? (guint) CLAMP (left, 1, G_MAXUINT / 1000) : 0;
}

/* Most sessions never have anything to stop at: then the kernel is not asked. */
static void
begin_to_count (SpSession *session)
{
  SpSessionEstate *estate = sp_session_get_estate (session);

  estate->is_counted = TRUE;
  estate->counted_before = get_counted (estate);
  if (!read_carried (session, &estate->carried_before))
    estate->carried_before = 0;
}

void
sp_session_custody_follow (SpSessionRegistry *self, SpSession *session)
{
  SpSessionEstate *estate = sp_session_get_estate (session);
  guint wait = choose_wait (estate);
  Custody *custody;

  if (estate->allowance != 0 && estate->holder != NULL && !estate->is_counted)
    begin_to_count (session);
  if (estate->custody_timer != 0 || estate->holder == NULL || wait == 0)
    return;
  custody = g_new (Custody, 1);
  custody->registry = self;
  custody->session = session;
  estate->custody_timer =
      g_timeout_add_full (G_PRIORITY_DEFAULT, wait * 1000, look_cb, custody, g_free);
}

void
sp_session_custody_begin (SpSessionRegistry *self, SpSession *session, guint32 session_timeout)
{
  SpSessionEstate *estate = sp_session_get_estate (session);

  sp_session_custody_end (session);
  estate->over_at =
      session_timeout != 0
          ? g_get_monotonic_time () + ((gint64) session_timeout + GRACE_SECONDS) * G_USEC_PER_SEC
          : G_MAXINT64;
  estate->is_counted = FALSE;
  sp_session_custody_follow (self, session);
}

void
sp_session_custody_end (SpSession *session)
{
  g_clear_handle_id (&sp_session_get_estate (session)->custody_timer, g_source_remove);
}
