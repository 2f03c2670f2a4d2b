/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "connection-page.h"

#include "base/names.h"
#include "connection-look.h"
#include "failure.h"
#include "property-row.h"
#include "remote-server.h"
#include "remote/host-key.h"

#include <glib/gi18n.h>

struct _SpConnectionPage
{
  AdwBin parent_instance;
  GtkStack *stack;
  GtkSpinner *spinner;
  GtkLabel *progress;
  GtkWidget *cancel;
  AdwStatusPage *status;
  AdwPreferencesGroup *keys;
  GSList *key_rows; /* lent */
  GtkWidget *command_group;
  AdwActionRow *command_row;
  GtkWidget *copy;
  GtkWidget *details;
  GtkLabel *message;
  GtkButton *button;
  GtkWidget *elsewhere;
  SpServerConnection *connection;
  SpLookDeed deed;
};

G_DEFINE_FINAL_TYPE (SpConnectionPage, sp_connection_page, ADW_TYPE_BIN)

static void
show_progress (SpConnectionPage *page)
{
  const char *name = sp_server_connection_get_name (page->connection);
  gboolean remote = sp_server_connection_is_remote (page->connection);
  /* Translators: a computer's name. */
  g_autofree char *text = g_strdup_printf (_ ("Connecting to %s…"), name);

  gtk_label_set_label (page->progress, remote ? text : "");
  gtk_widget_set_visible (GTK_WIDGET (page->progress), remote);
  gtk_widget_set_visible (page->cancel, remote);
}

static void
add_key (SpConnectionPage *page, const SpHostKey *key)
{
  GtkWidget *row = sp_property_row_new (key->kind, key->fingerprint);

  gtk_widget_add_css_class (row, "sp-fingerprint");
  adw_preferences_group_add (page->keys, row);
  page->key_rows = g_slist_prepend (page->key_rows, row);
}

static void
clear_keys (SpConnectionPage *page)
{
  for (GSList *link = page->key_rows; link != NULL; link = link->next)
    adw_preferences_group_remove (page->keys, link->data);
  g_clear_pointer (&page->key_rows, g_slist_free);
}

/* What the unknown computer shows, and how it is seen on that computer itself. */
static void
show_keys (SpConnectionPage *page)
{
  SpContact *contact = sp_remote_server_get_contact (page->connection);
  const char *offer = contact != NULL ? sp_contact_get_offer (contact) : NULL;
  gboolean asked = page->deed == SP_LOOK_TRUST && offer != NULL;

  clear_keys (page);
  gtk_widget_set_visible (GTK_WIDGET (page->keys), asked);
  if (asked)
    {
      g_autoptr (GPtrArray) keys = sp_host_key_read (offer);

      for (guint i = 0; i < keys->len; i++)
        add_key (page, keys->pdata[i]);
    }
}

static void
show_command (SpConnectionPage *page, const SpConnectionLook *look)
{
  gtk_widget_set_visible (page->command_group, look->command != NULL);
  if (look->command == NULL)
    return;
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (page->command_row), look->command);
  gtk_widget_set_tooltip_text (page->copy, look->copy);
  gtk_accessible_update_property (GTK_ACCESSIBLE (page->copy), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  look->copy, -1);
}

static void
show_look (SpConnectionPage *page, const SpConnectionLook *look)
{
  const char *message = sp_server_connection_get_message (page->connection);
  g_autofree char *title = g_markup_escape_text (look->title, -1);

  page->deed = look->deed;
  adw_status_page_set_icon_name (page->status, look->icon);
  adw_status_page_set_title (page->status, title);
  adw_status_page_set_description (page->status, look->text);
  if (look->alarm)
    gtk_widget_add_css_class (GTK_WIDGET (page->status), "sp-alarm");
  else
    gtk_widget_remove_css_class (GTK_WIDGET (page->status), "sp-alarm");
  show_keys (page);
  show_command (page, look);
  gtk_widget_set_visible (page->details, look->details && message != NULL);
  gtk_label_set_label (page->message, message != NULL ? message : "");
  gtk_widget_set_visible (page->elsewhere, look->elsewhere);
  gtk_widget_set_visible (GTK_WIDGET (page->button), look->label != NULL);
  if (look->label != NULL)
    gtk_button_set_label (page->button, look->label);
}

