/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "network.h"

#include "network-private.h"
#include "network-ranges.h"

#include "base/error.h"
#include "base/log.h"

#include <string.h>

#define TOPIC         "network"
#define SPARE_SECONDS 60

static gboolean
read_uplink (SpNetworkSetup *setup, GError **error)
{
  setup->uplink = sp_uplink_read (setup->manager, error);
  return setup->uplink != NULL;
}

/* Forwarding: on every interface on which an answer to a client can come in */

static GArray *
plan_forwarding (SpNetworkSetup *setup, const SpUplink *uplink, GError **error)
{
  g_autoptr (GPtrArray) names = g_ptr_array_new ();

  for (guint i = 0; i < uplink->interfaces->len; i++)
    {
      SpUplinkInterface *interface = &g_array_index (uplink->interfaces, SpUplinkInterface, i);
      if (interface->is_up && !interface->is_loopback)
        g_ptr_array_add (names, interface->name);
    }
  return sp_forwarding_plan ((const char *const *) names->pdata, names->len, TRUE,
                             sp_network_ranges_has_ipv6 (setup), error);
}

static gboolean
write_journal (SpNetworkSetup *setup, GError **error)
{
  g_autoptr (GArray) changes = plan_forwarding (setup, setup->uplink, error);

  if (changes == NULL)
    return FALSE;
  g_array_append_vals (setup->journal->forwarding, changes->data, changes->len);
  return sp_network_journal_write (setup->journal, setup->state_folder, error);
}

static gboolean
remove_journal (SpNetworkSetup *setup, GError **error)
{
  return sp_network_journal_remove (setup->state_folder, error);
}

static gboolean
apply_forwarding (SpNetworkSetup *setup, GError **error)
{
  return sp_forwarding_apply (setup->journal->forwarding, error);
}

static gboolean
restore_forwarding (SpNetworkSetup *setup, GError **error)
{
  return sp_forwarding_restore (setup->journal->forwarding, error);
}

/* Packet filter */

const SpNetwork *
sp_network_setup_get_home_networks (SpNetworkSetup *setup, guint *ret_n)
{
  const GArray *networks =
      setup->home_wish->len > 0 ? setup->home_wish : setup->uplink->home_networks;

  *ret_n = networks->len;
  return (const SpNetwork *) (gpointer) networks->data;
}

gboolean
sp_network_setup_install_filter (SpNetworkSetup *setup, GError **error)
{
  SpFirewallPlan plan = { .n_pools = 0 };

  sp_network_ranges_plan (setup, &plan);
  memcpy (plan.datagram_ports, setup->datagram_ports, sizeof plan.datagram_ports);
  plan.home_networks = sp_network_setup_get_home_networks (setup, &plan.n_home_networks);
  return sp_firewall_install (setup->firewall, &plan, error);
}

/* One that an earlier run left stays until all that it lets pass was adopted. */
static gboolean
begin_filter (SpNetworkSetup *setup, GError **error)
{
  return setup->adopts || sp_network_setup_install_filter (setup, error);
}

static gboolean
remove_filter (SpNetworkSetup *setup, GError **error)
{
  return sp_firewall_remove (setup->firewall, error);
}

/* Following the machine from network to network */

static void
follow_uplink (gpointer user_data)
{
  g_autoptr (GError) error = NULL;

  if (!sp_network_setup_refresh (user_data, &error))
    sp_log (SP_LOG_WARNING, TOPIC, "the machine's networks changed: %s", error->message);
}

static gboolean
watch_uplink (SpNetworkSetup *setup, GError **error)
{
  setup->watch = sp_uplink_watch_new (setup->manager, follow_uplink, setup, error);
  return setup->watch != NULL;
}

static gboolean
stop_watching (SpNetworkSetup *setup, GError **error)
{
  g_clear_pointer (&setup->watch, sp_uplink_watch_free);
  return TRUE;
}

/* Do and undo */

static const struct
{
  gboolean (*todo) (SpNetworkSetup *setup, GError **error);
  gboolean (*undo) (SpNetworkSetup *setup, GError **error);
} steps[] = {
  { read_uplink, NULL },
  { sp_network_ranges_choose, NULL },
  { write_journal, remove_journal },
  { sp_network_ranges_add_own, sp_network_ranges_remove_own },
  { apply_forwarding, restore_forwarding },
  { begin_filter, remove_filter },
  { watch_uplink, stop_watching },
};

/* Backwards.  When a step cannot be undone the journal stays, for the next start to try again. */
static void
undo_steps (SpNetworkSetup *setup)
{
  gboolean clean = TRUE;

  while (setup->steps_done > 0)
    {
      g_autoptr (GError) error = NULL;
      guint step = --setup->steps_done;

      if (steps[step].undo == NULL || (steps[step].undo == remove_journal && !clean))
        continue;
      if (steps[step].undo (setup, &error))
        continue;
      clean = FALSE;
      sp_log (SP_LOG_ERROR, TOPIC, "putting back what was there: %s", error->message);
    }
}

