/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "session-notice.h"

#include "base/names.h"
#include "client/live-session.h"
#include "wording.h"

#include <glib/gi18n.h>

#define MOST    3                                  /* single ones … */
#define WINDOW  ((gint64) 5 * 60 * G_USEC_PER_SEC) /* … in this time */
#define SUMMARY "connections"                      /* the one notification about many */

struct _SpSessionNotice
{
  GObject parent_instance;
  GApplication *application; /* lent; it owns us */
  SpServerConnection *connection;
  SpPreferences *preferences;
  SpBusServer *server; /* whose signals are listened to */
  GArray *told;        /* gint64, monotonic: when the last ones were told */
};

G_DEFINE_FINAL_TYPE (SpSessionNotice, sp_session_notice, G_TYPE_OBJECT)

/* How many were told in the last minutes, this one included. */
static guint
count_told (SpSessionNotice *notice)
{
  gint64 now = g_get_monotonic_time ();

  while (notice->told->len > 0 && g_array_index (notice->told, gint64, 0) < now - WINDOW)
    (void) g_array_remove_index (notice->told, 0);
  g_array_append_val (notice->told, now);
  return notice->told->len;
}

static void
tell_many (SpSessionNotice *notice, guint count)
{
  g_autofree char *title =
      g_strdup_printf (ngettext ("%u Device Connected", "%u Devices Connected", count), count);
  g_autoptr (GNotification) notification = g_notification_new (title);

  g_notification_set_body (notification, _ ("In the last minutes"));
  g_notification_set_default_action (notification, "app.show");
  g_application_send_notification (notice->application, SUMMARY, notification);
}

static void
tell_one (SpSessionNotice *notice, const char *path, SpLiveSession *live, gboolean first_time)
{
  const char *remote = sp_bus_session_get_remote_address (sp_live_session_get_session (live));
  g_autofree char *who = sp_live_session_dup_title (live);
  g_autofree char *address = sp_wording_address (remote != NULL ? remote : "");
  g_autofree char *title = g_strdup_printf (
      first_time ? _ ("%s Connected for the First Time") : _ ("%s Connected"), who);
  g_autofree char *body = g_strdup_printf (_ ("From %s"), address);
  g_autoptr (GNotification) notification = g_notification_new (title);

  g_notification_set_body (notification, body);
  g_notification_set_default_action (notification, "app.show");
  if (first_time)
    {
      g_notification_set_priority (notification, G_NOTIFICATION_PRIORITY_HIGH);
      g_notification_add_button_with_target (notification, _ ("Disconnect and Block"), "app.block",
                                             "s", path);
    }
  g_application_send_notification (notice->application, path, notification);
}

static gboolean
is_wanted (SpSessionNotice *notice, gboolean first_time)
{
  gboolean devices;
  gboolean connections;

  g_object_get (notice->preferences, "notify-new-devices", &devices, "notify-connections",
                &connections, NULL);
  return connections || (devices && first_time);
}

static void
on_opened (SpBusServer *server, const char *path, GVariant *facts, SpSessionNotice *notice)
{
  SpBusSession *session =
      sp_object_list_find (sp_server_connection_get_sessions (notice->connection), path);
  g_autoptr (SpLiveSession) live = NULL;
  gboolean first_time = FALSE;
  guint count;

  (void) g_variant_lookup (facts, "FirstTime", "b", &first_time);
  if (session == NULL || !is_wanted (notice, first_time))
    return;
  live = sp_live_session_new (notice->connection, session);
  count = count_told (notice);
  if (count <= MOST)
    tell_one (notice, path, live, first_time);
  else
    tell_many (notice, count);
}

static void
on_closed (SpBusServer *server,
           const char *path,
           const char *reason,
           GVariant *totals,
           SpSessionNotice *notice)
{
  g_application_withdraw_notification (notice->application, path);
}

static void
on_server (SpSessionNotice *notice)
{
  SpBusServer *server = sp_server_connection_get_server (notice->connection);

  if (notice->server != NULL)
    (void) g_signal_handlers_disconnect_by_data (notice->server, notice);
  g_set_object (&notice->server, server);
  if (server == NULL)
    return;
  (void) g_signal_connect_object (server, "session-opened", G_CALLBACK (on_opened), notice, 0);
  (void) g_signal_connect_object (server, "session-closed", G_CALLBACK (on_closed), notice, 0);
}

SpSessionNotice *
sp_session_notice_new (GApplication *application,
                       SpServerConnection *connection,
                       SpPreferences *preferences)
{
  SpSessionNotice *notice = g_object_new (SP_TYPE_SESSION_NOTICE, NULL);

  notice->application = application;
  notice->connection = g_object_ref (connection);
  notice->preferences = g_object_ref (preferences);
  (void) g_signal_connect_object (connection, "notify::server", G_CALLBACK (on_server), notice,
                                  G_CONNECT_SWAPPED);
  on_server (notice);
  return notice;
}

static void
sp_session_notice_finalize (GObject *object)
{
  SpSessionNotice *notice = SP_SESSION_NOTICE (object);

  g_clear_object (&notice->server);
  g_clear_object (&notice->connection);
  g_clear_object (&notice->preferences);
  g_array_unref (notice->told);
  G_OBJECT_CLASS (sp_session_notice_parent_class)->finalize (object);
}

static void
sp_session_notice_class_init (SpSessionNoticeClass *class)
{
  G_OBJECT_CLASS (class)->finalize = sp_session_notice_finalize;
}

static void
sp_session_notice_init (SpSessionNotice *notice)
{
  notice->told = g_array_new (FALSE, FALSE, sizeof (gint64));
}
