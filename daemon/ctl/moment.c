/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "moment.h"

#include "exit-status.h"

#include <string.h>

#define COUNT_MAX 100000

/* "30d": a number and a unit, as seconds. */
static gboolean
read_span (const char *text, guint64 *ret_seconds)
{
  static const struct
  {
    const char *unit;
    guint64 seconds;
  } units[] = { { "d", 24 * 3600 }, { "h", 3600 }, { "m", 60 } };
  char *end = NULL;
  guint64 count = g_ascii_strtoull (text, &end, 10);

  if (!g_ascii_isdigit (text[0]) || count > COUNT_MAX)
    return FALSE;
  for (gsize i = 0; i < G_N_ELEMENTS (units); i++)
    if (g_str_equal (end, units[i].unit))
      {
        *ret_seconds = count * units[i].seconds;
        return TRUE;
      }
  return FALSE;
}

/* ISO 8601, where the time may be missing, or its seconds. */
static GDateTime *
read_date (const char *text, gboolean *ret_whole_day)
{
  g_autoptr (GTimeZone) here = g_time_zone_new_local ();
  g_autofree char *with_time = g_strconcat (text, "T00:00:00", NULL);
  g_autofree char *with_seconds = g_strconcat (text, ":00", NULL);
  GDateTime *time = g_date_time_new_from_iso8601 (text, here);

  *ret_whole_day = strchr (text, 'T') == NULL;
  if (time == NULL)
    time = g_date_time_new_from_iso8601 (*ret_whole_day ? with_time : with_seconds, here);
  return time;
}

static gboolean
set_time (GDateTime *time, guint64 *ret_time)
{
  if (time == NULL || g_date_time_to_unix (time) < 0)
    return FALSE;
  *ret_time = (guint64) g_date_time_to_unix (time) * G_USEC_PER_SEC;
  return TRUE;
}

gboolean
sp_moment_read_past (const char *what, const char *text, guint64 *ret_time, GError **error)
{
  guint64 second = (guint64) (g_get_real_time () / G_USEC_PER_SEC);
  guint64 span;
  gboolean whole_day;
  g_autoptr (GDateTime) time = read_date (text, &whole_day);

  if (read_span (text, &span) && span < second)
    {
      *ret_time = (second - span) * G_USEC_PER_SEC;
      return TRUE;
    }
  if (set_time (time, ret_time))
    return TRUE;
  g_set_error (error, SP_CTL_ERROR, SP_CTL_ERROR_USAGE,
               "%s must be a time, as 2026-01-31, 2026-01-31T18:00:00, 7d or 12h", what);
  return FALSE;
}

gboolean
sp_moment_read_end (const char *what, const char *text, guint64 *ret_time, GError **error)
{
  guint64 span;
  gboolean whole_day;
  g_autoptr (GDateTime) time = read_date (text, &whole_day);
  g_autoptr (GDateTime) next_day =
      time != NULL && whole_day ? g_date_time_add_days (time, 1) : NULL;

  *ret_time = 0;
  if (g_str_equal (text, "never"))
    return TRUE;
  if (text[0] == '+' && read_span (text + 1, &span))
    {
      *ret_time = (guint64) g_get_real_time () + span * G_USEC_PER_SEC;
      return TRUE;
    }
  if (set_time (next_day != NULL ? next_day : time, ret_time) && *ret_time > 0)
    return TRUE;
  g_set_error (error, SP_CTL_ERROR, SP_CTL_ERROR_USAGE,
               "%s must be an end, as 2026-12-31, 2026-12-31T18:00, +30d, +12h or never", what);
  return FALSE;
}

gboolean
sp_moment_read_duration (const char *what, const char *text, guint32 *ret_seconds, GError **error)
{
  guint64 span = 0;

  if (g_str_equal (text, "forever") || (read_span (text, &span) && span > 0 && span <= G_MAXUINT32))
    {
      *ret_seconds = (guint32) span;
      return TRUE;
    }
  g_set_error (error, SP_CTL_ERROR, SP_CTL_ERROR_USAGE,
               "%s must be a time span, as 7d, 12h or 45m, or forever", what);
  return FALSE;
}
