/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "setup-dialog.h"

#include "authority-wording.h"
#include "base/names.h"
#include "bus/error.h"
#include "client/unlock.h"
#include "failure.h"
#include "password-row.h"
#include "setup-run.h"
#include "step-list.h"

#include <glib/gi18n.h>

struct _SpSetupDialog
{
  AdwWindow parent_instance;
  GtkStack *stack;
  GtkWidget *cancel;
  GtkButton *next;
  GtkCheckButton *by_address;
  GtkCheckButton *by_name;
  AdwEntryRow *name;
  GtkSwitch *provided;
  AdwEntryRow *provider;
  AdwEntryRow *account;
  AdwEntryRow *password;
  AdwActionRow *trust;
  GtkLinkButton *terms;
  GtkSwitch *trusted;
  GtkSwitch *forward;
  AdwEntryRow *full_name;
  SpStepList *steps;
  GtkLabel *problem;

  SpServerConnection *connection;
  SpSetupRun *run; /* NULL: nothing was chosen yet */
  char *authority; /* the directory of the one that is proposed */
};

G_DEFINE_FINAL_TYPE (SpSetupDialog, sp_setup_dialog, ADW_TYPE_WINDOW)

static gboolean
is_done (SpSetupDialog *dialog)
{
  return dialog->run != NULL &&
         sp_setup_run_get_step (dialog->run) == sp_setup_run_count (dialog->run);
}

static void
show_buttons (SpSetupDialog *dialog)
{
  gboolean asking = dialog->run == NULL;
  gboolean failed = !asking && sp_setup_run_get_error (dialog->run) != NULL;

  gtk_widget_set_visible (dialog->cancel, asking || failed);
  gtk_widget_set_sensitive (GTK_WIDGET (dialog->next), asking || failed || is_done (dialog));
  if (asking)
    gtk_button_set_label (dialog->next, _ ("_Continue"));
  else
    gtk_button_set_label (dialog->next,
                          is_done (dialog) ? _ ("_Invite a Device") : _ ("_Try Again"));
}

static void
show_problem (SpSetupDialog *dialog, const GError *error)
{
  g_autofree char *reason = NULL;

  gtk_widget_set_visible (GTK_WIDGET (dialog->problem), error != NULL);
  if (error == NULL)
    return;
  reason = g_error_matches (error, SP_BUS_ERROR, SP_BUS_ERROR_NOT_AUTHORIZED_DISMISSED)
               ? g_strdup (_ ("This needs an administrator’s password."))
               : sp_failure_describe (error);
  gtk_label_set_label (dialog->problem, reason);
}

static void
show_progress (SpSetupDialog *dialog)
{
  const GError *error = sp_setup_run_get_error (dialog->run);

  for (guint i = 0; i < sp_setup_run_count (dialog->run); i++)
    sp_step_list_note (dialog->steps, i, sp_setup_run_get_note (dialog->run, i));
  sp_step_list_show (dialog->steps, sp_setup_run_get_step (dialog->run), error != NULL);
  show_problem (dialog, error);
  show_buttons (dialog);
  if (is_done (dialog))
    (void) gtk_widget_grab_focus (GTK_WIDGET (dialog->next));
}

/* --- what was chosen --- */

static char *
read_row (AdwEntryRow *row)
{
  return g_strstrip (g_strdup (gtk_editable_get_text (GTK_EDITABLE (row))));
}

