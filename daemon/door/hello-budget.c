/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "hello-budget.h"

#include "base/bucket.h"
#include "base/fixed-table.h"
#include "base/prefix.h"

#include <string.h>

#define ENTRIES         4096 /* twice the sessions that main may have */
#define RANDOM_KEPT     8    /* bytes of a hello's random that tell it from others */
#define KEEP_FOR        (3600 * (gint64) G_USEC_PER_SEC)
#define OVER_FOR        (600 * (gint64) G_USEC_PER_SEC) /* then those in use come first */
#define FORWARD_SPACING (1 * G_USEC_PER_SEC)
#define REPEAT_SPACING  (SP_HELLO_REPEAT_SECONDS * G_USEC_PER_SEC)

enum
{
  LANE_OWNER,
  LANE_OTHERS,
  LANES_N
};

/* One address and port.  Slow enough that a replayed hello leaves most seconds of its lane free. */
static const SpBucketLimit endpoint_limit = { .interval = 4 * G_USEC_PER_SEC, .burst = 6 };
/* The owner's has room for the bursts of twenty ports at which hellos of its address are replayed,
 * and then for hundreds of them, so that its own are heard among these. */
static const SpBucketLimit lane_limits[LANES_N] = {
  [LANE_OWNER] = { .interval = G_USEC_PER_SEC / 64, .burst = 128 },
  [LANE_OTHERS] = { .interval = G_USEC_PER_SEC / 8, .burst = 16 },
};
/* Everybody who is not an owner, of all attachments together */
static const SpBucketLimit others_limit = { .interval = G_USEC_PER_SEC / 500, .burst = 500 };

typedef struct
{
  gint64 buckets[2];   /* of hellos without and with a cookie */
  gint64 forwarded_at; /* 0 = never */
  SpEndpoint forwarded_peer;
  guint8 forwarded_random[RANDOM_KEPT];
} Lane;

typedef struct
{
  SpFixedEntry head;
  Lane lanes[LANES_N];
  guint64 owner; /* narrow prefix; 0 = nobody yet */
  gboolean owner_proved;
  gboolean over;
} Attachment;

typedef struct
{
  SpFixedEntry head; /* its keep_until is the bucket */
} Endpoint;

struct _SpHelloBudget
{
  SpFixedTable *attachments;
  SpFixedTable *endpoints; /* by attachment, address, port and whether there is a cookie */
  gint64 others_bucket;
  guint64 seed[2];
};

SpHelloBudget *
sp_hello_budget_new (const guint64 seed[2])
{
  SpHelloBudget *budget = g_new0 (SpHelloBudget, 1);

  budget->attachments = sp_fixed_table_new (sizeof (Attachment), ENTRIES, seed);
  budget->endpoints = sp_fixed_table_new (sizeof (Endpoint), ENTRIES, seed);
  memcpy (budget->seed, seed, sizeof budget->seed);
  return budget;
}

void
sp_hello_budget_free (SpHelloBudget *budget)
{
  if (budget == NULL)
    return;
  sp_fixed_table_free (budget->attachments);
  sp_fixed_table_free (budget->endpoints);
  g_free (budget);
}

gsize
sp_hello_budget_get_size (const SpHelloBudget *budget)
{
  return sizeof *budget + sp_fixed_table_get_size (budget->attachments) +
         sp_fixed_table_get_size (budget->endpoints);
}

static Attachment *
claim (SpHelloBudget *budget, guint64 handle, const SpEndpoint *peer, gint64 now)
{
  Attachment *attachment = sp_fixed_table_claim (budget->attachments, handle);

  if (attachment->owner == 0)
    attachment->owner = sp_prefix_narrow (peer->address);
  attachment->head.keep_until = now + KEEP_FOR;
  return attachment;
}

static guint
find_lane (const Attachment *attachment, const SpEndpoint *peer)
{
  return attachment->owner == sp_prefix_narrow (peer->address) ? LANE_OWNER : LANE_OTHERS;
}

