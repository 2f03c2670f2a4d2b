/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "activity-page.h"

#include "base/names.h"
#include "blocked-view.h"
#include "event-view.h"
#include "history-view.h"
#include "log-view.h"

struct _SpActivityPage
{
  AdwBin parent_instance;
  GtkStack *stack;
  SpHistoryView *history;
  SpEventView *events;
  SpBlockedView *blocked;
  SpLogView *log;
};

G_DEFINE_FINAL_TYPE (SpActivityPage, sp_activity_page, ADW_TYPE_BIN)

void
sp_activity_page_show (SpActivityPage *page, const char *view)
{
  gtk_stack_set_visible_child_name (page->stack, view);
}

void
sp_activity_page_set_connection (SpActivityPage *page, SpServerConnection *connection)
{
  sp_history_view_set_connection (page->history, connection);
  sp_event_view_set_connection (page->events, connection);
  sp_blocked_view_set_connection (page->blocked, connection);
  sp_log_view_set_connection (page->log, connection);
}

static void
sp_activity_page_dispose (GObject *object)
{
  adw_bin_set_child (ADW_BIN (object), NULL);
  G_OBJECT_CLASS (sp_activity_page_parent_class)->dispose (object);
}

static void
sp_activity_page_class_init (SpActivityPageClass *class)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);

  G_OBJECT_CLASS (class)->dispose = sp_activity_page_dispose;
  g_type_ensure (SP_TYPE_HISTORY_VIEW);
  g_type_ensure (SP_TYPE_EVENT_VIEW);
  g_type_ensure (SP_TYPE_BLOCKED_VIEW);
  g_type_ensure (SP_TYPE_LOG_VIEW);
  gtk_widget_class_set_template_from_resource (widget_class, SP_RESOURCE_PATH "activity-page.ui");
  gtk_widget_class_bind_template_child (widget_class, SpActivityPage, stack);
  gtk_widget_class_bind_template_child (widget_class, SpActivityPage, history);
  gtk_widget_class_bind_template_child (widget_class, SpActivityPage, events);
  gtk_widget_class_bind_template_child (widget_class, SpActivityPage, blocked);
  gtk_widget_class_bind_template_child (widget_class, SpActivityPage, log);
}

static void
sp_activity_page_init (SpActivityPage *page)
{
  gtk_widget_init_template (GTK_WIDGET (page));
}
