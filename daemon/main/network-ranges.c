/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "network-ranges.h"

#include "network-private.h"
#include "platform/own-address.h"

#include "base/error.h"
#include "base/log.h"

#include <string.h>

#define TOPIC "network"

void
sp_network_ranges_wish (const SpNetworkSettings *settings, SpNetworkRangeWish *ret)
{
  memset (ret, 0, sizeof *ret);
  if (settings->ipv4_range != NULL)
    ret->ipv4 = *settings->ipv4_range;
  if (settings->ipv6_range != NULL)
    ret->ipv6 = *settings->ipv6_range;
  memcpy (ret->global_id, settings->global_id, SP_GLOBAL_ID_SIZE);
  ret->ipv6_mode = settings->ipv6_mode;
}

/* --- the list --- */

static gboolean
networks_equal (const SpNetwork *a, const SpNetwork *b)
{
  return a->length == b->length && memcmp (a->address, b->address, SP_ADDRESS_SIZE) == 0;
}

static SpClientRange *
get (const GArray *ranges, guint number)
{
  return &g_array_index (ranges, SpClientRange, number);
}

/* NULL: there is none of this family. */
static SpClientRange *
find_present (const GArray *ranges, gboolean ipv4)
{
  for (guint i = 0; i < ranges->len; i++)
    if (get (ranges, i)->is_present && sp_network_is_ipv4 (&get (ranges, i)->network) == ipv4)
      return get (ranges, i);
  return NULL;
}

static SpClientRange *
find (const GArray *ranges, const SpNetwork *network)
{
  for (guint i = 0; i < ranges->len; i++)
    if (networks_equal (&get (ranges, i)->network, network))
      return get (ranges, i);
  return NULL;
}

/* Unless it is there. */
static void
add (GArray *ranges, const SpNetwork *network, SpIpv6Mode mode)
{
  const SpClientRange range = { .network = *network, .mode = mode };

  if (network->length > 0 && find (ranges, network) == NULL)
    g_array_append_val (ranges, range);
}

/* Of these two new sessions get their addresses; IPv6 of that range goes where the mode says. */
static void
make_present (GArray *ranges, const SpNetwork *ipv4, const SpNetwork *ipv6, SpIpv6Mode mode)
{
  for (guint i = 0; i < ranges->len; i++)
    {
      SpClientRange *range = get (ranges, i);

      range->is_present =
          networks_equal (&range->network, ipv4) || networks_equal (&range->network, ipv6);
      if (networks_equal (&range->network, ipv6))
        range->mode = mode;
    }
}

const SpClientRange *
sp_network_setup_get_ranges (SpNetworkSetup *setup, guint *ret_n)
{
  *ret_n = setup->journal->ranges->len;
  return (const SpClientRange *) (gpointer) setup->journal->ranges->data;
}

gboolean
sp_network_ranges_has_ipv6 (SpNetworkSetup *setup)
{
  const GArray *ranges = setup->journal->ranges;

  for (guint i = 0; i < ranges->len; i++)
    if (!sp_network_is_ipv4 (&get (ranges, i)->network))
      return TRUE;
  return FALSE;
}

static SpFirewallFate
choose_fate (SpNetworkSetup *setup, const SpClientRange *range)
{
  if (sp_network_is_ipv4 (&range->network))
    return setup->masquerade ? SP_FIREWALL_MASQUERADE : SP_FIREWALL_AS_THEY_ARE;
  switch (range->mode)
    {
      case SP_IPV6_NAT:
        return SP_FIREWALL_MASQUERADE;
      case SP_IPV6_REFUSED:
        return SP_FIREWALL_REFUSE;
      case SP_IPV6_ROUTED:
      case SP_IPV6_OFF:
        break;
    }
  return SP_FIREWALL_AS_THEY_ARE;
}

