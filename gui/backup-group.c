/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "backup-group.h"

#include "backup-work.h"
#include "base/names.h"
#include "base/secret.h"
#include "client/format.h"
#include "failure.h"
#include "passphrase-dialog.h"
#include "setting-entry-row.h"
#include "window.h"

#include <glib/gi18n.h>

struct _SpBackupGroup
{
  AdwPreferencesGroup parent_instance;
  GtkSpinner *spinner;
  GtkWidget *save;
  GtkWidget *restore;
  SpSettingEntryRow *folder;
  GtkWidget *passphrase;
  GtkWidget *reset;
  SpServerConnection *connection;
  SpBusServer *server;           /* whose properties are followed, or NULL */
  GtkFileChooserNative *chooser; /* on the screen, or NULL */
  gboolean busy;
};

G_DEFINE_FINAL_TYPE (SpBackupGroup, sp_backup_group, ADW_TYPE_PREFERENCES_GROUP)

static GtkWindow *
get_window (SpBackupGroup *group)
{
  return GTK_WINDOW (sp_window_of (GTK_WIDGET (group)));
}

static void
say (SpBackupGroup *group, const char *text)
{
  SpWindow *window = sp_window_of (GTK_WIDGET (group));

  if (window != NULL)
    sp_window_say (window, text);
}

static void
show_busy (SpBackupGroup *group)
{
  gboolean may = !group->busy && sp_server_connection_get_permission (
                                     group->connection, "secrets") != SP_PERMISSION_NO;

  gtk_widget_set_visible (GTK_WIDGET (group->spinner), group->busy);
  gtk_spinner_set_spinning (group->spinner, group->busy);
  gtk_widget_set_sensitive (group->save, may);
  gtk_widget_set_sensitive (group->restore, may);
  gtk_widget_set_sensitive (group->passphrase, may);
  gtk_widget_set_sensitive (group->reset, may);
}

static void
set_busy (SpBackupGroup *group, gboolean busy)
{
  group->busy = busy;
  show_busy (group);
}

/* Ends what was under way; tells in either case. */
static void
end_work (SpBackupGroup *group, const GError *error, const char *failed, const char *done)
{
  set_busy (group, FALSE);
  if (error != NULL)
    sp_failure_show (GTK_WIDGET (group), failed, error);
  else
    say (group, done);
}

/* Then on_chosen() has the file. */
static void
choose_file (SpBackupGroup *group,
             const char *title,
             GtkFileChooserAction action,
             const char *accept,
             GCallback on_chosen)
{
  g_clear_object (&group->chooser);
  group->chooser = gtk_file_chooser_native_new (title, get_window (group), action, accept, NULL);
  gtk_native_dialog_set_modal (GTK_NATIVE_DIALOG (group->chooser), TRUE);
  (void) g_signal_connect_object (group->chooser, "response", on_chosen, group, G_CONNECT_SWAPPED);
}

/* What was chosen; NULL: nothing. */
static GFile *
take_file (SpBackupGroup *group, int response)
{
  g_autoptr (GtkFileChooserNative) chooser = g_steal_pointer (&group->chooser);

  return response == GTK_RESPONSE_ACCEPT ? gtk_file_chooser_get_file (GTK_FILE_CHOOSER (chooser))
                                         : NULL;
}

/* --- saving --- */

static void
on_saved (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (SpBackupGroup) group = data;
  g_autoptr (GError) error = NULL;

  (void) sp_backup_work_save_finish (result, &error);
  end_work (group, error, _ ("The backup was not saved"), _ ("The backup was saved"));
}

static void
save_with (GtkWidget *near, const char *passphrase, gpointer data)
{
  SpBackupGroup *group = SP_BACKUP_GROUP (near);

  set_busy (group, TRUE);
  sp_backup_work_save (group->connection, data, passphrase, on_saved, g_object_ref (group));
}

static void
on_save_chosen (SpBackupGroup *group, int response)
{
  GFile *file = take_file (group, response);

  if (file != NULL)
    sp_passphrase_dialog_ask (GTK_WIDGET (group), _ ("Passphrase of the Backup"),
                              _ ("The backup has all keys of the server, so it is encrypted. It "
                                 "cannot be opened without this passphrase."),
                              _ ("_Save"), TRUE, save_with, file, g_object_unref);
}

