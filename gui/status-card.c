/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "status-card.h"

#include "base/names.h"
#include "bus/error.h"
#include "client/format.h"

#include "failure.h"
#include "outside-row.h"
#include "property-row.h"
#include "reach-row.h"
#include "server-stop.h"
#include "server-trouble.h"

#include <glib/gi18n.h>

#define REFRESH 30 /* s: how long it has been up grows by itself */

struct _SpStatusCard
{
  AdwBin parent_instance;
  AdwActionRow *state_row;
  GtkWidget *dot;
  GtkWidget *spinner;
  GtkSwitch *toggle;
  AdwActionRow *trouble_row;
  GtkButton *mend;
  SpPropertyRow *address_row;
  SpOutsideRow *outside_row;
  SpReachRow *reach_row;
  SpServerConnection *connection;
  SpBusServer *server; /* whose changes are followed */
  gboolean updating;   /* the switch follows the server, nobody moved it */
  gboolean calling;    /* what the person wants is not decided yet */
  gboolean wanted;
  guint refresh;
};

G_DEFINE_FINAL_TYPE (SpStatusCard, sp_status_card, ADW_TYPE_BIN)

/* What each state of the server looks like. */
static const struct
{
  const char *state;
  const char *title;
  const char *dot; /* style class */
  gboolean wanted; /* where the switch is to be, and where it is */
  gboolean reached;
} looks[] = {
  { "off", NC_ ("server", "Off"), "sp-off", FALSE, FALSE },
  { "starting", NC_ ("server", "Starting…"), "sp-pending", TRUE, FALSE },
  { "on", NC_ ("server", "Running"), "sp-on", TRUE, TRUE },
  { "stopping", NC_ ("server", "Stopping…"), "sp-pending", FALSE, TRUE },
  { "failed", NC_ ("server", "Could Not Start"), "sp-failed", FALSE, FALSE },
};

static guint
find_look (const char *state)
{
  for (guint i = 0; i < G_N_ELEMENTS (looks); i++)
    if (g_strcmp0 (state, looks[i].state) == 0)
      return i;
  return 0;
}

/* "2 devices connected · up 12 days"; empty while it is not on. */
static char *
create_subtitle (SpStatusCard *card)
{
  guint64 begin = sp_bus_server_get_started_at (card->server);
  guint count = g_list_model_get_n_items (
      G_LIST_MODEL (sp_server_connection_get_sessions (card->connection)));
  guint64 now = (guint64) g_get_real_time ();
  g_autofree char *devices = NULL;
  g_autofree char *up = NULL;

  if (begin == 0)
    return g_strdup ("");
  devices = count == 0
                ? g_strdup (_ ("No devices connected"))
                : g_strdup_printf (ngettext ("%u device connected", "%u devices connected", count),
                                   count);
  up = sp_format_duration (now > begin ? (now - begin) / G_USEC_PER_SEC : 0);
  /* Translators: how many devices are connected, and how long the server has been running. */
  return g_strdup_printf (_ ("%s · up %s"), devices, up);
}

static void
show_switch (SpStatusCard *card, guint look)
{
  gboolean may =
      sp_server_connection_get_permission (card->connection, "control") != SP_PERMISSION_NO;

  card->updating = TRUE;
  gtk_switch_set_state (card->toggle, looks[look].reached);
  gtk_switch_set_active (card->toggle, card->calling ? card->wanted : looks[look].wanted);
  card->updating = FALSE;
  gtk_widget_set_sensitive (GTK_WIDGET (card->toggle), may && !card->calling);
}

static void
show_trouble (SpStatusCard *card, gboolean failed)
{
  g_autoptr (SpServerTrouble) trouble = failed ? sp_server_trouble_new (card->connection) : NULL;
  g_autofree char *details = NULL;

  gtk_widget_set_visible (GTK_WIDGET (card->trouble_row), trouble != NULL);
  if (trouble == NULL)
    return;
  details = g_markup_escape_text (trouble->details, -1);
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (card->trouble_row), trouble->title);
  adw_action_row_set_subtitle (card->trouble_row, details);
  gtk_button_set_label (card->mend, trouble->button);
  gtk_widget_set_sensitive (GTK_WIDGET (card->mend), !card->calling);
}