void
sp_network_ranges_plan (SpNetworkSetup *setup, SpFirewallPlan *plan)
{
  const GArray *ranges = setup->journal->ranges;

  for (guint i = 0; i < ranges->len && i < SP_CLIENT_RANGES_MAX; i++)
    plan->pools[plan->n_pools++] = (SpFirewallPool){ .network = get (ranges, i)->network,
                                                     .fate = choose_fate (setup, get (ranges, i)) };
}

/* --- own addresses: one in each --- */

static gboolean
has_address (const GByteArray *addresses, const guint8 *address)
{
  for (guint i = 0; i < addresses->len; i += SP_ADDRESS_SIZE)
    if (memcmp (addresses->data + i, address, SP_ADDRESS_SIZE) == 0)
      return TRUE;
  return FALSE;
}

static GByteArray *
list_addresses (const GArray *ranges)
{
  GByteArray *addresses = g_byte_array_new ();
  guint8 own[SP_ADDRESS_SIZE];

  for (guint i = 0; i < ranges->len; i++)
    {
      sp_lease_pool_derive_server (&get (ranges, i)->network, own);
      if (!has_address (addresses, own))
        g_byte_array_append (addresses, own, SP_ADDRESS_SIZE);
    }
  return addresses;
}

/* Of `addresses` those that are not among `others`. */
static gboolean
add_addresses (const GByteArray *addresses, const GByteArray *others, GError **error)
{
  for (guint i = 0; i < addresses->len; i += SP_ADDRESS_SIZE)
    if (!has_address (others, addresses->data + i) &&
        !sp_own_address_add (addresses->data + i, error))
      return FALSE;
  return TRUE;
}

/* Likewise; the first failure is told, and all others are removed. */
static gboolean
remove_addresses (const GByteArray *addresses, const GByteArray *others, GError **error)
{
  gboolean good = TRUE;

  for (guint i = 0; i < addresses->len; i += SP_ADDRESS_SIZE)
    if (!has_address (others, addresses->data + i))
      good &= sp_own_address_remove (addresses->data + i, good ? error : NULL);
  return good;
}

gboolean
sp_network_ranges_remove_own_of (const SpNetworkJournal *journal, GError **error)
{
  g_autoptr (GByteArray) none = g_byte_array_new ();

  return remove_addresses (journal->addresses, none, error);
}

gboolean
sp_network_ranges_remove_own (SpNetworkSetup *setup, GError **error)
{
  return sp_network_ranges_remove_own_of (setup->journal, error);
}

gboolean
sp_network_ranges_add_own (SpNetworkSetup *setup, GError **error)
{
  g_autoptr (GByteArray) none = g_byte_array_new ();

  if (add_addresses (setup->journal->addresses, none, error))
    return TRUE;
  (void) sp_network_ranges_remove_own (setup, NULL); /* the first failure is the one to tell */
  return FALSE;
}

void
sp_network_ranges_find_server (SpNetworkSetup *setup, const guint8 *client, guint8 *ret)
{
  const SpNetwork *range = sp_lease_pool_find_range (setup->leases, client);
  const SpClientRange *present = find_present (setup->journal->ranges, sp_address_is_ipv4 (client));

  if (range == NULL && present != NULL)
    range = &present->network;
  memset (ret, 0, SP_ADDRESS_SIZE);
  if (range != NULL && !sp_address_is_unset (client))
    sp_lease_pool_derive_server (range, ret);
}

/* --- a start --- */

/* Its journal is ours now: what it changed is undone when we stop.  What is left to choose stays as
 * it was, if it can. */
