/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "combo-row.h"

/* Letters that are shown however long the words beside them are. */
#define LETTERS_LEAST 24

static GtkWidget *
get_label (GtkListItem *item)
{
  return gtk_widget_get_first_child (gtk_list_item_get_child (item));
}

static void
on_set_up (GtkListItemFactory *factory, GtkListItem *item)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 0);
  GtkWidget *label = gtk_label_new (NULL);
  GtkWidget *tick =
      g_object_new (GTK_TYPE_IMAGE, "accessible-role", GTK_ACCESSIBLE_ROLE_PRESENTATION,
                    "icon-name", "object-select-symbolic", "margin-start", 6, NULL);

  gtk_label_set_ellipsize (GTK_LABEL (label), PANGO_ELLIPSIZE_END);
  gtk_box_append (GTK_BOX (box), label);
  gtk_box_append (GTK_BOX (box), tick);
  gtk_list_item_set_child (item, box);
}

/* The list of choices marks the one that is chosen. */
static void
show_tick (AdwComboRow *row, GParamSpec *spec, GtkListItem *item)
{
  GtkWidget *tick = gtk_widget_get_last_child (gtk_list_item_get_child (item));
  gboolean chosen = adw_combo_row_get_selected_item (row) == gtk_list_item_get_item (item);

  gtk_widget_set_opacity (tick, chosen ? 1 : 0);
}

static void
on_bind (GtkListItemFactory *factory, GtkListItem *item, AdwComboRow *row)
{
  GtkStringObject *choice = gtk_list_item_get_item (item);
  const char *text = gtk_string_object_get_string (choice);
  GtkWidget *box = gtk_list_item_get_child (item);
  gboolean listed = gtk_widget_get_ancestor (box, GTK_TYPE_POPOVER) != NULL;
  glong letters = g_utf8_strlen (text, -1);

  gtk_label_set_label (GTK_LABEL (get_label (item)), text);
  gtk_label_set_width_chars (GTK_LABEL (get_label (item)),
                             listed ? (int) letters : (int) MIN (letters, LETTERS_LEAST));
  /* At the arrow, or below one another. */
  gtk_label_set_xalign (GTK_LABEL (get_label (item)), listed ? 0 : 1);
  gtk_widget_set_visible (gtk_widget_get_last_child (box), listed);
  (void) g_signal_connect_object (row, "notify::selected-item", G_CALLBACK (show_tick), item, 0);
  show_tick (row, NULL, item);
}

static void
on_unbind (GtkListItemFactory *factory, GtkListItem *item, AdwComboRow *row)
{
  (void) g_signal_handlers_disconnect_by_func (row, show_tick, item);
}

void
sp_combo_row_show_whole (AdwComboRow *row)
{
  g_autoptr (GtkListItemFactory) factory = gtk_signal_list_item_factory_new ();

  (void) g_signal_connect (factory, "setup", G_CALLBACK (on_set_up), NULL);
  (void) g_signal_connect_object (factory, "bind", G_CALLBACK (on_bind), row, 0);
  (void) g_signal_connect_object (factory, "unbind", G_CALLBACK (on_unbind), row, 0);
  adw_combo_row_set_factory (row, factory);
}
