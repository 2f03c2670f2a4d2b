/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "user-import-dialog.h"

#include "base/names.h"
#include "client/user-import.h"
#include "user-import-run.h"
#include "window.h"

#include <glib/gi18n.h>

#define NOTES_MAX 200 /* rows; more would not be read */

struct _SpUserImportDialog
{
  AdwWindow parent_instance;
  AdwPreferencesPage *page;
  GtkButton *cancel;
  GtkButton *start;
  GtkWidget *work;
  GtkProgressBar *progress;
  SpServerConnection *connection;
  SpUserFile *file;
  SpUserImport *import;
  GCancellable *cancellable; /* NULL: nothing is under way */
};

G_DEFINE_FINAL_TYPE (SpUserImportDialog, sp_user_import_dialog, ADW_TYPE_WINDOW)

/* --- what would become of them --- */

static const char *
word_reason (SpImportReason reason)
{
  static const char *const reasons[] = {
    [SP_IMPORT_NO_LOGIN] = N_ ("There is no login."),
    [SP_IMPORT_STRANGE_LINE] = N_ ("This line is not one of a password file."),
    [SP_IMPORT_BAD_DATE] = N_ ("The date is not written as 2027-03-31."),
    [SP_IMPORT_LONG_NAME] = N_ ("This name is too long."),
    [SP_IMPORT_BAD_LOGIN] = N_ ("The login is too long, or has a blank."),
    [SP_IMPORT_TWICE] = N_ ("It is in the file twice; the first one counts."),
    [SP_IMPORT_REMOVED] = N_ ("A removed user has this login. Restore or delete that user first."),
    [SP_IMPORT_SAME] = N_ ("Is here already."),
    [SP_IMPORT_LONG_PASSWORD] = N_ ("This password is too long."),
    [SP_IMPORT_NO_PASSWORD] = N_ ("Is added without a password."),
    [SP_IMPORT_OLD_HASH] =
        N_ ("Is added without a password: the old one is kept in a way that is not safe today."),
  };

  return _ (reasons[reason]);
}

static AdwPreferencesGroup *
add_group (SpUserImportDialog *dialog, const char *title, const char *description)
{
  AdwPreferencesGroup *group = ADW_PREFERENCES_GROUP (adw_preferences_group_new ());

  adw_preferences_group_set_title (group, title);
  adw_preferences_group_set_description (group, description);
  adw_preferences_page_add (dialog->page, group);
  return group;
}

static void
add_count (AdwPreferencesGroup *group, const char *title, const char *subtitle, guint count)
{
  GtkWidget *row = adw_action_row_new ();
  g_autofree char *text = g_strdup_printf ("%u", count);
  GtkWidget *label = gtk_label_new (text);

  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row), title);
  adw_action_row_set_subtitle (ADW_ACTION_ROW (row), subtitle);
  gtk_widget_add_css_class (label, "numeric");
  adw_action_row_add_suffix (ADW_ACTION_ROW (row), label);
  gtk_accessible_update_property (GTK_ACCESSIBLE (label), GTK_ACCESSIBLE_PROPERTY_LABEL, text, -1);
  adw_preferences_group_add (group, row);
}

static void
add_note (AdwPreferencesGroup *group, guint line, const char *login, const char *reason)
{
  GtkWidget *row = adw_action_row_new ();
  g_autofree char *name = g_markup_escape_text (login, -1);
  g_autofree char *number = g_strdup_printf (_ ("Line %u"), line);
  g_autofree char *markup = g_markup_escape_text (reason, -1);

  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row), name[0] != '\0' ? name : number);
  adw_action_row_set_title_lines (ADW_ACTION_ROW (row), 1);
  adw_action_row_set_subtitle (ADW_ACTION_ROW (row), markup);
  adw_preferences_group_add (group, row);
}

static void
show_notes (SpUserImportDialog *dialog)
{
  AdwPreferencesGroup *group = NULL;
  guint shown = 0;

  for (guint i = 0; i < dialog->import->people->len && shown < NOTES_MAX; i++)
    {
      const SpImportPerson *person = dialog->import->people->pdata[i];

      if (person->reason == SP_IMPORT_FINE)
        continue;
      if (group == NULL)
        group = add_group (dialog, _ ("Worth Knowing"), NULL);
      add_note (group, person->user->line, person->user->login, word_reason (person->reason));
      shown++;
    }
}

