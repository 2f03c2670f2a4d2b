/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "uplink-snapshot.h"

#include "uplink-manager.h"

#include <string.h>

#define RESOLVER_FILE_MAX 65536

/* The first is what programs here use; the others tell what stands behind a resolver of this
 * machine. */
static const char *const resolver_files[] = {
  "/etc/resolv.conf",
  "/run/systemd/resolve/resolv.conf",
  "/run/NetworkManager/no-stub-resolv.conf",
};

SpUplink *
sp_uplink_new (void)
{
  SpUplink *uplink = g_new0 (SpUplink, 1);

  uplink->interfaces = g_array_new (FALSE, TRUE, sizeof (SpUplinkInterface));
  uplink->addresses = g_array_new (FALSE, TRUE, sizeof (SpUplinkAddress));
  uplink->home_networks = g_array_new (FALSE, TRUE, sizeof (SpNetwork));
  uplink->used_networks = g_array_new (FALSE, TRUE, sizeof (SpNetwork));
  uplink->delegated_networks = g_array_new (FALSE, TRUE, sizeof (SpNetwork));
  uplink->dns = g_array_new (FALSE, TRUE, sizeof (SpEndpoint));
  return uplink;
}

void
sp_uplink_free (SpUplink *uplink)
{
  g_array_unref (uplink->interfaces);
  g_array_unref (uplink->addresses);
  g_array_unref (uplink->home_networks);
  g_array_unref (uplink->used_networks);
  g_array_unref (uplink->delegated_networks);
  g_array_unref (uplink->dns);
  g_free (uplink->domains);
  g_free (uplink);
}

const SpUplinkInterface *
sp_uplink_find_interface (const SpUplink *uplink, guint index)
{
  for (guint i = 0; i < uplink->interfaces->len; i++)
    if (g_array_index (uplink->interfaces, SpUplinkInterface, i).index == index)
      return &g_array_index (uplink->interfaces, SpUplinkInterface, i);
  return NULL;
}

static gboolean
read_resolver_file (const char *path, SpResolverFile *ret)
{
  g_autofree char *text = NULL;
  gsize length;

  if (!g_file_get_contents (path, &text, &length, NULL))
    return FALSE;
  sp_resolver_file_parse (text, MIN (length, RESOLVER_FILE_MAX), ret);
  return TRUE;
}

void
sp_uplink_add_names (SpUplink *uplink, const SpResolverFile *names)
{
  if (uplink->domains == NULL && names->domains[0] != '\0')
    uplink->domains = g_strdup (names->domains);
  for (guint i = 0; i < names->n_servers; i++)
    {
      SpEndpoint server = { .port = 0 };
      memcpy (server.address, names->servers[i], SP_ADDRESS_SIZE);
      g_array_append_val (uplink->dns, server);
    }
  uplink->dns_is_local = names->has_local && uplink->dns->len == 0;
}

static void
read_resolver_files (SpUplink *uplink)
{
  for (guint i = 0; i < G_N_ELEMENTS (resolver_files) && uplink->dns->len == 0; i++)
    {
      SpResolverFile file;

      if (!read_resolver_file (resolver_files[i], &file))
        continue;
      sp_uplink_add_names (uplink, &file);
      if (i == 0 && !file.has_local)
        return;
      uplink->dns_is_local = uplink->dns->len == 0;
    }
}

void
sp_uplink_read_names (SpUplink *uplink, SpUplinkManager *manager)
{
  if (uplink->default_ipv4 == 0 && uplink->default_ipv6 == 0)
    uplink->connectivity = SP_CONNECTIVITY_NONE;
  if (!sp_uplink_manager_describe (manager, uplink))
    read_resolver_files (uplink);
}
