/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "health-group.h"

#include "base/names.h"

#include "authority-wording.h"
#include "block-dialog.h"
#include "certificate-page.h"
#include "dynamic-dns-wording.h"
#include "failure.h"
#include "health-table.h"
#include "name-fix.h"
#include "outside-wording.h"
#include "reach-fix.h"
#include "user-change.h"
#include "window.h"
#include "wording.h"

#include <glib/gi18n.h>

#define ATTACK          "under-attack"
#define OWN_CERTIFICATE SP_BUS_CERTIFICATES_PATH "/own"

struct _SpHealthGroup
{
  AdwPreferencesGroup parent_instance;
  SpServerConnection *connection;
  SpBusServer *server; /* whose changes are followed */
  GPtrArray *rows;     /* lent: the group has them */
  GtkWidget *attack;   /* of these the one about an attack, or NULL */
  char *shown;         /* what there are rows about, without its numbers */
};

G_DEFINE_FINAL_TYPE (SpHealthGroup, sp_health_group, ADW_TYPE_PREFERENCES_GROUP)

static void
on_renewed (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (SpHealthGroup) group = data;
  g_autoptr (GError) error = NULL;
  SpWindow *window = sp_window_of (GTK_WIDGET (group));

  if (!sp_bus_certificate_call_renew_finish (SP_BUS_CERTIFICATE (source), result, &error))
    sp_failure_show (GTK_WIDGET (group), _ ("The certificate could not be renewed"), error);
  else if (window != NULL)
    sp_window_say (window, _ ("The certificate was renewed"));
}

static void
renew (SpHealthGroup *group)
{
  SpBusCertificate *own = sp_object_list_find (
      sp_server_connection_get_certificates (group->connection), OWN_CERTIFICATE);

  if (own != NULL)
    sp_bus_certificate_call_renew (own, g_variant_new_array (G_VARIANT_TYPE ("{sv}"), NULL, 0),
                                   SP_CALL_FLAGS, SP_CALL_TIMEOUT, NULL, on_renewed,
                                   g_object_ref (group));
}

static void
show_certificate (SpHealthGroup *group)
{
  SpWindow *window = sp_window_of (GTK_WIDGET (group));

  if (window != NULL)
    sp_window_push (window, sp_certificate_page_new (group->connection));
}

static void
show_blocked (SpHealthGroup *group)
{
  SpWindow *window = sp_window_of (GTK_WIDGET (group));

  if (window != NULL)
    sp_window_show_blocked (window);
}

static void
show_dynamic_dns (SpHealthGroup *group)
{
  SpWindow *window = sp_window_of (GTK_WIDGET (group));

  if (window != NULL)
    sp_window_show_setting (window, "dynamic_dns");
}

static void
show_settings (SpHealthGroup *group)
{
  SpWindow *window = sp_window_of (GTK_WIDGET (group));

  if (window != NULL)
    sp_window_show_view (window, "settings");
}

/* --- attacks --- */

/* "41,000 connections turned away since 14:02 · from 12 networks · 3,000 packets dropped", and what
 * that means. */
static char *
describe_attack (GVariant *details)
{
  g_autoptr (GPtrArray) parts = g_ptr_array_new_with_free_func (g_free);
  g_autofree char *facts = NULL;
  guint64 since = 0;
  guint64 connections = 0;
  guint64 datagrams = 0;
  guint networks = 0;

  (void) g_variant_lookup (details, "Since", "t", &since);
  (void) g_variant_lookup (details, "Connections", "t", &connections);
  (void) g_variant_lookup (details, "Datagrams", "t", &datagrams);
  (void) g_variant_lookup (details, "Networks", "u", &networks);
  g_ptr_array_add (parts, sp_wording_turned_away (connections, since));
  if (networks > 0)
    g_ptr_array_add (
        parts,
        g_strdup_printf (ngettext ("from %'u network", "from %'u networks", networks), networks));
  if (datagrams > 0)
    g_ptr_array_add (
        parts, g_strdup_printf (ngettext ("%'lu packet dropped", "%'lu packets dropped", datagrams),
                                (gulong) datagrams));
  g_ptr_array_add (parts, NULL);
  facts = g_strjoinv (" · ", (char **) parts->pdata);
  return g_strdup_printf ("%s\n%s", facts,
                          _ ("Devices that were here lately still get in. It passes by itself."));
}

