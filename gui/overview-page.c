/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "overview-page.h"

#include "base/names.h"

#include "health-group.h"
#include "session-group.h"
#include "status-card.h"
#include "traffic-group.h"

struct _SpOverviewPage
{
  AdwBin parent_instance;
  SpStatusCard *card;
  SpSessionGroup *sessions;
  SpTrafficGroup *traffic;
  SpHealthGroup *health;
  GtkWidget *off;
  GtkButton *turn_on;
  SpServerConnection *connection;
  SpBusServer *server; /* whose state is followed */
};

G_DEFINE_FINAL_TYPE (SpOverviewPage, sp_overview_page, ADW_TYPE_BIN)

static void
show_state (SpOverviewPage *page)
{
  const char *state = page->server != NULL ? sp_bus_server_get_state (page->server) : NULL;
  gboolean off = g_strcmp0 (state, "off") == 0;
  gboolean serving = g_strcmp0 (state, "on") == 0 || g_strcmp0 (state, "stopping") == 0;
  gboolean may =
      sp_server_connection_get_permission (page->connection, "control") != SP_PERMISSION_NO;

  gtk_widget_set_visible (page->off, off);
  gtk_widget_set_visible (GTK_WIDGET (page->sessions), serving);
  gtk_widget_set_visible (GTK_WIDGET (page->traffic), serving && sp_server_connection_has_feature (
                                                                     page->connection, "traffic"));
  gtk_widget_set_sensitive (GTK_WIDGET (page->turn_on), may);
}

static void
follow_server (SpOverviewPage *page)
{
  if (page->server != NULL)
    (void) g_signal_handlers_disconnect_by_data (page->server, page);
  g_set_object (&page->server, sp_server_connection_get_server (page->connection));
  if (page->server != NULL)
    (void) g_signal_connect_object (page->server, "notify::state", G_CALLBACK (show_state), page,
                                    G_CONNECT_SWAPPED);
  show_state (page);
}

static void
on_turn_on (SpOverviewPage *page)
{
  sp_status_card_turn_on (page->card);
}

void
sp_overview_page_set_connection (SpOverviewPage *page, SpServerConnection *connection)
{
  g_set_object (&page->connection, connection);
  sp_status_card_set_connection (page->card, connection);
  sp_session_group_set_connection (page->sessions, connection);
  sp_traffic_group_set_connection (page->traffic, connection);
  sp_health_group_set_connection (page->health, connection);
  (void) g_signal_connect_object (connection, "notify::server", G_CALLBACK (follow_server), page,
                                  G_CONNECT_SWAPPED);
  (void) g_signal_connect_object (connection, "notify::permissions", G_CALLBACK (show_state), page,
                                  G_CONNECT_SWAPPED);
  follow_server (page);
}

static void
sp_overview_page_dispose (GObject *object)
{
  SpOverviewPage *page = SP_OVERVIEW_PAGE (object);

  if (page->server != NULL)
    (void) g_signal_handlers_disconnect_by_data (page->server, page);
  g_clear_object (&page->server);
  g_clear_object (&page->connection);
  adw_bin_set_child (ADW_BIN (object), NULL);
  G_OBJECT_CLASS (sp_overview_page_parent_class)->dispose (object);
}

static void
sp_overview_page_class_init (SpOverviewPageClass *class)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);

  G_OBJECT_CLASS (class)->dispose = sp_overview_page_dispose;
  g_type_ensure (SP_TYPE_HEALTH_GROUP);
  g_type_ensure (SP_TYPE_SESSION_GROUP);
  g_type_ensure (SP_TYPE_STATUS_CARD);
  g_type_ensure (SP_TYPE_TRAFFIC_GROUP);
  gtk_widget_class_set_template_from_resource (widget_class, SP_RESOURCE_PATH "overview-page.ui");
  gtk_widget_class_bind_template_child (widget_class, SpOverviewPage, card);
  gtk_widget_class_bind_template_child (widget_class, SpOverviewPage, sessions);
  gtk_widget_class_bind_template_child (widget_class, SpOverviewPage, traffic);
  gtk_widget_class_bind_template_child (widget_class, SpOverviewPage, health);
  gtk_widget_class_bind_template_child (widget_class, SpOverviewPage, off);
  gtk_widget_class_bind_template_child (widget_class, SpOverviewPage, turn_on);
  gtk_widget_class_bind_template_callback (widget_class, on_turn_on);
}

static void
sp_overview_page_init (SpOverviewPage *page)
{
  gtk_widget_init_template (GTK_WIDGET (page));
}
