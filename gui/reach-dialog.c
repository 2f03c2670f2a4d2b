/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "reach-dialog.h"

#include "base/limits.h"
#include "base/names.h"
#include "bus/error.h"
#include "client/server-connection.h"
#include "failure.h"
#include "user-change.h"

#include <glib/gi18n.h>
#include <string.h>

struct _SpReachDialog
{
  AdwWindow parent_instance;
  GtkWidget *set;
  AdwEntryRow *entry;
  GtkListBox *list;
  GtkLabel *problem;
  GtkStringList *hosts;
  SpBusUser *user;
};

G_DEFINE_FINAL_TYPE (SpReachDialog, sp_reach_dialog, ADW_TYPE_WINDOW)

static void
say_problem (SpReachDialog *dialog, const char *text)
{
  gtk_label_set_label (dialog->problem, text != NULL ? text : "");
  gtk_widget_set_visible (GTK_WIDGET (dialog->problem), text != NULL);
}

static guint
count (SpReachDialog *dialog)
{
  return g_list_model_get_n_items (G_LIST_MODEL (dialog->hosts));
}

static void
show_list (SpReachDialog *dialog)
{
  gtk_widget_set_visible (GTK_WIDGET (dialog->list), count (dialog) > 0);
  gtk_widget_set_sensitive (dialog->set, count (dialog) > 0);
}

/* The address alone: what follows it only the service judges. */
static gboolean
looks_right (const char *text)
{
  g_auto (GStrv) words = g_strsplit (text, " ", 2);
  g_auto (GStrv) parts = g_strsplit (words[0] != NULL ? words[0] : "", "/", 2);
  g_autofree char *address = g_strdup (parts[0] != NULL ? parts[0] : "");
  gsize length = strlen (address);

  if (length > 2 && address[0] == '[' && address[length - 1] == ']')
    {
      address[length - 1] = '\0';
      return g_hostname_is_ip_address (address + 1);
    }
  return g_hostname_is_ip_address (address);
}

static void
on_typed (SpReachDialog *dialog)
{
  const char *text = gtk_editable_get_text (GTK_EDITABLE (dialog->entry));
  gboolean wrong = text[0] != '\0' && !looks_right (text);

  if (wrong)
    gtk_widget_add_css_class (GTK_WIDGET (dialog->entry), "error");
  else
    gtk_widget_remove_css_class (GTK_WIDGET (dialog->entry), "error");
  say_problem (dialog, wrong ? _ ("This is not an address yet.") : NULL);
}

static void
on_add (SpReachDialog *dialog)
{
  g_autofree char *text =
      g_strstrip (g_strdup (gtk_editable_get_text (GTK_EDITABLE (dialog->entry))));

  if (!looks_right (text) || count (dialog) >= SP_REACH_HOSTS_MAX)
    return;
  gtk_string_list_append (dialog->hosts, text);
  gtk_editable_set_text (GTK_EDITABLE (dialog->entry), "");
}

static void
on_drop (GtkWidget *button, SpReachDialog *dialog)
{
  GtkWidget *row = gtk_widget_get_ancestor (button, GTK_TYPE_LIST_BOX_ROW);
  int index = gtk_list_box_row_get_index (GTK_LIST_BOX_ROW (row));

  if (index >= 0)
    gtk_string_list_remove (dialog->hosts, (guint) index);
}

static GtkWidget *
create_row (gpointer item, gpointer data)
{
  const char *host = gtk_string_object_get_string (item);
  GtkWidget *row = adw_action_row_new ();
  GtkWidget *button = gtk_button_new_from_icon_name ("edit-delete-symbolic");
  g_autofree char *markup = g_markup_escape_text (host, -1);
  /* Translators: an address. */
  g_autofree char *name = g_strdup_printf (_ ("Remove %s"), host);

  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row), markup);
  gtk_widget_set_valign (button, GTK_ALIGN_CENTER);
  gtk_widget_add_css_class (button, "flat");
  gtk_widget_set_tooltip_text (button, name);
  gtk_accessible_update_property (GTK_ACCESSIBLE (button), GTK_ACCESSIBLE_PROPERTY_LABEL, name, -1);
  (void) g_signal_connect_object (button, "clicked", G_CALLBACK (on_drop), data, 0);
  adw_action_row_add_suffix (ADW_ACTION_ROW (row), button);
  return row;
}

