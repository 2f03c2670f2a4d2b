/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "event-view.h"

#include "failure.h"
#include "user-change.h"
#include "wording.h"

#include <glib/gi18n.h>

#define PAGE   100 /* rows that are asked for at a time */
#define MARGIN 12

struct _SpEventView
{
  AdwBin parent_instance;
  SpServerConnection *connection;
  GtkStack *states;
  AdwStatusPage *error;
  GtkListBox *list;
  GtkWidget *more;
  char *next;            /* the cursor of the page that follows; "": there is none */
  GCancellable *reading; /* NULL: nothing is under way */
};

G_DEFINE_FINAL_TYPE (SpEventView, sp_event_view, ADW_TYPE_BIN)

/* --- rows --- */

/* Why somebody could not sign in, by AuthenticationFailed of the service. */
static const struct
{
  const char *reason;
  const char *words;
} refusals[] = {
  { "wrong-password", N_ ("Wrong password") },
  { "wrong-code", N_ ("Wrong code") },
  { "too-many-tries", N_ ("Too many tries") },
  { "many", N_ ("Many other addresses") },
};

static const char *
word_refusal (const char *reason)
{
  for (guint i = 0; i < G_N_ELEMENTS (refusals); i++)
    if (g_str_equal (reason, refusals[i].reason))
      return _ (refusals[i].words);
  return g_str_has_suffix (reason, "-certificate") ? _ ("Certificate refused")
                                                   : _ ("Not allowed to sign in");
}

static const char *
look_up (GVariant *row, const char *key)
{
  const char *text = "";

  (void) g_variant_lookup (row, key, "&s", &text);
  return text;
}

/* From its begin on, to its end. */
static char *
describe_attack (GVariant *row, guint64 connections)
{
  guint64 since = 0;

  (void) g_variant_lookup (row, "Since", "t", &since);
  return sp_wording_turned_away (connections, since);
}

/* "3 times · from 198.51.100.9 · then blocked · today 22:10"; what is not known is left out. */
static char *
describe (GVariant *row)
{
  g_autoptr (GPtrArray) parts = g_ptr_array_new_with_free_func (g_free);
  guint64 times = 1;
  guint64 at = 0;
  gboolean blocked = FALSE;

  (void) g_variant_lookup (row, "Times", "t", &times);
  (void) g_variant_lookup (row, "At", "t", &at);
  (void) g_variant_lookup (row, "Blocked", "b", &blocked);
  g_ptr_array_add (parts, sp_wording_moment (at));
  if (look_up (row, "Who")[0] != '\0')
    g_ptr_array_add (parts, g_strdup (look_up (row, "Who")));
  if (look_up (row, "Address")[0] != '\0')
    g_ptr_array_add (parts, g_strdup (look_up (row, "Address")));
  if (g_str_equal (look_up (row, "Kind"), "attack"))
    g_ptr_array_add (parts, describe_attack (row, times));
  else if (times > 1)
    g_ptr_array_add (parts, g_strdup_printf (ngettext ("%u time", "%u times", (guint) times),
                                             (guint) MIN (times, G_MAXUINT)));
  if (blocked)
    g_ptr_array_add (parts, g_strdup (_ ("blocked since")));
  g_ptr_array_add (parts, NULL);
  return g_strjoinv (" · ", (char **) parts->pdata);
}

/* How a kind looks, and what it is called. */
static const struct
{
  const char *kind;
  const char *icon;
  const char *name;
} kinds[] = {
  { "sign-in", "changes-prevent-symbolic", N_ ("Sign-in refused") },
  { "settings", "emblem-system-symbolic", N_ ("Settings changed") },
  { "attack", "security-low-symbolic", N_ ("Attack") },
};

static const char *
word_title (const char *kind, const char *text)
{
  if (g_str_equal (kind, "settings"))
    return text;
  return g_str_equal (kind, "attack") ? _ ("Attack on the server") : word_refusal (text);
}

static void
add_row (SpEventView *view, GVariant *row)
{
  const char *kind = look_up (row, "Kind");
  guint i = G_N_ELEMENTS (kinds) - 1;
  GtkWidget *widget = adw_action_row_new ();
  GtkWidget *icon;
  g_autofree char *title = g_markup_escape_text (word_title (kind, look_up (row, "Text")), -1);
  g_autofree char *facts = describe (row);
  g_autofree char *subtitle = g_markup_escape_text (facts, -1);

  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (widget), title);
  adw_action_row_set_subtitle (ADW_ACTION_ROW (widget), subtitle);
  adw_action_row_set_title_lines (ADW_ACTION_ROW (widget), 0);
  adw_action_row_set_subtitle_lines (ADW_ACTION_ROW (widget), 0);
  while (i > 0 && !g_str_equal (kinds[i].kind, kind))
    i--;
  icon = gtk_image_new_from_icon_name (kinds[i].icon);
  gtk_widget_set_tooltip_text (icon, _ (kinds[i].name));
  adw_action_row_add_prefix (ADW_ACTION_ROW (widget), icon);
  gtk_list_box_append (view->list, widget);
}

static void
clear (SpEventView *view)
{
  GtkWidget *child;

  while ((child = gtk_widget_get_first_child (GTK_WIDGET (view->list))) != NULL)
    gtk_list_box_remove (view->list, child);
}

/* --- reading --- */

static void
show_error (SpEventView *view, const GError *error)
{
  g_autofree char *reason = sp_failure_describe (error);

  adw_status_page_set_description (view->error, reason);
  gtk_stack_set_visible_child_name (view->states, "error");
}