static void
choose (SpSetupDialog *dialog)
{
  gboolean named = gtk_check_button_get_active (dialog->by_name);
  gboolean provided = named && gtk_switch_get_active (dialog->provided);
  g_autofree char *name = read_row (dialog->name);
  g_autofree char *provider = read_row (dialog->provider);
  g_autofree char *account = read_row (dialog->account);
  g_autofree char *full_name = read_row (dialog->full_name);
  const SpSetupChoice choice = {
    .name = named ? name : "",
    .forward = gtk_switch_get_active (dialog->forward),
    .provider = provided ? provider : "",
    .account = account,
    .authority = named && name[0] != '\0' && gtk_switch_get_active (dialog->trusted)
                     ? dialog->authority
                     : "",
    .full_name = full_name,
  };

  dialog->run = sp_setup_run_new (dialog->connection);
  sp_setup_run_choose (dialog->run, &choice,
                       provided ? gtk_editable_get_text (GTK_EDITABLE (dialog->password)) : "");
  gtk_editable_set_text (GTK_EDITABLE (dialog->password), "");
  for (guint i = 0; i < sp_setup_run_count (dialog->run); i++)
    sp_step_list_add (dialog->steps, sp_setup_run_get_text (dialog->run, i));
  (void) g_signal_connect_object (dialog->run, "changed", G_CALLBACK (show_progress), dialog,
                                  G_CONNECT_SWAPPED);
}

/* --- doing it --- */

/* What was not asked for all at once is asked for by each step. */
static void
on_unlocked (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (SpSetupRun) run = data;
  g_autoptr (GError) error = NULL;

  if (!sp_unlock_finish (SP_SERVER_CONNECTION (source), result, &error) &&
      g_error_matches (error, SP_BUS_ERROR, SP_BUS_ERROR_NOT_AUTHORIZED_DISMISSED))
    sp_setup_run_stop (run, error);
  else
    sp_setup_run_go_on (run);
}

static void
on_next (SpSetupDialog *dialog)
{
  if (is_done (dialog))
    {
      g_signal_emit_by_name (dialog, "done", sp_setup_run_get_user (dialog->run));
      gtk_window_destroy (GTK_WINDOW (dialog));
      return;
    }
  if (dialog->run == NULL)
    choose (dialog);
  gtk_stack_set_visible_child_name (dialog->stack, "progress");
  sp_setup_run_stop (dialog->run, NULL);
  if (sp_unlock_is_called_for (dialog->connection))
    sp_unlock_async (dialog->connection, on_unlocked, g_object_ref (dialog->run));
  else
    sp_setup_run_go_on (dialog->run);
}

/* --- the questions --- */

/* Who types a name means it. */
static void
on_name_typed (SpSetupDialog *dialog)
{
  g_autofree char *name = read_row (dialog->name);

  gtk_check_button_set_active (name[0] != '\0' ? dialog->by_name : dialog->by_address, TRUE);
}

/* An authority that the settings name already is proposed instead. */
static void
propose_authority (SpSetupDialog *dialog, SpBusSettings *settings)
{
  const char *known = sp_bus_settings_get_acme_directory (settings);
  gboolean other = known != NULL && known[0] != '\0';
  g_autofree char *name = NULL;
  g_autofree char *subtitle = NULL;

  dialog->authority = g_strdup (other ? known : SP_AUTHORITY_PROPOSED);
  name = sp_authority_describe_name (dialog->authority);
  /* Translators: an authority that certifies servers. */
  subtitle = g_strdup_printf (_ ("From %s. With Continue you agree to its terms of service"), name);
  adw_action_row_set_subtitle (dialog->trust, subtitle);
  gtk_link_button_set_uri (dialog->terms, SP_AUTHORITY_PROPOSED_TERMS);
  gtk_widget_set_visible (GTK_WIDGET (dialog->terms),
                          g_str_equal (dialog->authority, SP_AUTHORITY_PROPOSED));
}

/* Something may be there already, for instance from the server's settings file. */
static void
fill_in (SpSetupDialog *dialog)
{
  SpBusSettings *settings = sp_server_connection_get_settings (dialog->connection);
  const char *name = sp_bus_settings_get_name (settings);

  if (name != NULL && name[0] != '\0')
    gtk_editable_set_text (GTK_EDITABLE (dialog->name), name);
  if (g_strcmp0 (g_get_real_name (), "Unknown") != 0)
    gtk_editable_set_text (GTK_EDITABLE (dialog->full_name), g_get_real_name ());
  propose_authority (dialog, settings);
}