static void
on_updated (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (SpReachDialog) dialog = data;
  g_autoptr (GError) error = NULL;
  g_autofree char *reason = NULL;

  if (sp_bus_user_call_update_finish (SP_BUS_USER (source), result, &error))
    {
      gtk_window_close (GTK_WINDOW (dialog));
      return;
    }
  gtk_widget_set_sensitive (dialog->set, TRUE);
  reason = g_error_matches (error, SP_BUS_ERROR, SP_BUS_ERROR_NOT_AUTHORIZED_DISMISSED)
               ? g_strdup (_ ("Nothing was changed"))
               : sp_failure_describe (error);
  say_problem (dialog, reason);
}

static void
on_set (SpReachDialog *dialog)
{
  GVariantBuilder changes = G_VARIANT_BUILDER_INIT (G_VARIANT_TYPE_VARDICT);
  GVariantBuilder hosts = G_VARIANT_BUILDER_INIT (G_VARIANT_TYPE_STRING_ARRAY);

  on_add (dialog);
  for (guint i = 0; i < count (dialog); i++)
    g_variant_builder_add (&hosts, "s", gtk_string_list_get_string (dialog->hosts, i));
  g_variant_builder_add (&changes, "{sv}", "Reach", g_variant_new_string ("hosts"));
  g_variant_builder_add (&changes, "{sv}", "ReachHosts", g_variant_builder_end (&hosts));
  g_variant_builder_add (&changes, "{sv}", "Routes", g_variant_new_strv (NULL, 0));
  gtk_widget_set_sensitive (dialog->set, FALSE);
  sp_bus_user_call_update (dialog->user, g_variant_builder_end (&changes), sp_no_options (),
                           SP_CALL_FLAGS, SP_CALL_TIMEOUT, NULL, on_updated, g_object_ref (dialog));
}

GtkWindow *
sp_reach_dialog_new (GtkWindow *parent, SpBusUser *user)
{
  SpReachDialog *dialog = g_object_new (SP_TYPE_REACH_DIALOG, "transient-for", parent, NULL);
  g_auto (GStrv) hosts = sp_bus_user_dup_reach_hosts (user);

  dialog->user = g_object_ref (user);
  dialog->hosts = gtk_string_list_new ((const char *const *) hosts);
  gtk_list_box_bind_model (dialog->list, G_LIST_MODEL (dialog->hosts), create_row, dialog, NULL);
  (void) g_signal_connect_object (dialog->hosts, "items-changed", G_CALLBACK (show_list), dialog,
                                  G_CONNECT_SWAPPED);
  show_list (dialog);
  (void) gtk_widget_grab_focus (GTK_WIDGET (dialog->entry));
  return GTK_WINDOW (dialog);
}

static void
sp_reach_dialog_dispose (GObject *object)
{
  SpReachDialog *dialog = SP_REACH_DIALOG (object);

  g_clear_object (&dialog->hosts);
  g_clear_object (&dialog->user);
  G_OBJECT_CLASS (sp_reach_dialog_parent_class)->dispose (object);
}

static void
sp_reach_dialog_class_init (SpReachDialogClass *class)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);

  G_OBJECT_CLASS (class)->dispose = sp_reach_dialog_dispose;
  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_Escape, 0, "window.close", NULL);
  gtk_widget_class_set_template_from_resource (widget_class, SP_RESOURCE_PATH "reach-dialog.ui");
  gtk_widget_class_bind_template_child (widget_class, SpReachDialog, set);
  gtk_widget_class_bind_template_child (widget_class, SpReachDialog, entry);
  gtk_widget_class_bind_template_child (widget_class, SpReachDialog, list);
  gtk_widget_class_bind_template_child (widget_class, SpReachDialog, problem);
  gtk_widget_class_bind_template_callback (widget_class, on_set);
  gtk_widget_class_bind_template_callback (widget_class, on_add);
  gtk_widget_class_bind_template_callback (widget_class, on_typed);
}

static void
sp_reach_dialog_init (SpReachDialog *dialog)
{
  gtk_widget_init_template (GTK_WIDGET (dialog));
}
