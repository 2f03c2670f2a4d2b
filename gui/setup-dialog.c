/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "setup-dialog.h"

#include "base/names.h"
#include "bus/error.h"
#include "client/unlock.h"
#include "failure.h"
#include "step-list.h"

#include <glib/gi18n.h>

typedef enum
{
  STEP_SETTINGS,
  STEP_START,
  STEP_USER,
  N_STEPS
} Step;

struct _SpSetupDialog
{
  AdwWindow parent_instance;
  GtkStack *stack;
  GtkWidget *cancel;
  GtkButton *next;
  GtkCheckButton *by_name;
  AdwEntryRow *name;
  AdwEntryRow *full_name;
  SpStepList *steps;
  GtkLabel *problem;
  SpServerConnection *connection;

  Step step; /* under way, the one that failed, or N_STEPS: all is done */
  gboolean failed;
  char *user; /* object path, once there is one */
};

G_DEFINE_FINAL_TYPE (SpSetupDialog, sp_setup_dialog, ADW_TYPE_WINDOW)

static const char *const step_texts[N_STEPS] = {
  [STEP_SETTINGS] = N_ ("How devices find this computer"),
  [STEP_START] = N_ ("Keys, firewall, server"),
  [STEP_USER] = N_ ("The first user"),
};

static void take_step (SpSetupDialog *dialog);

static void
show_buttons (SpSetupDialog *dialog)
{
  gboolean asking = g_strcmp0 (gtk_stack_get_visible_child_name (dialog->stack), "questions") == 0;
  gboolean done = dialog->step == N_STEPS;

  gtk_widget_set_visible (dialog->cancel, asking || dialog->failed);
  gtk_widget_set_sensitive (GTK_WIDGET (dialog->next), asking || done || dialog->failed);
  if (asking)
    gtk_button_set_label (dialog->next, _ ("_Continue"));
  else
    gtk_button_set_label (dialog->next, done ? _ ("_Invite a Device") : _ ("_Try Again"));
}

static void
show_progress (SpSetupDialog *dialog)
{
  sp_step_list_show (dialog->steps, dialog->step, dialog->failed);
  show_buttons (dialog);
  gtk_widget_set_visible (GTK_WIDGET (dialog->problem), dialog->failed);
}

/* The answer to a step: on to the next one, or what is in its way. */
static void
end_step (SpSetupDialog *dialog, const GError *error)
{
  /* Closed meanwhile: what was begun is done all the same, and the window shows it. */
  if (dialog->connection == NULL)
    return;
  if (error == NULL)
    {
      dialog->step++;
      take_step (dialog);
      return;
    }
  dialog->failed = TRUE;
  if (g_error_matches (error, SP_BUS_ERROR, SP_BUS_ERROR_NOT_AUTHORIZED_DISMISSED))
    gtk_label_set_label (dialog->problem, _ ("This needs an administrator’s password."));
  else
    {
      g_autofree char *reason = sp_failure_describe (error);

      gtk_label_set_label (dialog->problem, reason);
    }
  show_progress (dialog);
}

static void
on_updated (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (SpSetupDialog) dialog = data;
  g_autoptr (GError) error = NULL;

  (void) sp_bus_settings_call_update_finish (SP_BUS_SETTINGS (source), NULL, result, &error);
  end_step (dialog, error);
}

static void
on_started (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (SpSetupDialog) dialog = data;
  g_autoptr (GError) error = NULL;

  (void) sp_bus_server_call_start_finish (SP_BUS_SERVER (source), result, &error);
  end_step (dialog, error);
}

static void
on_user_added (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (SpSetupDialog) dialog = data;
  g_autoptr (GError) error = NULL;

  (void) sp_bus_server_call_add_user_finish (SP_BUS_SERVER (source), &dialog->user, result, &error);
  end_step (dialog, error);
}

static char *
read_row (AdwEntryRow *row)
{
  return g_strstrip (g_strdup (gtk_editable_get_text (GTK_EDITABLE (row))));
}

static void
save_settings (SpSetupDialog *dialog)
{
  gboolean named = gtk_check_button_get_active (dialog->by_name);
  g_autofree char *name = named ? read_row (dialog->name) : g_strdup ("");
  GVariantBuilder changes = G_VARIANT_BUILDER_INIT (G_VARIANT_TYPE_VARDICT);

  g_variant_builder_add (&changes, "{sv}", "Name", g_variant_new_string (name));
  sp_bus_settings_call_update (
      sp_server_connection_get_settings (dialog->connection), g_variant_builder_end (&changes),
      g_variant_new_array (G_VARIANT_TYPE ("{sv}"), NULL, 0), SP_CALL_FLAGS, SP_CALL_TIMEOUT, NULL,
      on_updated, g_object_ref (dialog));
}

static void
start_server (SpSetupDialog *dialog)
{
  sp_bus_server_call_start (sp_server_connection_get_server (dialog->connection),
                            g_variant_new_array (G_VARIANT_TYPE ("{sv}"), NULL, 0), SP_CALL_FLAGS,
                            SP_CALL_TIMEOUT, NULL, on_started, g_object_ref (dialog));
}

