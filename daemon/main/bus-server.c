/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "bus-server-private.h"

#include "base/label.h"
#include "bus-acme.h"
#include "bus-certificate.h"
#include "bus-dynamic-dns.h"
#include "bus-health.h"
#include "bus-options.h"
#include "bus-port-mapping.h"
#include "bus-reply.h"
#include "bus/error.h"
#include "pam-support.h"

#include <gio/gunixfdlist.h>

#define API_VERSION 1

static const char *const features[] = {
  "password",
  "dtls",
  "ipv6",
  "history",
  "settings",
  "rate-limits",
  "certificates",
  "expiry",
  "backup",
  "log",
  "devices",
  "jobs",
  "bans",
  "reach",
  "two-step",
  "app-passwords",
  "traffic",
  "quota",
  "bin",
  "sign-in",
  "invitations",
  "second-step",
  "blocks",
  "checkpoint",
  "restart",
  "tokens",
  "groups",
  "keep-awake",
  "restart-when-idle",
  "unlock",
  "surroundings",
  "events",
  "penalties",
  "name-gate",
  "start-at-boot",
  "clock",
  "reachability",
  "dynamic-dns",
  "port-mapping",
  "acme",
  NULL,
};

static const SpBusKey subscribe_keys[] = {
  { "statistics-interval-ms", "u", 0, SP_BUS_INTERVAL_MAX, FALSE },
};

/* --- what the server tells --- */

static gboolean
handle_get_certificate_authority (SpBusServer *object,
                                  GDBusMethodInvocation *invocation,
                                  GVariant *options)
{
  GError *error = NULL;
  const SpPrepared *prepared = sp_server_get_certificate (SP_EXPORTED_SERVER (object)->server);
  g_autoptr (GBytes) certificate = sp_bus_write_authority (prepared, options, &error);

  if (certificate == NULL)
    sp_bus_reply_error (invocation, error);
  else
    sp_bus_server_complete_get_certificate_authority (
        object, invocation,
        g_variant_new_from_bytes (G_VARIANT_TYPE_BYTESTRING, certificate, TRUE));
  return TRUE;
}

static void
on_listed (GObject *porter, GAsyncResult *result, gpointer invocation)
{
  GError *error = NULL;
  g_autoptr (GVariant) permissions =
      sp_bus_porter_list_finish (SP_BUS_PORTER (porter), result, &error);

  if (permissions == NULL)
    sp_bus_reply_error (invocation, error);
  else
    g_dbus_method_invocation_return_value (invocation, g_variant_new ("(@a{ss})", permissions));
}

static gboolean
handle_get_permissions (SpBusServer *object, GDBusMethodInvocation *invocation, GVariant *options)
{
  SpExportedServer *self = SP_EXPORTED_SERVER (object);
  GError *error = NULL;

  if (sp_bus_options_check_empty (options, &error))
    sp_bus_porter_list_async (self->porter, g_dbus_method_invocation_get_sender (invocation),
                              on_listed, invocation);
  else
    sp_bus_reply_error (invocation, error);
  return TRUE;
}

/* All of it was the porter's question. */
static gboolean
handle_unlock (SpBusServer *object, GDBusMethodInvocation *invocation, GVariant *options)
{
  GError *error = NULL;

  (void) sp_bus_options_check_empty (options, &error);
  sp_bus_reply (invocation, error);
  return TRUE;
}

static int
subscribe (SpExportedServer *self, const char *sender, GVariant *options, GError **error)
{
  guint32 interval = 0;

  if (!sp_bus_options_check (options, subscribe_keys, G_N_ELEMENTS (subscribe_keys), error))
    return -1;
  (void) g_variant_lookup (options, "statistics-interval-ms", "u", &interval);
  if (interval > 0 && interval < SP_BUS_INTERVAL_MIN)
    {
      g_set_error (error, SP_BUS_ERROR, SP_BUS_ERROR_INVALID_ARGS,
                   "“statistics-interval-ms” must be 0 or at least %d", SP_BUS_INTERVAL_MIN);
      return -1;
    }
  return sp_bus_audience_subscribe (self->audience, sender, interval, error);
}

