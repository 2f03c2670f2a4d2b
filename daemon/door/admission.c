/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "admission.h"

#include "base/bucket.h"
#include "base/fixed-table.h"
#include "base/prefix.h"

#define NARROW_ENTRIES 8192
#define WIDE_ENTRIES   4096
#define KNOWN_ENTRIES  4096 /* twice the sessions that main may have */

#define WIDE_SHARE       8 /* a wide prefix is charged this part of what its narrow ones do */
#define CROWD_IS_SEVERAL 4

static const SpBucketLimit narrow_limit = { .interval = G_USEC_PER_SEC / 5, .burst = 30 };
static const SpBucketLimit wide_limit = { .interval = G_USEC_PER_SEC / 40, .burst = 160 };
static const SpBucketLimit known_limit = { .interval = G_USEC_PER_SEC / 20, .burst = 60 };

/* What each offence costs, microseconds */
static const gint64 penalties[] = {
  [SP_OFFENCE_GARBAGE] = 2 * G_USEC_PER_SEC,    [SP_OFFENCE_SILENT] = 3 * G_USEC_PER_SEC / 2,
  [SP_OFFENCE_CROWDING] = G_USEC_PER_SEC / 4,   [SP_OFFENCE_FAILED] = 4 * G_USEC_PER_SEC,
  [SP_OFFENCE_UNFINISHED] = 1 * G_USEC_PER_SEC, [SP_OFFENCE_NAMELESS] = 1 * G_USEC_PER_SEC,
};

typedef struct
{
  SpFixedEntry head;
  gint64 bucket;
  gint64 penalty_until;
  gint64 refused_until; /* set when the penalty is large enough to be enforced */
} Stranger;

typedef struct
{
  SpFixedEntry head; /* keep_until: how long it counts as known */
  gint64 bucket;
} Known;

struct _SpAdmission
{
  SpFixedTable *narrow; /* Stranger */
  SpFixedTable *wide;   /* Stranger */
  SpFixedTable *known;  /* Known, by narrow prefix; only main adds to it */
};

SpAdmission *
sp_admission_new (const guint64 seed[2])
{
  SpAdmission *admission = g_new0 (SpAdmission, 1);

  admission->narrow = sp_fixed_table_new (sizeof (Stranger), NARROW_ENTRIES, seed);
  admission->wide = sp_fixed_table_new (sizeof (Stranger), WIDE_ENTRIES, seed);
  admission->known = sp_fixed_table_new (sizeof (Known), KNOWN_ENTRIES, seed);
  return admission;
}

void
sp_admission_free (SpAdmission *admission)
{
  if (admission == NULL)
    return;
  sp_fixed_table_free (admission->narrow);
  sp_fixed_table_free (admission->wide);
  sp_fixed_table_free (admission->known);
  g_free (admission);
}

gsize
sp_admission_get_size (const SpAdmission *admission)
{
  return sizeof *admission + sp_fixed_table_get_size (admission->narrow) +
         sp_fixed_table_get_size (admission->wide) + sp_fixed_table_get_size (admission->known);
}

static Stranger *
claim_stranger (SpFixedTable *table, guint64 prefix)
{
  return sp_fixed_table_claim (table, prefix);
}

static gint64
get_end (SpFixedTable *table, guint64 prefix)
{
  const Stranger *stranger = sp_fixed_table_find (table, prefix);

  return stranger != NULL ? stranger->refused_until : 0;
}

static gboolean
is_refused (SpFixedTable *table, guint64 prefix, gint64 now)
{
  return get_end (table, prefix) > now;
}

static void
remember (Stranger *stranger)
{
  stranger->head.keep_until = MAX (stranger->bucket, stranger->penalty_until);
}

static void
arrive_known (SpAdmission *admission, Known *known, guint64 narrow, gint64 now, SpArrival *ret)
{
  gint64 debt_max = known_limit.burst * known_limit.interval + SP_ADMISSION_DELAY_MAX;

  ret->known = TRUE;
  ret->delay = sp_bucket_wait (known->bucket, &known_limit, now);
  sp_bucket_take (&known->bucket, &known_limit, now);
  known->bucket = MIN (known->bucket, now + debt_max);
  if (is_refused (admission->narrow, narrow, now))
    ret->delay = SP_ADMISSION_DELAY_MAX;
  ret->delay = MIN (ret->delay, SP_ADMISSION_DELAY_MAX);
  ret->verdict = ret->delay > 0 ? SP_ADMISSION_DELAYED : SP_ADMISSION_WELCOME;
}

