/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "bus-ban.h"
#include "bus-server.h"

#include "base/limits.h"
#include "bus-backup.h"
#include "bus-certificate-files.h"
#include "bus-certificate.h"
#include "bus-device.h"
#include "bus-health.h"
#include "bus-history.h"
#include "bus-log.h"
#include "bus-options.h"
#include "bus-reply.h"
#include "bus-session.h"
#include "bus-traffic.h"
#include "bus-settings.h"
#include "bus-user-list.h"
#include "bus-user.h"
#include "bus/error.h"
#include "pam-support.h"

#include <gio/gunixfdlist.h>
#include <string.h>

#define API_VERSION 1

struct _SpExportedServer
{
  SpBusServerSkeleton parent_instance;
  SpServer *server;
  SpBusPorter *porter;
  SpBusAudience *audience;
  SpBusTree *tree; /* that has it */
  SpHistoryStreams *streams;
};

static const char *const features[] = {
  "password",     "dtls",    "ipv6",        "history",       "settings", "rate-limits",
  "certificates", "expiry",  "backup",      "log",           "devices",  "jobs",
  "bans",         "reach",   "two-step",    "app-passwords", "traffic",  "quota",
  "bin",          "sign-in", "invitations", "second-step",   "blocks",   NULL,
};

static const SpBusKey find_keys[] = {
  { "removed", "b", 0, 0, FALSE },
};

static const SpBusKey subscribe_keys[] = {
  { "statistics-interval-ms", "u", 0, SP_BUS_INTERVAL_MAX, FALSE },
};

/* --- starting and stopping --- */

static void
on_started (GObject *server, GAsyncResult *result, gpointer invocation)
{
  GError *error = NULL;

  (void) sp_server_start_finish (SP_SERVER (server), result, &error);
  sp_bus_reply (invocation, error);
}

static gboolean
handle_start (SpBusServer *object, GDBusMethodInvocation *invocation, GVariant *options)
{
  SpExportedServer *self = SP_EXPORTED_SERVER (object);
  GError *error = NULL;

  if (sp_bus_options_check_empty (options, &error))
    sp_server_start_async (self->server, NULL, on_started, invocation);
  else
    sp_bus_reply_error (invocation, error);
  return TRUE;
}

static void
on_stopped (GObject *server, GAsyncResult *result, gpointer invocation)
{
  GError *error = NULL;

  (void) sp_server_stop_finish (SP_SERVER (server), result, &error);
  sp_bus_reply (invocation, error);
}

static gboolean
handle_stop (SpBusServer *object, GDBusMethodInvocation *invocation, GVariant *options)
{
  SpExportedServer *self = SP_EXPORTED_SERVER (object);
  GError *error = NULL;

  if (sp_bus_options_check_empty (options, &error))
    sp_server_stop_async (self->server, FALSE, NULL, on_stopped, invocation);
  else
    sp_bus_reply_error (invocation, error);
  return TRUE;
}

static gboolean
handle_reload (SpBusServer *object, GDBusMethodInvocation *invocation, GVariant *options)
{
  SpExportedServer *self = SP_EXPORTED_SERVER (object);
  g_auto (GStrv) names = NULL;
  GError *error = NULL;

  if (!sp_bus_options_check_empty (options, &error) ||
      !sp_configuration_load (sp_server_get_configuration (self->server), &error))
    {
      sp_bus_reply_error (invocation, error);
      return TRUE;
    }
  names = sp_exported_settings_list_restart (self->server);
  sp_bus_server_complete_reload (object, invocation, (const char *const *) names);
  return TRUE;
}

/* --- users --- */

static void
on_user_added (GObject *users, GAsyncResult *result, gpointer invocation)
{
  GError *error = NULL;
  g_autoptr (SpUser) user = sp_user_registry_add_finish (SP_USER_REGISTRY (users), result, &error);
  g_autofree char *path = NULL;

  if (user == NULL)
    {
      sp_bus_reply_error (invocation, error);
      return;
    }
  path = sp_exported_user_path (user);
  g_dbus_method_invocation_return_value (invocation, g_variant_new ("(o)", path));
}

static gboolean
check_new_user (GVariant *values, GError **error)
{
  SpBusKey keys[SP_USER_N_VALUES + 1];

  memcpy (keys, sp_user_value_keys, sizeof sp_user_value_keys);
  keys[SP_USER_N_VALUES] = (SpBusKey){ "Login", "s", 1, SP_LOGIN_MAX, TRUE, NULL };
  return sp_bus_options_check (values, keys, G_N_ELEMENTS (keys), error);
}