static void
show_dot (SpStatusCard *card, guint look)
{
  for (guint i = 0; i < G_N_ELEMENTS (looks); i++)
    gtk_widget_remove_css_class (card->dot, looks[i].dot);
  gtk_widget_add_css_class (card->dot, looks[look].dot);
}

static void
show_state (SpStatusCard *card)
{
  g_auto (GStrv) urls = NULL;
  guint look;
  guint shown;
  gboolean pending;
  g_autofree char *subtitle = NULL;

  if (card->server == NULL)
    return;
  look = find_look (sp_bus_server_get_state (card->server));
  /* What was asked for is on its way before the server says so. */
  shown = card->calling ? find_look (card->wanted ? "starting" : "stopping") : look;
  /* Not lent: when several properties change at one time, what a proxy lends of a list may be of
   * before, and gone. */
  urls = sp_bus_server_dup_urls (card->server);
  pending = card->calling || looks[look].wanted != looks[look].reached;
  subtitle = create_subtitle (card);
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (card->state_row),
                                 g_dpgettext2 (NULL, "server", looks[shown].title));
  adw_action_row_set_subtitle (card->state_row, subtitle);
  show_dot (card, shown);
  gtk_widget_set_visible (card->spinner, pending);
  gtk_spinner_set_spinning (GTK_SPINNER (card->spinner), pending);
  show_switch (card, look);
  show_trouble (card, g_str_equal (looks[look].state, "failed"));
  sp_property_row_set_value (card->address_row, urls != NULL ? urls[0] : NULL);
  sp_outside_row_show (card->outside_row, card->connection);
  sp_reach_row_set_server (card->reach_row, card->server);
}

static void
on_called (SpStatusCard *card, const char *what, const GError *error)
{
  card->calling = FALSE;
  if (error != NULL)
    sp_failure_show (GTK_WIDGET (card), what, error);
  show_state (card);
}

/* Why it could not start stands in the card; in a toast is told what does not become a state. */
static gboolean
is_told_here (const GError *error)
{
  switch (error->domain == SP_BUS_ERROR ? error->code : SP_BUS_ERROR_BUSY)
    {
      case SP_BUS_ERROR_FAILED:
      case SP_BUS_ERROR_PORT_IN_USE:
      case SP_BUS_ERROR_ADDRESS_CONFLICT:
      case SP_BUS_ERROR_NO_TUN:
      case SP_BUS_ERROR_FORWARDING_BLOCKED:
      case SP_BUS_ERROR_CERTIFICATE_INVALID:
        return TRUE;
      default:
        return FALSE;
    }
}

static void
on_started (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (SpStatusCard) card = data;
  g_autoptr (GError) error = NULL;

  if (!sp_bus_server_call_start_finish (SP_BUS_SERVER (source), result, &error) &&
      is_told_here (error))
    g_clear_error (&error);
  on_called (card, _ ("The server could not be turned on"), error);
}

static void
on_stopped (GtkWidget *widget, const GError *error)
{
  on_called (SP_STATUS_CARD (widget), _ ("The server could not be turned off"), error);
}

static void
turn (SpStatusCard *card, gboolean on)
{
  card->calling = TRUE;
  card->wanted = on;
  if (on)
    sp_bus_server_call_start (card->server, g_variant_new_array (G_VARIANT_TYPE ("{sv}"), NULL, 0),
                              SP_CALL_FLAGS, SP_CALL_TIMEOUT, NULL, on_started,
                              g_object_ref (card));
  else
    sp_server_stop (card->connection, GTK_WIDGET (card), on_stopped);
  show_state (card);
}

/* The switch moves at once, and its state when the server says so. */
static gboolean
on_state_set (GtkSwitch *toggle, gboolean on, SpStatusCard *card)
{
  if (!card->updating && !card->calling && card->server != NULL)
    turn (card, on);
  return TRUE;
}