static void
add_user (SpSetupDialog *dialog)
{
  g_autofree char *full_name = read_row (dialog->full_name);
  GVariantBuilder values = G_VARIANT_BUILDER_INIT (G_VARIANT_TYPE_VARDICT);

  g_variant_builder_add (&values, "{sv}", "Login", g_variant_new_string (g_get_user_name ()));
  if (full_name[0] != '\0')
    g_variant_builder_add (&values, "{sv}", "FullName", g_variant_new_string (full_name));
  sp_bus_server_call_add_user (
      sp_server_connection_get_server (dialog->connection), g_variant_builder_end (&values),
      g_variant_new_array (G_VARIANT_TYPE ("{sv}"), NULL, 0), SP_CALL_FLAGS, SP_CALL_TIMEOUT, NULL,
      on_user_added, g_object_ref (dialog));
}

static void
take_step (SpSetupDialog *dialog)
{
  void (*const steps[N_STEPS]) (SpSetupDialog *) = {
    [STEP_SETTINGS] = save_settings,
    [STEP_START] = start_server,
    [STEP_USER] = add_user,
  };

  dialog->failed = FALSE;
  show_progress (dialog);
  if (dialog->step < N_STEPS)
    steps[dialog->step](dialog);
  else
    (void) gtk_widget_grab_focus (GTK_WIDGET (dialog->next));
}

/* What was not asked for all at once is asked for by each step. */
static void
on_unlocked (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (SpSetupDialog) dialog = data;
  g_autoptr (GError) error = NULL;

  if (!sp_unlock_finish (SP_SERVER_CONNECTION (source), result, &error) &&
      g_error_matches (error, SP_BUS_ERROR, SP_BUS_ERROR_NOT_AUTHORIZED_DISMISSED))
    end_step (dialog, error);
  else if (dialog->connection != NULL)
    take_step (dialog);
}

static void
begin (SpSetupDialog *dialog)
{
  if (!sp_unlock_is_called_for (dialog->connection))
    {
      take_step (dialog);
      return;
    }
  dialog->failed = FALSE;
  show_progress (dialog);
  sp_unlock_async (dialog->connection, on_unlocked, g_object_ref (dialog));
}

static void
on_next (SpSetupDialog *dialog)
{
  if (dialog->step == N_STEPS)
    {
      g_signal_emit_by_name (dialog, "done", dialog->user);
      gtk_window_destroy (GTK_WINDOW (dialog));
      return;
    }
  gtk_stack_set_visible_child_name (dialog->stack, "progress");
  begin (dialog);
}

/* A name may be there already, for instance from the server's settings file. */
static void
fill_in (SpSetupDialog *dialog)
{
  const char *name =
      sp_bus_settings_get_name (sp_server_connection_get_settings (dialog->connection));

  if (name != NULL && name[0] != '\0')
    {
      gtk_check_button_set_active (dialog->by_name, TRUE);
      gtk_editable_set_text (GTK_EDITABLE (dialog->name), name);
    }
  if (g_strcmp0 (g_get_real_name (), "Unknown") != 0)
    gtk_editable_set_text (GTK_EDITABLE (dialog->full_name), g_get_real_name ());
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

static void
sp_setup_dialog_dispose (GObject *object)
{
  g_clear_object (&SP_SETUP_DIALOG (object)->connection);
  G_OBJECT_CLASS (sp_setup_dialog_parent_class)->dispose (object);
}

static void
sp_setup_dialog_finalize (GObject *object)
{
  g_free (SP_SETUP_DIALOG (object)->user);
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
  g_type_ensure (SP_TYPE_STEP_LIST);
  gtk_widget_class_set_template_from_resource (widget_class, SP_RESOURCE_PATH "setup-dialog.ui");
  gtk_widget_class_bind_template_child (widget_class, SpSetupDialog, stack);
  gtk_widget_class_bind_template_child (widget_class, SpSetupDialog, cancel);
  gtk_widget_class_bind_template_child (widget_class, SpSetupDialog, next);
  gtk_widget_class_bind_template_child (widget_class, SpSetupDialog, by_name);
  gtk_widget_class_bind_template_child (widget_class, SpSetupDialog, name);
  gtk_widget_class_bind_template_child (widget_class, SpSetupDialog, full_name);
  gtk_widget_class_bind_template_child (widget_class, SpSetupDialog, steps);
  gtk_widget_class_bind_template_child (widget_class, SpSetupDialog, problem);
  gtk_widget_class_bind_template_callback (widget_class, on_next);
}

static void
sp_setup_dialog_init (SpSetupDialog *dialog)
{
  gtk_widget_init_template (GTK_WIDGET (dialog));
  for (guint i = 0; i < N_STEPS; i++)
    sp_step_list_add (dialog->steps, _ (step_texts[i]));
  show_buttons (dialog);
}
