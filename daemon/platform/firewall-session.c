/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "platform/firewall.h"

#include <string.h>

/* g_memdup2 and memcmp of nothing at all. */
static gconstpointer
copy_list (gconstpointer list, gsize size)
{
  return size > 0 ? g_memdup2 (list, size) : NULL;
}

static gboolean
lists_equal (gconstpointer a, gconstpointer b, gsize size)
{
  return size == 0 || memcmp (a, b, size) == 0;
}

SpFirewallSession *
sp_firewall_session_copy (const SpFirewallSession *session)
{
  SpFirewallSession *copy = g_memdup2 (session, sizeof *session);

  copy->device = g_strdup (session->device);
  copy->hosts = copy_list (session->hosts, session->n_hosts * sizeof *session->hosts);
  copy->name_servers = copy_list (session->name_servers, session->n_name_servers * SP_ADDRESS_SIZE);
  copy->behind = copy_list (session->behind, session->n_behind * sizeof *session->behind);
  return copy;
}

void
sp_firewall_session_free (SpFirewallSession *session)
{
  if (session == NULL)
    return;
  g_free ((char *) session->device);
  g_free ((gpointer) session->hosts);
  g_free ((gpointer) session->name_servers);
  g_free ((gpointer) session->behind);
  g_free (session);
}

static gboolean
hosts_equal (const SpFirewallSession *a, const SpFirewallSession *b)
{
  for (guint i = 0; i < a->n_hosts; i++)
    if (memcmp (&a->hosts[i].network, &b->hosts[i].network, sizeof a->hosts[i].network) != 0 ||
        a->hosts[i].protocol != b->hosts[i].protocol ||
        a->hosts[i].first_port != b->hosts[i].first_port ||
        a->hosts[i].last_port != b->hosts[i].last_port)
      return FALSE;
  return TRUE;
}

gboolean
sp_firewall_session_equal (const SpFirewallSession *a, const SpFirewallSession *b)
{
  return g_str_equal (a->device, b->device) && memcmp (a->ipv4, b->ipv4, SP_ADDRESS_SIZE) == 0 &&
         memcmp (a->ipv6, b->ipv6, SP_ADDRESS_SIZE) == 0 && a->reach == b->reach &&
         !a->silent == !b->silent && !a->sees_others == !b->sees_others &&
         a->n_hosts == b->n_hosts && hosts_equal (a, b) && a->n_name_servers == b->n_name_servers &&
         lists_equal (a->name_servers, b->name_servers, a->n_name_servers * SP_ADDRESS_SIZE) &&
         a->n_behind == b->n_behind &&
         lists_equal (a->behind, b->behind, a->n_behind * sizeof *a->behind);
}
