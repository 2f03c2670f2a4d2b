/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "uplink-manager.h"

#include "base/log.h"

#include <NetworkManager.h>

/* NetworkManager's own words for how it gets on with resolv.conf(5). */
#define MODE_NOTHING "none"
#define MODE_FILE    "default"

typedef struct
{
  SpUplinkManager *manager; /* not a reference */
  NMClient *client;         /* NULL: not yet, or there is no bus */
  GDBusConnection *bus;
} Follower;

static const SpConnectivity connectivities[] = {
  [NM_CONNECTIVITY_UNKNOWN] = SP_CONNECTIVITY_UNKNOWN,
  [NM_CONNECTIVITY_NONE] = SP_CONNECTIVITY_NONE,
  [NM_CONNECTIVITY_PORTAL] = SP_CONNECTIVITY_PORTAL,
  [NM_CONNECTIVITY_LIMITED] = SP_CONNECTIVITY_LIMITED,
  [NM_CONNECTIVITY_FULL] = SP_CONNECTIVITY_FULL,
};

/* Where it tries nothing, it calls every default route full connectivity. */
static SpConnectivity
read_connectivity (NMClient *client)
{
  NMConnectivityState state = nm_client_get_connectivity (client);

  if (!nm_client_connectivity_check_get_available (client) ||
      !nm_client_connectivity_check_get_enabled (client) ||
      (guint) state >= G_N_ELEMENTS (connectivities))
    return SP_CONNECTIVITY_UNKNOWN;
  return connectivities[state];
}

/* Those that others have set up it shows as active, too. */
static GStrv
list_interfaces (NMClient *client)
{
  const GPtrArray *all = nm_client_get_active_connections (client);
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();

  for (guint i = 0; i < all->len; i++)
    {
      NMActiveConnection *connection = g_ptr_array_index (all, i);
      const GPtrArray *devices = nm_active_connection_get_devices (connection);

      if (nm_active_connection_get_state_flags (connection) & NM_ACTIVATION_STATE_FLAG_EXTERNAL)
        continue;
      for (guint j = 0; j < devices->len; j++)
        {
          const char *name = nm_device_get_ip_iface (g_ptr_array_index (devices, j));

          if (name != NULL)
            g_strv_builder_add (builder, name);
        }
    }
  return g_strv_builder_end (builder);
}

/* An owner who keeps it away from the resolver's file has reasons, and wrote that file himself. */
static gboolean
decides_names (NMClient *client)
{
  static const char *const not_written[] = { "unmanaged", "immutable", NULL };
  const char *mode = nm_client_get_dns_mode (client);
  const char *writer = nm_client_get_dns_rc_manager (client);

  if (mode == NULL || g_str_equal (mode, MODE_NOTHING))
    return FALSE;
  return !g_str_equal (mode, MODE_FILE) || writer == NULL || !g_strv_contains (not_written, writer);
}

static void
add_entry (SpResolverFile *names, NMDnsEntry *entry)
{
  const char *const *servers = nm_dns_entry_get_nameservers (entry);
  const char *const *domains = nm_dns_entry_get_domains (entry);

  for (guint i = 0; servers != NULL && servers[i] != NULL; i++)
    sp_resolver_file_add_server (names, servers[i]);
  /* Those with "~" only say which names are asked there. */
  for (guint i = 0; domains != NULL && domains[i] != NULL; i++)
    sp_resolver_file_add_domain (names, domains[i]);
}

/* In the order in which it asks them.  What a VPN of this machine's brings is for this machine; a
 * negative priority shuts out all that is behind it (nm-settings(5), dns-priority). */
static void
read_names (NMClient *client, SpResolverFile *names)
{
  const GPtrArray *entries = nm_client_get_dns_configuration (client);
  gint only = 0;

  for (guint i = 0; entries != NULL && i < entries->len; i++)
    {
      NMDnsEntry *entry = g_ptr_array_index (entries, i);
      gint priority = nm_dns_entry_get_priority (entry);

      if (nm_dns_entry_get_vpn (entry) || (only < 0 && priority != only))
        continue;
      only = MIN (priority, 0);
      add_entry (names, entry);
    }
}