static gboolean
handle_subscribe (SpBusServer *object,
                  GDBusMethodInvocation *invocation,
                  GUnixFDList *ignored,
                  GVariant *options)
{
  SpExportedServer *self = SP_EXPORTED_SERVER (object);
  g_autoptr (GUnixFDList) descriptors = NULL;
  GError *error = NULL;
  int fd = subscribe (self, g_dbus_method_invocation_get_sender (invocation), options, &error);

  if (fd < 0)
    {
      sp_bus_reply_error (invocation, error);
      return TRUE;
    }
  descriptors = g_unix_fd_list_new_from_array (&fd, 1);
  sp_bus_server_complete_subscribe (object, invocation, descriptors, g_variant_new_handle (0));
  return TRUE;
}

/* --- properties --- */

static GVariant *
last_error (SpServer *server)
{
  const GError *error = sp_server_get_last_error (server);
  g_autoptr (GError) told = error != NULL ? sp_bus_error_from (error) : NULL;

  return g_variant_new ("(ss@a{sv})", told != NULL ? sp_bus_error_name (told->code) : "",
                        told != NULL ? told->message : "",
                        g_variant_new_array (G_VARIANT_TYPE ("{sv}"), NULL, 0));
}

static void
follow_server (SpServer *server, GParamSpec *property, gpointer data)
{
  SpBusServer *bus = SP_BUS_SERVER (data);
  const SpPrepared *certificate = sp_server_get_certificate (server);
  g_autofree char *pin = certificate != NULL ? sp_pin_text (certificate->pin) : g_strdup ("");
  gboolean is_on = sp_server_get_state (server) == SP_SERVER_ON;
  g_auto (GStrv) urls = is_on ? sp_server_list_urls (server) : NULL;
  g_autofree char *device_url = is_on ? sp_server_make_device_url (server, SP_LABEL_PLACE) : NULL;
  const char *const none[] = { NULL };

  g_object_freeze_notify (G_OBJECT (bus));
  sp_bus_server_set_state (bus, sp_server_state_to_string (sp_server_get_state (server)));
  sp_bus_server_set_last_error (bus, last_error (server));
  sp_bus_server_set_started_at (bus, (guint64) sp_server_get_started_at (server));
  sp_bus_server_set_port (bus, is_on ? sp_server_get_settings (server)->port : 0);
  sp_bus_server_set_udp_port (bus, is_on ? sp_server_get_settings (server)->udp_port : 0);
  sp_bus_server_set_urls (bus, is_on ? (const char *const *) urls : none);
  sp_bus_server_set_device_url (bus, device_url != NULL ? device_url : "");
  sp_bus_server_set_certificate_pin (bus, pin);
  sp_bus_server_set_dynamic_dns (bus, sp_bus_dynamic_dns_describe (server));
  sp_bus_server_set_port_mapping (bus, sp_bus_port_mapping_describe (server));
  sp_bus_server_set_acme (bus, sp_bus_acme_describe (server));
  sp_bus_server_set_last_backup_at (bus, (guint64) sp_server_get_last_backup_at (server));
  sp_bus_server_set_last_backup_error (bus, sp_server_get_last_backup_error (server));
  g_object_thaw_notify (G_OBJECT (bus));
}

static void
follow_configuration (SpConfiguration *configuration, gpointer data)
{
  follow_server (SP_EXPORTED_SERVER (data)->server, NULL, data);
}

static void
follow_surroundings (SpSurroundings *surroundings, gpointer data)
{
  SpBusServer *bus = SP_BUS_SERVER (data);
  g_auto (GStrv) home = sp_surroundings_list_home (surroundings);
  g_autofree char *range = sp_surroundings_propose (surroundings);
  g_autofree char *router = sp_surroundings_get_router (surroundings);

  g_object_freeze_notify (G_OBJECT (bus));
  sp_bus_server_set_home_networks (bus, (const char *const *) home);
  sp_bus_server_set_free_range (bus, range != NULL ? range : "");
  sp_bus_server_set_router (bus, router != NULL ? router : "");
  g_object_thaw_notify (G_OBJECT (bus));
}