void
sp_status_card_turn_on (SpStatusCard *card)
{
  if (card->server != NULL && !card->calling)
    turn (card, TRUE);
}

static void
on_mend (SpStatusCard *card)
{
  sp_server_trouble_mend (card->connection, GTK_WIDGET (card));
}

static void
follow_server (SpStatusCard *card)
{
  SpBusServer *server = sp_server_connection_get_server (card->connection);

  if (card->server == server)
    return;
  if (card->server != NULL)
    (void) g_signal_handlers_disconnect_by_data (card->server, card);
  g_set_object (&card->server, server);
  /* After the proxy itself, which until then hands out texts of values that are gone. */
  if (server != NULL)
    /* After the proxy itself, which keeps lists of texts of before until then. */
    (void) g_signal_connect_object (server, "g-properties-changed", G_CALLBACK (show_state), card,
                                    G_CONNECT_SWAPPED | G_CONNECT_AFTER);
  show_state (card);
}

static gboolean
on_refresh (gpointer data)
{
  show_state (data);
  return G_SOURCE_CONTINUE;
}

void
sp_status_card_set_connection (SpStatusCard *card, SpServerConnection *connection)
{
  g_set_object (&card->connection, connection);
  (void) g_signal_connect_object (connection, "notify::server", G_CALLBACK (follow_server), card,
                                  G_CONNECT_SWAPPED);
  (void) g_signal_connect_object (connection, "notify::permissions", G_CALLBACK (show_state), card,
                                  G_CONNECT_SWAPPED);
  (void) g_signal_connect_object (connection, "notify::state", G_CALLBACK (show_state), card,
                                  G_CONNECT_SWAPPED);
  (void) g_signal_connect_object (sp_server_connection_get_sessions (connection), "items-changed",
                                  G_CALLBACK (show_state), card, G_CONNECT_SWAPPED);
  if (card->refresh == 0)
    card->refresh = g_timeout_add_seconds (REFRESH, on_refresh, card);
  follow_server (card);
}

static void
sp_status_card_dispose (GObject *object)
{
  SpStatusCard *card = SP_STATUS_CARD (object);

  g_clear_handle_id (&card->refresh, g_source_remove);
  if (card->server != NULL)
    (void) g_signal_handlers_disconnect_by_data (card->server, card);
  g_clear_object (&card->server);
  g_clear_object (&card->connection);
  adw_bin_set_child (ADW_BIN (object), NULL);
  G_OBJECT_CLASS (sp_status_card_parent_class)->dispose (object);
}

static void
sp_status_card_class_init (SpStatusCardClass *class)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);

  G_OBJECT_CLASS (class)->dispose = sp_status_card_dispose;
  g_type_ensure (SP_TYPE_OUTSIDE_ROW);
  g_type_ensure (SP_TYPE_PROPERTY_ROW);
  g_type_ensure (SP_TYPE_REACH_ROW);
  gtk_widget_class_set_template_from_resource (widget_class, SP_RESOURCE_PATH "status-card.ui");
  gtk_widget_class_bind_template_child (widget_class, SpStatusCard, state_row);
  gtk_widget_class_bind_template_child (widget_class, SpStatusCard, dot);
  gtk_widget_class_bind_template_child (widget_class, SpStatusCard, spinner);
  gtk_widget_class_bind_template_child (widget_class, SpStatusCard, toggle);
  gtk_widget_class_bind_template_child (widget_class, SpStatusCard, trouble_row);
  gtk_widget_class_bind_template_child (widget_class, SpStatusCard, mend);
  gtk_widget_class_bind_template_child (widget_class, SpStatusCard, address_row);
  gtk_widget_class_bind_template_child (widget_class, SpStatusCard, outside_row);
  gtk_widget_class_bind_template_child (widget_class, SpStatusCard, reach_row);
  gtk_widget_class_bind_template_callback (widget_class, on_state_set);
  gtk_widget_class_bind_template_callback (widget_class, on_mend);
}

static void
sp_status_card_init (SpStatusCard *card)
{
  gtk_widget_init_template (GTK_WIDGET (card));
}
