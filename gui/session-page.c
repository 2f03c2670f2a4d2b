/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "session-page.h"

#include "base/names.h"
#include "client/format.h"

#include "banner.h"
#include "property-row.h"
#include "session-actions.h"
#include "session-details.h"
#include "traffic-plot.h"
#include "wording.h"

#include <glib/gi18n.h>

struct _SpSessionPage
{
  SpSubpage parent_instance;
  SpBanner *banner;
  GtkImage *dot;
  GtkLabel *state;
  GtkLabel *rates;
  SpTrafficPlot *plot;
  AdwPreferencesGroup *details;
  AdwSplitButton *button;
  GtkButton *undo;
  SpPropertyRow **rows; /* one a detail */
  SpLiveSession *live;
};

G_DEFINE_FINAL_TYPE (SpSessionPage, sp_session_page, SP_TYPE_SUBPAGE)

static void
show_details (SpSessionPage *page)
{
  guint count;
  const SpSessionDetail *details = sp_session_details_get (&count);

  for (guint i = 0; i < count; i++)
    {
      g_autofree char *value = details[i].create (page->live);

      sp_property_row_set_value (page->rows[i], value);
    }
}

static void
show_plot (SpSessionPage *page)
{
  sp_traffic_plot_set_series (
      page->plot, sp_traffic_series_new_from_meter (sp_live_session_get_meter (page->live),
                                                    (guint64) g_get_real_time ()));
}

static void
show_rates (SpSessionPage *page)
{
  SpTrafficRate rate = sp_traffic_meter_get_rate (sp_live_session_get_meter (page->live));
  g_autofree char *rates = NULL;
  g_autofree char *state = NULL;

  if (sp_live_session_has_ended (page->live))
    return;
  rates = sp_format_rates (rate.down, rate.up);
  state = sp_session_details_create_state (page->live);
  gtk_label_set_label (page->rates, rates);
  gtk_label_set_label (page->state, state);
  show_details (page);
  show_plot (page);
}

static void
show_end (SpSessionPage *page)
{
  const char *reason = sp_live_session_get_reason (page->live);
  g_autofree char *moment = sp_wording_moment (sp_live_session_get_ended_at (page->live));
  g_autofree char *text = NULL;
  g_autofree char *state = sp_session_details_create_state (page->live);

  if (reason[0] != '\0')
    /* Translators: when, and why. */
    text = g_strdup_printf (_ ("This session ended %s (%s)"), moment, sp_wording_end (reason));
  else
    text = g_strdup_printf (_ ("This session ended %s"), moment);
  sp_banner_set_title (page->banner, text);
  sp_banner_set_revealed (page->banner, TRUE);
  gtk_label_set_label (page->state, state);
  gtk_label_set_label (page->rates, "");
}

static void
show_facts (SpSessionPage *page)
{
  gboolean ended = sp_live_session_has_ended (page->live);
  gboolean leaving = sp_live_session_get_undo_token (page->live) != NULL;
  g_autofree char *title = sp_live_session_dup_title (page->live);

  sp_subpage_set_title (SP_SUBPAGE (page), title);
  sp_session_actions_fill_button (page->button, page->live);
  gtk_widget_set_visible (GTK_WIDGET (page->button), !ended && !leaving);
  gtk_widget_set_visible (GTK_WIDGET (page->undo), leaving);
  gtk_widget_remove_css_class (GTK_WIDGET (page->dot), ended ? "sp-on" : "sp-off");
  gtk_widget_add_css_class (GTK_WIDGET (page->dot), ended ? "sp-off" : "sp-on");
  if (ended)
    show_end (page);
  else
    show_rates (page);
}

static void
create_rows (SpSessionPage *page)
{
  guint count;
  const SpSessionDetail *details = sp_session_details_get (&count);

  page->rows = g_new0 (SpPropertyRow *, count);
  for (guint i = 0; i < count; i++)
    {
      page->rows[i] = SP_PROPERTY_ROW (sp_property_row_new (_ (details[i].title), NULL));
      adw_preferences_group_add (page->details, GTK_WIDGET (page->rows[i]));
    }
}

SpSubpage *
sp_session_page_new (SpLiveSession *live)
{
  SpSessionPage *page = g_object_new (SP_TYPE_SESSION_PAGE, NULL);

  page->live = g_object_ref (live);
  create_rows (page);
  sp_session_actions_attach (GTK_WIDGET (page), live);
  (void) g_signal_connect_object (live, "changed", G_CALLBACK (show_facts), page,
                                  G_CONNECT_SWAPPED);
  (void) g_signal_connect_object (sp_live_session_get_meter (live), "changed",
                                  G_CALLBACK (show_rates), page, G_CONNECT_SWAPPED);
  show_details (page);
  show_plot (page);
  show_facts (page);
  return SP_SUBPAGE (page);
}

static void
sp_session_page_dispose (GObject *object)
{
  SpSessionPage *page = SP_SESSION_PAGE (object);

  gtk_widget_insert_action_group (GTK_WIDGET (page), "session", NULL);
  g_clear_object (&page->live);
  g_clear_pointer (&page->rows, g_free);
  G_OBJECT_CLASS (sp_session_page_parent_class)->dispose (object);
}

static void
sp_session_page_class_init (SpSessionPageClass *class)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);

  G_OBJECT_CLASS (class)->dispose = sp_session_page_dispose;
  g_type_ensure (SP_TYPE_BANNER);
  g_type_ensure (SP_TYPE_TRAFFIC_PLOT);
  gtk_widget_class_set_template_from_resource (widget_class, SP_RESOURCE_PATH "session-page.ui");
  gtk_widget_class_bind_template_child (widget_class, SpSessionPage, banner);
  gtk_widget_class_bind_template_child (widget_class, SpSessionPage, dot);
  gtk_widget_class_bind_template_child (widget_class, SpSessionPage, state);
  gtk_widget_class_bind_template_child (widget_class, SpSessionPage, rates);
  gtk_widget_class_bind_template_child (widget_class, SpSessionPage, plot);
  gtk_widget_class_bind_template_child (widget_class, SpSessionPage, details);
  gtk_widget_class_bind_template_child (widget_class, SpSessionPage, button);
  gtk_widget_class_bind_template_child (widget_class, SpSessionPage, undo);
}

static void
sp_session_page_init (SpSessionPage *page)
{
  gtk_widget_init_template (GTK_WIDGET (page));
}