/* --- life --- */

static void
sp_exported_server_iface_init (SpBusServerIface *iface)
{
  sp_exported_server_init_control (iface);
  sp_exported_server_init_people (iface);
  sp_exported_server_init_keeping (iface);
  sp_exported_server_init_dynamic_dns (iface);
  sp_exported_server_init_port_mapping (iface);
  sp_exported_server_init_acme (iface);
  iface->handle_get_certificate_authority = handle_get_certificate_authority;
  iface->handle_get_permissions = handle_get_permissions;
  iface->handle_unlock = handle_unlock;
  iface->handle_subscribe = handle_subscribe;
}

G_DEFINE_FINAL_TYPE_WITH_CODE (SpExportedServer,
                               sp_exported_server,
                               SP_BUS_TYPE_SERVER_SKELETON,
                               G_IMPLEMENT_INTERFACE (SP_BUS_TYPE_SERVER,
                                                      sp_exported_server_iface_init))

static void
sp_exported_server_dispose (GObject *object)
{
  SpExportedServer *self = SP_EXPORTED_SERVER (object);

  g_clear_pointer (&self->streams, sp_history_streams_free);
  g_clear_object (&self->idle_restart);
  g_clear_object (&self->boot);
  g_clear_object (&self->server);
  g_clear_object (&self->porter);
  g_clear_object (&self->audience);
  G_OBJECT_CLASS (sp_exported_server_parent_class)->dispose (object);
}

static void
sp_exported_server_class_init (SpExportedServerClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = sp_exported_server_dispose;
}

static void
sp_exported_server_init (SpExportedServer *self)
{
  self->streams = sp_history_streams_new ();
}

/* With what not every build has. */
static void
tell_features (SpBusServer *bus)
{
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();
  g_auto (GStrv) all = NULL;

  g_strv_builder_addv (builder, (const char **) features);
  if (sp_pam_is_built ())
    g_strv_builder_add (builder, "pam");
  all = g_strv_builder_end (builder);
  sp_bus_server_set_features (bus, (const char *const *) all);
}

SpExportedServer *
sp_exported_server_new (SpServer *server,
                        SpBusPorter *porter,
                        SpBusAudience *audience,
                        SpBusTree *tree,
                        SpSleepGuard *guard,
                        SpFirewalldGuest *guest,
                        SpBootSwitch *boot)
{
  SpExportedServer *self = g_object_new (SP_TYPE_EXPORTED_SERVER, NULL);
  SpBusServer *bus = SP_BUS_SERVER (self);

  self->server = g_object_ref (server);
  self->porter = g_object_ref (porter);
  self->audience = g_object_ref (audience);
  self->tree = tree;
  sp_bus_server_set_version (bus, SP_VERSION);
  sp_bus_server_set_api_version (bus, API_VERSION);
  tell_features (bus);
  g_signal_connect_object (server, "notify", G_CALLBACK (follow_server), self, 0);
  g_signal_connect_object (sp_server_get_configuration (server), "changed",
                           G_CALLBACK (follow_configuration), self, 0);
  follow_server (server, NULL, self);
  g_signal_connect_object (sp_server_get_surroundings (server), "changed",
                           G_CALLBACK (follow_surroundings), self, 0);
  follow_surroundings (sp_server_get_surroundings (server), self);
  sp_bus_health_follow (server, guard, guest, bus);
  sp_exported_server_follow_checkpoint (self);
  self->idle_restart = sp_idle_restart_new (server);
  sp_exported_server_follow_restart (self);
  self->boot = g_object_ref (boot);
  sp_exported_server_follow_boot (self);
  return self;
}
