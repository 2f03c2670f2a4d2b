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

gint64
sp_acme_find_renewal (const SpAcmeLife *life)
{
  return life->not_before + (life->not_after - life->not_before) / 3 * 2;
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
  return MAX (sp_acme_find_renewal (life), record->tried_at + SP_ACME_AGAIN_FIRST);
}

void
sp_acme_note (SpAcmeRecord *record, const SpOrderDone *done, const char *asked_with, gint64 now)
{
  record->outcome = done->outcome;
  record->status = done->status;
  record->seconds = done->outcome == SP_ORDER_DONE ? 0 : done->seconds;
  record->tried_at = now;
  record->failures = done->outcome == SP_ORDER_DONE ? 0 : record->failures + 1;
  (void) g_strlcpy (record->asked_with, asked_with, sizeof record->asked_with);
}