static SpUplinkReport *
make_report (NMClient *client)
{
  SpUplinkReport *report = g_new0 (SpUplinkReport, 1);

  report->interfaces = list_interfaces (client);
  report->has_names = decides_names (client);
  if (report->has_names)
    read_names (client, &report->names);
  report->connectivity = read_connectivity (client);
  return report;
}

static void
look (Follower *self)
{
  gboolean running = self->client != NULL && nm_client_get_nm_running (self->client);

  sp_uplink_manager_set_report (self->manager, running ? make_report (self->client) : NULL);
}

/* --- following it --- */

static void
follow_connection (Follower *self, NMActiveConnection *connection)
{
  g_signal_connect_swapped (connection, "notify", G_CALLBACK (look), self);
}

static void
leave_connection (Follower *self, NMActiveConnection *connection)
{
  (void) g_signal_handlers_disconnect_by_data (connection, self);
}

static void
leave_client (Follower *self)
{
  const GPtrArray *all;

  if (self->client == NULL)
    return;
  all = nm_client_get_active_connections (self->client);
  for (guint i = 0; i < all->len; i++)
    leave_connection (self, g_ptr_array_index (all, i));
  (void) g_signal_handlers_disconnect_by_data (self->client, self);
  (void) g_signal_handlers_disconnect_by_data (self->bus, self);
  g_clear_object (&self->client);
}

static void
bus_closed (Follower *self)
{
  leave_client (self);
  look (self);
}

static void
client_made_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (SpUplinkManager) manager = user_data;
  Follower *self = sp_uplink_manager_get_source (manager);
  g_autoptr (GError) error = NULL;
  const GPtrArray *all;

  self->client =
      NM_CLIENT (g_async_initable_new_finish (G_ASYNC_INITABLE (source), result, &error));
  if (self->client == NULL)
    {
      sp_log (SP_LOG_WARNING, "network", "NetworkManager is not asked: %s", error->message);
      return;
    }
  g_signal_connect_swapped (self->client, "notify", G_CALLBACK (look), self);
  g_signal_connect_swapped (self->client, NM_CLIENT_ACTIVE_CONNECTION_ADDED,
                            G_CALLBACK (follow_connection), self);
  g_signal_connect_swapped (self->client, NM_CLIENT_ACTIVE_CONNECTION_REMOVED,
                            G_CALLBACK (leave_connection), self);
  g_signal_connect_swapped (self->bus, "closed", G_CALLBACK (bus_closed), self);
  all = nm_client_get_active_connections (self->client);
  for (guint i = 0; i < all->len; i++)
    follow_connection (self, g_ptr_array_index (all, i));
  look (self);
}

/* What it lets us do is not asked: we do nothing to it. */
static void
on_bus_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (SpUplinkManager) manager = user_data;
  Follower *self = sp_uplink_manager_get_source (manager);
  g_autoptr (GError) error = NULL;

  self->bus = g_bus_get_finish (result, &error);
  if (self->bus == NULL)
    {
      sp_log (SP_LOG_NOTICE, "network", "NetworkManager is not asked: %s", error->message);
      return;
    }
  g_dbus_connection_set_exit_on_close (self->bus, FALSE);
  g_async_initable_new_async (NM_TYPE_CLIENT, G_PRIORITY_DEFAULT, NULL, client_made_cb,
                              g_steal_pointer (&manager), NM_CLIENT_DBUS_CONNECTION, self->bus,
                              NM_CLIENT_INSTANCE_FLAGS,
                              (guint) NM_CLIENT_INSTANCE_FLAGS_NO_AUTO_FETCH_PERMISSIONS, NULL);
}

static void
follower_free (gpointer data)
{
  Follower *self = data;

  leave_client (self);
  g_clear_object (&self->bus);
  g_free (self);
}

SpUplinkManager *
sp_uplink_manager_new (void)
{
  SpUplinkManager *manager = g_object_new (SP_TYPE_UPLINK_MANAGER, NULL);
  Follower *self = g_new0 (Follower, 1);

  self->manager = manager;
  sp_uplink_manager_set_source (manager, self, follower_free);
  g_bus_get (G_BUS_TYPE_SYSTEM, NULL, on_bus_cb, g_object_ref (manager));
  return manager;
}
