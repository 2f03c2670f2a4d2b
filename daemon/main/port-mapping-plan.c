/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "port-mapping-plan.h"

#include <string.h>

#define DOUBLINGS_MAX 6 /* a minute, doubled so often, is more than an hour */

gboolean
sp_mapping_wish_is_set (const SpMappingWish *wish)
{
  return !sp_address_is_unset (wish->router);
}

static gboolean
is_same_network (const SpMappingWish *one, const SpMappingWish *other)
{
  return memcmp (one->router, other->router, SP_ADDRESS_SIZE) == 0 &&
         memcmp (one->own, other->own, SP_ADDRESS_SIZE) == 0;
}

static gboolean
is_same (const SpMappingWish *one, const SpMappingWish *other)
{
  return is_same_network (one, other) && one->tcp_port == other->tcp_port &&
         one->udp_port == other->udp_port;
}

gboolean
sp_mapping_is_of (const SpMappingRecord *record, const SpMappingWish *wish)
{
  return record->tried_at != 0 && is_same (&record->wish, wish);
}

SpMappingOutcome
sp_mapping_get_outcome (const SpMappingRecord *record)
{
  return (SpMappingOutcome) (record->tcp != SP_MAPPING_DONE ? record->tcp : record->udp);
}

gboolean
sp_mapping_is_parted (const SpMappingRecord *record)
{
  return record->tried_at != 0 &&
         (record->tcp == SP_MAPPING_DONE) != (record->udp == SP_MAPPING_DONE);
}

/* What it forwards is renewed in time, even if it is not all. */
static gint64
find_pause (const SpMappingRecord *record)
{
  guint doublings = MIN (record->failures > 0 ? record->failures - 1 : 0, DOUBLINGS_MAX);
  gint64 again = MIN (SP_MAPPING_AGAIN_FIRST << doublings, SP_MAPPING_AGAIN_MOST);
  gint64 renewal = MAX (record->seconds * (gint64) G_USEC_PER_SEC / 2, SP_MAPPING_LEAST);

  if (sp_mapping_get_outcome (record) == SP_MAPPING_DONE)
    return renewal;
  return sp_mapping_is_parted (record) ? MIN (again, renewal) : again;
}

/* A router that is not reached any more, or knows this computer by another address, cannot be told
 * anything: the lease ends by itself there. */
static gboolean
must_end (const SpMappingRecord *record, const SpMappingWish *wish)
{
  if (!record->holds || is_same (&record->wish, wish))
    return FALSE;
  return !sp_mapping_wish_is_set (wish) || is_same_network (&record->wish, wish);
}

SpMappingStep
sp_mapping_plan (const SpMappingRecord *record,
                 const SpMappingWish *wish,
                 gint64 now,
                 gint64 *ret_next)
{
  *ret_next = G_MAXINT64;
  if (must_end (record, wish))
    return SP_MAPPING_STEP_END;
  if (!sp_mapping_wish_is_set (wish))
    return SP_MAPPING_STEP_REST;
  if (!sp_mapping_is_of (record, wish) || record->tried_at > now) /* the clock was set back */
    return SP_MAPPING_STEP_ASK;
  *ret_next = record->tried_at + find_pause (record);
  return *ret_next <= now ? SP_MAPPING_STEP_ASK : SP_MAPPING_STEP_REST;
}

/* Whether the router may forward it, after such an answer to who asked for it. */
static gboolean
may_hold (SpMappingOutcome outcome)
{
  return outcome != SP_MAPPING_REFUSED && outcome != SP_MAPPING_TAKEN &&
         outcome != SP_MAPPING_NO_ROUTER;
}

/* All but the nonce: a router that did not hear of the end knows it still. */
static void
forget (SpMappingRecord *record)
{
  guint8 nonce[SP_MAPPING_NONCE_SIZE];

  memcpy (nonce, record->nonce, sizeof nonce);
  memset (record, 0, sizeof *record);
  memcpy (record->nonce, nonce, sizeof nonce);
}

/* Since when, if it forwards one port alone: it may have done so when it was asked before. */
static gint64
find_parting (const SpMappingRecord *before, const SpMappingRecord *record, gint64 now)
{
  gboolean is_alike = is_same (&before->wish, &record->wish) && before->parted_at != 0 &&
                      (before->tcp == SP_MAPPING_DONE) == (record->tcp == SP_MAPPING_DONE);

  if (!sp_mapping_is_parted (record))
    return 0;
  return is_alike ? before->parted_at : now;
}

void
sp_mapping_note_asked (SpMappingRecord *record,
                       const SpMappingWish *wish,
                       const SpPortsMapped *done,
                       gint64 now)
{
  gboolean held = record->holds && is_same (&record->wish, wish);
  guint32 failures = sp_mapping_is_of (record, wish) ? record->failures : 0;
  const SpMappingRecord before = *record;

  forget (record);
  record->wish = *wish;
  record->holds = held || done == NULL || may_hold ((SpMappingOutcome) done->tcp) ||
                  may_hold ((SpMappingOutcome) done->udp);
  if (done == NULL)
    return;
  record->tried_at = now;
  record->tcp = done->tcp;
  record->udp = done->udp;
  record->way = done->way;
  record->seconds = done->seconds;
  record->failures = sp_mapping_get_outcome (record) == SP_MAPPING_DONE ? 0 : failures + 1;
  record->parted_at = find_parting (&before, record, now);
  memcpy (record->address, done->address, SP_ADDRESS_SIZE);
}

void
sp_mapping_note_ended (SpMappingRecord *record)
{
  forget (record);
}
