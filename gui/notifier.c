/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A small program of the person's session that tells, while no window is open, who connects to the
 * server of this computer and what its owner should look after.  It starts no server. */
#include "health-notice.h"
#include "session-notice.h"

#include "base/names.h"

#include <glib/gi18n.h>
#include <locale.h>

#define SP_TYPE_NOTIFIER (sp_notifier_get_type ())
G_DECLARE_FINAL_TYPE (SpNotifier, sp_notifier, SP, NOTIFIER, GApplication)

struct _SpNotifier
{
  GApplication parent_instance;
  SpServerConnection *connection;
  SpPreferences *preferences;
  SpSessionNotice *sessions;
  SpHealthNotice *health;
};

G_DEFINE_FINAL_TYPE (SpNotifier, sp_notifier, G_TYPE_APPLICATION)

/* The window is a program of its own; the bus starts it, or brings it to the front. */
static void
show (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  g_dbus_connection_call (g_application_get_dbus_connection (data), SP_APPLICATION_ID,
                          SP_APPLICATION_PATH, "org.freedesktop.Application", "Activate",
                          g_variant_new ("(a{sv})", NULL), NULL, G_DBUS_CALL_FLAGS_NONE, -1, NULL,
                          NULL, NULL);
}

static void
on_disconnected (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (GApplication) application = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GNotification) notification = NULL;

  if (sp_bus_session_call_disconnect_finish (SP_BUS_SESSION (source), NULL, result, &error))
    return;
  (void) g_dbus_error_strip_remote_error (error);
  notification = g_notification_new (_ ("The Device Was Not Blocked"));
  g_notification_set_body (notification, error->message);
  g_notification_set_default_action (notification, "app.show");
  g_application_send_notification (application, "not-blocked", notification);
}

/* What can be blocked of a session: the device; without one the address. */
static const char *
choose_block (SpBusSession *session)
{
  return g_strcmp0 (sp_bus_session_get_device (session), "/") != 0 ? "device" : "address";
}

static void
block (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  SpNotifier *notifier = data;
  const char *path = g_variant_get_string (parameter, NULL);
  SpBusSession *session =
      sp_object_list_find (sp_server_connection_get_sessions (notifier->connection), path);
  GVariantBuilder options = G_VARIANT_BUILDER_INIT (G_VARIANT_TYPE_VARDICT);

  if (session == NULL)
    return;
  g_variant_builder_add (&options, "{sv}", "block", g_variant_new_string (choose_block (session)));
  sp_bus_session_call_disconnect (session, g_variant_builder_end (&options), SP_CALL_FLAGS,
                                  SP_CALL_TIMEOUT, NULL, on_disconnected, g_object_ref (notifier));
}

static void
sp_notifier_startup (GApplication *application)
{
  SpNotifier *notifier = SP_NOTIFIER (application);
  const GActionEntry actions[] = {
    { .name = "show", .activate = show },
    { .name = "block", .activate = block, .parameter_type = "s" },
  };

  G_APPLICATION_CLASS (sp_notifier_parent_class)->startup (application);
  g_action_map_add_action_entries (G_ACTION_MAP (application), actions, G_N_ELEMENTS (actions),
                                   application);
  notifier->connection = sp_server_connection_new (NULL, g_get_host_name ());
  notifier->preferences = sp_preferences_new ();
  notifier->sessions =
      sp_session_notice_new (application, notifier->connection, notifier->preferences);
  notifier->health =
      sp_health_notice_new (application, notifier->connection, notifier->preferences);
  sp_server_connection_follow (notifier->connection);
  /* As long as the person is there. */
  g_application_hold (application);
}

/* Started by hand once more: what it has to say is on its way already. */
static void
sp_notifier_activate (GApplication *application)
{
}

static void
sp_notifier_finalize (GObject *object)
{
  SpNotifier *notifier = SP_NOTIFIER (object);

  g_clear_object (&notifier->sessions);
  g_clear_object (&notifier->health);
  g_clear_object (&notifier->preferences);
  g_clear_object (&notifier->connection);
  G_OBJECT_CLASS (sp_notifier_parent_class)->finalize (object);
}

static void
sp_notifier_class_init (SpNotifierClass *class)
{
  G_OBJECT_CLASS (class)->finalize = sp_notifier_finalize;
  G_APPLICATION_CLASS (class)->startup = sp_notifier_startup;
  G_APPLICATION_CLASS (class)->activate = sp_notifier_activate;
}

static void
sp_notifier_init (SpNotifier *notifier)
{
}

int
main (int argc, char **argv)
{
  g_autoptr (GApplication) application = NULL;

  (void) setlocale (LC_ALL, "");
  (void) bindtextdomain (SP_GETTEXT_DOMAIN, SP_LOCALE_DIR);
  (void) bind_textdomain_codeset (SP_GETTEXT_DOMAIN, "UTF-8");
  (void) textdomain (SP_GETTEXT_DOMAIN);
  application = g_object_new (SP_TYPE_NOTIFIER, "application-id", SP_NOTIFIER_ID, NULL);
  return g_application_run (application, argc, argv);
}
