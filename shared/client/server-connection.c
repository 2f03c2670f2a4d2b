/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "client/server-connection.h"

#include "base/names.h"
#include "bus/error.h"

#include <gio/gunixfdlist.h>

#define START_TIMEOUT       30000 /* ms; a service manager gives a service about as long */
#define STATISTICS_INTERVAL 1000  /* ms */
#define RETRY_LONGEST       30    /* s */
#define LOOK_AGAIN          5     /* s, while the service is not installed */

typedef enum
{
  USERS,
  DEVICES,
  SESSIONS,
  STATISTICS,
  CERTIFICATES,
  INVITATIONS,
  BANS,
  JOBS,
  N_LISTS
} List;

struct _SpServerConnection
{
  GObject parent_instance;
  GDBusConnection *bus;
  char *name;
  gboolean remote;
  SpConnectionState state;
  char *message;
  SpBusServer *server;
  SpBusSettings *settings;
  GDBusObjectManager *manager;
  SpObjectList *lists[N_LISTS];
  GVariant *permissions; /* a{ss}, or NULL */

  GCancellable *attempt; /* the one under way, or NULL */
  GDBusCallFlags asking; /* of its subscription */
  gboolean follows;      /* starts nothing */
  GUnixFDList *subscription;
  guint watch; /* of the service's name */
  guint retry; /* a timer */
  guint retry_seconds;
};

enum
{
  PROP_STATE = 1,
  PROP_SERVER,
  PROP_SETTINGS,
  PROP_MESSAGE,
  PROP_PERMISSIONS,
  N_PROPERTIES
};

G_DEFINE_FINAL_TYPE (SpServerConnection, sp_server_connection, G_TYPE_OBJECT)

static void start_service (SpServerConnection *connection);

static void
notify (SpServerConnection *connection, const char *property)
{
  g_object_notify (G_OBJECT (connection), property);
}

static gboolean
on_retry (gpointer data)
{
  SpServerConnection *connection = data;

  connection->retry = 0;
  sp_server_connection_open (connection);
  return G_SOURCE_REMOVE;
}

/* The timer that a state needs; none for most, as the service's name is watched. */
static void
arm_retry (SpServerConnection *connection)
{
  g_clear_handle_id (&connection->retry, g_source_remove);
  if (connection->state == SP_CONNECTION_ABSENT && !connection->follows)
    connection->retry = g_timeout_add_seconds (LOOK_AGAIN, on_retry, connection);
  else if (connection->state == SP_CONNECTION_LOST)
    {
      connection->retry = g_timeout_add_seconds (connection->retry_seconds, on_retry, connection);
      connection->retry_seconds = MIN (2 * connection->retry_seconds, RETRY_LONGEST);
    }
}

/* The one place that changes the state. */
static void
set_state (SpServerConnection *connection, SpConnectionState state, const char *message)
{
  gboolean changed = connection->state != state;

  connection->state = state;
  if (g_strcmp0 (connection->message, message) != 0)
    {
      g_free (connection->message);
      connection->message = g_strdup (message);
      notify (connection, "message");
    }
  if (state == SP_CONNECTION_READY)
    connection->retry_seconds = 1;
  arm_retry (connection);
  if (changed)
    notify (connection, "state");
}

/* Which state an error means that ended an attempt. */
static SpConnectionState
state_of_error (SpServerConnection *connection, const GError *error)
{
  if (g_error_matches (error, SP_BUS_ERROR, SP_BUS_ERROR_NOT_AUTHORIZED) ||
      g_error_matches (error, SP_BUS_ERROR, SP_BUS_ERROR_NOT_AUTHORIZED_CAN_OBTAIN) ||
      g_error_matches (error, SP_BUS_ERROR, SP_BUS_ERROR_NOT_AUTHORIZED_DISMISSED) ||
      g_error_matches (error, G_DBUS_ERROR, G_DBUS_ERROR_ACCESS_DENIED))
    return SP_CONNECTION_DENIED;
  /* What was seen once stays on the screen while it is looked for. */
  if (connection->manager != NULL)
    return SP_CONNECTION_LOST;
  return g_error_matches (error, G_DBUS_ERROR, G_DBUS_ERROR_SERVICE_UNKNOWN) ? SP_CONNECTION_ABSENT
                                                                             : SP_CONNECTION_FAILED;
}