static SpNetworkSetup *
copy_settings (const SpNetworkSettings *settings, const char *state_folder)
{
  SpNetworkSetup *setup = g_new0 (SpNetworkSetup, 1);

  setup->state_folder = g_strdup (state_folder);
  sp_network_ranges_wish (settings, &setup->range_wish);
  setup->masquerade = settings->masquerade;
  memcpy (setup->datagram_ports, settings->datagram_ports, sizeof setup->datagram_ports);
  setup->adopts = settings->adopts;
  g_set_object (&setup->manager, settings->manager);
  setup->home_wish = g_array_new (FALSE, TRUE, sizeof (SpNetwork));
  if (settings->n_home_networks > 0)
    g_array_append_vals (setup->home_wish, settings->home_networks, settings->n_home_networks);
  setup->firewall = sp_firewall_new ();
  setup->speed = sp_network_speed_new ();
  setup->spare = sp_spare_device_new (SPARE_SECONDS);
  setup->journal = sp_network_journal_new ();
  return setup;
}

SpNetworkSetup *
sp_network_setup_start (const SpNetworkSettings *settings, const char *state_folder, GError **error)
{
  g_autoptr (SpNetworkSetup) setup = copy_settings (settings, state_folder);

  if (!sp_tun_check (error))
    return NULL;
  if (setup->adopts)
    setup->left_queues = sp_shaper_find_left (error);
  if (setup->adopts ? setup->left_queues == NULL : !sp_network_setup_recover (state_folder, error))
    return NULL;
  for (; setup->steps_done < G_N_ELEMENTS (steps); setup->steps_done++)
    if (!steps[setup->steps_done].todo (setup, error))
      return NULL;
  return g_steal_pointer (&setup);
}

void
sp_network_setup_stop (SpNetworkSetup *setup)
{
  if (setup == NULL)
    return;
  sp_spare_device_free (setup->spare);
  undo_steps (setup);
  g_clear_pointer (&setup->uplink, sp_uplink_free);
  g_clear_pointer (&setup->leases, sp_lease_pool_free);
  sp_network_speed_free (setup->speed);
  g_free (setup->speed_trouble);
  sp_firewall_free (setup->firewall);
  sp_network_journal_free (setup->journal);
  g_array_unref (setup->home_wish);
  g_clear_object (&setup->manager);
  g_clear_pointer (&setup->left_queues, g_array_unref);
  g_free (setup->state_folder);
  g_free (setup);
}

gboolean
sp_network_setup_recover (const char *state_folder, GError **error)
{
  g_autoptr (GError) journal_error = NULL;
  g_autoptr (SpNetworkJournal) journal = sp_network_journal_read (state_folder, &journal_error);
  g_autoptr (SpFirewall) firewall = NULL;
  gboolean good;

  if (journal == NULL && journal_error->code == SP_ERROR_NOT_FOUND)
    return TRUE;
  if (journal == NULL)
    {
      /* A start that never succeeds again would be worse than what may be left. */
      sp_log (SP_LOG_ERROR, TOPIC, "%s; what the last run changed may have stayed",
              journal_error->message);
      return sp_network_journal_remove (state_folder, error);
    }
  sp_log (SP_LOG_NOTICE, TOPIC, "the last run was killed: putting the network back");
  firewall = sp_firewall_new ();
  good = sp_firewall_remove (firewall, error);
  good &= sp_forwarding_restore (journal->forwarding, good ? error : NULL);
  good &= sp_network_ranges_remove_own_of (journal, good ? error : NULL);
  good &= sp_shaper_clear (good ? error : NULL);
  return good && sp_network_journal_remove (state_folder, error);
}

SpLeasePool *
sp_network_setup_get_leases (SpNetworkSetup *setup)
{
  return setup->leases;
}

const SpUplink *
sp_network_setup_get_uplink (SpNetworkSetup *setup)
{
  return setup->uplink;
}

gboolean
sp_network_setup_extend_forwarding (SpNetworkSetup *setup, const SpUplink *uplink, GError **error)
{
  g_autoptr (GArray) changes = plan_forwarding (setup, uplink, error);
  guint n_before = setup->journal->forwarding->len;

  if (changes == NULL)
    return FALSE;
  if (changes->len == 0)
    return TRUE;
  g_array_append_vals (setup->journal->forwarding, changes->data, changes->len);
  if (sp_network_journal_write (setup->journal, setup->state_folder, error) &&
      sp_forwarding_apply (changes, error))
    return TRUE;
  g_array_set_size (setup->journal->forwarding, n_before);
  return FALSE;
}

