/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "boot-row.h"

#include "failure.h"

#include <glib/gi18n.h>

struct _SpBootRow
{
  AdwActionRow parent_instance;
  GtkSwitch *toggle;
  SpServerConnection *connection;
  SpBusServer *server; /* whose property is followed */
  gboolean showing;    /* the switch is being set to what the server says */
  guint asked;         /* calls that are not answered yet */
};

G_DEFINE_FINAL_TYPE (SpBootRow, sp_boot_row, ADW_TYPE_ACTION_ROW)

static const struct
{
  const char *state;
  const char *words;
} subtitles[] = {
  { "on", N_ ("If it was on when the computer was turned off") },
  { "off", N_ ("If it was on when the computer was turned off") },
  { "no-systemd", N_ ("Not possible: that computer starts its services without systemd") },
  { "no-unit", N_ ("Not possible: the server was not installed as a service") },
  { "fixed", N_ ("An administrator has fixed this for that computer") },
};

static const char *
find_subtitle (const char *state)
{
  for (guint i = 0; i < G_N_ELEMENTS (subtitles); i++)
    if (g_str_equal (subtitles[i].state, state))
      return _ (subtitles[i].words);
  return "";
}

static void
show (SpBootRow *row)
{
  g_autofree char *told =
      row->server != NULL ? sp_bus_server_dup_start_at_boot (row->server) : NULL;
  const char *state = told != NULL ? told : "";
  gboolean on = g_str_equal (state, "on");
  gboolean allowed = row->connection != NULL && sp_server_connection_get_permission (
                                                    row->connection, "control") != SP_PERMISSION_NO;

  /* An older server does not know of it. */
  gtk_widget_set_visible (GTK_WIDGET (row), state[0] != '\0');
  adw_action_row_set_subtitle (ADW_ACTION_ROW (row), find_subtitle (state));
  gtk_widget_set_sensitive (GTK_WIDGET (row->toggle),
                            allowed && (on || g_str_equal (state, "off")));
  if (row->asked > 0)
    return;
  row->showing = TRUE;
  gtk_switch_set_active (row->toggle, on);
  gtk_switch_set_state (row->toggle, on);
  row->showing = FALSE;
}

static void
on_set (GObject *server, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (SpBootRow) row = user_data;
  g_autoptr (GError) error = NULL;

  row->asked--;
  if (!sp_bus_server_call_set_start_at_boot_finish (SP_BUS_SERVER (server), result, &error))
    sp_failure_show (GTK_WIDGET (row), _ ("“Start at Boot” was not changed"), error);
  show (row);
}

static gboolean
on_state_set (GtkSwitch *toggle, gboolean on, SpBootRow *row)
{
  if (row->showing || row->server == NULL)
    return FALSE;
  row->asked++;
  sp_bus_server_call_set_start_at_boot (
      row->server, on, g_variant_new_array (G_VARIANT_TYPE ("{sv}"), NULL, 0), SP_CALL_FLAGS,
      SP_CALL_TIMEOUT, NULL, on_set, g_object_ref (row));
  return TRUE;
}

static void
follow_server (SpBootRow *row)
{
  SpBusServer *server =
      row->connection != NULL ? sp_server_connection_get_server (row->connection) : NULL;

  if (row->server != NULL)
    (void) g_signal_handlers_disconnect_by_data (row->server, row);
  g_set_object (&row->server, server);
  if (row->server != NULL)
    (void) g_signal_connect_object (row->server, "notify::start-at-boot", G_CALLBACK (show), row,
                                    G_CONNECT_SWAPPED);
  show (row);
}

void
sp_boot_row_bind (SpBootRow *row, SpServerConnection *connection)
{
  if (row->connection != NULL)
    (void) g_signal_handlers_disconnect_by_data (row->connection, row);
  g_set_object (&row->connection, connection);
  if (connection != NULL)
    {
      (void) g_signal_connect_object (connection, "notify::server", G_CALLBACK (follow_server), row,
                                      G_CONNECT_SWAPPED);
      (void) g_signal_connect_object (connection, "notify::permissions", G_CALLBACK (show), row,
                                      G_CONNECT_SWAPPED);
    }
  follow_server (row);
}

static void
sp_boot_row_dispose (GObject *object)
{
  SpBootRow *row = SP_BOOT_ROW (object);

  if (row->server != NULL)
    (void) g_signal_handlers_disconnect_by_data (row->server, row);
  g_clear_object (&row->server);
  g_clear_object (&row->connection);
  G_OBJECT_CLASS (sp_boot_row_parent_class)->dispose (object);
}

static void
sp_boot_row_class_init (SpBootRowClass *class)
{
  G_OBJECT_CLASS (class)->dispose = sp_boot_row_dispose;
}

static void
sp_boot_row_init (SpBootRow *row)
{
  row->toggle = GTK_SWITCH (gtk_switch_new ());
  gtk_widget_set_valign (GTK_WIDGET (row->toggle), GTK_ALIGN_CENTER);
  gtk_accessible_update_property (GTK_ACCESSIBLE (row->toggle), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _ ("Start at Boot"), -1);
  (void) g_signal_connect_object (row->toggle, "state-set", G_CALLBACK (on_state_set), row, 0);
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row), _ ("Start at Boot"));
  adw_action_row_add_suffix (ADW_ACTION_ROW (row), GTK_WIDGET (row->toggle));
  adw_action_row_set_activatable_widget (ADW_ACTION_ROW (row), GTK_WIDGET (row->toggle));
  adw_action_row_set_subtitle_lines (ADW_ACTION_ROW (row), 0);
}
