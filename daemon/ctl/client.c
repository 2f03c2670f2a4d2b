/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "client.h"

#include "base/limits.h"

#include "agent.h"
#include "base/io.h"
#include "base/names.h"
#include "bus/error.h"
#include "remote/remote.h"

#include <gio/gunixfdlist.h>
#include <string.h>

#include <unistd.h>

#define ID_LENGTH (2 * SP_ID_SIZE) /* in hexadecimal */
#define LOOKS     3                /* at a service that is being replaced */

static GDBusConnection *
connect_to_bus (const SpControl *control, GError **error)
{
  if (control->host != NULL)
    return sp_remote_connect (control->host, NULL, error);
  if (control->address == NULL)
    return g_bus_get_sync (G_BUS_TYPE_SYSTEM, NULL, error);
  return g_dbus_connection_new_for_address_sync (control->address,
                                                 G_DBUS_CONNECTION_FLAGS_AUTHENTICATION_CLIENT |
                                                     G_DBUS_CONNECTION_FLAGS_MESSAGE_BUS_CONNECTION,
                                                 NULL, NULL, error);
}

/* Leaves client->server NULL where a service answers now, but another one, or none, was looked at:
 * a proxy whose service could not be started, or ended meanwhile, comes without a word.  So the
 * word is asked for. */
static gboolean
look_at_server (SpClient *client, gboolean no_start, GError **error)
{
  g_autoptr (GVariant) reply = NULL;
  g_autoptr (SpBusServer) server = sp_bus_server_proxy_new_sync (
      client->connection, no_start ? G_DBUS_PROXY_FLAGS_DO_NOT_AUTO_START : G_DBUS_PROXY_FLAGS_NONE,
      SP_BUS_NAME, SP_BUS_SERVER_PATH, NULL, error);

  if (server == NULL)
    return FALSE;
  if (sp_bus_server_get_state (server) != NULL)
    {
      client->server = g_steal_pointer (&server);
      return TRUE;
    }
  reply = g_dbus_connection_call_sync (
      client->connection, SP_BUS_NAME, SP_BUS_SERVER_PATH, "org.freedesktop.DBus.Peer", "Ping",
      NULL, NULL, no_start ? G_DBUS_CALL_FLAGS_NO_AUTO_START : G_DBUS_CALL_FLAGS_NONE,
      client->timeout, NULL, error);
  return reply != NULL;
}

SpClient *
sp_client_new (const SpControl *control, GError **error)
{
  g_autoptr (SpClient) client = g_new0 (SpClient, 1);

  /* Makes the names of the service's errors known. */
  (void) sp_bus_error_quark ();
  client->subscription = -1;
  client->timeout =
      control->wait_seconds > G_MAXINT / 1000 ? G_MAXINT : control->wait_seconds * 1000;
  client->flags =
      control->no_ask ? G_DBUS_CALL_FLAGS_NONE : G_DBUS_CALL_FLAGS_ALLOW_INTERACTIVE_AUTHORIZATION;
  client->connection = connect_to_bus (control, error);
  if (client->connection == NULL)
    return NULL;
  g_dbus_connection_set_exit_on_close (client->connection, FALSE);
  for (guint i = 0; client->server == NULL && i < LOOKS; i++)
    if (!look_at_server (client, control->no_start, error))
      return NULL;
  if (client->server == NULL)
    {
      g_set_error (error, SP_CTL_ERROR, SP_CTL_ERROR_UNREACHABLE,
                   "the service does not tell its state");
      return NULL;
    }
  if (!control->no_ask && control->host == NULL)
    client->agent = sp_agent_start ();
  return g_steal_pointer (&client);
}

void
sp_client_free (SpClient *client)
{
  sp_agent_stop (g_steal_pointer (&client->agent));
  g_clear_object (&client->objects);
  g_clear_object (&client->settings);
  g_clear_object (&client->server);
  g_clear_object (&client->connection);
  sp_fd_clear (&client->subscription);
  g_free (client);
}

static int
subscribe (SpClient *client, guint interval, GDBusCallFlags flags, GError **error)
{
  g_autoptr (GUnixFDList) descriptors = NULL;
  g_autoptr (GVariant) handle = NULL;
  GVariantBuilder options = G_VARIANT_BUILDER_INIT (G_VARIANT_TYPE_VARDICT);

  if (interval > 0)
    g_variant_builder_add (&options, "{sv}", "statistics-interval-ms",
                           g_variant_new_uint32 (interval));
  if (!sp_bus_server_call_subscribe_sync (client->server, g_variant_builder_end (&options), flags,
                                          client->timeout, NULL, &handle, &descriptors, NULL,
                                          error))
    return -1;
  if (descriptors == NULL || g_unix_fd_list_get_length (descriptors) != 1)
    {
      g_set_error (error, SP_CTL_ERROR, SP_CTL_ERROR_FAILED,
                   "the service's answer has no descriptor");
      return -1;
    }
  return g_unix_fd_list_get (descriptors, 0, error);
}

