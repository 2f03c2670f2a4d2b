/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "network-journal.h"
#include "network-range.h"
#include "network-speed.h"
#include "network.h"
#include "spare-device.h"

G_BEGIN_DECLS

struct _SpNetworkSetup
{
  char *state_folder;
  SpNetworkRangeWish range_wish;
  gboolean masquerade;
  guint16 datagram_ports[SP_DATAGRAM_PORTS_MAX];
  GArray *home_wish;        /* SpNetwork; empty = as the machine has it */
  SpUplinkManager *manager; /* or NULL */

  SpUplink *uplink;
  SpLeasePool *leases;
  SpFirewall *firewall;
  SpNetworkSpeed *speed;
  SpSpareDevice *spare;
  char *speed_trouble;
  SpNetworkJournal *journal;
  SpUplinkWatch *watch;
  gboolean adopts;     /* until it has */
  GArray *left_queues; /* of an earlier run; or NULL */
  guint steps_done;

  /* network-ranges.c: what can be taken */
  gboolean claims;
  SpNetworkRangeWish claimed;
  SpNetwork claimed_ipv4;
  SpNetwork claimed_ipv6; /* length 0 = none */
};

/* network.c */
gboolean sp_network_setup_install_filter (SpNetworkSetup *setup, GError **error);
/* As the ranges and this uplink need it, besides what is switched already. */
gboolean sp_network_setup_extend_forwarding (SpNetworkSetup *setup,
                                             const SpUplink *uplink,
                                             GError **error);

/* network-ranges.c */
void sp_network_ranges_wish (const SpNetworkSettings *settings, SpNetworkRangeWish *ret);
/* Steps of a start, and back. */
gboolean sp_network_ranges_choose (SpNetworkSetup *setup, GError **error);
gboolean sp_network_ranges_add_own (SpNetworkSetup *setup, GError **error);
gboolean sp_network_ranges_remove_own (SpNetworkSetup *setup, GError **error);
/* Those of a journal, whoever wrote it. */
gboolean sp_network_ranges_remove_own_of (const SpNetworkJournal *journal, GError **error);
gboolean sp_network_ranges_has_ipv6 (SpNetworkSetup *setup);
void sp_network_ranges_plan (SpNetworkSetup *setup, SpFirewallPlan *plan);
/* Under which address a client with this one meets the server; unset: it has none. */
void sp_network_ranges_find_server (SpNetworkSetup *setup, const guint8 *client, guint8 *ret);

G_END_DECLS