/* Whether strangers who do not know the server's name could be left outside, and are not. */
static gboolean
may_ask_for_name (SpHealthGroup *group)
{
  SpBusSettings *settings = sp_server_connection_get_settings (group->connection);
  const char *gate = settings != NULL ? sp_bus_settings_get_name_gate (settings) : NULL;
  const char *name = settings != NULL ? sp_bus_settings_get_name (settings) : NULL;

  return g_strcmp0 (gate, "off") == 0 && name != NULL && name[0] != '\0' &&
         !g_hostname_is_ip_address (name);
}

static void
show_name_gate (SpHealthGroup *group)
{
  SpWindow *window = sp_window_of (GTK_WIDGET (group));

  if (window != NULL)
    sp_window_show_setting (window, "name_gate");
}

/* The text belongs to the button. */
static void
block_culprit (GtkWidget *button, SpHealthGroup *group)
{
  GtkWindow *window = GTK_WINDOW (gtk_widget_get_root (button));
  SpBlockDialog *dialog = sp_block_dialog_new (window, group->connection);

  sp_block_dialog_propose (dialog, g_object_get_data (G_OBJECT (button), "network"));
  gtk_window_present (GTK_WINDOW (dialog));
}

/* --- what settings mend --- */

static void
on_restarted (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (SpHealthGroup) group = data;
  g_autoptr (GError) error = NULL;

  if (!sp_bus_server_call_restart_finish (SP_BUS_SERVER (source), result, &error))
    sp_failure_show (GTK_WIDGET (group), _ ("The server could not be turned on"), error);
}

/* Another computer's server may be of a version in which some settings need a restart. */
static void
on_changed (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (SpHealthGroup) group = data;
  g_auto (GStrv) restart_needed = NULL;
  g_autoptr (GError) error = NULL;

  if (!sp_bus_settings_call_update_finish (SP_BUS_SETTINGS (source), &restart_needed, result,
                                           &error))
    sp_failure_show (GTK_WIDGET (group), _ ("The setting could not be changed"), error);
  else if (restart_needed[0] != NULL && group->server != NULL &&
           g_strcmp0 (sp_bus_server_get_state (group->server), "on") == 0)
    sp_bus_server_call_restart (group->server, sp_no_options (), SP_CALL_FLAGS, SP_CALL_TIMEOUT,
                                NULL, on_restarted, g_object_ref (group));
}

/* The variant belongs to the button. */
static void
change_settings (GtkWidget *button, SpHealthGroup *group)
{
  GVariant *changes = g_object_get_data (G_OBJECT (button), "changes");
  SpBusSettings *settings = sp_server_connection_get_settings (group->connection);

  if (settings == NULL)
    return;
  sp_bus_settings_call_update (settings, changes, sp_no_options (), SP_CALL_FLAGS, SP_CALL_TIMEOUT,
                               NULL, on_changed, g_object_ref (group));
}

static GtkWidget *
create_row (
    SpHealthGroup *group, const char *icon, const char *class, const char *title, const char *text)
{
  GtkWidget *row = adw_action_row_new ();
  GtkWidget *image = gtk_image_new_from_icon_name (icon);
  g_autofree char *title_markup = g_markup_escape_text (title, -1);
  g_autofree char *text_markup = g_markup_escape_text (text, -1);

  gtk_widget_add_css_class (image, class);
  adw_action_row_add_prefix (ADW_ACTION_ROW (row), image);
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row), title_markup);
  adw_action_row_set_subtitle (ADW_ACTION_ROW (row), text_markup);
  adw_action_row_set_title_lines (ADW_ACTION_ROW (row), 0);
  adw_action_row_set_subtitle_lines (ADW_ACTION_ROW (row), 0);
  adw_preferences_group_add (ADW_PREFERENCES_GROUP (group), row);
  g_ptr_array_add (group->rows, row);
  return row;
}

