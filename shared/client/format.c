/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "client/format.h"

#include <glib/gi18n.h>

#define MINUTE 60
#define HOUR   (60 * MINUTE)
#define DAY    (24 * HOUR)

char *
sp_format_rate (double rate)
{
  g_autofree char *size = NULL;

  if (rate < 1)
    return g_strdup ("0");
  size = g_format_size ((guint64) rate);
  /* Translators: so much a second: "1.2 MB/s". */
  return g_strdup_printf (_ ("%s/s"), size);
}

char *
sp_format_rates (double down, double up)
{
  g_autofree char *down_text = sp_format_rate (down);
  g_autofree char *up_text = sp_format_rate (up);

  /* Translators: how fast a device receives, and how fast it sends. */
  return g_strdup_printf (_ ("↓ %s  ↑ %s"), down_text, up_text);
}

char *
sp_format_duration (guint64 seconds)
{
  guint count;

  if (seconds < MINUTE)
    return g_strdup (_ ("less than a minute"));
  if (seconds < HOUR)
    {
      count = (guint) (seconds / MINUTE);
      return g_strdup_printf (ngettext ("%u min", "%u min", count), count);
    }
  if (seconds < DAY)
    {
      count = (guint) (seconds / HOUR);
      return g_strdup_printf (ngettext ("%u h", "%u h", count), count);
    }
  count = (guint) MIN (seconds / DAY, G_MAXUINT);
  return g_strdup_printf (ngettext ("%u day", "%u days", count), count);
}

char *
sp_format_since (guint64 time)
{
  guint64 now = (guint64) g_get_real_time ();

  return sp_format_duration (now > time ? (now - time) / G_USEC_PER_SEC : 0);
}

static char *
format_local (guint64 time, const char *format)
{
  g_autoptr (GDateTime) utc =
      g_date_time_new_from_unix_utc ((gint64) MIN (time / G_USEC_PER_SEC, G_MAXINT64));
  g_autoptr (GDateTime) local = utc != NULL ? g_date_time_to_local (utc) : NULL;

  return local != NULL ? g_date_time_format (local, format) : g_strdup ("");
}

char *
sp_format_time (guint64 time)
{
  /* Translators: a day and a time of day, see g_date_time_format(). */
  return format_local (time, _ ("%-d %b %Y, %H:%M"));
}

char *
sp_format_clock (guint64 time)
{
  /* Translators: a time of day, see g_date_time_format(). */
  return format_local (time, _ ("%H:%M"));
}