static gboolean
handle_add_user (SpBusServer *object,
                 GDBusMethodInvocation *invocation,
                 GVariant *values,
                 GVariant *options)
{
  SpExportedServer *self = SP_EXPORTED_SERVER (object);
  const char *login = "";
  GError *error = NULL;

  if (!check_new_user (values, &error) || !sp_bus_options_check_empty (options, &error))
    {
      sp_bus_reply_error (invocation, error);
      return TRUE;
    }
  (void) g_variant_lookup (values, "Login", "&s", &login);
  sp_user_registry_add_async (sp_server_get_users (self->server), login, values, NULL,
                              on_user_added, invocation);
  return TRUE;
}

static gboolean
handle_find_user (SpBusServer *object,
                  GDBusMethodInvocation *invocation,
                  const char *login,
                  GVariant *options)
{
  SpExportedServer *self = SP_EXPORTED_SERVER (object);
  g_autofree char *path = NULL;
  gboolean removed = FALSE;
  GError *error = NULL;
  SpUser *user = NULL;

  if (sp_bus_options_check (options, find_keys, G_N_ELEMENTS (find_keys), &error))
    {
      (void) g_variant_lookup (options, "removed", "b", &removed);
      user = sp_user_registry_find_by_login (sp_server_get_users (self->server), login);
      if (user == NULL || (sp_user_get_record (user)->removed_at != 0) != removed)
        g_set_error (&error, SP_BUS_ERROR, SP_BUS_ERROR_NOT_FOUND, "no user has that login");
    }
  if (error != NULL)
    {
      sp_bus_reply_error (invocation, error);
      return TRUE;
    }
  path = sp_exported_user_path (user);
  sp_bus_server_complete_find_user (object, invocation, path);
  return TRUE;
}

static gboolean
handle_undo (SpBusServer *object,
             GDBusMethodInvocation *invocation,
             const char *token,
             GVariant *options)
{
  SpExportedServer *self = SP_EXPORTED_SERVER (object);
  GError *error = NULL;

  if (sp_bus_options_check_empty (options, &error))
    {
      if (sp_bus_device_undo (sp_server_get_devices (self->server), token, invocation) ||
          sp_bus_user_undo (sp_server_get_users (self->server), token, invocation))
        return TRUE;
      sp_bus_session_undo (self->server, token, invocation);
    }
  else
    sp_bus_reply_error (invocation, error);
  return TRUE;
}

static gboolean
handle_disconnect_all (SpBusServer *object, GDBusMethodInvocation *invocation, GVariant *options)
{
  sp_bus_session_disconnect (SP_EXPORTED_SERVER (object)->server, NULL, invocation, options);
  return TRUE;
}

static gboolean
handle_list_users (SpBusServer *object,
                   GDBusMethodInvocation *invocation,
                   GVariant *filter,
                   const char *cursor,
                   guint limit,
                   GVariant *options)
{
  SpExportedServer *self = SP_EXPORTED_SERVER (object);

  sp_bus_user_list (sp_server_get_users (self->server), self->tree, invocation, filter, cursor,
                    limit, options);
  return TRUE;
}

/* --- bans --- */

static gboolean
handle_block_address (SpBusServer *object,
                      GDBusMethodInvocation *invocation,
                      const char *address,
                      GVariant *options)
{
  sp_bus_ban_block (SP_EXPORTED_SERVER (object)->server, invocation, address, options);
  return TRUE;
}

/* --- history --- */

static gboolean
handle_list_history (SpBusServer *object,
                     GDBusMethodInvocation *invocation,
                     GVariant *filter,
                     const char *cursor,
                     guint limit,
                     GVariant *options)
{
  SpStore *store = sp_server_get_store (SP_EXPORTED_SERVER (object)->server);

  sp_bus_history_list (store, invocation, filter, cursor, limit, options);
  return TRUE;
}

static gboolean
handle_list_devices (SpBusServer *object,
                     GDBusMethodInvocation *invocation,
                     GVariant *filter,
                     const char *cursor,
                     guint limit,
                     GVariant *options)
{
  SpStore *store = sp_server_get_store (SP_EXPORTED_SERVER (object)->server);

  sp_bus_device_list (store, invocation, filter, cursor, limit, options);
  return TRUE;
}

