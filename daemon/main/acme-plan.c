/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "acme-plan.h"

#include <string.h>

#define DOUBLINGS_MAX 7 /* a quarter of an hour, doubled so often, is more than a day */

gboolean
sp_acme_is_content (const SpAcmeRecord *record)
{
  return record->tried_at != 0 && record->outcome == SP_ORDER_DONE;
}

gboolean
sp_acme_is_final (const SpAcmeRecord *record)
{
  return record->tried_at != 0 &&
         (record->outcome == SP_ORDER_TERMS || record->outcome == SP_ORDER_EXTERNAL_ACCOUNT ||
          record->outcome == SP_ORDER_ACCOUNT || record->outcome == SP_ORDER_NAME ||
          record->outcome == SP_ORDER_NO_WAY);
}

gboolean
sp_acme_was_missed (const SpAcmeRecord *record)
{
  return record->outcome == SP_ORDER_NOT_REACHED || record->outcome == SP_ORDER_WRONG_ANSWER ||
         record->outcome == SP_ORDER_PORT_IN_USE;
}

gint64
sp_acme_find_renewal (const SpAcmeRecord *record, const SpAcmeLife *life)
{
  gint64 all = life->not_after - life->not_before;

  return record->renew_at != 0 ? MIN (record->renew_at, life->not_before + all / 10 * 9)
                               : life->not_before + all / 3 * 2;
}

static gint64
find_pause (const SpAcmeRecord *record)
{
  guint doublings = MIN (record->failures > 0 ? record->failures - 1 : 0, DOUBLINGS_MAX);
  gint64 pause = MIN (SP_ACME_AGAIN_FIRST << doublings, SP_ACME_AGAIN_MOST);

  return MAX (pause, record->seconds * (gint64) G_USEC_PER_SEC);
}

gint64
sp_acme_plan (const SpAcmeRecord *record, const SpAcmeLife *life, const char *ask_with, gint64 now)
{
  if (record->tried_at == 0 || strcmp (record->asked_with, ask_with) != 0)
    return now;
  if (sp_acme_is_final (record))
    return G_MAXINT64;
  if (record->tried_at > now) /* the clock was set back */
    return now;
  if (!sp_acme_is_content (record) || life->not_after == 0)
    return record->tried_at + find_pause (record);
  if (record->renew_at != 0 && !record->was_told)
    return sp_acme_find_renewal (record, life);
  return MAX (sp_acme_find_renewal (record, life), record->tried_at + SP_ACME_AGAIN_FIRST);
}

gint64
sp_acme_plan_question (const SpAcmeRecord *record, gint64 now)
{
  if (!sp_acme_is_content (record))
    return G_MAXINT64;
  return record->ask_at > now + SP_ACME_ASK_MOST ? now
                                                 : record->ask_at; /* the clock was set back */
}

/* Where nothing was heard, what was heard before counts. */
static gboolean
is_refuted (const SpAcmeLife *life, const SpRenewalTold *told)
{
  if (told->outcome == SP_ORDER_DONE)
    return (gint64) told->begin >= life->not_after;
  return told->outcome == SP_ORDER_NO_WAY || told->outcome == SP_ORDER_STATUS ||
         told->outcome == SP_ORDER_NOT_UNDERSTOOD || told->outcome == SP_ORDER_PROBLEM;
}

static void
draw (SpAcmeRecord *record, const SpRenewalTold *told, guint32 lot)
{
  gint64 begin = (gint64) told->begin;
  gint64 end = (gint64) told->end;

  if (record->window_begin == begin && record->window_end == end)
    return;
  record->window_begin = begin;
  record->window_end = end;
  record->renew_at = begin + (gint64) ((double) (end - begin) * lot / (G_MAXUINT32 + 1.0));
}

void
sp_acme_note_window (SpAcmeRecord *record,
                     const SpAcmeLife *life,
                     const SpRenewalTold *told,
                     guint32 lot,
                     gint64 now)
{
  gint64 pause = told->seconds * (gint64) G_USEC_PER_SEC;

  record->ask_at =
      now + (pause > 0 ? CLAMP (pause, SP_ACME_ASK_FIRST, SP_ACME_ASK_MOST) : SP_ACME_ASK_AGAIN);
  if (is_refuted (life, told))
    record->window_begin = record->window_end = record->renew_at = 0;
  else if (told->outcome == SP_ORDER_DONE)
    draw (record, told, lot);
}

void
sp_acme_note (SpAcmeRecord *record, const SpOrderDone *done, const char *asked_with, gint64 now)
{
  if (done->outcome == SP_ORDER_DONE)
    {
      record->was_told = record->renew_at != 0 && record->renew_at <= now;
      record->window_begin = record->window_end = record->renew_at = record->ask_at = 0;
    }
  record->outcome = done->outcome;
  record->status = done->status;
  record->seconds = done->outcome == SP_ORDER_DONE ? 0 : done->seconds;
  record->tried_at = now;
  record->failures = done->outcome == SP_ORDER_DONE ? 0 : record->failures + 1;
  (void) g_strlcpy (record->asked_with, asked_with, sizeof record->asked_with);
}