static gboolean
same_networks (const GArray *a, const GArray *b)
{
  /* An empty array has no memory, and comparing none is not defined. */
  return a->len == b->len &&
         (a->len == 0 || memcmp (a->data, b->data, a->len * sizeof (SpNetwork)) == 0);
}

gboolean
sp_network_setup_refresh (SpNetworkSetup *setup, GError **error)
{
  SpUplink *uplink = sp_uplink_read (setup->manager, error);
  SpUplink *earlier = setup->uplink;

  if (uplink == NULL)
    return FALSE;
  if (!sp_network_range_check (sp_lease_pool_get_ipv4 (setup->leases), uplink, error) ||
      !sp_network_setup_extend_forwarding (setup, uplink, error))
    {
      sp_uplink_free (uplink);
      return FALSE;
    }
  setup->uplink = uplink;
  if (same_networks (earlier->home_networks, uplink->home_networks) ||
      sp_network_setup_install_filter (setup, error))
    {
      sp_uplink_free (earlier);
      return TRUE;
    }
  setup->uplink = earlier;
  sp_uplink_free (uplink);
  return FALSE;
}

gboolean
sp_network_setup_set_masquerade (SpNetworkSetup *setup, gboolean masquerade, GError **error)
{
  gboolean earlier = setup->masquerade;

  if (masquerade == earlier)
    return TRUE;
  setup->masquerade = masquerade;
  if (sp_network_setup_install_filter (setup, error))
    return TRUE;
  setup->masquerade = earlier;
  return FALSE;
}

gboolean
sp_network_setup_set_datagram_ports (SpNetworkSetup *setup,
                                     const guint16 ports[SP_DATAGRAM_PORTS_MAX],
                                     GError **error)
{
  guint16 earlier[SP_DATAGRAM_PORTS_MAX];

  memcpy (earlier, setup->datagram_ports, sizeof earlier);
  if (memcmp (earlier, ports, sizeof earlier) == 0)
    return TRUE;
  memcpy (setup->datagram_ports, ports, sizeof setup->datagram_ports);
  if (begin_filter (setup, error))
    return TRUE;
  memcpy (setup->datagram_ports, earlier, sizeof setup->datagram_ports);
  return FALSE;
}

static void
set_speed (SpNetworkSetup *setup, SpTun *tun, const SpNetworkSession *session)
{
  g_autoptr (GError) error = NULL;
  gboolean limited = session->rates.up != 0 || session->rates.down != 0;

  if (limited)
    g_clear_pointer (&setup->speed_trouble, g_free);
  if (sp_network_speed_set (setup->speed, session->user, sp_tun_get_index (tun), &session->rates,
                            &error))
    return;
  setup->speed_trouble = g_strdup (error->message);
  sp_log (SP_LOG_ERROR, TOPIC, "%s is as fast as it goes: %s", sp_tun_get_name (tun),
          error->message);
}

const char *
sp_network_setup_get_speed_trouble (SpNetworkSetup *setup)
{
  return setup->speed_trouble;
}

gboolean
sp_network_setup_check_behind (SpNetworkSetup *setup, const SpNetwork *network, GError **error)
{
  const GArray *ranges = setup->journal->ranges;
  const GArray *used_networks = setup->uplink->used_networks;
  char text[SP_ENDPOINT_TEXT_MAX], used[SP_ENDPOINT_TEXT_MAX];

  for (guint i = 0; i < ranges->len + used_networks->len; i++)
    {
      const SpNetwork *other = i < ranges->len
                                   ? &g_array_index (ranges, SpClientRange, i).network
                                   : &g_array_index (used_networks, SpNetwork, i - ranges->len);

      if (!sp_network_overlaps (other, network))
        continue;
      sp_network_to_text (network, text);
      sp_network_to_text (other, used);
      g_set_error (error, SP_ERROR, SP_ERROR_ADDRESS_CONFLICT,
                   "%s cannot be behind a client: it overlaps %s, %s", text, used,
                   i < ranges->len ? "where clients have their addresses"
                                   : "a network of this computer");
      return FALSE;
    }
  return TRUE;
}

/* Those that may be, into `ret`. */
static guint
choose_behind (SpNetworkSetup *setup, const SpNetworkSession *session, SpNetwork *ret)
{
  guint n = 0;

  for (guint i = 0; i < MIN (session->n_behind, SP_NETWORKS_BEHIND_MAX); i++)
    {
      g_autoptr (GError) error = NULL;

      if (sp_network_setup_check_behind (setup, &session->behind[i], &error))
        ret[n++] = session->behind[i];
      else
        sp_log (SP_LOG_WARNING, TOPIC, "%s", error->message);
    }
  return n;
}

