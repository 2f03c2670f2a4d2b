/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "application.h"

#include "base/names.h"
#include "client/server-connection.h"
#include "window.h"

#include <glib/gi18n.h>

struct _SpApplication
{
  AdwApplication parent_instance;
  SpPreferences *preferences;
};

G_DEFINE_FINAL_TYPE (SpApplication, sp_application, ADW_TYPE_APPLICATION)

/* Keys by action.  What pages add for themselves stands in their own classes. */
static const struct
{
  const char *action;
  const char *keys[3];
} shortcuts[] = {
  { "app.quit", { "<Control>q" } },
  { "window.close", { "<Control>w" } },
  { "win.show-view::overview", { "<Control>1" } },
  { "win.show-view::users", { "<Control>2" } },
  { "win.show-view::activity", { "<Control>3" } },
  { "win.show-view::settings", { "<Control>4", "<Control>comma" } },
  { "win.go-back", { "<Alt>Left" } },
  { "win.add-user", { "<Control>n" } },
  { "win.search", { "<Control>f" } },
  { "win.undo", { "<Control>z" } },
};

static void
show_about (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  adw_show_about_window (gtk_application_get_active_window (data), "application-name",
                         SP_PRODUCT_NAME, "application-icon", SP_APPLICATION_ID, "version",
                         SP_VERSION, "developer-name", _ ("The Sallyport developers"),
                         "license-type", GTK_LICENSE_GPL_2_0, "comments",
                         _ ("Reach home from anywhere, with the VPN clients that people have."),
                         /* Translators: put your names here, one a line. */
                         "translator-credits", _ ("translator-credits"), NULL);
}

static void
quit (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  g_application_quit (data);
}

/* From the entry in the system's menus. */
static void
add_user (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  GtkWindow *window;

  g_application_activate (data);
  window = gtk_application_get_active_window (data);
  (void) gtk_widget_activate_action (GTK_WIDGET (window), "win.add-user", NULL);
}

static void
sp_application_activate (GApplication *application)
{
  GtkWindow *window = gtk_application_get_active_window (GTK_APPLICATION (application));

  if (window == NULL)
    {
      g_autoptr (SpServerConnection) connection =
          sp_server_connection_new (NULL, g_get_host_name ());

      window = GTK_WINDOW (sp_window_new (GTK_APPLICATION (application), connection));
      sp_server_connection_open (connection);
    }
  gtk_window_present (window);
}

static void
sp_application_startup (GApplication *application)
{
  const GActionEntry actions[] = {
    { .name = "about", .activate = show_about },
    { .name = "add-user", .activate = add_user },
    { .name = "quit", .activate = quit },
  };

  G_APPLICATION_CLASS (sp_application_parent_class)->startup (application);
  SP_APPLICATION (application)->preferences = sp_preferences_new ();
  g_action_map_add_action_entries (G_ACTION_MAP (application), actions, G_N_ELEMENTS (actions),
                                   application);
  for (guint i = 0; i < G_N_ELEMENTS (shortcuts); i++)
    gtk_application_set_accels_for_action (GTK_APPLICATION (application), shortcuts[i].action,
                                           shortcuts[i].keys);
}

static void
sp_application_shutdown (GApplication *application)
{
  g_clear_object (&SP_APPLICATION (application)->preferences);
  G_APPLICATION_CLASS (sp_application_parent_class)->shutdown (application);
}

SpPreferences *
sp_application_get_preferences (SpApplication *application)
{
  return application->preferences;
}

SpApplication *
sp_application_new (void)
{
  return g_object_new (SP_TYPE_APPLICATION, "application-id", SP_APPLICATION_ID,
                       "resource-base-path", SP_RESOURCE_PATH, NULL);
}

static void
sp_application_class_init (SpApplicationClass *class)
{
  G_APPLICATION_CLASS (class)->activate = sp_application_activate;
  G_APPLICATION_CLASS (class)->startup = sp_application_startup;
  G_APPLICATION_CLASS (class)->shutdown = sp_application_shutdown;
}

static void
sp_application_init (SpApplication *application)
{
}