static gboolean
handle_open_history (SpBusServer *object,
                     GDBusMethodInvocation *invocation,
                     GUnixFDList *ignored,
                     GVariant *filter,
                     GVariant *options)
{
  SpExportedServer *self = SP_EXPORTED_SERVER (object);

  sp_bus_history_open (sp_server_get_store (self->server), self->streams, invocation, filter,
                       options);
  return TRUE;
}

static gboolean
handle_query_traffic (SpBusServer *object,
                      GDBusMethodInvocation *invocation,
                      const char *scope,
                      const char *resolution,
                      guint64 from,
                      guint64 to,
                      GVariant *options)
{
  SpTrafficLedger *ledger = sp_server_get_ledger (SP_EXPORTED_SERVER (object)->server);

  sp_bus_traffic_query (ledger, invocation, scope, resolution, from, to, options);
  return TRUE;
}

static gboolean
handle_erase_history (SpBusServer *object,
                      GDBusMethodInvocation *invocation,
                      const char *user,
                      GVariant *options)
{
  SpStore *store = sp_server_get_store (SP_EXPORTED_SERVER (object)->server);

  sp_bus_history_erase (store, invocation, user, options);
  return TRUE;
}

static gboolean
handle_forget_history (SpBusServer *object,
                       GDBusMethodInvocation *invocation,
                       GVariant *filter,
                       GVariant *options)
{
  SpServer *server = SP_EXPORTED_SERVER (object)->server;

  sp_bus_history_forget (sp_server_get_store (server), sp_server_get_jobs (server), invocation,
                         filter, options);
  return TRUE;
}

/* --- certificates --- */

static gboolean
handle_check_certificate (SpBusServer *object,
                          GDBusMethodInvocation *invocation,
                          GUnixFDList *descriptors,
                          GVariant *files,
                          GVariant *options)
{
  sp_bus_certificate_files (SP_EXPORTED_SERVER (object)->server, invocation, descriptors, files,
                            options, FALSE);
  return TRUE;
}

static gboolean
handle_import_certificate (SpBusServer *object,
                           GDBusMethodInvocation *invocation,
                           GUnixFDList *descriptors,
                           GVariant *files,
                           GVariant *options)
{
  sp_bus_certificate_files (SP_EXPORTED_SERVER (object)->server, invocation, descriptors, files,
                            options, TRUE);
  return TRUE;
}

static void
on_certificate_requested (GObject *certificates, GAsyncResult *result, gpointer invocation)
{
  GError *error = NULL;
  g_autofree SpCertificateRequested *requested = sp_certificate_registry_request_finish (
      SP_CERTIFICATE_REGISTRY (certificates), result, &error);
  g_autofree char *path = NULL;

  if (requested == NULL)
    {
      sp_bus_reply_error (invocation, error);
      return;
    }
  path = sp_exported_certificate_path_of_id (requested->id);
  g_dbus_method_invocation_return_value (invocation, g_variant_new ("(o)", path));
}

static gboolean
handle_request_certificate (SpBusServer *object,
                            GDBusMethodInvocation *invocation,
                            const char *const *names,
                            GVariant *options)
{
  SpExportedServer *self = SP_EXPORTED_SERVER (object);
  g_autoptr (GBytes) written = NULL;
  GError *error = NULL;

  if (sp_bus_options_check_empty (options, &error))
    written = sp_bus_write_names (names, &error);
  if (written == NULL)
    sp_bus_reply_error (invocation, error);
  else
    sp_certificate_registry_request_async (sp_server_get_certificates (self->server), NULL, written,
                                           on_certificate_requested, invocation);
  return TRUE;
}

static gboolean
handle_open_log (SpBusServer *object,
                 GDBusMethodInvocation *invocation,
                 GUnixFDList *ignored,
                 GVariant *filter,
                 GVariant *options)
{
  sp_bus_log_open (sp_server_get_log (SP_EXPORTED_SERVER (object)->server), invocation, filter,
                   options);
  return TRUE;
}

static gboolean
handle_export_backup (SpBusServer *object,
                      GDBusMethodInvocation *invocation,
                      GUnixFDList *descriptors,
                      GVariant *file,
                      GVariant *passphrase,
                      GVariant *options)
{
  const SpBusBackupCall call = { invocation, descriptors, file, passphrase, options };

  sp_bus_backup_export (SP_EXPORTED_SERVER (object)->server, &call);
  return TRUE;
}

