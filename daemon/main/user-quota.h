/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* The periods of quotas: months that begin on a day from 1 to 28, at local midnight. */

#define SP_QUOTA_DAY_MAX 28

/* When the period that `now` is in began, and when the next one does; µs since the epoch. */
void sp_quota_find_period (guint start_day, gint64 now, gint64 *ret_begin, gint64 *ret_end);

/* The highest of 80, 95 and 100 per cent that is reached; 0: none, or no quota. */
guint sp_quota_get_level (guint64 quota, guint64 used);

G_END_DECLS
