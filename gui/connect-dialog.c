/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "connect-dialog.h"

#include "base/names.h"

#include "application.h"
#include "remote-server.h"
#include "remote/computer-list.h"
#include "remote/error.h"
#include "remote/nearby.h"
#include "remote/own-key.h"

#include <glib/gi18n.h>

/* In the order of the choices. */
enum
{
  KEY_OF_PERSON,
  KEY_OF_APP,
};

struct _SpConnectDialog
{
  AdwWindow parent_instance;
  AdwToastOverlay *toasts;
  GtkWidget *connect;
  AdwEntryRow *computer;
  GtkLabel *problem;
  AdwPreferencesGroup *recent;
  AdwPreferencesGroup *nearby;
  AdwComboRow *key;
  GtkWidget *public_key;
  GtkWidget *copy;
  char *public_text; /* once it is known */
  GCancellable *cancellable;
  SpNearby *finder;
};

G_DEFINE_FINAL_TYPE (SpConnectDialog, sp_connect_dialog, ADW_TYPE_WINDOW)

static const char *
describe_problem (const GError *error)
{
  switch (error->code)
    {
      case SP_REMOTE_ERROR_TARGET_USER:
        return _ ("Before the @ stands the name of an account there, as in pi@attic.");
      case SP_REMOTE_ERROR_TARGET_PORT:
        return _ ("After the colon stands a port, a number up to 65535.");
      default:
        return _ ("Write the name or address of a computer, as in attic.lan or pi@192.0.2.1.");
    }
}

static gboolean
uses_own_key (SpConnectDialog *dialog)
{
  return adw_combo_row_get_selected (dialog->key) == KEY_OF_APP;
}

static void
show_problem (SpConnectDialog *dialog, const char *text)
{
  gtk_label_set_label (dialog->problem, text != NULL ? text : "");
  gtk_widget_set_visible (GTK_WIDGET (dialog->problem), text != NULL);
  if (text != NULL)
    gtk_widget_add_css_class (GTK_WIDGET (dialog->computer), "error");
  else
    gtk_widget_remove_css_class (GTK_WIDGET (dialog->computer), "error");
}

static void
on_typed (SpConnectDialog *dialog)
{
  g_autofree char *text =
      g_strstrip (g_strdup (gtk_editable_get_text (GTK_EDITABLE (dialog->computer))));
  g_autoptr (GError) error = NULL;
  g_autoptr (SpTarget) target = sp_target_parse (text, &error);

  gtk_widget_set_sensitive (dialog->connect, target != NULL);
  show_problem (dialog, target == NULL && text[0] != '\0' ? describe_problem (error) : NULL);
}

static void
connect_to (SpConnectDialog *dialog, const char *address, gboolean own_key)
{
  GtkWindow *parent = gtk_window_get_transient_for (GTK_WINDOW (dialog));
  SpApplication *application = SP_APPLICATION (gtk_window_get_application (parent));
  g_autoptr (SpTarget) target = sp_target_parse (address, NULL);

  if (target == NULL)
    return;
  sp_application_open_computer (application, target, own_key);
  gtk_window_destroy (GTK_WINDOW (dialog));
}

static void
on_connect (SpConnectDialog *dialog)
{
  connect_to (dialog, gtk_editable_get_text (GTK_EDITABLE (dialog->computer)),
              uses_own_key (dialog));
}

/* --- computers to choose from --- */

static void
on_row_activated (AdwActionRow *row, SpConnectDialog *dialog)
{
  connect_to (dialog, g_object_get_data (G_OBJECT (row), "address"),
              GPOINTER_TO_INT (g_object_get_data (G_OBJECT (row), "own-key")));
}

static GtkWidget *
create_row (SpConnectDialog *dialog, const char *address, gboolean own_key)
{
  GtkWidget *row = adw_action_row_new ();

  g_object_set (row, "title", address, "use-markup", FALSE, "activatable", TRUE, NULL);
  adw_action_row_add_suffix (ADW_ACTION_ROW (row),
                             gtk_image_new_from_icon_name ("go-next-symbolic"));
  g_object_set_data_full (G_OBJECT (row), "address", g_strdup (address), g_free);
  g_object_set_data (G_OBJECT (row), "own-key", GINT_TO_POINTER (own_key));
  (void) g_signal_connect_object (row, "activated", G_CALLBACK (on_row_activated), dialog, 0);
  return row;
}

static void
show_recent (SpConnectDialog *dialog)
{
  g_autofree char *path = sp_remote_server_get_list_path ();
  g_autoptr (GPtrArray) computers = sp_computer_list_read (path);

  for (guint i = 0; i < computers->len; i++)
    {
      const SpComputer *computer = computers->pdata[i];

      adw_preferences_group_add (dialog->recent,
                                 create_row (dialog, computer->address, computer->own_key));
    }
  gtk_widget_set_visible (GTK_WIDGET (dialog->recent), computers->len > 0);
}

/* Who is signed in to there is for the person to say. */
static void
on_nearby_activated (AdwActionRow *row, SpConnectDialog *dialog)
{
  gtk_editable_set_text (GTK_EDITABLE (dialog->computer),
                         adw_preferences_row_get_title (ADW_PREFERENCES_ROW (row)));
  (void) gtk_widget_grab_focus (GTK_WIDGET (dialog->computer));
  gtk_editable_set_position (GTK_EDITABLE (dialog->computer), 0);
}

