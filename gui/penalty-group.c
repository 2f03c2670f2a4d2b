/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "penalty-group.h"

#include "block-dialog.h"
#include "user-change.h"
#include "wording.h"

#include <glib/gi18n.h>

#define LOOK_SECONDS 30 /* rows grow old without anything being told */

struct _SpPenaltyGroup
{
  AdwPreferencesGroup parent_instance;
  SpServerConnection *connection;
  SpBusServer *server;   /* whose signal is followed */
  GHashTable *rows;      /* network → GtkWidget, lent: the group has it */
  GCancellable *reading; /* NULL: nothing is under way */
  gboolean again;        /* read once more after that */
  gboolean active;
  guint timer;
};

G_DEFINE_FINAL_TYPE (SpPenaltyGroup, sp_penalty_group, ADW_TYPE_PREFERENCES_GROUP)

/* --- rows --- */

/* Why connections are turned away, by "Causes" of the service. */
static const struct
{
  const char *cause;
  const char *words;
} causes[] = {
  { "penalty", N_ ("misbehaved shortly before") },
  { "rate", N_ ("too many in a short time") },
  { "crowded", N_ ("too many that were not finished") },
  { "no-hello", N_ ("said nothing in time") },
  { "not-tls", N_ ("no VPN or web client") },
  { "name", N_ ("did not know the server’s name") },
  { "label", N_ ("used a secret name that no device has") },
};

/* Of the cause with the most; NULL: we do not know it. */
static const char *
word_cause (GVariant *row)
{
  g_autoptr (GVariant) counts = g_variant_lookup_value (row, "Causes", G_VARIANT_TYPE ("a{st}"));
  const char *words = NULL;
  guint64 most = 0;

  for (guint i = 0; counts != NULL && i < G_N_ELEMENTS (causes); i++)
    {
      guint64 count = 0;

      if (g_variant_lookup (counts, causes[i].cause, "t", &count) && count > most)
        {
          most = count;
          words = _ (causes[i].words);
        }
    }
  return words;
}

static char *
describe (GVariant *row)
{
  const char *cause = word_cause (row);
  guint64 refused = 0;
  guint64 since = 0;
  g_autofree char *facts = NULL;

  (void) g_variant_lookup (row, "Refused", "t", &refused);
  (void) g_variant_lookup (row, "Since", "t", &since);
  facts = sp_wording_turned_away (refused, since);
  return cause != NULL ? g_strdup_printf ("%s · %s", facts, cause) : g_steal_pointer (&facts);
}

static void
on_block (GtkWidget *button, SpPenaltyGroup *group)
{
  const char *network = g_object_get_data (G_OBJECT (button), "network");
  GtkWindow *window = GTK_WINDOW (gtk_widget_get_root (button));
  SpBlockDialog *dialog = sp_block_dialog_new (window, group->connection);

  sp_block_dialog_propose (dialog, network);
  gtk_window_present (GTK_WINDOW (dialog));
}

static GtkWidget *
create_row (SpPenaltyGroup *group, const char *network)
{
  GtkWidget *row = adw_action_row_new ();
  GtkWidget *button = gtk_button_new_with_label (_ ("Block…"));
  g_autofree char *name = g_strdup_printf (_ ("Block %s…"), network);

  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row), network);
  adw_action_row_set_subtitle_lines (ADW_ACTION_ROW (row), 0);
  gtk_widget_set_valign (button, GTK_ALIGN_CENTER);
  gtk_accessible_update_property (GTK_ACCESSIBLE (button), GTK_ACCESSIBLE_PROPERTY_LABEL, name, -1);
  g_object_set_data_full (G_OBJECT (button), "network", g_strdup (network), g_free);
  (void) g_signal_connect_object (button, "clicked", G_CALLBACK (on_block), group, 0);
  adw_action_row_add_suffix (ADW_ACTION_ROW (row), button);
  g_object_set_data (G_OBJECT (row), "button", button);
  adw_preferences_group_add (ADW_PREFERENCES_GROUP (group), row);
  return row;
}

/* A row that is there stays, with whoever's focus; `stale` are the networks that were not seen. */
static void
show_row (SpPenaltyGroup *group, GVariant *facts, GHashTable *stale)
{
  SpPermission may = sp_server_connection_get_permission (group->connection, "manage-sessions");
  const char *network = "";
  g_autofree char *words = describe (facts);
  g_autofree char *subtitle = g_markup_escape_text (words, -1);
  gboolean blocked = FALSE;
  GtkWidget *row;

  (void) g_variant_lookup (facts, "Network", "&s", &network);
  (void) g_variant_lookup (facts, "Blocked", "b", &blocked);
  row = g_hash_table_lookup (group->rows, network);
  if (row == NULL)
    {
      row = create_row (group, network);
      (void) g_hash_table_insert (group->rows, g_strdup (network), row);
    }
  (void) g_hash_table_remove (stale, network);
  adw_action_row_set_subtitle (ADW_ACTION_ROW (row), subtitle);
  gtk_widget_set_sensitive (g_object_get_data (G_OBJECT (row), "button"),
                            may != SP_PERMISSION_NO && !blocked);
}