static gboolean
take_over_journal (SpNetworkSetup *setup, SpNetworkRangeWish *wish, GError **error)
{
  SpNetworkJournal *journal = sp_network_journal_read (setup->state_folder, error);
  const SpClientRange *ipv4, *ipv6;

  if (journal == NULL)
    return FALSE;
  sp_network_journal_free (setup->journal);
  setup->journal = journal;
  ipv4 = find_present (journal->ranges, TRUE);
  ipv6 = find_present (journal->ranges, FALSE);
  if (ipv4 == NULL)
    {
      g_set_error_literal (error, SP_ERROR, SP_ERROR_FAILED, "its ranges are not known");
      return FALSE;
    }
  if (wish->ipv4.length == 0 && sp_network_range_check (&ipv4->network, setup->uplink, NULL))
    wish->ipv4 = ipv4->network;
  if (wish->ipv6.length == 0 && ipv6 != NULL && ipv6->mode == wish->ipv6_mode)
    wish->ipv6 = ipv6->network;
  return TRUE;
}

static gboolean
check_number (const GArray *ranges, GError **error)
{
  if (ranges->len <= SP_CLIENT_RANGES_MAX)
    return TRUE;
  g_set_error (error, SP_ERROR, SP_ERROR_BUSY,
               "Devices have addresses of %u ranges; some have to be disconnected first",
               ranges->len - 1);
  return FALSE;
}

gboolean
sp_network_ranges_choose (SpNetworkSetup *setup, GError **error)
{
  SpNetworkRangeWish wish = setup->range_wish;
  SpNetwork ipv4, ipv6;
  GArray *ranges;

  if ((setup->adopts && !take_over_journal (setup, &wish, error)) ||
      !sp_network_range_choose (&wish, setup->uplink, &ipv4, &ipv6, error))
    return FALSE;
  setup->leases = sp_lease_pool_new (&ipv4, ipv6.length > 0 ? &ipv6 : NULL, error);
  if (setup->leases == NULL)
    return FALSE;
  ranges = setup->journal->ranges;
  for (guint i = 0; i < ranges->len; i++)
    if (!networks_equal (&get (ranges, i)->network, &ipv4) &&
        !networks_equal (&get (ranges, i)->network, &ipv6))
      sp_lease_pool_add_earlier (setup->leases, &get (ranges, i)->network);
  add (ranges, &ipv4, SP_IPV6_OFF);
  add (ranges, &ipv6, wish.ipv6_mode);
  make_present (ranges, &ipv4, &ipv6, wish.ipv6_mode);
  g_byte_array_unref (setup->journal->addresses);
  setup->journal->addresses = list_addresses (ranges);
  return check_number (ranges, error);
}

/* --- others while it is on --- */

static gboolean
wishes_equal (const SpNetworkRangeWish *a, const SpNetworkRangeWish *b)
{
  return networks_equal (&a->ipv4, &b->ipv4) && networks_equal (&a->ipv6, &b->ipv6) &&
         a->ipv6_mode == b->ipv6_mode;
}

/* Nobody wrote down which one, and by now there is a network in its place. */
static gboolean
is_in_the_way (SpNetworkSetup *setup, const SpUplink *uplink)
{
  const SpClientRange *ipv4 = find_present (setup->journal->ranges, TRUE);

  return setup->range_wish.ipv4.length == 0 &&
         !sp_network_range_check (&ipv4->network, uplink, NULL);
}

/* What is wished for as before stays what it is, if it can. */
static gboolean
choose (SpNetworkSetup *setup, const SpUplink *uplink, GError **error)
{
  SpNetworkRangeWish wish = setup->claimed;
  const SpNetworkRangeWish *before = &setup->range_wish;
  const SpClientRange *ipv4 = find_present (setup->journal->ranges, TRUE);
  const SpClientRange *ipv6 = find_present (setup->journal->ranges, FALSE);

  if (networks_equal (&wish.ipv4, &before->ipv4) && !is_in_the_way (setup, uplink))
    wish.ipv4 = ipv4->network;
  if (networks_equal (&wish.ipv6, &before->ipv6) && wish.ipv6_mode == before->ipv6_mode &&
      ipv6 != NULL)
    wish.ipv6 = ipv6->network;
  return sp_network_range_choose (&wish, uplink, &setup->claimed_ipv4, &setup->claimed_ipv6, error);
}

