/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "outside-row.h"

#include "outside-dialog.h"
#include "outside-wording.h"

#include <glib/gi18n.h>

struct _SpOutsideRow
{
  AdwActionRow parent_instance;
  GtkImage *icon;
  GtkWidget *test;
  SpServerConnection *connection;
};

G_DEFINE_FINAL_TYPE (SpOutsideRow, sp_outside_row, ADW_TYPE_ACTION_ROW)

static const struct
{
  const char *icon;
  const char *class;
} looks[] = {
  [SP_OUTSIDE_UNKNOWN] = { "dialog-question-symbolic", "dim-label" },
  [SP_OUTSIDE_GOOD] = { "emblem-ok-symbolic", "sp-on" },
  [SP_OUTSIDE_BAD] = { "dialog-warning-symbolic", "sp-pending" },
};

static void
show_look (SpOutsideRow *row, SpOutsideLook look)
{
  for (guint i = 0; i < G_N_ELEMENTS (looks); i++)
    gtk_widget_remove_css_class (GTK_WIDGET (row->icon), looks[i].class);
  gtk_widget_add_css_class (GTK_WIDGET (row->icon), looks[look].class);
  gtk_image_set_from_icon_name (row->icon, looks[look].icon);
}

void
sp_outside_row_show (SpOutsideRow *row, SpServerConnection *connection)
{
  SpBusServer *server = sp_server_connection_get_server (connection);
  g_autoptr (GVariant) reachability =
      server != NULL ? sp_bus_server_dup_reachability (server) : NULL;
  gboolean may = sp_server_connection_get_permission (connection, "control") != SP_PERMISSION_NO;
  g_autofree char *proof = sp_outside_describe_proof (reachability);
  const char *title;
  const char *text;

  g_set_object (&row->connection, connection);
  gtk_widget_set_visible (GTK_WIDGET (row),
                          reachability != NULL && sp_bus_server_get_port (server) != 0);
  show_look (row, sp_outside_describe (reachability, &title, &text));
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row), title);
  adw_action_row_set_subtitle (ADW_ACTION_ROW (row), text != NULL    ? text
                                                     : proof != NULL ? proof
                                                                     : "");
  gtk_widget_set_sensitive (row->test, may);
}

static void
on_test (SpOutsideRow *row)
{
  GtkRoot *root = gtk_widget_get_root (GTK_WIDGET (row));

  gtk_window_present (sp_outside_dialog_new (GTK_WINDOW (root), row->connection));
}

static void
sp_outside_row_dispose (GObject *object)
{
  g_clear_object (&SP_OUTSIDE_ROW (object)->connection);
  G_OBJECT_CLASS (sp_outside_row_parent_class)->dispose (object);
}

static void
sp_outside_row_class_init (SpOutsideRowClass *class)
{
  G_OBJECT_CLASS (class)->dispose = sp_outside_row_dispose;
}

static void
sp_outside_row_init (SpOutsideRow *row)
{
  AdwActionRow *action = ADW_ACTION_ROW (row);

  row->icon = GTK_IMAGE (gtk_image_new ());
  row->test = gtk_button_new_with_mnemonic (_ ("_Test…"));
  gtk_widget_set_valign (row->test, GTK_ALIGN_CENTER);
  gtk_widget_set_tooltip_text (row->test, _ ("Test Whether People Reach This from Outside"));
  (void) g_signal_connect_object (row->test, "clicked", G_CALLBACK (on_test), row,
                                  G_CONNECT_SWAPPED);
  adw_action_row_add_prefix (action, GTK_WIDGET (row->icon));
  adw_action_row_add_suffix (action, row->test);
  adw_action_row_set_title_lines (action, 0);
  adw_action_row_set_subtitle_lines (action, 0);
}