/* Keyed like the tables, so that nobody can choose two endpoints that share a number. */
static guint64
number_endpoint (const SpHelloBudget *budget,
                 guint64 handle,
                 const SpEndpoint *peer,
                 gboolean has_cookie)
{
  guint64 words[4] = { handle, 0, 0, (guint64) has_cookie << 16 | peer->port };
  guint64 number = budget->seed[1];

  memcpy (&words[1], peer->address, SP_ADDRESS_SIZE);
  for (guint i = 0; i < G_N_ELEMENTS (words); i++)
    {
      number = (number ^ words[i]) * (budget->seed[0] | 1);
      number ^= number >> 32;
    }
  return number;
}

/* First the endpoint, then the lane, then all others: what is smaller never empties what is larger
 * once it is empty itself. */
gboolean
sp_hello_budget_spend (SpHelloBudget *budget,
                       guint64 attachment,
                       const SpEndpoint *peer,
                       gboolean has_cookie,
                       gint64 now)
{
  Attachment *entry = claim (budget, attachment, peer, now);
  Endpoint *endpoint = sp_fixed_table_claim (
      budget->endpoints, number_endpoint (budget, attachment, peer, has_cookie));
  guint lane = find_lane (entry, peer);
  gint64 *bucket = &entry->lanes[lane].buckets[has_cookie];

  if (sp_bucket_wait (endpoint->head.keep_until, &endpoint_limit, now) > 0)
    return FALSE;
  if (sp_bucket_wait (*bucket, &lane_limits[lane], now) > 0)
    return FALSE;
  if (lane == LANE_OTHERS)
    {
      if (sp_bucket_wait (budget->others_bucket, &others_limit, now) > 0)
        return FALSE;
      sp_bucket_take (&budget->others_bucket, &others_limit, now);
    }
  sp_bucket_take (&endpoint->head.keep_until, &endpoint_limit, now);
  sp_bucket_take (bucket, &lane_limits[lane], now);
  return TRUE;
}

void
sp_hello_budget_end (SpHelloBudget *budget, guint64 attachment, gint64 now)
{
  Attachment *entry = sp_fixed_table_claim (budget->attachments, attachment);

  entry->over = TRUE;
  entry->head.keep_until = now + OVER_FOR;
}

gboolean
sp_hello_budget_is_over (SpHelloBudget *budget, guint64 attachment)
{
  const Attachment *entry = sp_fixed_table_find (budget->attachments, attachment);

  return entry != NULL && entry->over;
}

static gboolean
is_repeated (const Lane *lane, const SpEndpoint *peer, const SpDtlsHello *hello)
{
  return sp_endpoint_equal (&lane->forwarded_peer, peer) &&
         memcmp (lane->forwarded_random, hello->random, RANDOM_KEPT) == 0;
}

/* A proof of an address while nobody has given one makes the owner. */
static void
take_proof (Attachment *entry, const SpEndpoint *peer)
{
  if (!entry->owner_proved)
    entry->owner = sp_prefix_narrow (peer->address);
  entry->owner_proved = TRUE;
}

gboolean
sp_hello_budget_may_forward (SpHelloBudget *budget,
                             guint64 attachment,
                             const SpEndpoint *peer,
                             const SpDtlsHello *hello,
                             gboolean proved,
                             gint64 now)
{
  Attachment *entry = claim (budget, attachment, peer, now);
  const Lane *lane;
  gint64 spacing = FORWARD_SPACING;

  if (proved)
    take_proof (entry, peer);
  lane = &entry->lanes[find_lane (entry, peer)];
  if (is_repeated (lane, peer, hello) || (!proved && find_lane (entry, peer) == LANE_OTHERS))
    spacing = REPEAT_SPACING;
  return lane->forwarded_at == 0 || now - lane->forwarded_at >= spacing;
}

void
sp_hello_budget_forwarded (SpHelloBudget *budget,
                           guint64 attachment,
                           const SpEndpoint *peer,
                           const SpDtlsHello *hello,
                           gint64 now)
{
  Attachment *entry = claim (budget, attachment, peer, now);
  Lane *lane = &entry->lanes[find_lane (entry, peer)];

  lane->forwarded_at = now;
  lane->forwarded_peer = *peer;
  memcpy (lane->forwarded_random, hello->random, RANDOM_KEPT);
}
