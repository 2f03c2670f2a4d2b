/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "user-limit.h"

#include "exit-status.h"
#include "moment.h"

#include <string.h>

void
sp_user_limits_clear (SpUserLimits *limits)
{
  g_free (limits->until);
  g_free (limits->access_for);
  g_free (limits->sessions_max);
}

void
sp_user_limits_describe (SpUserLimits *limits, GOptionEntry *ret_entries)
{
  const GOptionEntry entries[SP_USER_LIMIT_OPTIONS] = {
    { "until", 0, 0, G_OPTION_ARG_STRING, &limits->until,
      "When access ends: a date, which is over with its day, +30d, or never", "TIME" },
    { "access-for", 0, 0, G_OPTION_ARG_STRING, &limits->access_for,
      "How long access lasts from the first sign-in on: 7d, or forever", "SPAN" },
    { "sessions-max", 0, 0, G_OPTION_ARG_STRING, &limits->sessions_max,
      "How many sessions at the same time; 0: as the settings say", "NUMBER" },
  };

  memcpy (ret_entries, entries, sizeof entries);
}

static gboolean
read_count (const char *what, const char *text, guint32 *ret_count, GError **error)
{
  guint64 count;

  if (!g_ascii_string_to_unsigned (text, 10, 0, G_MAXUINT32, &count, NULL))
    {
      g_set_error (error, SP_CTL_ERROR, SP_CTL_ERROR_USAGE, "%s must be a number", what);
      return FALSE;
    }
  *ret_count = (guint32) count;
  return TRUE;
}

gboolean
sp_user_limits_read (const SpUserLimits *limits, GVariantDict *values, GError **error)
{
  guint64 end;
  guint32 number;

  if (limits->until != NULL)
    {
      if (!sp_moment_read_end ("--until", limits->until, &end, error))
        return FALSE;
      g_variant_dict_insert (values, "ExpiresAt", "t", end);
    }
  if (limits->access_for != NULL)
    {
      if (!sp_moment_read_duration ("--access-for", limits->access_for, &number, error))
        return FALSE;
      g_variant_dict_insert (values, "ExpiresAfterFirstLogin", "u", number);
    }
  if (limits->sessions_max != NULL)
    {
      if (!read_count ("--sessions-max", limits->sessions_max, &number, error))
        return FALSE;
      g_variant_dict_insert (values, "SessionsMax", "u", number);
    }
  return TRUE;
}