static void
show_rows (SpPenaltyGroup *group, GVariant *rows)
{
  g_autoptr (GHashTable) stale = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  GHashTableIter iter;
  gpointer network;
  gpointer row;

  g_hash_table_iter_init (&iter, group->rows);
  while (g_hash_table_iter_next (&iter, &network, NULL))
    (void) g_hash_table_add (stale, g_strdup (network));
  for (gsize i = 0; i < g_variant_n_children (rows); i++)
    {
      g_autoptr (GVariant) facts = g_variant_get_child_value (rows, i);

      show_row (group, facts, stale);
    }
  g_hash_table_iter_init (&iter, stale);
  while (g_hash_table_iter_next (&iter, &network, NULL))
    {
      row = g_hash_table_lookup (group->rows, network);
      adw_preferences_group_remove (ADW_PREFERENCES_GROUP (group), row);
      (void) g_hash_table_remove (group->rows, network);
    }
  gtk_widget_set_visible (GTK_WIDGET (group), g_hash_table_size (group->rows) > 0);
}

/* --- reading --- */

static void look (SpPenaltyGroup *group);

/* Who may not see them sees none. */
static void
on_listed (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (SpPenaltyGroup) group = data;
  g_autoptr (GVariant) rows = NULL;
  g_autoptr (GError) error = NULL;

  (void) sp_bus_server_call_list_penalties_finish (SP_BUS_SERVER (source), &rows, result, &error);
  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return;
  g_clear_object (&group->reading);
  if (rows != NULL)
    show_rows (group, rows);
  else
    g_debug ("penalties: %s", error->message);
  if (group->again)
    look (group);
}

static void
look (SpPenaltyGroup *group)
{
  group->again = group->reading != NULL;
  if (!group->active || group->server == NULL || group->reading != NULL ||
      !sp_server_connection_has_feature (group->connection, "penalties"))
    return;
  group->reading = g_cancellable_new ();
  sp_bus_server_call_list_penalties (group->server, sp_no_options (), SP_CALL_FLAGS,
                                     SP_CALL_TIMEOUT, group->reading, on_listed,
                                     g_object_ref (group));
}

static gboolean
look_cb (gpointer group)
{
  look (group);
  return G_SOURCE_CONTINUE;
}

void
sp_penalty_group_set_active (SpPenaltyGroup *group, gboolean active)
{
  group->active = active;
  g_clear_handle_id (&group->timer, g_source_remove);
  if (!active)
    return;
  group->timer = g_timeout_add_seconds (LOOK_SECONDS, look_cb, group);
  look (group);
}

static void
follow_server (SpPenaltyGroup *group)
{
  SpBusServer *server = sp_server_connection_get_server (group->connection);

  if (group->server != NULL)
    (void) g_signal_handlers_disconnect_by_data (group->server, group);
  g_set_object (&group->server, server);
  if (server == NULL)
    return;
  (void) g_signal_connect_object (server, "penalties-changed", G_CALLBACK (look), group,
                                  G_CONNECT_SWAPPED);
  look (group);
}

void
sp_penalty_group_set_connection (SpPenaltyGroup *group, SpServerConnection *connection)
{
  GListModel *bans = G_LIST_MODEL (sp_server_connection_get_bans (connection));

  g_set_object (&group->connection, connection);
  (void) g_signal_connect_object (connection, "notify::server", G_CALLBACK (follow_server), group,
                                  G_CONNECT_SWAPPED);
  (void) g_signal_connect_object (connection, "notify::permissions", G_CALLBACK (look), group,
                                  G_CONNECT_SWAPPED);
  (void) g_signal_connect_object (bans, "items-changed", G_CALLBACK (look), group,
                                  G_CONNECT_SWAPPED);
  follow_server (group);
}

/* --- life --- */

static void
sp_penalty_group_dispose (GObject *object)
{
  SpPenaltyGroup *group = SP_PENALTY_GROUP (object);

  g_clear_handle_id (&group->timer, g_source_remove);
  if (group->reading != NULL)
    g_cancellable_cancel (group->reading);
  g_clear_object (&group->reading);
  if (group->server != NULL)
    (void) g_signal_handlers_disconnect_by_data (group->server, group);
  g_clear_object (&group->server);
  g_clear_object (&group->connection);
  G_OBJECT_CLASS (sp_penalty_group_parent_class)->dispose (object);
}

static void
sp_penalty_group_finalize (GObject *object)
{
  g_hash_table_unref (SP_PENALTY_GROUP (object)->rows);
  G_OBJECT_CLASS (sp_penalty_group_parent_class)->finalize (object);
}

static void
sp_penalty_group_class_init (SpPenaltyGroupClass *class)
{
  G_OBJECT_CLASS (class)->dispose = sp_penalty_group_dispose;
  G_OBJECT_CLASS (class)->finalize = sp_penalty_group_finalize;
}

static void
sp_penalty_group_init (SpPenaltyGroup *group)
{
  group->rows = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  adw_preferences_group_set_title (ADW_PREFERENCES_GROUP (group), _ ("Turned Away for Now"));
  adw_preferences_group_set_description (
      ADW_PREFERENCES_GROUP (group),
      _ ("This passes by itself, and devices that were here lately still get in."));
  gtk_widget_set_visible (GTK_WIDGET (group), FALSE);
}
