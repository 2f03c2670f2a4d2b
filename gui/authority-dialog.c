/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "authority-dialog.h"

#include "authority-wording.h"
#include "base/names.h"
#include "combo-row.h"
#include "failure.h"
#include "name-list.h"
#include "step-list.h"
#include "user-change.h"

#include <glib/gi18n.h>

/* In the order of the choices. */
enum
{
  PROPOSED,
  ANOTHER,
};

struct _SpAuthorityDialog
{
  AdwWindow parent_instance;
  GtkStack *stack;
  GtkButton *next;
  AdwEntryRow *names;
  GtkWidget *renaming;
  AdwComboRow *authority;
  AdwEntryRow *directory;
  AdwEntryRow *root;
  AdwEntryRow *contact;
  GtkLinkButton *terms;
  GtkSwitch *agreed;
  SpStepList *steps;
  GtkLabel *problem;

  SpServerConnection *connection;
  SpBusServer *server;
  gboolean asked; /* what was chosen is written */
  gboolean begun; /* and the service is at it, so what it says is about that */
};

G_DEFINE_FINAL_TYPE (SpAuthorityDialog, sp_authority_dialog, ADW_TYPE_WINDOW)

static SpBusSettings *
get_settings (SpAuthorityDialog *dialog)
{
  return sp_server_connection_get_settings (dialog->connection);
}

static gboolean
is_asking (SpAuthorityDialog *dialog)
{
  return g_strcmp0 (gtk_stack_get_visible_child_name (dialog->stack), "questions") == 0;
}

/* --- what was chosen --- */

static char *
read_row (AdwEntryRow *row)
{
  return g_strstrip (g_strdup (gtk_editable_get_text (GTK_EDITABLE (row))));
}

static char *
read_directory (SpAuthorityDialog *dialog)
{
  return adw_combo_row_get_selected (dialog->authority) == PROPOSED
             ? g_strdup (SP_AUTHORITY_PROPOSED)
             : read_row (dialog->directory);
}

/* Whether the server gets another name by this, which it has only when it is turned on again. */
static gboolean
is_renaming (SpAuthorityDialog *dialog, const char *name)
{
  const char *now = sp_bus_settings_get_name (get_settings (dialog));

  return name != NULL && g_ascii_strcasecmp (name, now != NULL ? now : "") != 0;
}

/* Floating. */
static GVariant *
describe_choice (SpAuthorityDialog *dialog)
{
  gboolean proposed = adw_combo_row_get_selected (dialog->authority) == PROPOSED;
  g_auto (GStrv) names = sp_name_list_read (gtk_editable_get_text (GTK_EDITABLE (dialog->names)));
  g_autofree char *directory = read_directory (dialog);
  g_autofree char *root = proposed ? g_strdup ("") : read_row (dialog->root);
  g_autofree char *contact = read_row (dialog->contact);
  GVariantBuilder choice = G_VARIANT_BUILDER_INIT (G_VARIANT_TYPE_VARDICT);

  if (is_renaming (dialog, names[0]))
    g_variant_builder_add (&choice, "{sv}", "Name", g_variant_new_string (names[0]));
  g_variant_builder_add (&choice, "{sv}", "AcmeDirectory", g_variant_new_string (directory));
  g_variant_builder_add (&choice, "{sv}", "AcmeAuthorities", g_variant_new_string (root));
  g_variant_builder_add (&choice, "{sv}", "AcmeContact", g_variant_new_string (contact));
  g_variant_builder_add (&choice, "{sv}", "AcmeAgree",
                         g_variant_new_boolean (gtk_switch_get_active (dialog->agreed)));
  g_variant_builder_add (
      &choice, "{sv}", "AcmeNames",
      g_variant_new_strv (names[0] != NULL ? (const char *const *) names + 1 : NULL,
                          names[0] != NULL ? -1 : 0));
  return g_variant_builder_end (&choice);
}