SpSetupDialog *
sp_setup_dialog_new (GtkWindow *parent, SpServerConnection *connection)
{
  SpSetupDialog *dialog = g_object_new (SP_TYPE_SETUP_DIALOG, "transient-for", parent, NULL);

  dialog->connection = g_object_ref (connection);
  fill_in (dialog);
  /* Who agrees with what is proposed presses one key. */
  gtk_window_set_focus (GTK_WINDOW (dialog), GTK_WIDGET (dialog->next));
  return dialog;
}

/* While the server is set up it stays. */
static gboolean
on_escape (GtkWidget *widget, GVariant *arguments, gpointer data)
{
  gboolean may = gtk_widget_get_visible (SP_SETUP_DIALOG (widget)->cancel);

  if (may)
    gtk_window_close (GTK_WINDOW (widget));
  return may;
}

/* Closed meanwhile: what was begun is done all the same, and the window shows it. */
static void
sp_setup_dialog_dispose (GObject *object)
{
  SpSetupDialog *dialog = SP_SETUP_DIALOG (object);

  if (dialog->run != NULL)
    sp_setup_run_leave (dialog->run);
  g_clear_object (&dialog->run);
  g_clear_object (&dialog->connection);
  G_OBJECT_CLASS (sp_setup_dialog_parent_class)->dispose (object);
}

static void
sp_setup_dialog_finalize (GObject *object)
{
  g_free (SP_SETUP_DIALOG (object)->authority);
  G_OBJECT_CLASS (sp_setup_dialog_parent_class)->finalize (object);
}

static void
sp_setup_dialog_class_init (SpSetupDialogClass *class)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);

  G_OBJECT_CLASS (class)->dispose = sp_setup_dialog_dispose;
  G_OBJECT_CLASS (class)->finalize = sp_setup_dialog_finalize;
  (void) g_signal_new ("done", SP_TYPE_SETUP_DIALOG, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                       G_TYPE_NONE, 1, G_TYPE_STRING);
  gtk_widget_class_add_binding (widget_class, GDK_KEY_Escape, 0, on_escape, NULL);
  g_type_ensure (SP_TYPE_STEP_LIST);
  gtk_widget_class_set_template_from_resource (widget_class, SP_RESOURCE_PATH "setup-dialog.ui");
  gtk_widget_class_bind_template_child (widget_class, SpSetupDialog, stack);
  gtk_widget_class_bind_template_child (widget_class, SpSetupDialog, cancel);
  gtk_widget_class_bind_template_child (widget_class, SpSetupDialog, next);
  gtk_widget_class_bind_template_child (widget_class, SpSetupDialog, by_address);
  gtk_widget_class_bind_template_child (widget_class, SpSetupDialog, by_name);
  gtk_widget_class_bind_template_child (widget_class, SpSetupDialog, name);
  gtk_widget_class_bind_template_child (widget_class, SpSetupDialog, provided);
  gtk_widget_class_bind_template_child (widget_class, SpSetupDialog, provider);
  gtk_widget_class_bind_template_child (widget_class, SpSetupDialog, account);
  gtk_widget_class_bind_template_child (widget_class, SpSetupDialog, password);
  gtk_widget_class_bind_template_child (widget_class, SpSetupDialog, trust);
  gtk_widget_class_bind_template_child (widget_class, SpSetupDialog, terms);
  gtk_widget_class_bind_template_child (widget_class, SpSetupDialog, trusted);
  gtk_widget_class_bind_template_child (widget_class, SpSetupDialog, forward);
  gtk_widget_class_bind_template_child (widget_class, SpSetupDialog, full_name);
  gtk_widget_class_bind_template_child (widget_class, SpSetupDialog, steps);
  gtk_widget_class_bind_template_child (widget_class, SpSetupDialog, problem);
  gtk_widget_class_bind_template_callback (widget_class, on_name_typed);
  gtk_widget_class_bind_template_callback (widget_class, on_next);
}

static void
sp_setup_dialog_init (SpSetupDialog *dialog)
{
  gtk_widget_init_template (GTK_WIDGET (dialog));
  sp_password_row_mend (ADW_PASSWORD_ENTRY_ROW (dialog->password));
  show_buttons (dialog);
}
