/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "user-quota.h"

static gint64
midnight_of (GTimeZone *zone, int year, int month, int day)
{
  g_autoptr (GDateTime) midnight = g_date_time_new (zone, year, month, day, 0, 0, 0);

  return g_date_time_to_unix (midnight) * G_USEC_PER_SEC;
}

void
sp_quota_find_period (guint start_day, gint64 now, gint64 *ret_begin, gint64 *ret_end)
{
  g_autoptr (GTimeZone) zone = g_time_zone_new_local ();
  g_autoptr (GDateTime) utc = g_date_time_new_from_unix_utc (now / G_USEC_PER_SEC);
  g_autoptr (GDateTime) local = g_date_time_to_timezone (utc, zone);
  int month = 12 * g_date_time_get_year (local) + g_date_time_get_month (local) - 1;
  int day = (int) CLAMP (start_day, 1, SP_QUOTA_DAY_MAX);

  if (g_date_time_get_day_of_month (local) < day)
    month--;
  *ret_begin = midnight_of (zone, month / 12, month % 12 + 1, day);
  *ret_end = midnight_of (zone, (month + 1) / 12, (month + 1) % 12 + 1, day);
}

guint
sp_quota_get_level (guint64 quota, guint64 used)
{
  static const guint levels[] = { 100, 95, 80 };

  for (guint i = 0; quota != 0 && i < G_N_ELEMENTS (levels); i++)
    if (used >= quota / 100 * levels[i] + (quota % 100 * levels[i] + 99) / 100)
      return levels[i];
  return 0;
}
