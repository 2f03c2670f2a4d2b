/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "client/live-session.h"

struct _SpLiveSession
{
  GObject parent_instance;
  SpServerConnection *connection;
  SpBusServer *server; /* whose signals are listened to */
  SpBusSession *session;
  SpBusSessionStatistics *statistics; /* or NULL, while it is not there yet */
  SpTrafficMeter *meter;
  char *path;
  char *undo_token;
  gint64 undo_until;
  guint64 ended_at;
  char *reason;
};

enum
{
  CHANGED,
  ENDED,
  N_SIGNALS
};

static guint signals[N_SIGNALS]; /* nocheck: set once by class_init */

G_DEFINE_FINAL_TYPE (SpLiveSession, sp_live_session, G_TYPE_OBJECT)

SpServerConnection *
sp_live_session_get_connection (SpLiveSession *live)
{
  return live->connection;
}

SpBusSession *
sp_live_session_get_session (SpLiveSession *live)
{
  return live->session;
}

SpTrafficMeter *
sp_live_session_get_meter (SpLiveSession *live)
{
  return live->meter;
}

const char *
sp_live_session_get_path (SpLiveSession *live)
{
  return live->path;
}

SpBusUser *
sp_live_session_get_user (SpLiveSession *live)
{
  const char *path = sp_bus_session_get_user (live->session);

  return path != NULL
             ? sp_object_list_find (sp_server_connection_get_users (live->connection), path)
             : NULL;
}

SpBusDevice *
sp_live_session_get_device (SpLiveSession *live)
{
  const char *path = sp_bus_session_get_device (live->session);

  return path != NULL
             ? sp_object_list_find (sp_server_connection_get_devices (live->connection), path)
             : NULL;
}

SpBusSessionStatistics *
sp_live_session_get_statistics (SpLiveSession *live)
{
  return live->statistics;
}

static const char *
first_of (const char *first, const char *second)
{
  if (first != NULL && first[0] != '\0')
    return first;
  return second != NULL ? second : "";
}

const char *
sp_live_session_get_person (SpLiveSession *live)
{
  SpBusUser *user = sp_live_session_get_user (live);

  return first_of (user != NULL ? sp_bus_user_get_full_name (user) : NULL,
                   sp_bus_session_get_login (live->session));
}

const char *
sp_live_session_get_thing (SpLiveSession *live)
{
  SpBusDevice *device = sp_live_session_get_device (live);

  return first_of (device != NULL ? sp_bus_device_get_name (device) : NULL,
                   sp_bus_session_get_client_name (live->session));
}

char *
sp_live_session_dup_title (SpLiveSession *live)
{
  const char *person = sp_live_session_get_person (live);
  const char *thing = sp_live_session_get_thing (live);

  return thing[0] != '\0' ? g_strconcat (person, " · ", thing, NULL) : g_strdup (person);
}

guint64
sp_live_session_get_down (SpLiveSession *live)
{
  return live->statistics != NULL ? sp_bus_session_statistics_get_tx_bytes (live->statistics) : 0;
}

guint64
sp_live_session_get_up (SpLiveSession *live)
{
  return live->statistics != NULL ? sp_bus_session_statistics_get_rx_bytes (live->statistics) : 0;
}

gboolean
sp_live_session_is_disconnecting (SpLiveSession *live)
{
  return !sp_live_session_has_ended (live) &&
         g_strcmp0 (sp_bus_session_get_state (live->session), "disconnecting") == 0;
}

void
sp_live_session_set_undo (SpLiveSession *live, const char *token, gint64 until)
{
  g_free (live->undo_token);
  live->undo_token = g_strdup (token);
  live->undo_until = until;
  g_signal_emit (live, signals[CHANGED], 0);
}

const char *
sp_live_session_get_undo_token (SpLiveSession *live)
{
  return live->undo_token;
}

gint64
sp_live_session_get_undo_until (SpLiveSession *live)
{
  return live->undo_until;
}

gboolean
sp_live_session_has_ended (SpLiveSession *live)
{
  return live->ended_at != 0;
}

guint64
sp_live_session_get_ended_at (SpLiveSession *live)
{
  return live->ended_at;
}

const char *
sp_live_session_get_reason (SpLiveSession *live)
{
  return live->reason != NULL ? live->reason : "";
}

static void
on_session_changed (SpLiveSession *live)
{
  if (!sp_live_session_is_disconnecting (live))
    g_clear_pointer (&live->undo_token, g_free);
  g_signal_emit (live, signals[CHANGED], 0);
}

static void
feed_meter (SpLiveSession *live)
{
  sp_traffic_meter_feed (live->meter, g_get_monotonic_time (), sp_live_session_get_down (live),
                         sp_live_session_get_up (live));
}