static const SpNetwork *
get_claimed_ipv6 (SpNetworkSetup *setup)
{
  return setup->claimed_ipv6.length > 0 ? &setup->claimed_ipv6 : NULL;
}

/* Both lists in the place of those in use, which are returned. */
static void
exchange (SpNetworkSetup *setup, GArray **ranges, GByteArray **addresses)
{
  GArray *ranges_before = setup->journal->ranges;
  GByteArray *addresses_before = setup->journal->addresses;

  setup->journal->ranges = *ranges;
  setup->journal->addresses = *addresses;
  *ranges = ranges_before;
  *addresses = addresses_before;
}

/* When the last range with IPv6 has gone; accept_ra with it. */
static gboolean
stop_forwarding_ipv6 (SpNetworkSetup *setup, GError **error)
{
  g_autoptr (GArray) ipv6 = g_array_new (FALSE, FALSE, sizeof (SpForwardingChange));
  g_autoptr (GArray) others = g_array_new (FALSE, FALSE, sizeof (SpForwardingChange));
  const GArray *all = setup->journal->forwarding;

  for (guint i = 0; i < all->len; i++)
    {
      const SpForwardingChange *change = &g_array_index (all, SpForwardingChange, i);

      g_array_append_vals (change->knob == SP_FORWARDING_IPV4 ? others : ipv6, change, 1);
    }
  if (sp_network_ranges_has_ipv6 (setup))
    return TRUE;
  if (!sp_forwarding_restore (ipv6, error))
    return FALSE;
  g_array_unref (setup->journal->forwarding);
  setup->journal->forwarding = g_steal_pointer (&others);
  return TRUE;
}

/* First the journal, since who is killed in between must leave nothing. */
static gboolean
widen (SpNetworkSetup *setup, GError **error)
{
  g_autoptr (GArray) ranges = g_array_copy (setup->journal->ranges);
  g_autoptr (GByteArray) addresses = NULL;

  add (ranges, &setup->claimed_ipv4, SP_IPV6_OFF);
  add (ranges, &setup->claimed_ipv6, setup->claimed.ipv6_mode);
  if (!check_number (ranges, error))
    return FALSE;
  addresses = list_addresses (ranges);
  exchange (setup, &ranges, &addresses);
  if (sp_network_journal_write (setup->journal, setup->state_folder, error) &&
      add_addresses (setup->journal->addresses, addresses, error) &&
      sp_network_setup_extend_forwarding (setup, setup->uplink, error) &&
      sp_network_setup_install_filter (setup, error))
    return TRUE;
  /* The first failure is the one to tell. */
  (void) remove_addresses (setup->journal->addresses, addresses, NULL);
  exchange (setup, &ranges, &addresses);
  (void) stop_forwarding_ipv6 (setup, NULL);
  (void) sp_network_journal_write (setup->journal, setup->state_folder, NULL);
  return FALSE;
}

gboolean
sp_network_setup_claim_ranges (SpNetworkSetup *setup,
                               const SpNetworkSettings *settings,
                               gboolean check_only,
                               GError **error)
{
  g_autoptr (GError) unread = NULL;
  g_autoptr (SpUplink) uplink = sp_uplink_read (setup->manager, &unread);

  sp_network_ranges_wish (settings, &setup->claimed);
  setup->claims = FALSE;
  if (wishes_equal (&setup->claimed, &setup->range_wish) &&
      (uplink == NULL || !is_in_the_way (setup, uplink)))
    return TRUE;
  if (uplink == NULL)
    {
      g_propagate_error (error, g_steal_pointer (&unread));
      return FALSE;
    }
  if (!choose (setup, uplink, error) ||
      !sp_lease_pool_check_move (setup->leases, &setup->claimed_ipv4, get_claimed_ipv6 (setup),
                                 error))
    return FALSE;
  setup->claims = !check_only && widen (setup, error);
  return check_only || setup->claims;
}