/* Whether the step of an attempt may go on; says what ended it otherwise.  Takes the error. */
static gboolean
goes_on (SpServerConnection *connection, GError *error)
{
  g_autoptr (GError) taken = error;

  if (taken == NULL)
    return TRUE;
  if (g_error_matches (taken, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return FALSE;
  (void) g_dbus_error_strip_remote_error (taken);
  g_clear_object (&connection->attempt);
  set_state (connection, state_of_error (connection, taken), taken->message);
  return FALSE;
}

static void
on_permissions (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (SpServerConnection) connection = data;
  g_autoptr (GVariant) permissions = NULL;

  /* Without an answer nothing is known to be allowed, and asking tells. */
  if (!sp_bus_server_call_get_permissions_finish (SP_BUS_SERVER (source), &permissions, result,
                                                  NULL))
    return;
  g_clear_pointer (&connection->permissions, g_variant_unref);
  connection->permissions = g_steal_pointer (&permissions);
  notify (connection, "permissions");
}

static void
fill_lists (SpServerConnection *connection, GDBusObjectManager *manager)
{
  g_set_object (&connection->manager, manager);
  for (guint i = 0; i < N_LISTS; i++)
    sp_object_list_set_manager (connection->lists[i], manager);
}

static void
on_manager (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (SpServerConnection) connection = data;
  GError *error = NULL;
  g_autoptr (GDBusObjectManager) manager = sp_bus_object_manager_client_new_finish (result, &error);

  if (!goes_on (connection, error))
    return;
  g_clear_object (&connection->attempt);
  fill_lists (connection, manager);
  sp_bus_server_call_get_permissions (
      connection->server, g_variant_new_array (G_VARIANT_TYPE ("{sv}"), NULL, 0),
      G_DBUS_CALL_FLAGS_NONE, -1, NULL, on_permissions, g_object_ref (connection));
  set_state (connection, SP_CONNECTION_READY, NULL);
}

static void
on_settings (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (SpServerConnection) connection = data;
  GError *error = NULL;
  g_autoptr (SpBusSettings) settings = sp_bus_settings_proxy_new_finish (result, &error);

  if (!goes_on (connection, error))
    return;
  g_set_object (&connection->settings, settings);
  notify (connection, "settings");
  sp_bus_object_manager_client_new (
      connection->bus, G_DBUS_OBJECT_MANAGER_CLIENT_FLAGS_DO_NOT_AUTO_START, SP_BUS_NAME,
      SP_BUS_ROOT_PATH, connection->attempt, on_manager, g_object_ref (connection));
}

static void
on_subscribed (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (SpServerConnection) connection = data;
  g_autoptr (GVariant) handle = NULL;
  g_autoptr (GUnixFDList) descriptors = NULL;
  GError *error = NULL;

  (void) sp_bus_server_call_subscribe_finish (SP_BUS_SERVER (source), &handle, &descriptors, result,
                                              &error);
  if (!goes_on (connection, error))
    return;
  /* Lasts until the list of descriptors is freed, with the descriptor in it. */
  g_set_object (&connection->subscription, descriptors);
  sp_bus_settings_proxy_new (connection->bus, G_DBUS_PROXY_FLAGS_DO_NOT_AUTO_START, SP_BUS_NAME,
                             SP_BUS_SERVER_PATH, connection->attempt, on_settings,
                             g_object_ref (connection));
}

static void
subscribe (SpServerConnection *connection)
{
  GVariantBuilder options = G_VARIANT_BUILDER_INIT (G_VARIANT_TYPE_VARDICT);

  g_variant_builder_add (&options, "{sv}", "statistics-interval-ms",
                         g_variant_new_uint32 (STATISTICS_INTERVAL));
  sp_bus_server_call_subscribe (connection->server, g_variant_builder_end (&options),
                                connection->asking, SP_CALL_TIMEOUT, NULL, connection->attempt,
                                on_subscribed, g_object_ref (connection));
}

static void
on_server (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (SpServerConnection) connection = data;
  GError *error = NULL;
  g_autoptr (SpBusServer) server = sp_bus_server_proxy_new_finish (result, &error);

  if (!goes_on (connection, error))
    return;
  g_set_object (&connection->server, server);
  notify (connection, "server");
  if (sp_bus_server_get_api_version (server) >= SP_API_VERSION_NEEDED)
    {
      subscribe (connection);
      return;
    }
  g_clear_object (&connection->attempt);
  set_state (connection, SP_CONNECTION_OUTDATED, sp_bus_server_get_version (server));
}

static void
create_server (SpServerConnection *connection)
{
  sp_bus_server_proxy_new (connection->bus, G_DBUS_PROXY_FLAGS_DO_NOT_AUTO_START, SP_BUS_NAME,
                           SP_BUS_SERVER_PATH, connection->attempt, on_server,
                           g_object_ref (connection));
}

static void
on_started (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (SpServerConnection) connection = data;
  GError *error = NULL;
  G_GNUC_UNUSED g_autoptr (GVariant) reply =
      g_dbus_connection_call_finish (G_DBUS_CONNECTION (source), result, &error);

  if (goes_on (connection, error))
    create_server (connection);
}

static void
on_name_appeared (GDBusConnection *bus, const char *name, const char *owner, gpointer data)
{
  SpServerConnection *connection = data;

  if (connection->attempt == NULL && connection->state != SP_CONNECTION_READY &&
      connection->state != SP_CONNECTION_DENIED)
    sp_server_connection_open (connection);
}

static void
on_name_vanished (GDBusConnection *bus, const char *name, gpointer data)
{
  SpServerConnection *connection = data;

  if (connection->state != SP_CONNECTION_READY && connection->state != SP_CONNECTION_DENIED)
    return;
  g_clear_object (&connection->subscription);
  /* It keeps nothing that we would see later. */
  set_state (connection, connection->manager != NULL ? SP_CONNECTION_LOST : SP_CONNECTION_FAILED,
             "the service ended");
}

static void
on_bus_closed (GDBusConnection *bus, gboolean by_peer, GError *error, gpointer data)
{
  SpServerConnection *connection = data;

  g_clear_object (&connection->subscription);
  set_state (connection, connection->manager != NULL ? SP_CONNECTION_LOST : SP_CONNECTION_FAILED,
             error != NULL ? error->message : "the connection was closed");
}

static void
watch (SpServerConnection *connection)
{
  if (connection->watch != 0)
    return;
  g_dbus_connection_set_exit_on_close (connection->bus, FALSE);
  (void) g_signal_connect_object (connection->bus, "closed", G_CALLBACK (on_bus_closed), connection,
                                  0);
  connection->watch =
      g_bus_watch_name_on_connection (connection->bus, SP_BUS_NAME, G_BUS_NAME_WATCHER_FLAGS_NONE,
                                      on_name_appeared, on_name_vanished, connection, NULL);
}

/* An explicit start has an error that tells why, which a proxy has not. */
static void
call_bus (SpServerConnection *connection,
          const char *method,
          GVariant *parameters,
          GAsyncReadyCallback callback)
{
  g_dbus_connection_call (connection->bus, "org.freedesktop.DBus", "/org/freedesktop/DBus",
                          "org.freedesktop.DBus", method, parameters, NULL, G_DBUS_CALL_FLAGS_NONE,
                          START_TIMEOUT, connection->attempt, callback, g_object_ref (connection));
}

static void
on_owner (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (SpServerConnection) connection = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) reply =
      g_dbus_connection_call_finish (G_DBUS_CONNECTION (source), result, &error);

  if (reply == NULL && !connection->follows &&
      g_error_matches (error, G_DBUS_ERROR, G_DBUS_ERROR_NAME_HAS_NO_OWNER))
    call_bus (connection, "StartServiceByName", g_variant_new ("(su)", SP_BUS_NAME, 0), on_started);
  else if (goes_on (connection, g_steal_pointer (&error)))
    create_server (connection);
}

/* Asks first who is there: a bus does not tell of a service that runs when it could not start it.
 */
static void
start_service (SpServerConnection *connection)
{
  watch (connection);
  call_bus (connection, "GetNameOwner", g_variant_new ("(s)", SP_BUS_NAME), on_owner);
}

static void
on_bus (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (SpServerConnection) connection = data;
  GError *error = NULL;
  g_autoptr (GDBusConnection) bus = g_bus_get_finish (result, &error);

  if (!goes_on (connection, error))
    return;
  g_set_object (&connection->bus, bus);
  start_service (connection);
}

static void
begin (SpServerConnection *connection, GDBusCallFlags asking)
{
  if (connection->attempt != NULL)
    g_cancellable_cancel (connection->attempt);
  g_clear_object (&connection->attempt);
  connection->attempt = g_cancellable_new ();
  connection->asking = asking;
  if (connection->state == SP_CONNECTION_LOST)
    g_clear_handle_id (&connection->retry, g_source_remove);
  else if (connection->state != SP_CONNECTION_ABSENT && connection->state != SP_CONNECTION_DENIED)
    set_state (connection, SP_CONNECTION_LOADING, NULL);
  if (connection->bus == NULL)
    g_bus_get (G_BUS_TYPE_SYSTEM, connection->attempt, on_bus, g_object_ref (connection));
  else
    start_service (connection);
}

void
sp_server_connection_open (SpServerConnection *connection)
{
  begin (connection, G_DBUS_CALL_FLAGS_NONE);
}

void
sp_server_connection_follow (SpServerConnection *connection)
{
  connection->follows = TRUE;
  begin (connection, G_DBUS_CALL_FLAGS_NONE);
}

void
sp_server_connection_unlock (SpServerConnection *connection)
{
  begin (connection, SP_CALL_FLAGS);
}

SpConnectionState
sp_server_connection_get_state (SpServerConnection *connection)
{
  return connection->state;
}

const char *
sp_server_connection_get_name (SpServerConnection *connection)
{
  return connection->name;
}

const char *
sp_server_connection_get_message (SpServerConnection *connection)
{
  return connection->message;
}

SpBusServer *
sp_server_connection_get_server (SpServerConnection *connection)
{
  return connection->server;
}

SpBusSettings *
sp_server_connection_get_settings (SpServerConnection *connection)
{
  return connection->settings;
}

GDBusConnection *
sp_server_connection_get_bus (SpServerConnection *connection)
{
  return connection->bus;
}

SpPermission
sp_server_connection_get_permission (SpServerConnection *connection, const char *action)
{
  g_autofree char *name = g_strconcat (SP_POLKIT_PREFIX, action, NULL);
  const char *answer = NULL;

  if (connection->permissions == NULL ||
      !g_variant_lookup (connection->permissions, name, "&s", &answer))
    return SP_PERMISSION_NO;
  if (g_str_equal (answer, "yes"))
    return SP_PERMISSION_YES;
  return g_str_equal (answer, "auth") ? SP_PERMISSION_ASK : SP_PERMISSION_NO;
}

gboolean
sp_server_connection_has_feature (SpServerConnection *connection, const char *feature)
{
  g_auto (GStrv) features =
      connection->server != NULL ? sp_bus_server_dup_features (connection->server) : NULL;

  return features != NULL && g_strv_contains ((const char *const *) features, feature);
}

SpObjectList *
sp_server_connection_get_users (SpServerConnection *connection)
{
  return connection->lists[USERS];
}

SpObjectList *
sp_server_connection_get_devices (SpServerConnection *connection)
{
  return connection->lists[DEVICES];
}

SpObjectList *
sp_server_connection_get_sessions (SpServerConnection *connection)
{
  return connection->lists[SESSIONS];
}

SpObjectList *
sp_server_connection_get_statistics (SpServerConnection *connection)
{
  return connection->lists[STATISTICS];
}

SpObjectList *
sp_server_connection_get_certificates (SpServerConnection *connection)
{
  return connection->lists[CERTIFICATES];
}

SpObjectList *
sp_server_connection_get_invitations (SpServerConnection *connection)
{
  return connection->lists[INVITATIONS];
}

SpObjectList *
sp_server_connection_get_bans (SpServerConnection *connection)
{
  return connection->lists[BANS];
}

SpObjectList *
sp_server_connection_get_jobs (SpServerConnection *connection)
{
  return connection->lists[JOBS];
}

SpServerConnection *
sp_server_connection_new (GDBusConnection *bus, const char *name)
{
  SpServerConnection *connection = g_object_new (SP_TYPE_SERVER_CONNECTION, NULL);

  /* Makes the names of the service's errors known. */
  (void) sp_bus_error_quark ();
  connection->bus = bus != NULL ? g_object_ref (bus) : NULL;
  connection->remote = bus != NULL;
  connection->name = g_strdup (name);
  return connection;
}

gboolean
sp_server_connection_is_remote (SpServerConnection *connection)
{
  return connection->remote;
}

static void
sp_server_connection_get_property (GObject *object, guint id, GValue *value, GParamSpec *spec)
{
  SpServerConnection *connection = SP_SERVER_CONNECTION (object);

  switch (id)
    {
      case PROP_STATE:
        g_value_set_uint (value, connection->state);
        break;
      case PROP_SERVER:
        g_value_set_object (value, connection->server);
        break;
      case PROP_SETTINGS:
        g_value_set_object (value, connection->settings);
        break;
      case PROP_MESSAGE:
        g_value_set_string (value, connection->message);
        break;
      case PROP_PERMISSIONS:
        g_value_set_variant (value, connection->permissions);
        break;
      default:
        G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, spec);
    }
}