static void
add_fix (SpHealthGroup *group, GtkWidget *row, const char *label, GCallback fix, gboolean possible)
{
  GtkWidget *button = gtk_button_new_with_mnemonic (label);

  gtk_widget_set_valign (button, GTK_ALIGN_CENTER);
  gtk_widget_set_sensitive (button, possible);
  (void) g_signal_connect_object (button, "clicked", fix, group, G_CONNECT_SWAPPED);
  adw_action_row_add_suffix (ADW_ACTION_ROW (row), button);
}

/* `changes` may be floating. */
static void
add_change (
    SpHealthGroup *group, GtkWidget *row, const char *label, GVariant *changes, gboolean possible)
{
  GtkWidget *button = gtk_button_new_with_mnemonic (label);

  g_object_set_data_full (G_OBJECT (button), "changes", g_variant_ref_sink (changes),
                          (GDestroyNotify) g_variant_unref);
  gtk_widget_set_valign (button, GTK_ALIGN_CENTER);
  gtk_widget_set_sensitive (button, possible);
  (void) g_signal_connect_object (button, "clicked", G_CALLBACK (change_settings), group, 0);
  adw_action_row_add_suffix (ADW_ACTION_ROW (row), button);
}

static gboolean
may_configure (SpHealthGroup *group)
{
  return sp_server_connection_get_permission (group->connection, "configure") != SP_PERMISSION_NO;
}

static void
add_attack (SpHealthGroup *group, GtkWidget *row, GVariant *details)
{
  SpPermission may = sp_server_connection_get_permission (group->connection, "manage-sessions");
  g_autofree char *label = NULL;
  const char *network = NULL;
  GtkWidget *button;

  group->attack = row;
  if (may_ask_for_name (group))
    add_fix (group, row, _ ("Ask for a _Name…"), G_CALLBACK (show_name_gate), TRUE);
  if (!g_variant_lookup (details, "Network", "&s", &network))
    {
      add_fix (group, row, _ ("_Show"), G_CALLBACK (show_blocked), TRUE);
      return;
    }
  label = g_strdup_printf (_ ("_Block %s…"), network);
  button = gtk_button_new_with_mnemonic (label);
  g_object_set_data_full (G_OBJECT (button), "network", g_strdup (network), g_free);
  gtk_widget_set_valign (button, GTK_ALIGN_CENTER);
  gtk_widget_set_sensitive (button, may != SP_PERMISSION_NO);
  (void) g_signal_connect_object (button, "clicked", G_CALLBACK (block_culprit), group, 0);
  adw_action_row_add_suffix (ADW_ACTION_ROW (row), button);
}

/* "Rules of ufw drop packets. This command lets them pass: …" */
static char *
describe_filter (GVariant *details)
{
  const char *program = "";
  const char *chain = "";
  const char *fix = "";

  (void) g_variant_lookup (details, "Program", "&s", &program);
  (void) g_variant_lookup (details, "Chain", "&s", &chain);
  (void) g_variant_lookup (details, "Fix", "&s", &fix);
  /* Translators: a firewall program, or the name of a table of the kernel; then a command. */
  return g_strdup_printf (
      _ ("Rules of %s drop packets. As administrator, this lets them pass:\n%s"),
      program[0] != '\0' ? program : chain, fix);
}

/* The text belongs to the button. */
static void
copy_command (GtkWidget *button, SpHealthGroup *group)
{
  SpWindow *window = sp_window_of (GTK_WIDGET (group));

  gdk_clipboard_set_text (gtk_widget_get_clipboard (button),
                          g_object_get_data (G_OBJECT (button), "command"));
  if (window != NULL)
    sp_window_say (window, _ ("Copied"));
}

