/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "user-wording.h"

#include "client/format.h"
#include "wording.h"

#include <glib/gi18n.h>

#define SOON (7 * 24 * G_TIME_SPAN_HOUR)

static char *
word_end (guint64 end, gint64 now)
{
  g_autofree char *when = NULL;
  gint64 left = (gint64) end - now;

  if (left <= 0)
    return g_strdup (_ ("expired"));
  if (left > SOON)
    return g_strdup ("");
  when = sp_wording_moment (end);
  /* Translators: a moment, as "18:00", "Tomorrow 18:00" or "3 Mar 18:00". */
  return g_strdup_printf (_ ("expires: %s"), when);
}

char *
sp_user_wording_status (SpBusUser *user)
{
  const char *status = sp_bus_user_get_status (user);
  guint64 end = sp_bus_user_get_ends_at (user);

  if (g_strcmp0 (status, "disabled") == 0)
    return g_strdup (_ ("paused"));
  if (g_strcmp0 (status, "quota") == 0)
    return g_strdup (_ ("used up this month’s traffic"));
  if (g_strcmp0 (status, "expired") == 0)
    return g_strdup (_ ("expired"));
  if (end != 0)
    return word_end (end, g_get_real_time ());
  return g_strdup ("");
}

char *
sp_user_wording_end (SpBusUser *user)
{
  guint64 end = sp_bus_user_get_ends_at (user);
  guint32 after = sp_bus_user_get_expires_after_first_login (user);
  g_autofree char *when = NULL;

  if (end != 0)
    return sp_wording_moment (end);
  if (after == 0)
    return g_strdup (_ ("No End"));
  when = sp_format_duration (after);
  /* Translators: a duration, as "7 days". */
  return g_strdup_printf (_ ("%s after the first connection"), when);
}

char *
sp_user_wording_date (guint64 moment)
{
  g_autoptr (GDateTime) local =
      g_date_time_new_from_unix_local ((gint64) (moment / G_USEC_PER_SEC));

  return local != NULL ? g_date_time_format (local, "%x") : g_strdup ("");
}