static void
show_counts (SpUserImportDialog *dialog)
{
  const guint *counts = dialog->import->counts;
  AdwPreferencesGroup *group = add_group (dialog, "", NULL);
  g_autofree char *ignored =
      /* Translators: names of columns. */
      g_strdup_printf (_ ("These columns mean nothing to the server: %s"), dialog->file->ignored);
  g_autofree char *markup = g_markup_escape_text (ignored, -1);
  g_autofree char *more =
      g_strdup_printf (_ ("Only the first %u lines are taken."), SP_USER_FILE_ROWS_MAX);

  if (dialog->file->has_more)
    adw_preferences_group_set_description (group, more);
  else if (dialog->file->ignored[0] != '\0')
    adw_preferences_group_set_description (group, markup);
  /* Translators: how many people of a file are new. */
  add_count (group, C_ ("people", "New"), NULL, counts[SP_IMPORT_NEW]);
  add_count (group, C_ ("people", "Updated"), _ ("Name and end date change; passwords stay"),
             counts[SP_IMPORT_UPDATED]);
  add_count (group, C_ ("people", "Skipped"), NULL, counts[SP_IMPORT_SKIPPED]);
  gtk_widget_set_sensitive (GTK_WIDGET (dialog->start),
                            counts[SP_IMPORT_NEW] + counts[SP_IMPORT_UPDATED] > 0);
}

/* --- doing it --- */

static void
on_progress (guint done, guint all, gpointer data)
{
  SpUserImportDialog *dialog = data;
  g_autofree char *text = g_strdup_printf (_ ("%u of %u"), done, all);

  gtk_progress_bar_set_fraction (dialog->progress, all > 0 ? (double) done / all : 0);
  gtk_progress_bar_set_text (dialog->progress, text);
}

static void
show_failures (SpUserImportDialog *dialog, GPtrArray *failures)
{
  AdwPreferencesPage *page = ADW_PREFERENCES_PAGE (adw_preferences_page_new ());
  GtkWidget *box = gtk_widget_get_parent (GTK_WIDGET (dialog->page));
  AdwPreferencesGroup *group;

  gtk_widget_set_vexpand (GTK_WIDGET (page), TRUE);
  gtk_box_insert_child_after (GTK_BOX (box), GTK_WIDGET (page), GTK_WIDGET (dialog->page));
  gtk_box_remove (GTK_BOX (box), GTK_WIDGET (dialog->page));
  dialog->page = page;
  group = add_group (dialog, _ ("Not Imported"), NULL);
  for (guint i = 0; i < MIN (failures->len, NOTES_MAX); i++)
    {
      const SpUserImportFailure *failure = failures->pdata[i];

      add_note (group, 0, failure->login, failure->reason);
    }
  gtk_widget_set_visible (dialog->work, FALSE);
  gtk_widget_set_visible (GTK_WIDGET (dialog->start), FALSE);
  gtk_button_set_label (dialog->cancel, _ ("_Close"));
}

static void
on_done (GPtrArray *failures, gpointer data)
{
  g_autoptr (SpUserImportDialog) dialog = data;

  g_clear_object (&dialog->cancellable);
  if (dialog->connection == NULL)
    return;
  if (failures->len > 0)
    show_failures (dialog, failures);
  else
    gtk_window_close (GTK_WINDOW (dialog));
}

static void
on_start (SpUserImportDialog *dialog)
{
  SpWindow *window = SP_WINDOW (gtk_window_get_transient_for (GTK_WINDOW (dialog)));

  dialog->cancellable = g_cancellable_new ();
  gtk_widget_set_sensitive (GTK_WIDGET (dialog->start), FALSE);
  gtk_widget_set_visible (dialog->work, TRUE);
  gtk_button_set_label (dialog->cancel, _ ("_Stop"));
  sp_user_import_run (window, dialog->import, dialog->cancellable, on_progress, on_done,
                      g_object_ref (dialog));
}

/* While it goes on, what is done stays, and can be undone. */
static void
on_cancel (SpUserImportDialog *dialog)
{
  if (dialog->cancellable != NULL)
    g_cancellable_cancel (dialog->cancellable);
  else
    gtk_window_close (GTK_WINDOW (dialog));
}

static gboolean
on_close_request (GtkWindow *window)
{
  SpUserImportDialog *dialog = SP_USER_IMPORT_DIALOG (window);

  if (dialog->cancellable == NULL)
    return GDK_EVENT_PROPAGATE;
  g_cancellable_cancel (dialog->cancellable);
  return GDK_EVENT_STOP;
}

/* --- the dialog --- */