/* Why something failed, of entries that tell it by a word; lent, NULL: that is not known here. */
static const char *
describe_reason (const char *id, GVariant *details)
{
  static const struct
  {
    const char *id;
    const char *(*describe) (const char *reason);
  } wordings[] = {
    { "acme-failed", sp_authority_describe_reason },
    { "dynamic-dns-failed", sp_dynamic_dns_describe_reason },
    { "port-mapping-failed", sp_outside_describe_refusal },
  };
  const char *reason = "";

  (void) g_variant_lookup (details, "Reason", "&s", &reason);
  for (guint i = 0; i < G_N_ELEMENTS (wordings); i++)
    if (g_str_equal (wordings[i].id, id))
      return wordings[i].describe (reason);
  return NULL;
}

/* What the row says below its title; new. */
static char *
describe (const SpHealthEntry *entry, GVariant *details)
{
  const char *reason = describe_reason (entry->id, details);
  const char *text = "";

  (void) g_variant_lookup (details, "Text", "&s", &text);
  if (entry->command)
    return describe_filter (details);
  if (entry->name)
    return sp_name_fix_describe (details, _ (entry->text));
  if (reason == NULL && entry->fix == SP_HEALTH_PORT)
    reason = sp_reach_fix_describe_port (details);
  if (reason != NULL)
    return g_strdup (reason);
  return g_strdup (entry->text != NULL ? _ (entry->text) : text);
}

static void
add_command (SpHealthGroup *group, GtkWidget *row, GVariant *details)
{
  GtkWidget *button = gtk_button_new_with_mnemonic (_ ("_Copy Command"));
  const char *fix = "";

  (void) g_variant_lookup (details, "Fix", "&s", &fix);
  g_object_set_data_full (G_OBJECT (button), "command", g_strdup (fix), g_free);
  gtk_widget_set_valign (button, GTK_ALIGN_CENTER);
  (void) g_signal_connect_object (button, "clicked", G_CALLBACK (copy_command), group, 0);
  adw_action_row_add_suffix (ADW_ACTION_ROW (row), button);
}

/* What helps people to reach the server. */
static void
add_way (SpHealthGroup *group, GtkWidget *row, SpHealthFix fix, GVariant *details)
{
  guint port = fix == SP_HEALTH_PORT ? sp_reach_fix_find_port (group->server, details) : 0;
  g_autofree char *label = NULL;
  GtkWidget *button;

  if (fix == SP_HEALTH_DYNAMIC_DNS)
    add_fix (group, row, _ ("Show _Settings"), G_CALLBACK (show_dynamic_dns), TRUE);
  else if (port != 0)
    {
      /* Translators: the number of a port. */
      label = g_strdup_printf (_ ("_Use Port %u"), port);
      add_change (group, row, label, sp_reach_fix_change_port (port), may_configure (group));
    }
  else if (fix != SP_HEALTH_NO_FIX)
    {
      button =
          fix == SP_HEALTH_LETTER ? sp_reach_fix_new_letter (details) : sp_reach_fix_new_help ();
      gtk_label_set_wrap (GTK_LABEL (gtk_button_get_child (GTK_BUTTON (button))), TRUE);
      gtk_widget_set_valign (button, GTK_ALIGN_CENTER);
      adw_action_row_add_suffix (ADW_ACTION_ROW (row), button);
    }
}

/* Where a provider leads the name, it can be told. */
static void
add_name (SpHealthGroup *group, GtkWidget *row, const SpHealthEntry *entry, GVariant *details)
{
  GtkWidget *button = sp_name_fix_new (group->server, details);

  if (button == NULL)
    {
      add_way (group, row, entry->fix, details);
      return;
    }
  gtk_widget_set_sensitive (button, may_configure (group));
  adw_action_row_add_suffix (ADW_ACTION_ROW (row), button);
}

static void
show_attack (SpHealthGroup *group, GVariant *details)
{
  g_autofree char *text = describe_attack (details);
  g_autofree char *markup = g_markup_escape_text (text, -1);

  if (group->attack != NULL)
    adw_action_row_set_subtitle (ADW_ACTION_ROW (group->attack), markup);
}