static void
tell (SpNetworkSetup *setup)
{
  char ipv4[SP_ENDPOINT_TEXT_MAX], ipv6[SP_ENDPOINT_TEXT_MAX] = "no IPv6";

  sp_network_to_text (&setup->claimed_ipv4, ipv4);
  if (setup->claimed_ipv6.length > 0)
    sp_network_to_text (&setup->claimed_ipv6, ipv6);
  sp_log (SP_LOG_NOTICE, TOPIC, "new sessions get addresses of %s and %s; others keep theirs", ipv4,
          ipv6);
}

gboolean
sp_network_setup_take_ranges (SpNetworkSetup *setup,
                              const SpNetworkSettings *settings,
                              GError **error)
{
  SpNetworkRangeWish wish;

  sp_network_ranges_wish (settings, &wish);
  if ((!setup->claims || !wishes_equal (&wish, &setup->claimed)) &&
      !sp_network_setup_claim_ranges (setup, settings, FALSE, error))
    return FALSE;
  if (!setup->claims)
    return TRUE;
  setup->claims = FALSE;
  if (!sp_lease_pool_move (setup->leases, &setup->claimed_ipv4, get_claimed_ipv6 (setup), error))
    return FALSE;
  setup->range_wish = wish;
  make_present (setup->journal->ranges, &setup->claimed_ipv4, &setup->claimed_ipv6, wish.ipv6_mode);
  tell (setup);
  return sp_network_journal_write (setup->journal, setup->state_folder, error) &&
         sp_network_setup_install_filter (setup, error) && sp_network_setup_refresh (setup, error);
}

/* --- what is left of those of before --- */

static void
forget (SpNetworkSetup *setup, const SpNetwork *range)
{
  char text[SP_ENDPOINT_TEXT_MAX];

  sp_lease_pool_forget (setup->leases, range);
  sp_network_to_text (range, text);
  sp_log (SP_LOG_NOTICE, TOPIC, "nobody has an address of %s any more", text);
}

/* The journal last.  Takes `ranges`; on failure all of it is tried again later. */
static gboolean
narrow (SpNetworkSetup *setup, GArray *rest, GError **error)
{
  g_autoptr (GArray) ranges = rest;
  g_autoptr (GByteArray) addresses = list_addresses (rest);

  exchange (setup, &ranges, &addresses);
  if (sp_network_setup_install_filter (setup, error) &&
      remove_addresses (addresses, setup->journal->addresses, error) &&
      stop_forwarding_ipv6 (setup, error) &&
      sp_network_journal_write (setup->journal, setup->state_folder, error))
    {
      for (guint i = 0; i < ranges->len; i++)
        if (find (setup->journal->ranges, &get (ranges, i)->network) == NULL)
          forget (setup, &get (ranges, i)->network);
      return TRUE;
    }
  exchange (setup, &ranges, &addresses);
  return FALSE;
}

gboolean
sp_network_setup_thin_out (SpNetworkSetup *setup)
{
  const GArray *ranges = setup->journal->ranges;
  GArray *rest = g_array_new (FALSE, FALSE, sizeof (SpClientRange));
  guint n_present = 0;
  g_autoptr (GError) error = NULL;

  setup->claims = FALSE;
  for (guint i = 0; i < ranges->len; i++)
    {
      n_present += get (ranges, i)->is_present;
      if (sp_lease_pool_needs (setup->leases, &get (ranges, i)->network))
        g_array_append_vals (rest, get (ranges, i), 1);
    }
  if (rest->len == ranges->len)
    g_array_unref (rest);
  else if (!narrow (setup, rest, &error))
    sp_log (SP_LOG_WARNING, TOPIC, "a range that nobody needs any more stays: %s", error->message);
  return setup->journal->ranges->len > n_present;
}