/* Whether all that is in the settings already, so that writing it would change nothing. */
static gboolean
is_as_before (SpAuthorityDialog *dialog, GVariant *choice)
{
  GVariantIter iter;
  const char *name;
  GVariant *value;

  g_variant_iter_init (&iter, choice);
  while (g_variant_iter_loop (&iter, "{&sv}", &name, &value))
    {
      g_autoptr (GVariant) before =
          g_dbus_proxy_get_cached_property (G_DBUS_PROXY (get_settings (dialog)), name);

      if (before == NULL || !g_variant_equal (before, value))
        {
          g_variant_unref (value);
          return FALSE;
        }
    }
  return TRUE;
}

/* --- what becomes of it --- */

static GVariant *
get_acme (SpAuthorityDialog *dialog)
{
  return dialog->server != NULL ? sp_bus_server_dup_acme (dialog->server) : NULL;
}

static void
show_problem (SpAuthorityDialog *dialog, const char *text, const char *next)
{
  gtk_label_set_label (dialog->problem, text != NULL ? text : "");
  gtk_widget_set_visible (GTK_WIDGET (dialog->problem), text != NULL);
  gtk_widget_set_visible (GTK_WIDGET (dialog->next), next != NULL);
  if (next != NULL)
    gtk_button_set_label (dialog->next, next);
}

static gboolean
is_on (SpAuthorityDialog *dialog)
{
  const char *state = dialog->server != NULL ? sp_bus_server_get_state (dialog->server) : NULL;

  return g_strcmp0 (state, "off") != 0 && g_strcmp0 (state, "failed") != 0;
}

static void
show_failure (SpAuthorityDialog *dialog, GVariant *acme, const char *text)
{
  SpAuthorityFix fix = sp_authority_get_fix (acme);

  sp_step_list_show (dialog->steps, 0, TRUE);
  show_problem (dialog, text,
                fix == SP_AUTHORITY_CHANGE  ? _ ("_Change")
                : fix == SP_AUTHORITY_AGAIN ? _ ("_Try Again")
                                            : NULL);
}

static void
show_progress (SpAuthorityDialog *dialog)
{
  g_autoptr (GVariant) acme = get_acme (dialog);
  const char *title;
  g_autofree char *text = NULL;
  SpStanding look = sp_authority_describe (acme, &title, &text);

  if (is_asking (dialog) || !dialog->asked)
    return;
  dialog->begun = dialog->begun || look == SP_STANDING_BUSY;
  if (!is_on (dialog))
    show_problem (dialog, _ ("The server asks the authority when it is turned on."),
                  _ ("_Turn On"));
  else if (dialog->begun && look == SP_STANDING_BAD)
    show_failure (dialog, acme, text);
  else
    {
      guint step = dialog->begun ? sp_authority_get_step (acme) : 0;

      sp_step_list_show (dialog->steps, step, FALSE);
      show_problem (dialog, NULL, step == SP_AUTHORITY_N_STEPS ? _ ("_Done") : NULL);
    }
}

/* The answer to a call: what is in the way, or on to what the service tells. */
static void
take_answer (SpAuthorityDialog *dialog, const GError *error)
{
  g_autofree char *reason = error != NULL ? sp_failure_describe (error) : NULL;

  if (dialog->connection == NULL)
    return; /* closed meanwhile */
  dialog->asked = error == NULL;
  if (error == NULL)
    {
      show_progress (dialog);
      return;
    }
  sp_step_list_show (dialog->steps, 0, TRUE);
  show_problem (dialog, reason, _ ("_Change"));
}

static void
on_ordered (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (SpAuthorityDialog) dialog = data;
  g_autoptr (GError) error = NULL;

  (void) sp_bus_server_call_order_certificate_finish (SP_BUS_SERVER (source), result, &error);
  take_answer (dialog, error);
}

static void
on_started (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (SpAuthorityDialog) dialog = data;
  g_autoptr (GError) error = NULL;

  (void) sp_bus_server_call_start_finish (SP_BUS_SERVER (source), result, &error);
  take_answer (dialog, error);
}

static void
on_restarted (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (SpAuthorityDialog) dialog = data;
  g_autoptr (GError) error = NULL;

  (void) sp_bus_server_call_restart_finish (SP_BUS_SERVER (source), result, &error);
  take_answer (dialog, error);
}

