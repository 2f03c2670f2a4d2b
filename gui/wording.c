/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "wording.h"

#include <glib/gi18n.h>
#include <string.h>

/* 0 for today, -1 for yesterday, and so on; by the calendar. */
static int
days_from_now (GDateTime *moment)
{
  g_autoptr (GDateTime) now = g_date_time_new_now_local ();
  GDate today;
  GDate then;

  g_date_clear (&today, 1);
  g_date_clear (&then, 1);
  g_date_set_dmy (&today, (GDateDay) g_date_time_get_day_of_month (now),
                  (GDateMonth) g_date_time_get_month (now), (GDateYear) g_date_time_get_year (now));
  g_date_set_dmy (&then, (GDateDay) g_date_time_get_day_of_month (moment),
                  (GDateMonth) g_date_time_get_month (moment),
                  (GDateYear) g_date_time_get_year (moment));
  return g_date_days_between (&today, &then);
}

static GDateTime *
at_moment (guint64 moment)
{
  g_autoptr (GDateTime) utc = g_date_time_new_from_unix_utc ((gint64) (moment / G_USEC_PER_SEC));

  return utc != NULL ? g_date_time_to_local (utc) : NULL;
}

char *
sp_wording_moment (guint64 moment)
{
  g_autoptr (GDateTime) then = at_moment (moment);
  int days;

  if (then == NULL)
    return g_strdup ("");
  days = days_from_now (then);
  if (days == 0)
    return g_date_time_format (then, "%H:%M");
  if (days == -1)
    /* Translators: a format of g_date_time_format(): the time of day. */
    return g_date_time_format (then, _ ("Yesterday %H:%M"));
  if (days == 1)
    /* Translators: a format of g_date_time_format(): the time of day. */
    return g_date_time_format (then, _ ("Tomorrow %H:%M"));
  /* Translators: a format of g_date_time_format(): day, month, time of day. */
  return g_date_time_format (then, _ ("%-d %b %H:%M"));
}

char *
sp_wording_day (guint64 moment)
{
  g_autoptr (GDateTime) then = at_moment (moment);
  int days;

  if (then == NULL)
    return g_strdup ("");
  days = days_from_now (then);
  if (days == 0)
    return g_strdup (_ ("Today"));
  if (days == -1)
    return g_strdup (_ ("Yesterday"));
  /* Translators: a format of g_date_time_format(): weekday, day, month. */
  return g_date_time_format (then, _ ("%A, %-d %B"));
}

typedef struct
{
  const char *word;
  const char *text;
} Wording;

static const char *
look_up (const Wording *wordings, const char *word)
{
  for (; wordings->word != NULL; wordings++)
    if (g_strcmp0 (wordings->word, word) == 0)
      return _ (wordings->text);
  return word;
}

char *
sp_wording_turned_away (guint64 connections, guint64 since)
{
  g_autofree char *moment = sp_wording_moment (since);
  g_autofree char *count = g_strdup_printf ("%'" G_GUINT64_FORMAT, connections);

  if (connections == 0)
    return g_strdup_printf (_ ("since %s"), moment);
  /* Translators: the first is a number with its groups of digits, the second a time of day. */
  return g_strdup_printf (ngettext ("%s connection turned away since %s",
                                    "%s connections turned away since %s", (gulong) connections),
                          count, moment);
}

const char *
sp_wording_end (const char *reason)
{
  static const Wording ends[] = {
    { "", N_ ("still connected") },
    { "logout", N_ ("signed out") },
    { "disconnected", N_ ("you disconnected it") },
    { "expired", N_ ("did not come back") },
    { "user-disabled", N_ ("the user was turned off") },
    { "user-expired", N_ ("the user’s time was over") },
    { "user-removed", N_ ("the user was removed") },
    { "user-paused", N_ ("you paused the user") },
    { "device-blocked", N_ ("you blocked the device") },
    { "address-blocked", N_ ("you blocked the address") },
    { "quota", N_ ("the traffic of the month was used up") },
    { "idle", N_ ("nothing was going on") },
    { "revoked", N_ ("the device was revoked") },
    { "session-timeout", N_ ("connected for as long as allowed") },
    { "replaced", N_ ("a newer connection took its place") },
    { "turned-off", N_ ("the server was turned off") },
    { "stopped", N_ ("the server ended") },
    { "crashed", N_ ("the server ended unexpectedly") },
    { "failed", N_ ("something went wrong") },
    { NULL, NULL },
  };

  return look_up (ends, reason);
}

const char *
sp_wording_transport (const char *transport)
{
  static const Wording transports[] = {
    { "dtls", N_ ("fast (UDP)") },
    { "tls", N_ ("TCP only") },
    { "", N_ ("reconnecting") },
    { NULL, NULL },
  };

  return look_up (transports, transport);
}

char *
sp_wording_address (const char *remote_address)
{
  const char *colon = strrchr (remote_address, ':');

  if (remote_address[0] == '[')
    return g_strndup (remote_address + 1, strcspn (remote_address + 1, "]"));
  if (colon == NULL || strchr (remote_address, ':') != colon)
    return g_strdup (remote_address);
  return g_strndup (remote_address, (gsize) (colon - remote_address));
}
