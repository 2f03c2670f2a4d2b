/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "mapping.h"

#include "base/endpoint.h"

#define DEADLINE_SECONDS 45

void
sp_mapping_list_ports (const SpMapPorts *order, SpMappingPort ret[2])
{
  ret[0] = (SpMappingPort){ order->tcp_port, FALSE };
  ret[1] = (SpMappingPort){ order->udp_port, TRUE };
}

/* Whoever orders it, the ports lead to an address of the router's family. */
static gboolean
is_sensible (const SpMapPorts *order)
{
  return order->way <= SP_MAPPING_WAY_LAST && !sp_address_is_unset (order->router) &&
         !sp_address_is_unset (order->own) &&
         sp_address_is_ipv4 (order->router) == sp_address_is_ipv4 (order->own) &&
         order->tcp_port != 0;
}

/* PCP and its predecessor are datagrams that are answered at once or never, so they go first.
 * Where all fail, what a router said comes before that nobody said anything. */
static const struct
{
  SpMappingWay way;
  gboolean knows_ipv6;
  void (*map) (const SpMapPorts *order, SpPortsMapped *ret);
} ways[] = {
  { SP_MAPPING_PCP, TRUE, sp_pcp_map },
  { SP_MAPPING_NAT_PMP, FALSE, sp_nat_pmp_map },
  { SP_MAPPING_UPNP, FALSE, sp_upnp_map },
};

static void
try_ways (const SpMapPorts *order, SpPortsMapped *ret)
{
  *ret = (SpPortsMapped){ .outcome = SP_MAPPING_NO_ROUTER };
  for (guint i = 0; i < G_N_ELEMENTS (ways); i++)
    {
      SpPortsMapped done;

      if ((order->way != SP_MAPPING_ANY && order->way != ways[i].way) ||
          (!ways[i].knows_ipv6 && !sp_address_is_ipv4 (order->router)))
        continue;
      ways[i].map (order, &done);
      if (done.outcome != SP_MAPPING_NO_ROUTER)
        *ret = done;
      if (done.outcome == SP_MAPPING_DONE || done.outcome == SP_MAPPING_TAKEN)
        return;
    }
}

static void
ask (gconstpointer order, gpointer done)
{
  const SpMapPorts *ports = order;
  SpPortsMapped *ret = done;

  if (is_sensible (ports))
    try_ways (ports, ret);
  else
    ret->outcome = SP_MAPPING_FAILED;
}

void
sp_mapping_start (const SpMapPorts *order, SpQuestionEnded ended, gpointer user_data)
{
  static const SpPortsMapped late = { .outcome = SP_MAPPING_SILENT };
  static const SpQuestion question = { .thread = "router",
                                       .seconds = DEADLINE_SECONDS,
                                       .order_size = sizeof (SpMapPorts),
                                       .done_size = sizeof (SpPortsMapped),
                                       .ask = ask,
                                       .late = &late };

  sp_question_start (&question, order, ended, user_data);
}