static gboolean
look (SpClient *client, guint interval, GDBusCallFlags flags, GError **error)
{
  GError *failure = NULL;

  if (client->objects != NULL)
    return TRUE;
  client->subscription = subscribe (client, interval, flags, &failure);
  /* Who looks at all objects hears of them, too, where no descriptor comes from. */
  if (interval == 0 && g_error_matches (failure, G_DBUS_ERROR, G_DBUS_ERROR_NOT_SUPPORTED))
    g_clear_error (&failure);
  if (failure != NULL)
    {
      g_propagate_error (error, failure);
      return FALSE;
    }
  client->objects = sp_bus_object_manager_client_new_sync (
      client->connection, G_DBUS_OBJECT_MANAGER_CLIENT_FLAGS_DO_NOT_AUTO_START, SP_BUS_NAME,
      SP_BUS_ROOT_PATH, NULL, error);
  return client->objects != NULL;
}

gboolean
sp_client_look (SpClient *client, guint interval, GError **error)
{
  return look (client, interval, client->flags, error);
}

gboolean
sp_client_look_silently (SpClient *client)
{
  return look (client, 0, G_DBUS_CALL_FLAGS_NONE, NULL);
}

static GPtrArray *
list_proxies (SpClient *client, const char *interface)
{
  GPtrArray *proxies = g_ptr_array_new_with_free_func (g_object_unref);
  GList *objects = g_dbus_object_manager_get_objects (client->objects);

  for (GList *next = objects; next != NULL; next = next->next)
    {
      GDBusInterface *proxy = g_dbus_object_get_interface (next->data, interface);

      if (proxy != NULL)
        g_ptr_array_add (proxies, proxy);
    }
  g_list_free_full (objects, g_object_unref);
  return proxies;
}

static int
compare_users (gconstpointer left, gconstpointer right)
{
  return g_strcmp0 (sp_bus_user_get_login (*(SpBusUser *const *) left),
                    sp_bus_user_get_login (*(SpBusUser *const *) right));
}

static int
compare_sessions (gconstpointer left, gconstpointer right)
{
  guint64 earlier = sp_bus_session_get_connected_at (*(SpBusSession *const *) left);
  guint64 later = sp_bus_session_get_connected_at (*(SpBusSession *const *) right);

  return (earlier > later) - (earlier < later);
}

static int
compare_devices (gconstpointer left, gconstpointer right)
{
  guint64 earlier = sp_bus_device_get_created_at (*(SpBusDevice *const *) left);
  guint64 later = sp_bus_device_get_created_at (*(SpBusDevice *const *) right);

  return (earlier > later) - (earlier < later);
}

GPtrArray *
sp_client_list_users (SpClient *client)
{
  GPtrArray *users = list_proxies (client, SP_BUS_INTERFACE "User");

  g_ptr_array_sort (users, compare_users);
  return users;
}

GPtrArray *
sp_client_list_sessions (SpClient *client)
{
  GPtrArray *sessions = list_proxies (client, SP_BUS_INTERFACE "Session");

  g_ptr_array_sort (sessions, compare_sessions);
  return sessions;
}

static int
compare_certificates (gconstpointer left, gconstpointer right)
{
  return g_strcmp0 (g_dbus_proxy_get_object_path (*(GDBusProxy *const *) left),
                    g_dbus_proxy_get_object_path (*(GDBusProxy *const *) right));
}

GPtrArray *
sp_client_list_certificates (SpClient *client)
{
  GPtrArray *certificates = list_proxies (client, SP_BUS_INTERFACE "Certificate");

  g_ptr_array_sort (certificates, compare_certificates);
  return certificates;
}

SpBusCertificate *
sp_client_find_certificate (SpClient *client, const char *id, GError **error)
{
  g_autofree char *path = g_strconcat (SP_BUS_CERTIFICATES_PATH "/", id, NULL);
  g_autoptr (SpBusCertificate) certificate = NULL;

  if (g_variant_is_object_path (path))
    certificate = sp_bus_certificate_proxy_new_sync (client->connection, G_DBUS_PROXY_FLAGS_NONE,
                                                     SP_BUS_NAME, path, NULL, error);
  else
    g_set_error (error, SP_CTL_ERROR, SP_CTL_ERROR_NOT_FOUND, "there is no certificate “%s”", id);
  if (certificate == NULL || sp_bus_certificate_get_kind (certificate) != NULL)
    return g_steal_pointer (&certificate);
  g_set_error (error, SP_CTL_ERROR, SP_CTL_ERROR_NOT_FOUND, "there is no certificate “%s”", id);
  return NULL;
}

static int
compare_bans (gconstpointer left, gconstpointer right)
{
  guint64 earlier = sp_bus_ban_get_created_at (*(SpBusBan *const *) left);
  guint64 later = sp_bus_ban_get_created_at (*(SpBusBan *const *) right);

  return (earlier > later) - (earlier < later);
}

