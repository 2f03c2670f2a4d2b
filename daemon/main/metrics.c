/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "metrics.h"

#define SECONDS(microseconds) ((double) (microseconds) / G_USEC_PER_SEC)

/* What the door counts: connections that it turned away, and datagrams. */
static const char *const refusals[SP_DOOR_COUNTERS_N] = {
  [SP_DOOR_NO_HELLO] = "no-hello", [SP_DOOR_NOT_TLS] = "not-tls", [SP_DOOR_PENALTY] = "penalty",
  [SP_DOOR_RATE] = "rate",         [SP_DOOR_CROWDED] = "crowded", [SP_DOOR_BANNED] = "banned",
  [SP_DOOR_NAMELESS] = "name",     [SP_DOOR_LABEL] = "label",
};
static const char *const datagrams[SP_DOOR_COUNTERS_N] = {
  [SP_DOOR_HELLO_VERIFIED] = "hello-verified",
  [SP_DOOR_HELLO_CHALLENGED] = "hello-challenged",
  [SP_DOOR_HELLO_UNKNOWN] = "hello-unknown",
  [SP_DOOR_HELLO_RATE] = "hello-rate",
  [SP_DOOR_MALFORMED] = "malformed",
  [SP_DOOR_STRAY] = "stray",
  [SP_DOOR_LINGERED] = "lingered",
  [SP_DOOR_STRAY_OFFERED] = "stray-offered",
  [SP_DOOR_STRAY_RATE] = "stray-rate",
};

static void
begin (GString *text, const char *name, const char *type, const char *help)
{
  g_string_append_printf (text, "# HELP sallyport_%s %s\n# TYPE sallyport_%s %s\n", name, help,
                          name, type);
}

static void
add (GString *text, const char *name, const char *label, const char *word, guint64 value)
{
  if (label == NULL)
    g_string_append_printf (text, "sallyport_%s %" G_GUINT64_FORMAT "\n", name, value);
  else
    g_string_append_printf (text, "sallyport_%s{%s=\"%s\"} %" G_GUINT64_FORMAT "\n", name, label,
                            word, value);
}

static void
add_one (GString *text, const char *name, const char *type, const char *help, guint64 value)
{
  begin (text, name, type, help);
  add (text, name, NULL, NULL, value);
}

static void
add_moment (GString *text, const char *name, const char *help, gint64 moment)
{
  char number[G_ASCII_DTOSTR_BUF_SIZE];

  if (moment == 0)
    return;
  begin (text, name, "gauge", help);
  g_string_append_printf (text, "sallyport_%s %s\n", name,
                          g_ascii_formatd (number, sizeof number, "%.3f", SECONDS (moment)));
}

static void
add_door (GString *text,
          const char *name,
          const char *label,
          const char *help,
          const char *const words[SP_DOOR_COUNTERS_N],
          const SpMetricsFacts *facts)
{
  begin (text, name, "counter", help);
  for (guint i = 0; i < SP_DOOR_COUNTERS_N; i++)
    if (words[i] != NULL)
      add (text, name, label, words[i], facts->door[i]);
}

static void
add_people (GString *text, const SpMetricsFacts *facts)
{
  begin (text, "sessions", "gauge", "Sessions by state; who is away may come back.");
  add (text, "sessions", "state", "connected", facts->connected);
  add (text, "sessions", "state", "away", facts->away);
  add_one (text, "users", "gauge", "Users that there are.", facts->users);
  add_one (text, "connected_users", "gauge", "Users with a connected session.",
           facts->active_users);
  add_one (text, "received_bytes_total", "counter", "Bytes of packets from devices.",
           facts->rx_bytes);
  add_one (text, "sent_bytes_total", "counter", "Bytes of packets to devices.", facts->tx_bytes);
}

static void
add_logins (GString *text, const SpMetricsFacts *facts)
{
  add_one (text, "logins_total", "counter", "Sign-ins that succeeded.", facts->logins);
  begin (text, "refused_logins_total", "counter", "Sign-ins, and cookies, that were not accepted.");
  for (guint i = SP_LOGIN_ACCEPTED + 1; i <= SP_LOGIN_LAST; i++)
    add (text, "refused_logins_total", "reason", facts->login_word (i), facts->refused_logins[i]);
}

static void
add_handshakes (GString *text, const SpMetricsFacts *facts)
{
  begin (text, "handshakes_total", "counter", "Handshakes that were begun, by channel.");
  add (text, "handshakes_total", "channel", "tls", facts->tls_handshakes);
  add (text, "handshakes_total", "channel", "dtls", facts->door[SP_DOOR_HELLO_VERIFIED]);
}

static void
add_deaths (GString *text, const SpMetricsFacts *facts)
{
  begin (text, "room_restarts_total", "counter", "Processes that ended by themselves.");
  add (text, "room_restarts_total", "room", "door", facts->door_deaths);
  add (text, "room_restarts_total", "room", "keyholder", facts->keyholder_deaths);
  add (text, "room_restarts_total", "room", "nursery", facts->nursery_deaths);
}

char *
sp_metrics_write (const SpMetricsFacts *facts)
{
  GString *text = g_string_sized_new (8192);

  begin (text, "build_info", "gauge", "Which version runs.");
  add (text, "build_info", "version", facts->version, 1);
  add_moment (text, "start_time_seconds", "When the server was turned on.", facts->started_at);
  add_people (text, facts);
  add_logins (text, facts);
  add_handshakes (text, facts);
  add_door (text, "refused_connections_total", "reason", "Connections that the door turned away.",
            refusals, facts);
  add_door (text, "door_datagrams_total", "kind", "Datagrams of no running channel.", datagrams,
            facts);
  add_one (text, "under_attack", "gauge", "Whether so much is turned away that it is no accident.",
           facts->under_attack ? 1 : 0);
  add_moment (text, "certificate_expiry_time_seconds",
              "When the certificate that clients are shown ends.", facts->certificate_ends);
  add_deaths (text, facts);
  return g_string_free (text, FALSE);
}