static void
describe_to_filter (SpTun *tun, const SpNetworkSession *session, SpFirewallSession *ret)
{
  memset (ret, 0, sizeof *ret);
  ret->device = sp_tun_get_name (tun);
  memcpy (ret->ipv4, session->lease.ipv4, SP_ADDRESS_SIZE);
  memcpy (ret->ipv6, session->lease.ipv6, SP_ADDRESS_SIZE);
  ret->reach = session->reach;
  ret->silent = session->silent;
  ret->sees_others = session->sees_others;
  ret->hosts = session->hosts;
  ret->n_hosts = session->n_hosts;
  ret->name_servers = session->name_servers;
  ret->n_name_servers = session->n_name_servers;
}

/* The filter first: nothing goes to a client that may not. */
static gboolean
put_in_place (SpNetworkSetup *setup,
              SpTun *tun,
              const SpNetworkSession *session,
              gboolean (*put) (SpFirewall *, const SpFirewallSession *, GError **),
              GError **error)
{
  SpNetwork behind[SP_NETWORKS_BEHIND_MAX];
  SpFirewallSession filter;

  describe_to_filter (tun, session, &filter);
  filter.behind = behind;
  filter.n_behind = choose_behind (setup, session, behind);
  return put (setup->firewall, &filter, error) && sp_tun_set_silent (tun, session->silent, error) &&
         sp_tun_set_networks (tun, behind, filter.n_behind, error);
}

static void
describe_to_tun (SpNetworkSetup *setup, const SpNetworkSession *session, SpTunPlan *plan)
{
  memcpy (plan->client_ipv4, session->lease.ipv4, SP_ADDRESS_SIZE);
  memcpy (plan->client_ipv6, session->lease.ipv6, SP_ADDRESS_SIZE);
  sp_network_ranges_find_server (setup, session->lease.ipv4, plan->server_ipv4);
  sp_network_ranges_find_server (setup, session->lease.ipv6, plan->server_ipv6);
}

/* Takes `tun`. */
static SpTun *
furnish (SpNetworkSetup *setup, SpTun *tun, const SpNetworkSession *session, GError **error)
{
  if (tun == NULL)
    return NULL;
  if (put_in_place (setup, tun, session, sp_firewall_add_session, error))
    {
      set_speed (setup, tun, session);
      return tun;
    }
  (void) sp_firewall_remove_session (setup->firewall, sp_tun_get_name (tun), NULL);
  sp_tun_close (tun);
  return NULL;
}

SpTun *
sp_network_setup_adopt_session (SpNetworkSetup *setup,
                                const SpNetworkSession *session,
                                SpTunOffload offloads,
                                int *queue,
                                GError **error)
{
  SpTunPlan plan = { .offloads = offloads };
  SpTun *tun;

  describe_to_tun (setup, session, &plan);
  tun = sp_tun_adopt (&plan, queue, error);
  if (tun != NULL)
    sp_shaper_free_device (sp_tun_get_index (tun));
  return furnish (setup, tun, session, error);
}

gboolean
sp_network_setup_finish_adoption (SpNetworkSetup *setup, GError **error)
{
  setup->adopts = FALSE;
  sp_shaper_remove_left (setup->left_queues);
  g_clear_pointer (&setup->left_queues, g_array_unref);
  return sp_network_setup_install_filter (setup, error);
}

SpTun *
sp_network_setup_open_session (SpNetworkSetup *setup,
                               const SpNetworkSession *session,
                               guint32 mtu,
                               SpTunOffload offloads,
                               GError **error)
{
  SpTunPlan plan = { .mtu = mtu, .offloads = offloads };

  describe_to_tun (setup, session, &plan);
  return furnish (setup, sp_tun_open (sp_spare_device_take (setup->spare), &plan, error), session,
                  error);
}

void
sp_network_setup_expect_session (SpNetworkSetup *setup)
{
  sp_spare_device_expect (setup->spare);
}

gboolean
sp_network_setup_change_session (SpNetworkSetup *setup,
                                 SpTun *tun,
                                 const SpNetworkSession *session,
                                 GError **error)
{
  set_speed (setup, tun, session);
  return put_in_place (setup, tun, session, sp_firewall_change_session, error);
}

void
sp_network_setup_close_session (SpNetworkSetup *setup, SpTun *tun)
{
  g_autoptr (GError) error = NULL;

  if (!sp_firewall_remove_session (setup->firewall, sp_tun_get_name (tun), &error))
    sp_log (SP_LOG_WARNING, TOPIC, "%s: %s", sp_tun_get_name (tun), error->message);
  sp_network_speed_forget (setup->speed, sp_tun_get_index (tun));
  sp_tun_close (tun);
}