static void
show_state (SpConnectionPage *page)
{
  SpConnectionLook look;
  gboolean under_way;

  sp_connection_look_find (&look, page->connection);
  under_way = look.icon == NULL;
  gtk_stack_set_visible_child_name (page->stack, under_way ? "loading" : "status");
  gtk_spinner_set_spinning (page->spinner, under_way);
  if (under_way)
    show_progress (page);
  else
    show_look (page, &look);
  sp_connection_look_clear (&look);
}

static void
trust (SpConnectionPage *page)
{
  SpContact *contact = sp_remote_server_get_contact (page->connection);
  g_autoptr (GError) error = NULL;

  if (sp_contact_trust (contact, &error))
    sp_server_connection_open (page->connection);
  else
    sp_failure_show (GTK_WIDGET (page), _ ("The key could not be kept"), error);
}

static void
on_clicked (SpConnectionPage *page)
{
  if (page->deed == SP_LOOK_UNLOCK)
    sp_server_connection_unlock (page->connection);
  else if (page->deed == SP_LOOK_TRUST)
    trust (page);
  else
    sp_server_connection_reconnect (page->connection);
}

static void
on_copy (SpConnectionPage *page)
{
  gdk_clipboard_set_text (gtk_widget_get_clipboard (GTK_WIDGET (page)),
                          adw_preferences_row_get_title (ADW_PREFERENCES_ROW (page->command_row)));
}

void
sp_connection_page_set_connection (SpConnectionPage *page, SpServerConnection *connection)
{
  g_set_object (&page->connection, connection);
  (void) g_signal_connect_object (connection, "notify::state", G_CALLBACK (show_state), page,
                                  G_CONNECT_SWAPPED);
  (void) g_signal_connect_object (connection, "notify::message", G_CALLBACK (show_state), page,
                                  G_CONNECT_SWAPPED);
  show_state (page);
}

static void
sp_connection_page_dispose (GObject *object)
{
  SpConnectionPage *page = SP_CONNECTION_PAGE (object);

  g_clear_pointer (&page->key_rows, g_slist_free);
  g_clear_object (&page->connection);
  adw_bin_set_child (ADW_BIN (object), NULL);
  G_OBJECT_CLASS (sp_connection_page_parent_class)->dispose (object);
}

static void
sp_connection_page_class_init (SpConnectionPageClass *class)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);

  G_OBJECT_CLASS (class)->dispose = sp_connection_page_dispose;
  gtk_widget_class_set_template_from_resource (widget_class, SP_RESOURCE_PATH "connection-page.ui");
  gtk_widget_class_bind_template_child (widget_class, SpConnectionPage, stack);
  gtk_widget_class_bind_template_child (widget_class, SpConnectionPage, spinner);
  gtk_widget_class_bind_template_child (widget_class, SpConnectionPage, progress);
  gtk_widget_class_bind_template_child (widget_class, SpConnectionPage, cancel);
  gtk_widget_class_bind_template_child (widget_class, SpConnectionPage, status);
  gtk_widget_class_bind_template_child (widget_class, SpConnectionPage, keys);
  gtk_widget_class_bind_template_child (widget_class, SpConnectionPage, command_group);
  gtk_widget_class_bind_template_child (widget_class, SpConnectionPage, command_row);
  gtk_widget_class_bind_template_child (widget_class, SpConnectionPage, copy);
  gtk_widget_class_bind_template_child (widget_class, SpConnectionPage, details);
  gtk_widget_class_bind_template_child (widget_class, SpConnectionPage, message);
  gtk_widget_class_bind_template_child (widget_class, SpConnectionPage, button);
  gtk_widget_class_bind_template_child (widget_class, SpConnectionPage, elsewhere);
  gtk_widget_class_bind_template_callback (widget_class, on_clicked);
  gtk_widget_class_bind_template_callback (widget_class, on_copy);
}

static void
sp_connection_page_init (SpConnectionPage *page)
{
  gtk_widget_init_template (GTK_WIDGET (page));
  sp_property_row_leave_out_hyphens (GTK_WIDGET (page->command_row));
}