static void
on_found (SpConnectDialog *dialog, const char *address)
{
  GtkWidget *row = adw_action_row_new ();

  g_object_set (row, "title", address, "use-markup", FALSE, "activatable", TRUE, NULL);
  (void) g_signal_connect_object (row, "activated", G_CALLBACK (on_nearby_activated), dialog, 0);
  adw_preferences_group_add (dialog->nearby, row);
  gtk_widget_set_visible (GTK_WIDGET (dialog->nearby), TRUE);
}

static void
on_bus (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (SpConnectDialog) dialog = data;
  g_autoptr (GDBusConnection) bus = g_bus_get_finish (result, NULL);

  if (bus != NULL && !g_cancellable_is_cancelled (dialog->cancellable))
    sp_nearby_look (dialog->finder, bus);
}

/* --- the app's own key --- */

static void
on_key_made (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (SpConnectDialog) dialog = data;
  g_autoptr (GError) error = NULL;
  char *text = sp_own_key_make_finish (result, &error);

  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return;
  if (text == NULL)
    {
      show_problem (dialog, error->message);
      return;
    }
  g_free (dialog->public_text);
  dialog->public_text = text;
  gtk_widget_set_tooltip_text (dialog->public_key, text);
  gtk_widget_set_sensitive (dialog->copy, TRUE);
}

static void
on_key_chosen (SpConnectDialog *dialog)
{
  g_autofree char *folder = sp_remote_server_get_folder ();

  gtk_widget_set_visible (dialog->public_key, uses_own_key (dialog));
  if (uses_own_key (dialog) && dialog->public_text == NULL)
    sp_own_key_make (folder, dialog->cancellable, on_key_made, g_object_ref (dialog));
}

static void
on_copy (SpConnectDialog *dialog)
{
  gdk_clipboard_set_text (gtk_widget_get_clipboard (GTK_WIDGET (dialog)), dialog->public_text);
  adw_toast_overlay_add_toast (dialog->toasts, adw_toast_new (_ ("The public key is copied")));
}

SpConnectDialog *
sp_connect_dialog_new (GtkWindow *parent)
{
  return g_object_new (SP_TYPE_CONNECT_DIALOG, "transient-for", parent, NULL);
}

static void
sp_connect_dialog_dispose (GObject *object)
{
  SpConnectDialog *dialog = SP_CONNECT_DIALOG (object);

  g_cancellable_cancel (dialog->cancellable);
  if (dialog->finder != NULL)
    sp_nearby_stop (dialog->finder);
  g_clear_object (&dialog->finder);
  G_OBJECT_CLASS (sp_connect_dialog_parent_class)->dispose (object);
}

static void
sp_connect_dialog_finalize (GObject *object)
{
  SpConnectDialog *dialog = SP_CONNECT_DIALOG (object);

  g_object_unref (dialog->cancellable);
  g_free (dialog->public_text);
  G_OBJECT_CLASS (sp_connect_dialog_parent_class)->finalize (object);
}

static void
sp_connect_dialog_class_init (SpConnectDialogClass *class)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);

  G_OBJECT_CLASS (class)->dispose = sp_connect_dialog_dispose;
  G_OBJECT_CLASS (class)->finalize = sp_connect_dialog_finalize;
  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_Escape, 0, "window.close", NULL);
  gtk_widget_class_set_template_from_resource (widget_class, SP_RESOURCE_PATH "connect-dialog.ui");
  gtk_widget_class_bind_template_child (widget_class, SpConnectDialog, toasts);
  gtk_widget_class_bind_template_child (widget_class, SpConnectDialog, connect);
  gtk_widget_class_bind_template_child (widget_class, SpConnectDialog, computer);
  gtk_widget_class_bind_template_child (widget_class, SpConnectDialog, problem);
  gtk_widget_class_bind_template_child (widget_class, SpConnectDialog, recent);
  gtk_widget_class_bind_template_child (widget_class, SpConnectDialog, nearby);
  gtk_widget_class_bind_template_child (widget_class, SpConnectDialog, key);
  gtk_widget_class_bind_template_child (widget_class, SpConnectDialog, public_key);
  gtk_widget_class_bind_template_child (widget_class, SpConnectDialog, copy);
  gtk_widget_class_bind_template_callback (widget_class, on_typed);
  gtk_widget_class_bind_template_callback (widget_class, on_connect);
  gtk_widget_class_bind_template_callback (widget_class, on_key_chosen);
  gtk_widget_class_bind_template_callback (widget_class, on_copy);
}

static void
sp_connect_dialog_init (SpConnectDialog *dialog)
{
  dialog->cancellable = g_cancellable_new ();
  dialog->finder = sp_nearby_new ();
  gtk_widget_init_template (GTK_WIDGET (dialog));
  show_recent (dialog);
  (void) g_signal_connect_object (dialog->finder, "found", G_CALLBACK (on_found), dialog,
                                  G_CONNECT_SWAPPED);
  g_bus_get (G_BUS_TYPE_SYSTEM, dialog->cancellable, on_bus, g_object_ref (dialog));
}