static void
on_updated (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (SpAuthorityDialog) dialog = data;
  g_autoptr (GError) error = NULL;

  if (sp_bus_settings_call_update_finish (SP_BUS_SETTINGS (source), NULL, result, &error) &&
      dialog->connection != NULL && gtk_widget_get_visible (dialog->renaming) && is_on (dialog))
    sp_bus_server_call_restart (dialog->server, sp_no_options (), SP_CALL_FLAGS, SP_CALL_TIMEOUT,
                                NULL, on_restarted, g_object_ref (dialog));
  else
    take_answer (dialog, error);
}

static void
begin (SpAuthorityDialog *dialog)
{
  g_autoptr (GVariant) choice = g_variant_ref_sink (describe_choice (dialog));

  dialog->asked = dialog->begun = FALSE;
  gtk_stack_set_visible_child_name (dialog->stack, "progress");
  sp_step_list_show (dialog->steps, 0, FALSE);
  show_problem (dialog, NULL, NULL);
  if (!is_as_before (dialog, choice))
    sp_bus_settings_call_update (get_settings (dialog), choice, sp_no_options (), SP_CALL_FLAGS,
                                 SP_CALL_TIMEOUT, NULL, on_updated, g_object_ref (dialog));
  else if (is_on (dialog))
    sp_bus_server_call_order_certificate (dialog->server, sp_no_options (), SP_CALL_FLAGS,
                                          SP_CALL_TIMEOUT, NULL, on_ordered, g_object_ref (dialog));
  else
    take_answer (dialog, NULL);
}

/* --- the questions --- */

static void
on_typed (SpAuthorityDialog *dialog)
{
  gboolean proposed = adw_combo_row_get_selected (dialog->authority) == PROPOSED;
  g_auto (GStrv) names = NULL;
  g_autofree char *directory = NULL;

  if (dialog->connection == NULL)
    return; /* it is being made */
  names = sp_name_list_read (gtk_editable_get_text (GTK_EDITABLE (dialog->names)));
  directory = read_directory (dialog);
  gtk_widget_set_visible (GTK_WIDGET (dialog->directory), !proposed);
  gtk_widget_set_visible (GTK_WIDGET (dialog->root), !proposed);
  gtk_widget_set_visible (GTK_WIDGET (dialog->terms), proposed);
  gtk_widget_set_visible (dialog->renaming, is_renaming (dialog, names[0]) && is_on (dialog));
  gtk_widget_set_sensitive (GTK_WIDGET (dialog->next),
                            names[0] != NULL && g_str_has_prefix (directory, "https://") &&
                                gtk_switch_get_active (dialog->agreed));
}

static void
ask (SpAuthorityDialog *dialog)
{
  gtk_stack_set_visible_child_name (dialog->stack, "questions");
  show_problem (dialog, NULL, _ ("_Get"));
  on_typed (dialog);
}

static void
on_next (SpAuthorityDialog *dialog)
{
  g_autoptr (GVariant) acme = get_acme (dialog);
  gboolean again = dialog->asked && sp_authority_get_fix (acme) != SP_AUTHORITY_CHANGE;

  if (is_asking (dialog))
    begin (dialog);
  else if (dialog->asked && sp_authority_get_step (acme) == SP_AUTHORITY_N_STEPS)
    gtk_window_close (GTK_WINDOW (dialog));
  else if (dialog->asked && !is_on (dialog))
    sp_bus_server_call_start (dialog->server, sp_no_options (), SP_CALL_FLAGS, SP_CALL_TIMEOUT,
                              NULL, on_started, g_object_ref (dialog));
  else if (again)
    begin (dialog);
  else
    ask (dialog);
}