static void
add_fixes (SpHealthGroup *group, GtkWidget *row, const SpHealthEntry *entry, GVariant *details)
{
  const char *certificate = "";
  g_autoptr (GVariant) changes =
      g_variant_lookup_value (details, "Changes", G_VARIANT_TYPE_VARDICT);

  (void) g_variant_lookup (details, "Certificate", "&o", &certificate);
  if (g_str_equal (entry->id, ATTACK))
    add_attack (group, row, details);
  else if (entry->command)
    add_command (group, row, details);
  else if (entry->name)
    add_name (group, row, entry, details);
  else if (entry->renewable && g_str_equal (certificate, OWN_CERTIFICATE))
    add_fix (group, row, _ ("_Renew"), G_CALLBACK (renew), may_configure (group));
  else if (entry->change != NULL && changes != NULL)
    add_change (group, row, _ (entry->change), changes, may_configure (group));
  else if (entry->certificate)
    add_fix (group, row, _ ("Show _Certificate"), G_CALLBACK (show_certificate), TRUE);
  else
    add_way (group, row, entry->fix, details);
}

/* What is not known here is told in the service's own words. */
static void
add_entry (SpHealthGroup *group, const char *id, const char *severity, GVariant *details)
{
  const SpHealthEntry *entry = sp_health_table_find (id);
  gboolean problem = g_str_equal (severity, "problem");
  const char *title = "";
  g_autofree char *text = entry != NULL ? describe (entry, details) : g_strdup ("");
  GtkWidget *row;

  (void) g_variant_lookup (details, "Text", "&s", &title);
  row = create_row (group, problem ? "dialog-error-symbolic" : "dialog-warning-symbolic",
                    problem ? "sp-failed" : "sp-pending", entry != NULL ? _ (entry->title) : title,
                    text);
  if (entry != NULL)
    add_fixes (group, row, entry, details);
}

static void
add_backup (SpHealthGroup *group)
{
  const char *error = sp_bus_server_get_last_backup_error (group->server);
  GtkWidget *row;

  if (error == NULL || error[0] == '\0')
    return;
  row = create_row (group, "dialog-warning-symbolic", "sp-pending",
                    _ ("The weekly backup could not be made"), error);
  add_fix (group, row, _ ("Show _Settings"), G_CALLBACK (show_settings), TRUE);
}

/* What rows are about, as a text to compare: of an attack not the numbers. */
static char *
outline (SpHealthGroup *group, GVariant *health)
{
  GString *text = g_string_new (may_configure (group) ? "may " : "");
  GVariantIter iter;
  const char *id;
  GVariant *details;

  g_string_append_printf (
      text, "%d %d %s", sp_server_connection_get_permission (group->connection, "manage-sessions"),
      may_ask_for_name (group),
      group->server != NULL ? sp_bus_server_get_last_backup_error (group->server) : "");
  if (health == NULL)
    return g_string_free (text, FALSE);
  g_variant_iter_init (&iter, health);
  while (g_variant_iter_loop (&iter, "(&s&s@a{sv})", &id, NULL, &details))
    {
      const char *network = "";
      g_autofree char *all = g_variant_print (details, FALSE);

      (void) g_variant_lookup (details, "Network", "&s", &network);
      g_string_append_printf (text, "\n%s %s", id, g_str_equal (id, ATTACK) ? network : all);
    }
  return g_string_free (text, FALSE);
}

static void
show_numbers (SpHealthGroup *group, GVariant *health)
{
  GVariantIter iter;
  const char *id;
  GVariant *details;

  if (health == NULL)
    return;
  g_variant_iter_init (&iter, health);
  while (g_variant_iter_loop (&iter, "(&s&s@a{sv})", &id, NULL, &details))
    if (g_str_equal (id, ATTACK))
      show_attack (group, details);
}