static void
on_save (SpBackupGroup *group)
{
  g_autoptr (GDateTime) now = g_date_time_new_now_local ();
  g_autofree char *day = g_date_time_format (now, "%Y-%m-%d");
  g_autofree char *name =
      g_strdup_printf ("%s-%s.sallyport", sp_server_connection_get_name (group->connection), day);

  choose_file (group, _ ("Save Backup"), GTK_FILE_CHOOSER_ACTION_SAVE, _ ("_Save"),
               G_CALLBACK (on_save_chosen));
  gtk_file_chooser_set_current_name (GTK_FILE_CHOOSER (group->chooser), name);
  gtk_native_dialog_show (GTK_NATIVE_DIALOG (group->chooser));
}

/* --- restoring --- */

typedef struct
{
  SpBackupGroup *group;
  GFile *file;
  char *passphrase;
  GtkCheckButton *settings;
} Restoring;

static void
restoring_free (Restoring *restoring)
{
  g_object_unref (restoring->group);
  g_object_unref (restoring->file);
  sp_secret_text_free (restoring->passphrase);
  g_free (restoring);
}

static void
on_restored (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (SpBackupGroup) group = data;
  g_autoptr (GError) error = NULL;

  (void) sp_backup_work_restore_finish (result, &error);
  end_work (group, error, _ ("The backup was not restored"), _ ("The backup was restored"));
}

static void
on_restore_answer (AdwMessageDialog *dialog, const char *response, Restoring *restoring)
{
  SpBackupGroup *group = restoring->group;

  if (!g_str_equal (response, "restore"))
    return;
  set_busy (group, TRUE);
  sp_backup_work_restore (group->connection, restoring->file, restoring->passphrase,
                          gtk_check_button_get_active (restoring->settings), on_restored,
                          g_object_ref (group));
}

static void
free_restoring (gpointer data, GClosure *closure)
{
  restoring_free (data);
}

static char *
describe_facts (SpBackupGroup *group, GVariant *facts)
{
  guint64 created = 0;
  const char *program = "";
  g_autofree char *when = NULL;

  (void) g_variant_lookup (facts, "CreatedAt", "t", &created);
  (void) g_variant_lookup (facts, "Program", "&s", &program);
  when = sp_format_time (created);
  /* Translators: when it was made; the version of the program; the name of the computer. */
  return g_strdup_printf (_ ("It was made on %s by version %s. Users, keys and history of %s are "
                             "replaced by those of the backup. Everybody is disconnected and signs "
                             "in again."),
                          when, program, sp_server_connection_get_name (group->connection));
}

/* Takes `restoring`. */
static void
ask_before_restoring (Restoring *restoring, GVariant *facts)
{
  g_autofree char *text = describe_facts (restoring->group, facts);
  AdwMessageDialog *dialog = ADW_MESSAGE_DIALOG (
      adw_message_dialog_new (get_window (restoring->group), _ ("Restore This Backup?"), text));

  restoring->settings =
      GTK_CHECK_BUTTON (gtk_check_button_new_with_mnemonic (_ ("_Settings, too")));
  gtk_check_button_set_active (restoring->settings, TRUE);
  adw_message_dialog_set_extra_child (dialog, GTK_WIDGET (restoring->settings));
  adw_message_dialog_add_responses (dialog, "cancel", _ ("_Cancel"), "restore", _ ("_Replace All"),
                                    NULL);
  adw_message_dialog_set_response_appearance (dialog, "restore", ADW_RESPONSE_DESTRUCTIVE);
  sp_window_name_server (sp_window_of (GTK_WIDGET (restoring->group)), GTK_WIDGET (dialog));
  adw_message_dialog_set_default_response (dialog, "cancel");
  (void) g_signal_connect_data (dialog, "response", G_CALLBACK (on_restore_answer), restoring,
                                free_restoring, 0);
  gtk_window_present (GTK_WINDOW (dialog));
}