static void
on_session_closed (SpLiveSession *live, const char *path, const char *reason)
{
  if (g_strcmp0 (path, live->path) != 0)
    return;
  g_free (live->reason);
  live->reason = g_strdup (reason);
  g_signal_emit (live, signals[CHANGED], 0);
}

void
sp_live_session_end (SpLiveSession *live)
{
  if (sp_live_session_has_ended (live))
    return;
  live->ended_at = (guint64) g_get_real_time ();
  g_clear_pointer (&live->undo_token, g_free);
  g_signal_emit (live, signals[ENDED], 0);
  g_signal_emit (live, signals[CHANGED], 0);
}

static void
detach (SpLiveSession *live)
{
  if (live->session != NULL)
    (void) g_signal_handlers_disconnect_by_data (live->session, live);
  if (live->statistics != NULL)
    (void) g_signal_handlers_disconnect_by_data (live->statistics, live);
  if (live->server != NULL)
    (void) g_signal_handlers_disconnect_by_data (live->server, live);
  g_clear_object (&live->session);
  g_clear_object (&live->statistics);
  g_clear_object (&live->server);
}

/* The object's other interface may be told of after this one. */
static void
find_statistics (SpLiveSession *live)
{
  SpObjectList *list = sp_server_connection_get_statistics (live->connection);
  SpBusSessionStatistics *statistics = sp_object_list_find (list, live->path);

  if (statistics == NULL || statistics == live->statistics)
    return;
  if (live->statistics != NULL)
    (void) g_signal_handlers_disconnect_by_data (live->statistics, live);
  g_set_object (&live->statistics, statistics);
  (void) g_signal_connect_swapped (statistics, "g-properties-changed", G_CALLBACK (feed_meter),
                                   live);
  feed_meter (live);
}

void
sp_live_session_continue (SpLiveSession *live, SpBusSession *session)
{
  SpBusServer *server = sp_server_connection_get_server (live->connection);

  detach (live);
  live->session = g_object_ref (session);
  /* After the proxy itself, which keeps lists of texts of before until then. */
  (void) g_signal_connect_data (session, "g-properties-changed", G_CALLBACK (on_session_changed),
                                live, NULL, G_CONNECT_SWAPPED | G_CONNECT_AFTER);
  find_statistics (live);
  if (server != NULL)
    {
      live->server = g_object_ref (server);
      (void) g_signal_connect_swapped (server, "session-closed", G_CALLBACK (on_session_closed),
                                       live);
    }
  g_signal_emit (live, signals[CHANGED], 0);
}

SpLiveSession *
sp_live_session_new (SpServerConnection *connection, SpBusSession *session)
{
  SpLiveSession *live = g_object_new (SP_TYPE_LIVE_SESSION, NULL);

  live->connection = g_object_ref (connection);
  live->path = g_strdup (g_dbus_proxy_get_object_path (G_DBUS_PROXY (session)));
  (void) g_signal_connect_object (sp_server_connection_get_statistics (connection), "items-changed",
                                  G_CALLBACK (find_statistics), live, G_CONNECT_SWAPPED);
  sp_live_session_continue (live, session);
  return live;
}

static void
sp_live_session_dispose (GObject *object)
{
  SpLiveSession *live = SP_LIVE_SESSION (object);

  detach (live);
  g_clear_object (&live->connection);
  G_OBJECT_CLASS (sp_live_session_parent_class)->dispose (object);
}

static void
sp_live_session_finalize (GObject *object)
{
  SpLiveSession *live = SP_LIVE_SESSION (object);

  g_object_unref (live->meter);
  g_free (live->path);
  g_free (live->undo_token);
  g_free (live->reason);
  G_OBJECT_CLASS (sp_live_session_parent_class)->finalize (object);
}

static void
sp_live_session_class_init (SpLiveSessionClass *class)
{
  G_OBJECT_CLASS (class)->dispose = sp_live_session_dispose;
  G_OBJECT_CLASS (class)->finalize = sp_live_session_finalize;
  signals[CHANGED] = g_signal_new ("changed", G_OBJECT_CLASS_TYPE (class), G_SIGNAL_RUN_LAST, 0,
                                   NULL, NULL, NULL, G_TYPE_NONE, 0);
  signals[ENDED] = g_signal_new ("ended", G_OBJECT_CLASS_TYPE (class), G_SIGNAL_RUN_LAST, 0, NULL,
                                 NULL, NULL, G_TYPE_NONE, 0);
}

static void
sp_live_session_init (SpLiveSession *live)
{
  live->meter = sp_traffic_meter_new ();
}
