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
  g_free (limits->quota);
  g_free (limits->quota_day);
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
    { "quota", 0, 0, G_OPTION_ARG_STRING, &limits->quota,
      "How much may be carried in a month, both ways together: 50G, or unlimited", "BYTES" },
    { "quota-start-day", 0, 0, G_OPTION_ARG_STRING, &limits->quota_day,
      "The day on which such a month begins (1)", "DAY" },
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

/* "500M", "50G": powers of 1000; "50GiB": of 1024. */
static gboolean
read_bytes (const char *what, const char *text, guint64 *ret_bytes, GError **error)
{
  static const char units[] = "KMGT";
  char *end = NULL;
  guint64 number = g_ascii_strtoull (text, &end, 10);
  const char *unit = *end != '\0' ? strchr (units, g_ascii_toupper (*end)) : NULL;
  gboolean is_binary = unit != NULL && g_str_equal (end + 1, "iB");
  guint64 factor = 1;

  for (const char *next = units; unit != NULL && next <= unit; next++)
    factor *= is_binary ? 1024 : 1000;
  *ret_bytes = 0;
  if (g_str_equal (text, "unlimited"))
    return TRUE;
  if (g_ascii_isdigit (text[0]) && number > 0 && number <= (guint64) G_MAXINT64 / factor &&
      (*end == '\0' || (unit != NULL && (is_binary || end[1] == '\0'))))
    {
      *ret_bytes = number * factor;
      return TRUE;
    }
  g_set_error (error, SP_CTL_ERROR, SP_CTL_ERROR_USAGE,
               "%s must be an amount, as 500M, 50G or 50GiB, or unlimited", what);
  return FALSE;
}

static gboolean
read_quota (const SpUserLimits *limits, GVariantDict *values, GError **error)
{
  guint64 bytes;
  guint32 day;

  if (limits->quota != NULL)
    {
      if (!read_bytes ("--quota", limits->quota, &bytes, error))
        return FALSE;
      g_variant_dict_insert (values, "Quota", "t", bytes);
    }
  if (limits->quota_day != NULL)
    {
      if (!read_count ("--quota-start-day", limits->quota_day, &day, error))
        return FALSE;
      g_variant_dict_insert (values, "QuotaStartDay", "u", day);
    }
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
  return read_quota (limits, values, error);
}
