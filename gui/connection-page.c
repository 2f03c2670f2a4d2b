/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "connection-page.h"

#include "base/names.h"

#include <glib/gi18n.h>

#define INSTALL_COMMAND "sudo apt install sallyport-server"

struct _SpConnectionPage
{
  AdwBin parent_instance;
  GtkStack *stack;
  GtkSpinner *spinner;
  AdwStatusPage *status;
  GtkWidget *command_group;
  AdwActionRow *command_row;
  GtkWidget *details;
  GtkLabel *message;
  GtkButton *button;
  SpServerConnection *connection;
};

G_DEFINE_FINAL_TYPE (SpConnectionPage, sp_connection_page, ADW_TYPE_BIN)

/* What each state looks like.  A state without an icon shows that something is under way. */
static const struct
{
  const char *icon;
  const char *title;
  const char *text;
  const char *button;
  gboolean details; /* what the service or the bus said */
  gboolean install; /* how to get the service */
} looks[] = {
  [SP_CONNECTION_ABSENT] = { .icon = "computer-symbolic",
                             .title = N_ ("No Server on This Computer"),
                             .text = N_ ("Install the package sallyport-server to turn this "
                                         "computer into a VPN server."),
                             .install = TRUE },
  [SP_CONNECTION_FAILED] = { .icon = "dialog-error-symbolic",
                             .title = N_ ("The Server Could Not Start"),
                             .text = N_ ("The details say what is in its way."),
                             .button = N_ ("_Try Again"),
                             .details = TRUE },
  [SP_CONNECTION_OUTDATED] = { .icon = "software-update-available-symbolic",
                               .title = N_ ("Update Needed"),
                               .text = N_ ("The server on this computer is older than this app. "
                                           "Update the package sallyport-server."),
                               .button = N_ ("_Try Again"),
                               .details = TRUE },
  [SP_CONNECTION_DENIED] = { .icon = "system-lock-screen-symbolic",
                             .title = N_ ("Only Administrators Can See This Server"),
                             .text = N_ ("It shows who is connected and from where."),
                             .button = N_ ("_Unlock…") },
  [SP_CONNECTION_LOADING] = { .icon = NULL },
  [SP_CONNECTION_LOST] = { .icon = NULL },
  [SP_CONNECTION_READY] = { .icon = NULL },
};

static void
show_state (SpConnectionPage *page)
{
  SpConnectionState state = sp_server_connection_get_state (page->connection);
  const char *message = sp_server_connection_get_message (page->connection);
  gboolean under_way = looks[state].icon == NULL;

  gtk_stack_set_visible_child_name (page->stack, under_way ? "loading" : "status");
  gtk_spinner_set_spinning (page->spinner, under_way);
  if (under_way)
    return;
  adw_status_page_set_icon_name (page->status, looks[state].icon);
  adw_status_page_set_title (page->status, _ (looks[state].title));
  adw_status_page_set_description (page->status, _ (looks[state].text));
  gtk_widget_set_visible (page->command_group, looks[state].install);
  gtk_widget_set_visible (page->details, looks[state].details && message != NULL);
  gtk_label_set_label (page->message, message != NULL ? message : "");
  gtk_widget_set_visible (GTK_WIDGET (page->button), looks[state].button != NULL);
  if (looks[state].button != NULL)
    gtk_button_set_label (page->button, _ (looks[state].button));
}

static void
on_clicked (SpConnectionPage *page)
{
  if (sp_server_connection_get_state (page->connection) == SP_CONNECTION_DENIED)
    sp_server_connection_unlock (page->connection);
  else
    sp_server_connection_open (page->connection);
}

static void
on_copy (SpConnectionPage *page)
{
  gdk_clipboard_set_text (gtk_widget_get_clipboard (GTK_WIDGET (page)), INSTALL_COMMAND);
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
  g_clear_object (&SP_CONNECTION_PAGE (object)->connection);
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
  gtk_widget_class_bind_template_child (widget_class, SpConnectionPage, status);
  gtk_widget_class_bind_template_child (widget_class, SpConnectionPage, command_group);
  gtk_widget_class_bind_template_child (widget_class, SpConnectionPage, command_row);
  gtk_widget_class_bind_template_child (widget_class, SpConnectionPage, details);
  gtk_widget_class_bind_template_child (widget_class, SpConnectionPage, message);
  gtk_widget_class_bind_template_child (widget_class, SpConnectionPage, button);
  gtk_widget_class_bind_template_callback (widget_class, on_clicked);
  gtk_widget_class_bind_template_callback (widget_class, on_copy);
}

static void
sp_connection_page_init (SpConnectionPage *page)
{
  gtk_widget_init_template (GTK_WIDGET (page));
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (page->command_row), INSTALL_COMMAND);
}
