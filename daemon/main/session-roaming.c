/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "session-keeping.h"

#include "base/bucket.h"
#include "base/io.h"
#include "base/log.h"

#include <string.h>

/* Records of unknown peers: which sessions may be asked whether one is theirs, and how many.  Most
 * clients keep their address and change the port only, because a NAT forgot them; who changed both
 * is looked for among all, much more rarely. */

typedef struct
{
  SpBucketLimit limit; /* of strays */
  guint offers_max;    /* of each */
} StrayLane;

static const StrayLane same_address = { { G_USEC_PER_SEC / 100, 100 }, 8 };
static const StrayLane any_address = { { G_USEC_PER_SEC / 4, 8 }, 32 };

typedef gboolean (*SessionMatch) (SpConnection *holder, const SpStrayHeard *stray);

static gboolean
is_at_address (SpConnection *holder, const SpStrayHeard *stray)
{
  return sp_connection_is_at (holder, stray->peer_address);
}

static gboolean
is_anywhere (SpConnection *holder, const SpStrayHeard *stray)
{
  return TRUE;
}

/* Newest session first.  Who was left out because there were too many comes first the next time.
 * Returns how many match, whether or not they could be asked. */
static guint
offer (SpSessionRegistry *self, const SpStrayHeard *stray, SessionMatch match, guint offers_max)
{
  guint n_sessions = self->sessions->len;
  guint start = self->next_offer < n_sessions ? self->next_offer : 0;
  guint n_matches = 0;
  guint n_offers = 0;

  self->next_offer = 0;
  for (guint i = 0; i < n_sessions; i++)
    {
      guint position = (start + i) % n_sessions;
      SpSessionEstate *estate =
          sp_session_get_estate (self->sessions->pdata[n_sessions - 1 - position]);

      if (estate->holder == NULL || !match (estate->holder, stray))
        continue;
      n_matches++;
      if (n_offers == offers_max)
        {
          self->next_offer = position;
          break;
        }
      n_offers += sp_connection_offer_stray (estate->holder, stray);
    }
  return n_matches;
}

static gboolean
spend (gint64 *bucket, const StrayLane *lane)
{
  gint64 now = g_get_monotonic_time ();

  if (sp_bucket_wait (*bucket, &lane->limit, now) > 0)
    return FALSE;
  sp_bucket_take (bucket, &lane->limit, now);
  return TRUE;
}

/* The door keeps budgets, too; these are for a door that does not. */
void
sp_session_registry_stray (SpSessionRegistry *self, const SpStrayHeard *stray)
{
  if (self->network == NULL || !spend (&self->stray_buckets[0], &same_address) ||
      offer (self, stray, is_at_address, same_address.offers_max) > 0)
    return;
  if (self->settings->roaming && spend (&self->stray_buckets[1], &any_address))
    (void) offer (self, stray, is_anywhere, any_address.offers_max);
}

void
sp_session_registry_stray_proven (SpSessionRegistry *self,
                                  SpConnection *connection,
                                  guint32 stray,
                                  const SpEndpoint *peer,
                                  const SpEndpoint *local)
{
  g_autoptr (GError) error = NULL;
  sp_autofd int fd = -1;

  if (self->network == NULL)
    return;
  fd = sp_session_registry_open_association (self, peer, local, &error);
  if (fd < 0)
    sp_session_registry_tell_no_socket (self, error);
  else
    (void) sp_connection_roam (connection, stray, peer, &fd);
}

void
sp_session_registry_roamed (SpSessionRegistry *self,
                            SpConnection *connection,
                            const SpEndpoint *peer)
{
  SpSession *session = sp_session_registry_find_of_holder (self, connection);
  char text[SP_ENDPOINT_TEXT_MAX];

  if (session == NULL)
    return;
  sp_session_count_roam (session);
  sp_session_keep (self, session);
  sp_endpoint_to_text (peer, text);
  sp_log (SP_LOG_DEBUG, "session", "%s: datagrams moved to %s",
          sp_session_get_path_element (session), text);
}