static void
on_checked (GObject *source, GAsyncResult *result, gpointer data)
{
  Restoring *restoring = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) facts = sp_backup_work_check_finish (result, &error);

  set_busy (restoring->group, FALSE);
  if (facts != NULL)
    {
      ask_before_restoring (restoring, facts);
      return;
    }
  sp_failure_show (GTK_WIDGET (restoring->group), _ ("The backup cannot be restored"), error);
  restoring_free (restoring);
}

static void
check_with (GtkWidget *near, const char *passphrase, gpointer data)
{
  SpBackupGroup *group = SP_BACKUP_GROUP (near);
  Restoring *restoring = g_new0 (Restoring, 1);

  restoring->group = g_object_ref (group);
  restoring->file = g_object_ref (data);
  restoring->passphrase = g_strdup (passphrase);
  set_busy (group, TRUE);
  sp_backup_work_check (group->connection, data, passphrase, on_checked, restoring);
}

static void
on_restore_chosen (SpBackupGroup *group, int response)
{
  GFile *file = take_file (group, response);

  if (file != NULL)
    sp_passphrase_dialog_ask (GTK_WIDGET (group), _ ("Passphrase of the Backup"),
                              _ ("It was set when the backup was made."), _ ("_Open"), FALSE,
                              check_with, file, g_object_unref);
}

static void
on_restore (SpBackupGroup *group)
{
  choose_file (group, _ ("Restore a Backup"), GTK_FILE_CHOOSER_ACTION_OPEN, _ ("_Open"),
               G_CALLBACK (on_restore_chosen));
  gtk_native_dialog_show (GTK_NATIVE_DIALOG (group->chooser));
}

/* --- weekly backups --- */

static void
on_passphrase_set (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (SpBackupGroup) group = data;
  g_autoptr (GError) error = NULL;

  (void) sp_backup_work_set_passphrase_finish (result, &error);
  end_work (group, error, _ ("The passphrase was not set"), _ ("The passphrase was set"));
}

static void
set_passphrase (GtkWidget *near, const char *passphrase, gpointer data)
{
  SpBackupGroup *group = SP_BACKUP_GROUP (near);

  set_busy (group, TRUE);
  sp_backup_work_set_passphrase (group->connection, passphrase, on_passphrase_set,
                                 g_object_ref (group));
}

static void
on_passphrase (SpBackupGroup *group)
{
  sp_passphrase_dialog_ask (
      GTK_WIDGET (group), _ ("Passphrase of Weekly Backups"),
      _ ("Backups from now on are encrypted with it. Older ones keep theirs."), _ ("_Set"), TRUE,
      set_passphrase, NULL, NULL);
}

static void
show_last (SpBackupGroup *group)
{
  guint64 last = sp_bus_server_get_last_backup_at (group->server);
  const char *error = sp_bus_server_get_last_backup_error (group->server);
  g_autofree char *when = last != 0 ? sp_format_time (last) : NULL;
  g_autofree char *text = NULL;

  if (error != NULL && error[0] != '\0')
    text = g_strdup_printf (_ ("The last one did not work: %s"), error);
  else if (last != 0)
    text = g_strdup_printf (_ ("Last on %s. Into this folder of the server:"), when);
  else
    text = g_strdup (_ ("Into this folder of the server, such as /mnt/backups; empty: none"));
  sp_setting_entry_row_set_subtitle (group->folder, text);
}

/* --- resetting --- */

static void
on_was_reset (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (SpBackupGroup) group = data;
  g_autoptr (GError) error = NULL;

  (void) sp_bus_server_call_reset_finish (SP_BUS_SERVER (source), result, &error);
  end_work (group, error, _ ("Nothing was reset"), _ ("Everything was reset"));
}

static void
on_reset_answer (SpBackupGroup *group, const char *response)
{
  if (!g_str_equal (response, "reset"))
    return;
  set_busy (group, TRUE);
  sp_bus_server_call_reset (sp_server_connection_get_server (group->connection),
                            g_variant_new_array (G_VARIANT_TYPE ("{sv}"), NULL, 0), SP_CALL_FLAGS,
                            SP_CALL_TIMEOUT, NULL, on_was_reset, g_object_ref (group));
}