static void
show_rows (SpHealthGroup *group, GVariant *health)
{
  GVariantIter iter;
  const char *id;
  const char *severity;
  GVariant *details;

  group->attack = NULL;
  for (guint i = 0; i < group->rows->len; i++)
    adw_preferences_group_remove (ADW_PREFERENCES_GROUP (group), group->rows->pdata[i]);
  g_ptr_array_set_size (group->rows, 0);
  if (health == NULL)
    return;
  g_variant_iter_init (&iter, health);
  while (g_variant_iter_loop (&iter, "(&s&s@a{sv})", &id, &severity, &details))
    add_entry (group, id, severity, details);
  add_backup (group);
  if (group->rows->len == 0)
    (void) create_row (group, "emblem-ok-symbolic", "sp-on", _ ("Nothing Needs Your Attention"),
                       "");
}

/* Numbers change often, and must not take anybody's focus away. */
static void
show_health (SpHealthGroup *group)
{
  g_autoptr (GVariant) health =
      group->server != NULL ? sp_bus_server_dup_health (group->server) : NULL;
  char *now = outline (group, health);

  if (g_strcmp0 (now, group->shown) != 0)
    show_rows (group, health);
  g_free (group->shown);
  group->shown = now;
  show_numbers (group, health);
}

static void
follow_server (SpHealthGroup *group)
{
  SpBusServer *server = sp_server_connection_get_server (group->connection);

  if (group->server != NULL)
    (void) g_signal_handlers_disconnect_by_data (group->server, group);
  g_set_object (&group->server, server);
  if (server != NULL)
    {
      (void) g_signal_connect_object (server, "notify::health", G_CALLBACK (show_health), group,
                                      G_CONNECT_SWAPPED);
      (void) g_signal_connect_object (server, "notify::last-backup-error", G_CALLBACK (show_health),
                                      group, G_CONNECT_SWAPPED);
    }
  show_health (group);
}

static void
follow_settings (SpHealthGroup *group)
{
  SpBusSettings *settings = sp_server_connection_get_settings (group->connection);

  if (settings != NULL)
    {
      (void) g_signal_connect_object (settings, "notify::name-gate", G_CALLBACK (show_health),
                                      group, G_CONNECT_SWAPPED);
      (void) g_signal_connect_object (settings, "notify::name", G_CALLBACK (show_health), group,
                                      G_CONNECT_SWAPPED);
    }
  show_health (group);
}

void
sp_health_group_set_connection (SpHealthGroup *group, SpServerConnection *connection)
{
  g_set_object (&group->connection, connection);
  (void) g_signal_connect_object (connection, "notify::server", G_CALLBACK (follow_server), group,
                                  G_CONNECT_SWAPPED);
  (void) g_signal_connect_object (connection, "notify::permissions", G_CALLBACK (show_health),
                                  group, G_CONNECT_SWAPPED);
  (void) g_signal_connect_object (connection, "notify::settings", G_CALLBACK (follow_settings),
                                  group, G_CONNECT_SWAPPED);
  follow_server (group);
  follow_settings (group);
}

static void
sp_health_group_dispose (GObject *object)
{
  SpHealthGroup *group = SP_HEALTH_GROUP (object);

  if (group->server != NULL)
    (void) g_signal_handlers_disconnect_by_data (group->server, group);
  g_clear_object (&group->server);
  g_clear_object (&group->connection);
  G_OBJECT_CLASS (sp_health_group_parent_class)->dispose (object);
}

static void
sp_health_group_finalize (GObject *object)
{
  g_ptr_array_unref (SP_HEALTH_GROUP (object)->rows);
  g_free (SP_HEALTH_GROUP (object)->shown);
  G_OBJECT_CLASS (sp_health_group_parent_class)->finalize (object);
}

static void
sp_health_group_class_init (SpHealthGroupClass *class)
{
  G_OBJECT_CLASS (class)->dispose = sp_health_group_dispose;
  G_OBJECT_CLASS (class)->finalize = sp_health_group_finalize;
}

static void
sp_health_group_init (SpHealthGroup *group)
{
  group->rows = g_ptr_array_new ();
  adw_preferences_group_set_title (ADW_PREFERENCES_GROUP (group), _ ("Health"));
}
