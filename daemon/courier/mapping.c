/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "mapping.h"

#include "base/endpoint.h"

#define DEADLINE_SECONDS 45

void
sp_mapping_set_outcome (SpPortsMapped *ret, SpMappingOutcome outcome)
{
  ret->tcp = ret->udp = (guint8) outcome;
}

gboolean
sp_mapping_has_done (const SpPortsMapped *done)
{
  return done->tcp == SP_MAPPING_DONE || done->udp == SP_MAPPING_DONE;
}

/* --- port by port --- */

/* The router does not give this port, which says nothing of others. */
static gboolean
is_of_port (SpMappingOutcome outcome)
{
  return outcome == SP_MAPPING_REFUSED || outcome == SP_MAPPING_TAKEN;
}

/* Of each, whatever became of the other one. */
static void
unmap (const SpMappingSteps *steps,
       gpointer talk,
       const SpMappingPort *tcp,
       const SpMappingPort *udp,
       SpPortsMapped *ret)
{
  sp_mapping_set_outcome (ret, steps->unmap (talk, tcp));
  if (udp->port != 0 && ret->tcp != SP_MAPPING_NO_ROUTER)
    ret->udp = (guint8) steps->unmap (talk, udp);
}

static void
map (const SpMappingSteps *steps,
     gpointer talk,
     const SpMappingPort *tcp,
     const SpMappingPort *udp,
     SpPortsMapped *ret)
{
  SpMappingOutcome first = steps->map (talk, tcp, ret);
  SpMappingOutcome second;

  sp_mapping_set_outcome (ret, first);
  if (udp->port == 0 || (first != SP_MAPPING_DONE && !is_of_port (first)))
    return;
  second = steps->map (talk, udp, ret);
  ret->udp = (guint8) second;
  if (first != SP_MAPPING_DONE || second == SP_MAPPING_DONE || is_of_port (second))
    return;
  (void) steps->unmap (talk, tcp);
  ret->tcp = (guint8) second;
}

void
sp_mapping_take_steps (const SpMappingSteps *steps,
                       gpointer talk,
                       const SpMapPorts *order,
                       SpPortsMapped *ret)
{
  const SpMappingPort tcp = { order->tcp_port, FALSE };
  const SpMappingPort udp = { order->udp_port, TRUE };

  if (order->seconds == 0)
    unmap (steps, talk, &tcp, &udp, ret);
  else
    map (steps, talk, &tcp, &udp, ret);
  if (!sp_mapping_has_done (ret))
    ret->seconds = 0;
}

/* --- the ways --- */

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
 * Where all fail, what a router said comes before that nobody said anything.  What one gives in
 * part another would not give whole: mostly all of them are one program of the router's. */
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
  *ret = (SpPortsMapped){ .tcp = SP_MAPPING_NO_ROUTER, .udp = SP_MAPPING_NO_ROUTER };
  for (guint i = 0; i < G_N_ELEMENTS (ways); i++)
    {
      SpPortsMapped done;

      if ((order->way != SP_MAPPING_ANY && order->way != ways[i].way) ||
          (!ways[i].knows_ipv6 && !sp_address_is_ipv4 (order->router)))
        continue;
      ways[i].map (order, &done);
      if (done.tcp != SP_MAPPING_NO_ROUTER)
        *ret = done;
      if (sp_mapping_has_done (&done) || done.tcp == SP_MAPPING_TAKEN)
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
    sp_mapping_set_outcome (ret, SP_MAPPING_FAILED);
}

void
sp_mapping_start (const SpMapPorts *order, SpQuestionEnded ended, gpointer user_data)
{
  static const SpPortsMapped late = { .tcp = SP_MAPPING_SILENT, .udp = SP_MAPPING_SILENT };
  static const SpQuestion question = { .thread = "router",
                                       .seconds = DEADLINE_SECONDS,
                                       .order_size = sizeof (SpMapPorts),
                                       .done_size = sizeof (SpPortsMapped),
                                       .ask = ask,
                                       .late = &late };

  sp_question_start (&question, order, ended, user_data);
}