static void
on_reset (SpBackupGroup *group)
{
  AdwMessageDialog *dialog = ADW_MESSAGE_DIALOG (adw_message_dialog_new (
      get_window (group), NULL,
      _ ("Users, keys, certificates, history and settings are erased, everybody is disconnected, "
         "and no device can connect any more. Only a backup brings them back.")));

  adw_message_dialog_format_heading (dialog, _ ("Reset %s?"),
                                     sp_server_connection_get_name (group->connection));
  adw_message_dialog_add_responses (dialog, "cancel", _ ("_Cancel"), "reset",
                                    _ ("_Reset Everything"), NULL);
  adw_message_dialog_set_response_appearance (dialog, "reset", ADW_RESPONSE_DESTRUCTIVE);
  adw_message_dialog_set_default_response (dialog, "cancel");
  (void) g_signal_connect_object (dialog, "response", G_CALLBACK (on_reset_answer), group,
                                  G_CONNECT_SWAPPED);
  gtk_window_present (GTK_WINDOW (dialog));
}

/* --- life --- */

static void
follow_server (SpBackupGroup *group)
{
  SpBusServer *server = sp_server_connection_get_server (group->connection);

  if (server == group->server)
    return;
  if (group->server != NULL)
    (void) g_signal_handlers_disconnect_by_data (group->server, group);
  g_set_object (&group->server, server);
  if (server == NULL)
    return;
  (void) g_signal_connect_object (server, "notify::last-backup-at", G_CALLBACK (show_last), group,
                                  G_CONNECT_SWAPPED);
  (void) g_signal_connect_object (server, "notify::last-backup-error", G_CALLBACK (show_last),
                                  group, G_CONNECT_SWAPPED);
  show_last (group);
}

void
sp_backup_group_bind (SpBackupGroup *group, SpSettingList *list)
{
  g_set_object (&group->connection, sp_setting_list_get_connection (list));
  sp_setting_entry_row_bind (group->folder, list);
  (void) g_signal_connect_object (group->connection, "notify::server", G_CALLBACK (follow_server),
                                  group, G_CONNECT_SWAPPED);
  (void) g_signal_connect_object (group->connection, "notify::permissions", G_CALLBACK (show_busy),
                                  group, G_CONNECT_SWAPPED);
  follow_server (group);
  show_busy (group);
}

static void
sp_backup_group_dispose (GObject *object)
{
  SpBackupGroup *group = SP_BACKUP_GROUP (object);

  g_clear_object (&group->chooser);
  g_clear_object (&group->server);
  g_clear_object (&group->connection);
  G_OBJECT_CLASS (sp_backup_group_parent_class)->dispose (object);
}

static void
sp_backup_group_class_init (SpBackupGroupClass *class)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);

  G_OBJECT_CLASS (class)->dispose = sp_backup_group_dispose;
  g_type_ensure (SP_TYPE_SETTING_ENTRY_ROW);
  gtk_widget_class_set_template_from_resource (widget_class, SP_RESOURCE_PATH "backup-group.ui");
  gtk_widget_class_bind_template_child (widget_class, SpBackupGroup, spinner);
  gtk_widget_class_bind_template_child (widget_class, SpBackupGroup, save);
  gtk_widget_class_bind_template_child (widget_class, SpBackupGroup, restore);
  gtk_widget_class_bind_template_child (widget_class, SpBackupGroup, folder);
  gtk_widget_class_bind_template_child (widget_class, SpBackupGroup, passphrase);
  gtk_widget_class_bind_template_child (widget_class, SpBackupGroup, reset);
  gtk_widget_class_bind_template_callback (widget_class, on_save);
  gtk_widget_class_bind_template_callback (widget_class, on_restore);
  gtk_widget_class_bind_template_callback (widget_class, on_passphrase);
  gtk_widget_class_bind_template_callback (widget_class, on_reset);
}

static void
sp_backup_group_init (SpBackupGroup *group)
{
  gtk_widget_init_template (GTK_WIDGET (group));
}
