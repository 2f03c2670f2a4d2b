/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "server-connection-private.h"

#include "base/names.h"
#include "bus/error.h"

#define RETRY_LONGEST 30 /* s */
#define LOOK_AGAIN    5  /* s, while the service is not installed */

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

void
sp_server_connection_notify (SpServerConnection *connection, const char *property)
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

void
sp_server_connection_set_state (SpServerConnection *connection,
                                SpConnectionState state,
                                const char *message)
{
  gboolean changed = connection->state != state;

  connection->state = state;
  if (g_strcmp0 (connection->message, message) != 0)
    {
      g_free (connection->message);
      connection->message = g_strdup (message);
      sp_server_connection_notify (connection, "message");
    }
  if (state == SP_CONNECTION_READY)
    connection->retry_seconds = 1;
  arm_retry (connection);
  if (changed)
    sp_server_connection_notify (connection, "state");
}

/* Which state an error means that ended an attempt. */
static SpConnectionState
state_of_error (SpServerConnection *connection, const GError *error)
{
  if (connection->steps != NULL && connection->steps->is_final (error))
    return SP_CONNECTION_FAILED;
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

gboolean
sp_server_connection_goes_on (SpServerConnection *connection, GError *error)
{
  g_autoptr (GError) taken = error;

  if (taken == NULL)
    return TRUE;
  if (g_error_matches (taken, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return FALSE;
  (void) g_dbus_error_strip_remote_error (taken);
  g_clear_object (&connection->attempt);
  g_clear_error (&connection->error);
  connection->error = g_error_copy (taken);
  sp_server_connection_set_state (connection, state_of_error (connection, taken), taken->message);
  return FALSE;
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
  sp_server_connection_set_state (
      connection, connection->manager != NULL ? SP_CONNECTION_LOST : SP_CONNECTION_FAILED,
      "the service ended");
}

static void
on_bus_closed (GDBusConnection *bus, gboolean by_peer, GError *error, gpointer data)
{
  SpServerConnection *connection = data;

  /* Whoever makes an attempt hears of it there. */
  if (connection->attempt != NULL)
    return;
  g_clear_object (&connection->subscription);
  sp_server_connection_set_state (
      connection, connection->manager != NULL ? SP_CONNECTION_LOST : SP_CONNECTION_FAILED,
      error != NULL ? error->message : "the connection was closed");
}

static void
watch (SpServerConnection *connection)
{
  if (connection->watch != 0)
    return;
  g_dbus_connection_set_exit_on_close (connection->bus, FALSE);
  connection->closed = g_signal_connect_object (connection->bus, "closed",
                                                G_CALLBACK (on_bus_closed), connection, 0);
  connection->watch =
      g_bus_watch_name_on_connection (connection->bus, SP_BUS_NAME, G_BUS_NAME_WATCHER_FLAGS_NONE,
                                      on_name_appeared, on_name_vanished, connection, NULL);
}

static void
start_service (SpServerConnection *connection)
{
  watch (connection);
  sp_server_connection_look_for_service (connection);
}

static void
on_bus (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (SpServerConnection) connection = data;
  GError *error = NULL;
  g_autoptr (GDBusConnection) bus = connection->way != NULL
                                        ? connection->steps->finish (source, result, &error)
                                        : g_bus_get_finish (result, &error);

  if (!sp_server_connection_goes_on (connection, error))
    return;
  g_set_object (&connection->bus, bus);
  start_service (connection);
}

/* Of another computer: ends what carries it. */
static void
leave_bus (SpServerConnection *connection)
{
  g_clear_handle_id (&connection->watch, g_bus_unwatch_name);
  g_clear_object (&connection->subscription);
  if (connection->bus == NULL)
    return;
  g_clear_signal_handler (&connection->closed, connection->bus);
  if (!g_dbus_connection_is_closed (connection->bus))
    g_dbus_connection_close (connection->bus, NULL, NULL, NULL);
  g_clear_object (&connection->bus);
}

static void
reach_bus (SpServerConnection *connection)
{
  if (connection->way != NULL && connection->bus != NULL &&
      g_dbus_connection_is_closed (connection->bus))
    leave_bus (connection);
  if (connection->bus != NULL)
    start_service (connection);
  else if (connection->way != NULL)
    connection->steps->connect (connection->way, connection->attempt, on_bus,
                                g_object_ref (connection));
  else
    g_bus_get (G_BUS_TYPE_SYSTEM, connection->attempt, on_bus, g_object_ref (connection));
}

static void
give_up (SpServerConnection *connection)
{
  if (connection->attempt != NULL)
    g_cancellable_cancel (connection->attempt);
  g_clear_object (&connection->attempt);
}

static void
begin (SpServerConnection *connection, GDBusCallFlags asking)
{
  give_up (connection);
  connection->attempt = g_cancellable_new ();
  connection->asking = asking;
  if (connection->state == SP_CONNECTION_LOST)
    g_clear_handle_id (&connection->retry, g_source_remove);
  else if (connection->state != SP_CONNECTION_ABSENT && connection->state != SP_CONNECTION_DENIED)
    sp_server_connection_set_state (connection, SP_CONNECTION_LOADING, NULL);
  reach_bus (connection);
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

void
sp_server_connection_reconnect (SpServerConnection *connection)
{
  sp_server_connection_close (connection);
  if (connection->state != SP_CONNECTION_FAILED)
    sp_server_connection_set_state (
        connection, connection->manager != NULL ? SP_CONNECTION_LOST : SP_CONNECTION_LOADING, NULL);
  begin (connection, G_DBUS_CALL_FLAGS_NONE);
}

void
sp_server_connection_close (SpServerConnection *connection)
{
  give_up (connection);
  g_clear_handle_id (&connection->retry, g_source_remove);
  if (connection->way == NULL)
    return;
  leave_bus (connection);
  connection->steps->end (connection->way);
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

const GError *
sp_server_connection_get_error (SpServerConnection *connection)
{
  return connection->error;
}

GObject *
sp_server_connection_get_way (SpServerConnection *connection)
{
  return connection->way;
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

#define DEFINE_LIST(name, list)                                                                    \
  SpObjectList *sp_server_connection_get_##name (SpServerConnection *connection)                   \
  {                                                                                                \
    return connection->lists[list];                                                                \
  }

DEFINE_LIST (users, SP_SERVER_USERS)
DEFINE_LIST (devices, SP_SERVER_DEVICES)
DEFINE_LIST (sessions, SP_SERVER_SESSIONS)
DEFINE_LIST (statistics, SP_SERVER_STATISTICS)
DEFINE_LIST (certificates, SP_SERVER_CERTIFICATES)
DEFINE_LIST (invitations, SP_SERVER_INVITATIONS)
DEFINE_LIST (bans, SP_SERVER_BANS)
DEFINE_LIST (jobs, SP_SERVER_JOBS)

SpServerConnection *
sp_server_connection_new (GDBusConnection *bus, const char *name)
{
  SpServerConnection *connection = g_object_new (SP_TYPE_SERVER_CONNECTION, NULL);

  /* Makes the names of the service's errors known. */
  (void) sp_bus_error_quark ();
  connection->bus = bus != NULL ? g_object_ref (bus) : NULL;
  connection->name = g_strdup (name);
  return connection;
}

SpServerConnection *
sp_server_connection_new_remote (GObject *way, const SpBusWay *steps, const char *name)
{
  SpServerConnection *connection = sp_server_connection_new (NULL, name);

  connection->way = g_object_ref (way);
  connection->steps = steps;
  return connection;
}

gboolean
sp_server_connection_is_remote (SpServerConnection *connection)
{
  return connection->way != NULL;
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

  sp_server_connection_close (connection);
  g_clear_handle_id (&connection->watch, g_bus_unwatch_name);
  for (guint i = 0; i < SP_SERVER_LISTS; i++)
    g_clear_object (&connection->lists[i]);
  g_clear_object (&connection->manager);
  g_clear_object (&connection->settings);
  g_clear_object (&connection->server);
  g_clear_object (&connection->subscription);
  g_clear_object (&connection->bus);
  g_clear_object (&connection->way);
  g_clear_pointer (&connection->permissions, g_variant_unref);
  G_OBJECT_CLASS (sp_server_connection_parent_class)->dispose (object);
}

static void
sp_server_connection_finalize (GObject *object)
{
  SpServerConnection *connection = SP_SERVER_CONNECTION (object);

  g_free (connection->name);
  g_free (connection->message);
  g_clear_error (&connection->error);
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
  } lists[SP_SERVER_LISTS] = {
    [SP_SERVER_USERS] = { SP_BUS_INTERFACE "User", SP_BUS_TYPE_USER },
    [SP_SERVER_DEVICES] = { SP_BUS_INTERFACE "Device", SP_BUS_TYPE_DEVICE },
    [SP_SERVER_SESSIONS] = { SP_BUS_INTERFACE "Session", SP_BUS_TYPE_SESSION },
    [SP_SERVER_STATISTICS] = { SP_BUS_INTERFACE "Session.Statistics",
                               SP_BUS_TYPE_SESSION_STATISTICS },
    [SP_SERVER_CERTIFICATES] = { SP_BUS_INTERFACE "Certificate", SP_BUS_TYPE_CERTIFICATE },
    [SP_SERVER_INVITATIONS] = { SP_BUS_INTERFACE "Invitation", SP_BUS_TYPE_INVITATION },
    [SP_SERVER_BANS] = { SP_BUS_INTERFACE "Ban", SP_BUS_TYPE_BAN },
    [SP_SERVER_JOBS] = { SP_BUS_INTERFACE "Job", SP_BUS_TYPE_JOB },
  };

  connection->retry_seconds = 1;
  for (guint i = 0; i < SP_SERVER_LISTS; i++)
    connection->lists[i] = sp_object_list_new (lists[i].interface, lists[i].type);
}