static void
show_rows (SpEventView *view, GVariant *rows)
{
  GVariantIter each;
  GVariant *row;

  if (view->next[0] == '\0')
    clear (view);
  g_variant_iter_init (&each, rows);
  while ((row = g_variant_iter_next_value (&each)) != NULL)
    {
      add_row (view, row);
      g_variant_unref (row);
    }
  gtk_stack_set_visible_child_name (
      view->states,
      gtk_widget_get_first_child (GTK_WIDGET (view->list)) != NULL ? "list" : "empty");
}

static void
on_listed (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (SpEventView) view = data;
  g_autoptr (GVariant) rows = NULL;
  g_autofree char *next = NULL;
  g_autoptr (GError) error = NULL;

  (void) sp_bus_server_call_list_events_finish (SP_BUS_SERVER (source), &rows, &next, result,
                                                &error);
  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return;
  g_clear_object (&view->reading);
  if (rows == NULL)
    {
      show_error (view, error);
      return;
    }
  show_rows (view, rows);
  g_free (view->next);
  view->next = g_steal_pointer (&next);
  gtk_widget_set_visible (view->more, view->next[0] != '\0');
}

static void
read_page (SpEventView *view)
{
  SpBusServer *server = sp_server_connection_get_server (view->connection);

  if (server == NULL || view->reading != NULL)
    return;
  view->reading = g_cancellable_new ();
  sp_bus_server_call_list_events (server, g_variant_new_array (G_VARIANT_TYPE ("{sv}"), NULL, 0),
                                  view->next, PAGE, sp_no_options (), SP_CALL_FLAGS,
                                  SP_CALL_TIMEOUT, view->reading, on_listed, g_object_ref (view));
}

static void
read_anew (SpEventView *view)
{
  if (view->connection == NULL || view->reading != NULL)
    return;
  g_free (view->next);
  view->next = g_strdup ("");
  read_page (view);
}

void
sp_event_view_set_connection (SpEventView *view, SpServerConnection *connection)
{
  g_set_object (&view->connection, connection);
}

/* --- life --- */

static GtkWidget *
create_list (SpEventView *view)
{
  GtkWidget *scrolled = gtk_scrolled_window_new ();
  GtkWidget *clamp = adw_clamp_new ();
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, MARGIN);

  view->list = GTK_LIST_BOX (gtk_list_box_new ());
  gtk_list_box_set_selection_mode (view->list, GTK_SELECTION_NONE);
  gtk_widget_add_css_class (GTK_WIDGET (view->list), "boxed-list");
  gtk_accessible_update_property (GTK_ACCESSIBLE (view->list), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _ ("Events"), -1);
  view->more = gtk_button_new_with_mnemonic (_ ("Show _More"));
  gtk_widget_set_halign (view->more, GTK_ALIGN_CENTER);
  (void) g_signal_connect_object (view->more, "clicked", G_CALLBACK (read_page), view,
                                  G_CONNECT_SWAPPED);
  gtk_box_append (GTK_BOX (box), GTK_WIDGET (view->list));
  gtk_box_append (GTK_BOX (box), view->more);
  gtk_widget_set_margin_start (box, MARGIN);
  gtk_widget_set_margin_end (box, MARGIN);
  gtk_widget_set_margin_bottom (box, MARGIN);
  adw_clamp_set_child (ADW_CLAMP (clamp), box);
  gtk_scrolled_window_set_policy (GTK_SCROLLED_WINDOW (scrolled), GTK_POLICY_NEVER,
                                  GTK_POLICY_AUTOMATIC);
  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (scrolled), clamp);
  return scrolled;
}

static void
sp_event_view_dispose (GObject *object)
{
  SpEventView *view = SP_EVENT_VIEW (object);

  if (view->reading != NULL)
    g_cancellable_cancel (view->reading);
  g_clear_object (&view->reading);
  g_clear_object (&view->connection);
  adw_bin_set_child (ADW_BIN (object), NULL);
  G_OBJECT_CLASS (sp_event_view_parent_class)->dispose (object);
}

static void
sp_event_view_finalize (GObject *object)
{
  g_free (SP_EVENT_VIEW (object)->next);
  G_OBJECT_CLASS (sp_event_view_parent_class)->finalize (object);
}

static void
sp_event_view_class_init (SpEventViewClass *class)
{
  G_OBJECT_CLASS (class)->dispose = sp_event_view_dispose;
  G_OBJECT_CLASS (class)->finalize = sp_event_view_finalize;
}

static void
sp_event_view_init (SpEventView *view)
{
  GtkWidget *empty = adw_status_page_new ();

  view->next = g_strdup ("");
  view->states = GTK_STACK (gtk_stack_new ());
  view->error = ADW_STATUS_PAGE (adw_status_page_new ());
  adw_status_page_set_icon_name (ADW_STATUS_PAGE (empty), "document-open-recent-symbolic");
  adw_status_page_set_title (ADW_STATUS_PAGE (empty), _ ("Nothing Yet"));
  adw_status_page_set_description (
      ADW_STATUS_PAGE (empty),
      _ ("Who changes the settings, who cannot sign in, and attacks are listed here."));
  adw_status_page_set_icon_name (view->error, "dialog-error-symbolic");
  adw_status_page_set_title (view->error, _ ("The History Could Not Be Read"));
  (void) gtk_stack_add_named (view->states, empty, "empty");
  (void) gtk_stack_add_named (view->states, GTK_WIDGET (view->error), "error");
  (void) gtk_stack_add_named (view->states, create_list (view), "list");
  adw_bin_set_child (ADW_BIN (view), GTK_WIDGET (view->states));
  (void) g_signal_connect (view, "map", G_CALLBACK (read_anew), NULL);
}
