/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "application.h"

#include "base/names.h"
#include "client/server-connection.h"
#include "connect-dialog.h"
#include "help.h"
#include "remote-server.h"
#include "remote/computer-list.h"
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
  { "app.help::index", { "F1" } },
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
  { "app.connect", { "<Control><Shift>n" } },
  { "win.show-computers", { "F9", "<Control><Shift>s" } },
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

/* The parameter: a page of it. */
static void
show_help (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  GtkWindow *window = gtk_application_get_active_window (data);

  if (window != NULL)
    sp_help_show (window, g_variant_get_string (parameter, NULL));
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

/* The window of a computer, if it has one: "" for this one. */
static GtkWindow *
find_window (GtkApplication *application, const char *address)
{
  for (GList *link = gtk_application_get_windows (application); link != NULL; link = link->next)
    if (SP_IS_WINDOW (link->data))
      {
        SpServerConnection *connection = sp_window_get_connection (SP_WINDOW (link->data));
        g_autofree char *its =
            connection != NULL ? sp_remote_server_get_address (connection) : NULL;

        if (g_strcmp0 (its, address) == 0)
          return link->data;
      }
  return NULL;
}

/* Takes the connection. */
static void
open_window (GtkApplication *application, SpServerConnection *connection)
{
  g_autoptr (SpServerConnection) taken = connection;
  SpWindow *window = sp_window_new (application, taken);

  sp_server_connection_open (taken);
  gtk_window_present (GTK_WINDOW (window));
}

void
sp_application_open_computer (SpApplication *application, const SpTarget *target, gboolean own_key)
{
  g_autofree char *address = target != NULL ? sp_target_to_text (target) : g_strdup ("");
  GtkWindow *window = find_window (GTK_APPLICATION (application), address);

  if (window != NULL)
    gtk_window_present (window);
  else
    open_window (GTK_APPLICATION (application),
                 target != NULL ? sp_remote_server_new (target, own_key)
                                : sp_server_connection_new (NULL, g_get_host_name ()));
}

static gboolean
had_own_key (const char *address)
{
  g_autofree char *path = sp_remote_server_get_list_path ();
  g_autoptr (GPtrArray) computers = sp_computer_list_read (path);

  for (guint i = 0; i < computers->len; i++)
    if (g_str_equal (((SpComputer *) computers->pdata[i])->address, address))
      return ((SpComputer *) computers->pdata[i])->own_key;
  return FALSE;
}

static void
show_computer (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  const char *address = g_variant_get_string (parameter, NULL);
  g_autoptr (SpTarget) target = sp_target_parse (address, NULL);

  if (target != NULL || address[0] == '\0')
    sp_application_open_computer (data, target, had_own_key (address));
}

static void
ask_for_computer (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  GtkWindow *window = gtk_application_get_active_window (data);

  /* Who asks from a dialog means its window. */
  while (window != NULL && !SP_IS_WINDOW (window))
    window = gtk_window_get_transient_for (window);
  if (window != NULL)
    gtk_window_present (GTK_WINDOW (sp_connect_dialog_new (window)));
}

static void
sp_application_activate (GApplication *application)
{
  GtkWindow *window = gtk_application_get_active_window (GTK_APPLICATION (application));

  if (window != NULL)
    gtk_window_present (window);
  else
    sp_application_open_computer (SP_APPLICATION (application), NULL, FALSE);
}

static void
sp_application_startup (GApplication *application)
{
  const GActionEntry actions[] = {
    { .name = "about", .activate = show_about },
    { .name = "add-user", .activate = add_user },
    { .name = "help", .activate = show_help, .parameter_type = "s" },
    { .name = "connect", .activate = ask_for_computer },
    { .name = "show-computer", .activate = show_computer, .parameter_type = "s" },
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
  /* What carries the buses of other computers is not left behind. */
  for (GList *link = gtk_application_get_windows (GTK_APPLICATION (application)); link != NULL;
       link = link->next)
    if (SP_IS_WINDOW (link->data))
      sp_server_connection_close (sp_window_get_connection (SP_WINDOW (link->data)));
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