/* What the settings say already. */
static void
fill_in (SpAuthorityDialog *dialog)
{
  SpBusSettings *settings = get_settings (dialog);
  const char *name = sp_bus_settings_get_name (settings);
  const char *directory = sp_bus_settings_get_acme_directory (settings);
  g_auto (GStrv) more = sp_bus_settings_dup_acme_names (settings);
  g_autofree char *others = g_strjoinv (", ", more);
  g_autofree char *all =
      others[0] != '\0' ? g_strdup_printf ("%s, %s", name, others) : g_strdup (name);
  gboolean another = directory[0] != '\0' && !g_str_equal (directory, SP_AUTHORITY_PROPOSED);

  gtk_editable_set_text (GTK_EDITABLE (dialog->names), all);
  gtk_editable_set_text (GTK_EDITABLE (dialog->contact),
                         sp_bus_settings_get_acme_contact (settings));
  gtk_editable_set_text (GTK_EDITABLE (dialog->root),
                         sp_bus_settings_get_acme_authorities (settings));
  gtk_editable_set_text (GTK_EDITABLE (dialog->directory), another ? directory : "");
  adw_combo_row_set_selected (dialog->authority, another ? ANOTHER : PROPOSED);
  gtk_switch_set_active (dialog->agreed, sp_bus_settings_get_acme_agree (settings));
}

/* --- life --- */

GtkWindow *
sp_authority_dialog_new (GtkWindow *parent, SpServerConnection *connection)
{
  SpAuthorityDialog *dialog =
      g_object_new (SP_TYPE_AUTHORITY_DIALOG, "transient-for", parent, NULL);

  dialog->connection = g_object_ref (connection);
  g_set_object (&dialog->server, sp_server_connection_get_server (connection));
  (void) g_signal_connect_object (dialog->server, "notify::acme", G_CALLBACK (show_progress),
                                  dialog, G_CONNECT_SWAPPED);
  (void) g_signal_connect_object (dialog->server, "notify::state", G_CALLBACK (show_progress),
                                  dialog, G_CONNECT_SWAPPED);
  fill_in (dialog);
  ask (dialog);
  return GTK_WINDOW (dialog);
}

static void
sp_authority_dialog_dispose (GObject *object)
{
  SpAuthorityDialog *dialog = SP_AUTHORITY_DIALOG (object);

  if (dialog->server != NULL)
    (void) g_signal_handlers_disconnect_by_data (dialog->server, dialog);
  g_clear_object (&dialog->server);
  g_clear_object (&dialog->connection);
  G_OBJECT_CLASS (sp_authority_dialog_parent_class)->dispose (object);
}

static void
sp_authority_dialog_class_init (SpAuthorityDialogClass *class)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);

  G_OBJECT_CLASS (class)->dispose = sp_authority_dialog_dispose;
  g_type_ensure (SP_TYPE_STEP_LIST);
  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_Escape, 0, "window.close", NULL);
  gtk_widget_class_set_template_from_resource (widget_class,
                                               SP_RESOURCE_PATH "authority-dialog.ui");
  gtk_widget_class_bind_template_child (widget_class, SpAuthorityDialog, stack);
  gtk_widget_class_bind_template_child (widget_class, SpAuthorityDialog, next);
  gtk_widget_class_bind_template_child (widget_class, SpAuthorityDialog, names);
  gtk_widget_class_bind_template_child (widget_class, SpAuthorityDialog, renaming);
  gtk_widget_class_bind_template_child (widget_class, SpAuthorityDialog, authority);
  gtk_widget_class_bind_template_child (widget_class, SpAuthorityDialog, directory);
  gtk_widget_class_bind_template_child (widget_class, SpAuthorityDialog, root);
  gtk_widget_class_bind_template_child (widget_class, SpAuthorityDialog, contact);
  gtk_widget_class_bind_template_child (widget_class, SpAuthorityDialog, terms);
  gtk_widget_class_bind_template_child (widget_class, SpAuthorityDialog, agreed);
  gtk_widget_class_bind_template_child (widget_class, SpAuthorityDialog, steps);
  gtk_widget_class_bind_template_child (widget_class, SpAuthorityDialog, problem);
  gtk_widget_class_bind_template_callback (widget_class, on_typed);
  gtk_widget_class_bind_template_callback (widget_class, on_next);
}

static void
sp_authority_dialog_init (SpAuthorityDialog *dialog)
{
  gtk_widget_init_template (GTK_WIDGET (dialog));
  sp_combo_row_show_whole (dialog->authority);
  gtk_link_button_set_uri (dialog->terms, SP_AUTHORITY_PROPOSED_TERMS);
  for (guint i = 0; i < SP_AUTHORITY_N_STEPS; i++)
    sp_step_list_add (dialog->steps, sp_authority_get_step_text (i));
}
