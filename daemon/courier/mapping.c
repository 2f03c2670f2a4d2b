/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "mapping.h"

#include "base/endpoint.h"

#define DEADLINE_SECONDS 45 /* main waits for SP_ERRAND_SECONDS */

typedef struct
{
  SpMapPorts order;
  SpPortsMapped done; /* the thread's, until it says so */
  guint deadline;     /* source id, 0 = none: it was told already */
  SpMappingEnded ended;
  gpointer user_data;
} Mapping;

void
sp_mapping_list_ports (const SpMapPorts *order, SpMappingPort ret[2])
{
  ret[0] = (SpMappingPort){ order->tcp_port, FALSE };
  ret[1] = (SpMappingPort){ order->udp_port, TRUE };
}

/* Whoever orders it, the ports of this computer lead to an IPv4 address of a network of its own. */
static gboolean
is_sensible (const SpMapPorts *order)
{
  return order->way <= SP_MAPPING_WAY_LAST && sp_address_is_ipv4 (order->router) &&
         sp_address_is_ipv4 (order->own) && order->tcp_port != 0;
}

/* PCP and its predecessor are datagrams that are answered at once or never, so they go first.
 * Where all fail, what a router said comes before that nobody said anything. */
static const struct
{
  SpMappingWay way;
  void (*map) (const SpMapPorts *order, SpPortsMapped *ret);
} ways[] = {
  { SP_MAPPING_PCP, sp_pcp_map },
  { SP_MAPPING_NAT_PMP, sp_nat_pmp_map },
  { SP_MAPPING_UPNP, sp_upnp_map },
};

static void
ask (const SpMapPorts *order, SpPortsMapped *ret)
{
  *ret = (SpPortsMapped){ .outcome = SP_MAPPING_NO_ROUTER };
  for (guint i = 0; i < G_N_ELEMENTS (ways); i++)
    {
      SpPortsMapped done;

      if (order->way != SP_MAPPING_ANY && order->way != ways[i].way)
        continue;
      ways[i].map (order, &done);
      if (done.outcome != SP_MAPPING_NO_ROUTER)
        *ret = done;
      if (done.outcome == SP_MAPPING_DONE || done.outcome == SP_MAPPING_TAKEN)
        return;
    }
}

static gboolean
asked_cb (gpointer user_data)
{
  Mapping *mapping = user_data;

  if (mapping->deadline != 0)
    {
      g_clear_handle_id (&mapping->deadline, g_source_remove);
      mapping->ended (mapping->user_data, &mapping->done);
    }
  g_free (mapping);
  return G_SOURCE_REMOVE;
}

static gpointer
run (gpointer data)
{
  Mapping *mapping = data;

  if (is_sensible (&mapping->order))
    ask (&mapping->order, &mapping->done);
  else
    mapping->done.outcome = SP_MAPPING_FAILED;
  (void) g_idle_add (asked_cb, mapping);
  return NULL;
}

static gboolean
deadline_cb (gpointer user_data)
{
  Mapping *mapping = user_data;
  const SpPortsMapped late = { .outcome = SP_MAPPING_SILENT };

  mapping->deadline = 0;
  mapping->ended (mapping->user_data, &late);
  return G_SOURCE_REMOVE;
}

void
sp_mapping_start (const SpMapPorts *order, SpMappingEnded ended, gpointer user_data)
{
  Mapping *mapping = g_new0 (Mapping, 1);

  mapping->order = *order;
  mapping->ended = ended;
  mapping->user_data = user_data;
  mapping->deadline = g_timeout_add_seconds (DEADLINE_SECONDS, deadline_cb, mapping);
  g_thread_unref (g_thread_new ("router", run, mapping));
}