static GtkButton *
create_button (SpUserImportDialog *dialog,
               const char *label,
               void (*clicked) (SpUserImportDialog *dialog))
{
  GtkWidget *button = gtk_button_new_with_mnemonic (label);

  (void) g_signal_connect_object (button, "clicked", G_CALLBACK (clicked), dialog,
                                  G_CONNECT_SWAPPED);
  return GTK_BUTTON (button);
}

static GtkWidget *
create_work (SpUserImportDialog *dialog)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);

  dialog->progress = GTK_PROGRESS_BAR (gtk_progress_bar_new ());
  gtk_progress_bar_set_show_text (dialog->progress, TRUE);
  gtk_accessible_update_property (GTK_ACCESSIBLE (dialog->progress), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _ ("Importing"), -1);
  gtk_widget_set_margin_top (box, 12);
  gtk_widget_set_margin_bottom (box, 12);
  gtk_widget_set_margin_start (box, 12);
  gtk_widget_set_margin_end (box, 12);
  gtk_box_append (GTK_BOX (box), GTK_WIDGET (dialog->progress));
  gtk_widget_set_visible (box, FALSE);
  return box;
}

GtkWindow *
sp_user_import_dialog_new (GtkWindow *parent, SpServerConnection *connection, SpUserFile *file)
{
  SpUserImportDialog *dialog =
      g_object_new (SP_TYPE_USER_IMPORT_DIALOG, "transient-for", parent, NULL);

  dialog->connection = g_object_ref (connection);
  dialog->file = file;
  dialog->import =
      sp_user_import_plan (file, G_LIST_MODEL (sp_server_connection_get_users (connection)));
  show_counts (dialog);
  show_notes (dialog);
  return GTK_WINDOW (dialog);
}

static void
sp_user_import_dialog_dispose (GObject *object)
{
  g_clear_object (&SP_USER_IMPORT_DIALOG (object)->connection);
  G_OBJECT_CLASS (sp_user_import_dialog_parent_class)->dispose (object);
}

static void
sp_user_import_dialog_finalize (GObject *object)
{
  SpUserImportDialog *dialog = SP_USER_IMPORT_DIALOG (object);

  sp_user_import_free (dialog->import);
  sp_user_file_free (dialog->file);
  g_clear_object (&dialog->cancellable);
  G_OBJECT_CLASS (sp_user_import_dialog_parent_class)->finalize (object);
}

static void
sp_user_import_dialog_class_init (SpUserImportDialogClass *class)
{
  G_OBJECT_CLASS (class)->dispose = sp_user_import_dialog_dispose;
  G_OBJECT_CLASS (class)->finalize = sp_user_import_dialog_finalize;
  GTK_WINDOW_CLASS (class)->close_request = on_close_request;
  gtk_widget_class_add_binding_action (GTK_WIDGET_CLASS (class), GDK_KEY_Escape, 0, "window.close",
                                       NULL);
}

static void
sp_user_import_dialog_init (SpUserImportDialog *dialog)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);
  AdwHeaderBar *header = ADW_HEADER_BAR (adw_header_bar_new ());

  gtk_window_set_title (GTK_WINDOW (dialog), _ ("Import Users"));
  dialog->page = ADW_PREFERENCES_PAGE (adw_preferences_page_new ());
  dialog->cancel = create_button (dialog, _ ("_Cancel"), on_cancel);
  dialog->start = create_button (dialog, _ ("_Import"), on_start);
  dialog->work = create_work (dialog);
  gtk_widget_add_css_class (GTK_WIDGET (dialog->start), "suggested-action");
  adw_header_bar_set_show_end_title_buttons (header, FALSE);
  adw_header_bar_set_show_start_title_buttons (header, FALSE);
  adw_header_bar_pack_start (header, GTK_WIDGET (dialog->cancel));
  adw_header_bar_pack_end (header, GTK_WIDGET (dialog->start));
  gtk_widget_set_vexpand (GTK_WIDGET (dialog->page), TRUE);
  gtk_box_append (GTK_BOX (box), GTK_WIDGET (header));
  gtk_box_append (GTK_BOX (box), GTK_WIDGET (dialog->page));
  gtk_box_append (GTK_BOX (box), dialog->work);
  adw_window_set_content (ADW_WINDOW (dialog), box);
  gtk_window_set_modal (GTK_WINDOW (dialog), TRUE);
  gtk_window_set_destroy_with_parent (GTK_WINDOW (dialog), TRUE);
  gtk_window_set_default_size (GTK_WINDOW (dialog), 440, 520);
}