/* The narrow bucket comes first, so that one machine takes no more from the wide one than its own
 * lets it. */
static SpAdmissionVerdict
arrive_stranger (SpAdmission *admission, guint64 narrow, guint64 wide, gint64 now)
{
  Stranger *machine;
  Stranger *network;

  if (is_refused (admission->narrow, narrow, now) || is_refused (admission->wide, wide, now))
    return SP_ADMISSION_PENALTY;
  machine = claim_stranger (admission->narrow, narrow);
  network = claim_stranger (admission->wide, wide);
  if (sp_bucket_wait (machine->bucket, &narrow_limit, now) > 0 ||
      sp_bucket_wait (network->bucket, &wide_limit, now) > 0)
    return SP_ADMISSION_RATE;
  sp_bucket_take (&machine->bucket, &narrow_limit, now);
  sp_bucket_take (&network->bucket, &wide_limit, now);
  remember (machine);
  remember (network);
  return SP_ADMISSION_WELCOME;
}

void
sp_admission_arrive (SpAdmission *admission, const guint8 *address, gint64 now, SpArrival *ret)
{
  guint64 narrow = sp_prefix_narrow (address);
  Known *known = sp_fixed_table_find (admission->known, narrow);

  *ret = (SpArrival){ 0 };
  if (known != NULL && known->head.keep_until > now)
    arrive_known (admission, known, narrow, now, ret);
  else
    ret->verdict = arrive_stranger (admission, narrow, sp_prefix_wide (address), now);
}

gint64
sp_admission_get_end (SpAdmission *admission, const guint8 *address)
{
  return MAX (get_end (admission->narrow, sp_prefix_narrow (address)),
              get_end (admission->wide, sp_prefix_wide (address)));
}

static void
charge (Stranger *stranger, gint64 penalty, gint64 now)
{
  stranger->penalty_until = MAX (stranger->penalty_until, now) + penalty;
  stranger->penalty_until = MIN (stranger->penalty_until, now + SP_ADMISSION_PENALTY_MAX);
  if (stranger->penalty_until - now >= SP_ADMISSION_PENALTY_MIN || stranger->refused_until > now)
    stranger->refused_until = stranger->penalty_until;
  remember (stranger);
}

void
sp_admission_offend (SpAdmission *admission, const guint8 *address, SpOffence offence, gint64 now)
{
  Stranger *machine = claim_stranger (admission->narrow, sp_prefix_narrow (address));

  /* What a refused machine still had under way does not count against its neighbours: so one
   * machine alone can never bring its network to the threshold. */
  if (machine->refused_until <= now)
    charge (claim_stranger (admission->wide, sp_prefix_wide (address)),
            penalties[offence] / WIDE_SHARE, now);
  charge (machine, penalties[offence], now);
}

static void
become_known (SpAdmission *admission, const guint8 *address, gint64 now)
{
  guint64 narrow = sp_prefix_narrow (address);
  Known *known = sp_fixed_table_claim (admission->known, narrow);
  Stranger *stranger = sp_fixed_table_find (admission->narrow, narrow);

  known->head.keep_until = now + SP_ADMISSION_KNOWN_FOR;
  if (stranger != NULL)
    stranger->penalty_until = stranger->refused_until = 0;
}

void
sp_admission_ended (SpAdmission *admission, const guint8 *address, SpOutcome outcome, gint64 now)
{
  switch (outcome)
    {
      case SP_OUTCOME_LOGGED_IN:
        become_known (admission, address, now);
        break;
      case SP_OUTCOME_FAILED:
        sp_admission_offend (admission, address, SP_OFFENCE_FAILED, now);
        break;
      case SP_OUTCOME_UNFINISHED:
        sp_admission_offend (admission, address, SP_OFFENCE_UNFINISHED, now);
        break;
    }
}

gboolean
sp_admission_may_wait (const SpCrowd *crowd, guint32 chance)
{
  guint start = crowd->room / 2;
  guint64 share;

  if (crowd->strangers < start)
    return TRUE;
  if (crowd->own_crowd == 0 && crowd->busiest_crowd >= CROWD_IS_SEVERAL)
    return TRUE;
  share = ((guint64) (MIN (crowd->strangers, crowd->room) - start) << 32) / (crowd->room - start);
  return chance >= share / 4 * 3;
}