GPtrArray *
sp_client_list_bans (SpClient *client)
{
  GPtrArray *bans = list_proxies (client, SP_BUS_INTERFACE "Ban");

  g_ptr_array_sort (bans, compare_bans);
  return bans;
}

static int
compare_groups (gconstpointer left, gconstpointer right)
{
  guint64 earlier = sp_bus_group_get_created_at (*(SpBusGroup *const *) left);
  guint64 later = sp_bus_group_get_created_at (*(SpBusGroup *const *) right);

  return (earlier > later) - (earlier < later);
}

GPtrArray *
sp_client_list_groups (SpClient *client)
{
  GPtrArray *groups = list_proxies (client, SP_BUS_INTERFACE "Group");

  g_ptr_array_sort (groups, compare_groups);
  return groups;
}

GPtrArray *
sp_client_list_jobs (SpClient *client)
{
  return list_proxies (client, SP_BUS_INTERFACE "Job");
}

SpBusUser *
sp_client_find_user (SpClient *client, const char *login, GError **error)
{
  g_autofree char *path = NULL;

  if (!sp_bus_server_call_find_user_sync (client->server, login, sp_client_no_options (),
                                          client->flags, client->timeout, &path, NULL, error))
    return NULL;
  return sp_bus_user_proxy_new_sync (client->connection, G_DBUS_PROXY_FLAGS_NONE, SP_BUS_NAME, path,
                                     NULL, error);
}

GPtrArray *
sp_client_list_devices (SpClient *client)
{
  GPtrArray *devices = list_proxies (client, SP_BUS_INTERFACE "Device");

  g_ptr_array_sort (devices, compare_devices);
  return devices;
}

/* The one whose id is, or begins with, that; a new reference. */
static gpointer
find_by_id (GPtrArray *proxies, const char *what, const char *id, GError **error)
{
  gpointer found = NULL;

  for (guint i = 0; id[0] != '\0' && i < proxies->len; i++)
    {
      if (!g_str_has_prefix (sp_client_id_of (proxies->pdata[i]), id))
        continue;
      if (found != NULL)
        {
          g_set_error (error, SP_CTL_ERROR, SP_CTL_ERROR_USAGE, "several %ss begin with “%s”", what,
                       id);
          return NULL;
        }
      found = proxies->pdata[i];
    }
  if (found == NULL)
    g_set_error (error, SP_CTL_ERROR, SP_CTL_ERROR_NOT_FOUND, "there is no %s “%s”", what, id);
  return found != NULL ? g_object_ref (found) : NULL;
}

SpBusSession *
sp_client_find_session (SpClient *client, const char *id, GError **error)
{
  g_autoptr (GPtrArray) sessions = sp_client_list_sessions (client);

  return find_by_id (sessions, "session", id, error);
}

SpBusDevice *
sp_client_find_device (SpClient *client, const char *id, GError **error)
{
  g_autoptr (GPtrArray) devices = sp_client_list_devices (client);

  return find_by_id (devices, "device", id, error);
}

SpBusSettings *
sp_client_find_settings (SpClient *client, GError **error)
{
  /* Its properties would be asked for without a question to the person. */
  if (client->settings == NULL)
    client->settings = sp_bus_settings_proxy_new_sync (
        client->connection, G_DBUS_PROXY_FLAGS_DO_NOT_LOAD_PROPERTIES, SP_BUS_NAME,
        SP_BUS_SERVER_PATH, NULL, error);
  return client->settings;
}

static int
compare_invitations (gconstpointer left, gconstpointer right)
{
  guint64 earlier = sp_bus_invitation_get_created_at (*(SpBusInvitation *const *) left);
  guint64 later = sp_bus_invitation_get_created_at (*(SpBusInvitation *const *) right);

  return (earlier > later) - (earlier < later);
}

GPtrArray *
sp_client_list_invitations (SpClient *client)
{
  GPtrArray *invitations = list_proxies (client, SP_BUS_INTERFACE "Invitation");

  g_ptr_array_sort (invitations, compare_invitations);
  return invitations;
}

SpBusInvitation *
sp_client_find_invitation (SpClient *client, const char *id, GError **error)
{
  g_autoptr (GPtrArray) invitations = sp_client_list_invitations (client);

  return find_by_id (invitations, "invitation", id, error);
}

const char *
sp_client_id_of (gpointer proxy)
{
  return strrchr (g_dbus_proxy_get_object_path (proxy), '/') + 1;
}

GVariant *
sp_client_no_options (void)
{
  return g_variant_new_array (G_VARIANT_TYPE ("{sv}"), NULL, 0);
}

gboolean
sp_client_is_id (const char *text)
{
  return strlen (text) == ID_LENGTH && strspn (text, "0123456789abcdef") == ID_LENGTH;
}
