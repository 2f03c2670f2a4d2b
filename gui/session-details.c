/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "session-details.h"

#include "client/format.h"

#include "wording.h"

#include <glib/gi18n.h>

static char *
create_person (SpLiveSession *live)
{
  return g_strdup (sp_live_session_get_person (live));
}

static char *
create_thing (SpLiveSession *live)
{
  return g_strdup (sp_live_session_get_thing (live));
}

static char *
create_remote (SpLiveSession *live)
{
  return sp_wording_address (
      sp_bus_session_get_remote_address (sp_live_session_get_session (live)));
}

static char *
create_addresses (SpLiveSession *live)
{
  g_auto (GStrv) addresses = sp_bus_session_dup_addresses (sp_live_session_get_session (live));

  return addresses != NULL ? g_strjoinv (" · ", addresses) : g_strdup ("");
}

/* "192.168.1.0/24 · 10.9.8.0/24", or in words. */
static char *
create_reach (SpLiveSession *live)
{
  SpBusSession *session = sp_live_session_get_session (live);
  g_auto (GStrv) routes = sp_bus_session_dup_routes (session);
  g_auto (GStrv) excluded = sp_bus_session_dup_excluded_routes (session);
  g_autofree char *reached = NULL;
  g_autofree char *others = NULL;

  if (routes == NULL || routes[0] == NULL)
    return g_strdup ("");
  reached =
      g_str_equal (routes[0], "all") ? g_strdup (_ ("Everything")) : g_strjoinv (" · ", routes);
  if (excluded == NULL || excluded[0] == NULL)
    return g_steal_pointer (&reached);
  others = g_strjoinv (" · ", excluded);
  /* Translators: networks that a device reaches, and parts of them that it does not. */
  return g_strdup_printf (_ ("%s, but not %s"), reached, others);
}

static char *
create_name_servers (SpLiveSession *live)
{
  g_auto (GStrv) servers = sp_bus_session_dup_name_servers (sp_live_session_get_session (live));

  return servers != NULL ? g_strjoinv (" · ", servers) : g_strdup ("");
}

static char *
create_program (SpLiveSession *live)
{
  return g_strdup (sp_bus_session_get_user_agent (sp_live_session_get_session (live)));
}

static char *
create_transport (SpLiveSession *live)
{
  return g_strdup (
      sp_wording_transport (sp_bus_session_get_transport (sp_live_session_get_session (live))));
}

static char *
create_cipher (SpLiveSession *live)
{
  return g_strdup (sp_bus_session_get_cipher (sp_live_session_get_session (live)));
}

static char *
create_mtu (SpLiveSession *live)
{
  guint mtu = sp_bus_session_get_mtu (sp_live_session_get_session (live));

  return mtu != 0 ? g_strdup_printf (ngettext ("%u byte", "%u bytes", mtu), mtu) : g_strdup ("");
}

static char *
create_delay (SpLiveSession *live)
{
  SpBusSessionStatistics *statistics = sp_live_session_get_statistics (live);
  guint delay = statistics != NULL ? sp_bus_session_statistics_get_round_trip (statistics) : 0;

  if (delay == 0)
    return g_strdup ("");
  /* Translators: milliseconds. */
  return g_strdup_printf (_ ("%.1f ms"), delay / 1000.0);
}

static char *
create_begin (SpLiveSession *live)
{
  guint64 begin = sp_bus_session_get_connected_at (sp_live_session_get_session (live));

  return begin != 0 ? sp_format_time (begin) : g_strdup ("");
}

static char *
create_amounts (SpLiveSession *live)
{
  g_autofree char *down = g_format_size (sp_live_session_get_down (live));
  g_autofree char *up = g_format_size (sp_live_session_get_up (live));

  /* Translators: how much a device received, and how much it sent. */
  return g_strdup_printf (_ ("↓ %s  ↑ %s"), down, up);
}

static const SpSessionDetail details[] = {
  { N_ ("User"), create_person },          { N_ ("Device"), create_thing },
  { N_ ("From"), create_remote },          { N_ ("Home Address"), create_addresses },
  { N_ ("Can Reach"), create_reach },      { N_ ("Name Lookup"), create_name_servers },
  { N_ ("App"), create_program },          { N_ ("Connected Since"), create_begin },
  { N_ ("Channel"), create_transport },    { N_ ("Encryption"), create_cipher },
  { N_ ("Largest Packet"), create_mtu },   { N_ ("Delay"), create_delay },
  { N_ ("This Session"), create_amounts },
};

const SpSessionDetail *
sp_session_details_get (guint *count)
{
  *count = G_N_ELEMENTS (details);
  return details;
}

char *
sp_session_details_create_text (SpLiveSession *live)
{
  g_autoptr (GString) text = g_string_new (NULL);

  for (guint i = 0; i < G_N_ELEMENTS (details); i++)
    {
      g_autofree char *value = details[i].create (live);

      if (value != NULL && value[0] != '\0')
        g_string_append_printf (text, "%s: %s\n", _ (details[i].title), value);
    }
  return g_string_free (g_steal_pointer (&text), FALSE);
}

char *
sp_session_details_create_state (SpLiveSession *live)
{
  SpBusSession *session = sp_live_session_get_session (live);
  guint64 begin = sp_bus_session_get_connected_at (session);
  guint64 end = sp_live_session_get_ended_at (live);
  guint64 now = end != 0 ? end : (guint64) g_get_real_time ();
  g_autofree char *since = sp_format_duration (now > begin ? (now - begin) / G_USEC_PER_SEC : 0);

  if (end != 0)
    return g_strdup_printf (_ ("Was connected for %s"), since);
  if (g_strcmp0 (sp_bus_session_get_state (session), "reconnecting") == 0)
    return g_strdup (_ ("Reconnecting…"));
  if (sp_live_session_is_disconnecting (live))
    return g_strdup (_ ("Disconnecting…"));
  /* Translators: how long, and by what: "Connected 14 min · fast (UDP)". */
  return g_strdup_printf (_ ("Connected %s · %s"), since,
                          sp_wording_transport (sp_bus_session_get_transport (session)));
}