static gboolean
handle_check_backup (SpBusServer *object,
                     GDBusMethodInvocation *invocation,
                     GUnixFDList *descriptors,
                     GVariant *file,
                     GVariant *passphrase,
                     GVariant *options)
{
  const SpBusBackupCall call = { invocation, descriptors, file, passphrase, options };

  sp_bus_backup_check (SP_EXPORTED_SERVER (object)->server, &call);
  return TRUE;
}

static gboolean
handle_import_backup (SpBusServer *object,
                      GDBusMethodInvocation *invocation,
                      GUnixFDList *descriptors,
                      GVariant *file,
                      GVariant *passphrase,
                      GVariant *options)
{
  const SpBusBackupCall call = { invocation, descriptors, file, passphrase, options };

  sp_bus_backup_import (SP_EXPORTED_SERVER (object)->server, &call);
  return TRUE;
}

static gboolean
handle_set_backup_passphrase (SpBusServer *object,
                              GDBusMethodInvocation *invocation,
                              GUnixFDList *descriptors,
                              GVariant *passphrase,
                              GVariant *options)
{
  const SpBusBackupCall call = { invocation, descriptors, NULL, passphrase, options };

  sp_bus_backup_set_passphrase (SP_EXPORTED_SERVER (object)->server, &call);
  return TRUE;
}

static gboolean
handle_forget_backup_passphrase (SpBusServer *object,
                                 GDBusMethodInvocation *invocation,
                                 GVariant *options)
{
  sp_bus_backup_forget_passphrase (SP_EXPORTED_SERVER (object)->server, invocation, options);
  return TRUE;
}

static gboolean
handle_reset (SpBusServer *object, GDBusMethodInvocation *invocation, GVariant *options)
{
  sp_bus_backup_reset (SP_EXPORTED_SERVER (object)->server, invocation, options);
  return TRUE;
}

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
  const char *const none[] = { NULL };

  g_object_freeze_notify (G_OBJECT (bus));
  sp_bus_server_set_state (bus, sp_server_state_to_string (sp_server_get_state (server)));
  sp_bus_server_set_last_error (bus, last_error (server));
  sp_bus_server_set_started_at (bus, (guint64) sp_server_get_started_at (server));
  sp_bus_server_set_port (bus, is_on ? sp_server_get_settings (server)->port : 0);
  sp_bus_server_set_urls (bus, is_on ? (const char *const *) urls : none);
  sp_bus_server_set_certificate_pin (bus, pin);
  sp_bus_server_set_last_backup_at (bus, (guint64) sp_server_get_last_backup_at (server));
  sp_bus_server_set_last_backup_error (bus, sp_server_get_last_backup_error (server));
  g_object_thaw_notify (G_OBJECT (bus));
}

/* --- life --- */

static void
sp_exported_server_iface_init (SpBusServerIface *iface)
{
  iface->handle_start = handle_start;
  iface->handle_stop = handle_stop;
  iface->handle_reload = handle_reload;
  iface->handle_add_user = handle_add_user;
  iface->handle_block_address = handle_block_address;
  iface->handle_find_user = handle_find_user;
  iface->handle_list_users = handle_list_users;
  iface->handle_undo = handle_undo;
  iface->handle_disconnect_all = handle_disconnect_all;
  iface->handle_list_history = handle_list_history;
  iface->handle_list_devices = handle_list_devices;
  iface->handle_open_history = handle_open_history;
  iface->handle_erase_history = handle_erase_history;
  iface->handle_forget_history = handle_forget_history;
  iface->handle_request_certificate = handle_request_certificate;
  iface->handle_check_certificate = handle_check_certificate;
  iface->handle_import_certificate = handle_import_certificate;
  iface->handle_query_traffic = handle_query_traffic;
  iface->handle_open_log = handle_open_log;
  iface->handle_export_backup = handle_export_backup;
  iface->handle_check_backup = handle_check_backup;
  iface->handle_import_backup = handle_import_backup;
  iface->handle_set_backup_passphrase = handle_set_backup_passphrase;
  iface->handle_forget_backup_passphrase = handle_forget_backup_passphrase;
  iface->handle_reset = handle_reset;
  iface->handle_get_certificate_authority = handle_get_certificate_authority;
  iface->handle_get_permissions = handle_get_permissions;
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
                        SpBusTree *tree)
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
  follow_server (server, NULL, self);
  sp_bus_health_follow (server, bus);
  return self;
}
