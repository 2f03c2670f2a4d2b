/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "network-range.h"

#include "platform/forwarding.h"

#include "base/error.h"
#include "base/log.h"

#include <string.h>

#define SUBNET_BITS        64
#define SUBNETS_TRIED_BITS 16

gboolean
sp_network_range_check (const SpNetwork *range, const SpUplink *uplink, GError **error)
{
  char text[SP_ENDPOINT_TEXT_MAX], used_text[SP_ENDPOINT_TEXT_MAX];

  for (guint i = 0; range != NULL && i < uplink->used_networks->len; i++)
    {
      const SpNetwork *used = &g_array_index (uplink->used_networks, SpNetwork, i);

      if (!sp_network_overlaps (range, used))
        continue;
      sp_network_to_text (range, text);
      sp_network_to_text (used, used_text);
      g_set_error (error, SP_ERROR, SP_ERROR_ADDRESS_CONFLICT,
                   "The clients' range %s overlaps %s, a network of this machine", text, used_text);
      return FALSE;
    }
  return TRUE;
}

static gboolean
choose_ipv4 (const SpNetworkRangeWish *wish, const SpUplink *uplink, SpNetwork *ret, GError **error)
{
  const GArray *used = uplink->used_networks;

  if (wish->ipv4.length == 0)
    return sp_lease_pool_choose_ipv4 ((const SpNetwork *) (gpointer) used->data, used->len, ret,
                                      error);
  *ret = wish->ipv4;
  return sp_network_range_check (ret, uplink, error);
}

/* The subnet number is what stands between the prefix and bit 64. */
static void
get_subnet (const SpNetwork *prefix, guint number, SpNetwork *ret)
{
  *ret = *prefix;
  ret->length = SUBNET_BITS;
  ret->address[SUBNET_BITS / 8 - 1] |= (guint8) number;
  ret->address[SUBNET_BITS / 8 - 2] |= (guint8) (number >> 8);
}

/* The first /64 of a delegated prefix that is used for nothing else. */
static gboolean
choose_delegated (const SpUplink *uplink, SpNetwork *ret, GError **error)
{
  for (guint i = 0; i < uplink->delegated_networks->len; i++)
    {
      const SpNetwork *prefix = &g_array_index (uplink->delegated_networks, SpNetwork, i);
      guint n_subnets = 1u << MIN (SUBNET_BITS - prefix->length, SUBNETS_TRIED_BITS);

      for (guint number = 0; number < n_subnets; number++)
        {
          get_subnet (prefix, number, ret);
          if (sp_network_range_check (ret, uplink, NULL))
            return TRUE;
        }
    }
  g_set_error (error, SP_ERROR, SP_ERROR_INVALID_ARGUMENTS,
               "Routed IPv6 needs a network that is routed to this machine: no prefix is delegated "
               "to it, so write the network into ipv6-range");
  return FALSE;
}

/* A routed prefix may well be a part of one that this machine has. */
static gboolean
choose_ipv6 (const SpNetworkRangeWish *wish, const SpUplink *uplink, SpNetwork *ret, GError **error)
{
  if (wish->ipv6.length > 0)
    {
      *ret = wish->ipv6;
      return wish->ipv6_mode == SP_IPV6_ROUTED || sp_network_range_check (ret, uplink, error);
    }
  if (wish->ipv6_mode == SP_IPV6_ROUTED)
    return choose_delegated (uplink, ret, error);
  sp_lease_pool_derive_ipv6 (wish->global_id, ret);
  return sp_network_range_check (ret, uplink, error);
}

static gboolean
decide_ipv6 (const SpNetworkRangeWish *wish, gboolean *ret, GError **error)
{
  *ret = wish->ipv6_mode != SP_IPV6_OFF;
  if (!*ret || sp_forwarding_has_ipv6 ())
    return TRUE;
  if (wish->ipv6_mode == SP_IPV6_ROUTED)
    {
      g_set_error (error, SP_ERROR, SP_ERROR_NOT_SUPPORTED, "This system has no IPv6");
      return FALSE;
    }
  sp_log (SP_LOG_NOTICE, "network", "this system has no IPv6: clients get none");
  *ret = FALSE;
  return TRUE;
}

gboolean
sp_network_range_choose (const SpNetworkRangeWish *wish,
                         const SpUplink *uplink,
                         SpNetwork *ret_ipv4,
                         SpNetwork *ret_ipv6,
                         GError **error)
{
  gboolean has_ipv6;

  memset (ret_ipv6, 0, sizeof *ret_ipv6);
  return choose_ipv4 (wish, uplink, ret_ipv4, error) && decide_ipv6 (wish, &has_ipv6, error) &&
         (!has_ipv6 || choose_ipv6 (wish, uplink, ret_ipv6, error));
}
