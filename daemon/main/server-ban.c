/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "server-private.h"

#include "base/log.h"

/* Who is kept out because of wrong passwords, and what a ban ends. */

static gboolean
is_among (const GArray *networks, const guint8 *address)
{
  for (guint i = 0; i < networks->len; i++)
    if (sp_network_contains (&g_array_index (networks, SpNetwork, i), address))
      return TRUE;
  return FALSE;
}

/* The home network, and this computer. */
static gboolean
is_at_home (const guint8 *address)
{
  static const char *const loopback[] = { "127.0.0.0/8", "::1/128" };
  g_autoptr (SpUplink) uplink = sp_uplink_read (NULL, NULL);

  for (guint i = 0; i < G_N_ELEMENTS (loopback); i++)
    {
      SpNetwork network;

      if (sp_network_from_text (loopback[i], &network) && sp_network_contains (&network, address))
        return TRUE;
    }
  /* Who is not known to be a stranger is not treated as one. */
  return uplink == NULL || is_among (uplink->home_networks, address);
}

void
sp_server_note_failure (SpServer *self, const guint8 *address)
{
  const SpSettings *settings = self->settings;
  SpNetwork place;
  g_autofree char *reason = NULL;
  g_autoptr (GError) error = NULL;
  gint64 until = g_get_real_time () + settings->ban_time * G_USEC_PER_SEC;

  if (settings->ban_tries == 0 ||
      !sp_ban_registry_count_failure (self->bans, address, settings->ban_tries,
                                      g_get_monotonic_time (), &place) ||
      is_at_home (address) || sp_session_registry_has_from (self->sessions, &place))
    return;
  reason = g_strdup_printf ("%u wrong passwords", settings->ban_tries);
  if (sp_ban_registry_add (self->bans, &place, reason, until, FALSE, &error) == NULL)
    sp_log (SP_LOG_WARNING, "bans", "%s", error->message);
  else
    {
      sp_event_book_note_block (self->events, &place);
      sp_reception_drop_strangers (self->reception, &place);
    }
}

SpBan *
sp_server_add_ban (
    SpServer *self, const SpNetwork *network, const char *reason, gint64 until, GError **error)
{
  SpBan *ban = sp_ban_registry_add (self->bans, network, reason, until, TRUE, error);

  if (ban != NULL)
    sp_reception_drop_strangers (self->reception, network);
  return ban;
}

SpBan *
sp_server_block (
    SpServer *self, const SpNetwork *network, const char *reason, gint64 until, GError **error)
{
  SpBan *ban = sp_server_add_ban (self, network, reason, until, error);

  if (ban != NULL)
    sp_session_registry_end_from (self->sessions, network, reason);
  return ban;
}

SpPenaltyBook *
sp_server_get_penalties (SpServer *self)
{
  return self->penalties;
}

SpBanRegistry *
sp_server_get_bans (SpServer *self)
{
  return self->bans;
}