static void
sp_server_connection_dispose (GObject *object)
{
  SpServerConnection *connection = SP_SERVER_CONNECTION (object);

  if (connection->attempt != NULL)
    g_cancellable_cancel (connection->attempt);
  g_clear_object (&connection->attempt);
  g_clear_handle_id (&connection->watch, g_bus_unwatch_name);
  g_clear_handle_id (&connection->retry, g_source_remove);
  for (guint i = 0; i < N_LISTS; i++)
    g_clear_object (&connection->lists[i]);
  g_clear_object (&connection->manager);
  g_clear_object (&connection->settings);
  g_clear_object (&connection->server);
  g_clear_object (&connection->subscription);
  g_clear_object (&connection->bus);
  g_clear_pointer (&connection->permissions, g_variant_unref);
  G_OBJECT_CLASS (sp_server_connection_parent_class)->dispose (object);
}

static void
sp_server_connection_finalize (GObject *object)
{
  SpServerConnection *connection = SP_SERVER_CONNECTION (object);

  g_free (connection->name);
  g_free (connection->message);
  G_OBJECT_CLASS (sp_server_connection_parent_class)->finalize (object);
}

static void
sp_server_connection_class_init (SpServerConnectionClass *class)
{
  GObjectClass *object_class = G_OBJECT_CLASS (class);
  const GParamFlags flags = G_PARAM_READABLE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY;
  GParamSpec *properties[N_PROPERTIES] = {
    [PROP_STATE] = g_param_spec_uint ("state", NULL, NULL, SP_CONNECTION_LOADING,
                                      SP_CONNECTION_READY, SP_CONNECTION_LOADING, flags),
    [PROP_SERVER] = g_param_spec_object ("server", NULL, NULL, SP_BUS_TYPE_SERVER, flags),
    [PROP_SETTINGS] = g_param_spec_object ("settings", NULL, NULL, SP_BUS_TYPE_SETTINGS, flags),
    [PROP_MESSAGE] = g_param_spec_string ("message", NULL, NULL, NULL, flags),
    [PROP_PERMISSIONS] =
        g_param_spec_variant ("permissions", NULL, NULL, G_VARIANT_TYPE ("a{ss}"), NULL, flags),
  };

  object_class->get_property = sp_server_connection_get_property;
  object_class->dispose = sp_server_connection_dispose;
  object_class->finalize = sp_server_connection_finalize;
  g_object_class_install_properties (object_class, N_PROPERTIES, properties);
}

static void
sp_server_connection_init (SpServerConnection *connection)
{
  const struct
  {
    const char *interface;
    GType type;
  } lists[N_LISTS] = {
    [USERS] = { SP_BUS_INTERFACE "User", SP_BUS_TYPE_USER },
    [DEVICES] = { SP_BUS_INTERFACE "Device", SP_BUS_TYPE_DEVICE },
    [SESSIONS] = { SP_BUS_INTERFACE "Session", SP_BUS_TYPE_SESSION },
    [STATISTICS] = { SP_BUS_INTERFACE "Session.Statistics", SP_BUS_TYPE_SESSION_STATISTICS },
    [CERTIFICATES] = { SP_BUS_INTERFACE "Certificate", SP_BUS_TYPE_CERTIFICATE },
    [INVITATIONS] = { SP_BUS_INTERFACE "Invitation", SP_BUS_TYPE_INVITATION },
    [BANS] = { SP_BUS_INTERFACE "Ban", SP_BUS_TYPE_BAN },
    [JOBS] = { SP_BUS_INTERFACE "Job", SP_BUS_TYPE_JOB },
  };

  connection->retry_seconds = 1;
  for (guint i = 0; i < N_LISTS; i++)
    connection->lists[i] = sp_object_list_new (lists[i].interface, lists[i].type);
}
