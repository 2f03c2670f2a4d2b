/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "add-user-dialog.h"

#include "base/limits.h"
#include "base/names.h"
#include "base/password.h"
#include "bus/error.h"
#include "client/login-proposal.h"
#include "client/sealed-text.h"
#include "failure.h"
#include "invite-dialog.h"
#include "password-row.h"
#include "user-change.h"
#include "user-reach.h"
#include "window.h"

#include <glib/gi18n.h>
#include <string.h>

struct _SpAddUserDialog
{
  AdwWindow parent_instance;
  GtkWidget *form;
  GtkSpinner *spinner;
  AdwEntryRow *name;
  AdwEntryRow *login;
  AdwComboRow *reach;
  AdwPasswordEntryRow *password;
  GtkLabel *problem;
  GtkWidget *add;
  GtkWidget *invite;
  SpServerConnection *connection;
  SpBusUser *user;       /* added, while its password is set */
  char *proposal;        /* in the login, if the person did not change it */
  gboolean wants_invite; /* as soon as it is added */
};

G_DEFINE_FINAL_TYPE (SpAddUserDialog, sp_add_user_dialog, ADW_TYPE_WINDOW)

static const char *
get_text (gpointer row)
{
  return gtk_editable_get_text (GTK_EDITABLE (row));
}

static GListModel *
get_users (SpAddUserDialog *dialog)
{
  return G_LIST_MODEL (sp_server_connection_get_users (dialog->connection));
}

/* --- what is typed --- */

static const char *
word_verdict (SpLoginVerdict verdict)
{
  switch (verdict)
    {
      case SP_LOGIN_GOOD:
      case SP_LOGIN_EMPTY:
        break;
      case SP_LOGIN_BLANK:
        return _ ("A login has no blanks.");
      case SP_LOGIN_LONG:
        return _ ("This login is too long.");
      case SP_LOGIN_TAKEN:
        return _ ("Somebody else has this login.");
      case SP_LOGIN_REMOVED:
        return _ ("A removed user has this login. Restore that user, or delete it first.");
    }
  return NULL;
}

static void
mark (gpointer row, gboolean wrong)
{
  if (wrong)
    gtk_widget_add_css_class (row, "error");
  else
    gtk_widget_remove_css_class (row, "error");
  gtk_accessible_update_state (GTK_ACCESSIBLE (row), GTK_ACCESSIBLE_STATE_INVALID,
                               wrong ? GTK_ACCESSIBLE_INVALID_TRUE : GTK_ACCESSIBLE_INVALID_FALSE,
                               -1);
}

static void
say_problem (SpAddUserDialog *dialog, const char *text)
{
  gtk_label_set_label (dialog->problem, text != NULL ? text : "");
  gtk_widget_set_visible (GTK_WIDGET (dialog->problem), text != NULL);
}

/* Whether all of it may be sent; says at the field what is wrong. */
static void
judge (SpAddUserDialog *dialog)
{
  SpLoginVerdict login = sp_login_judge (get_text (dialog->login), get_users (dialog));
  gboolean long_name = strlen (get_text (dialog->name)) > SP_FULL_NAME_MAX;
  gboolean long_password = strlen (get_text (dialog->password)) > SP_PASSWORD_MAX;
  gboolean good = login == SP_LOGIN_GOOD && !long_name && !long_password;
  const char *text = word_verdict (login);

  if (long_name)
    text = _ ("This name is too long.");
  if (long_password)
    text = _ ("This password is too long.");
  mark (dialog->name, long_name);
  mark (dialog->login, login != SP_LOGIN_GOOD && login != SP_LOGIN_EMPTY);
  mark (dialog->password, long_password);
  say_problem (dialog, text);
  gtk_widget_set_sensitive (dialog->add, good);
  gtk_widget_set_sensitive (dialog->invite, good);
}

static void
on_name_changed (SpAddUserDialog *dialog)
{
  g_autofree char *proposal = NULL;

  /* What the person typed is left alone. */
  if (g_strcmp0 (get_text (dialog->login), dialog->proposal) == 0)
    {
      proposal = sp_login_propose (get_text (dialog->name), get_users (dialog));
      g_free (dialog->proposal);
      dialog->proposal = g_strdup (proposal);
      gtk_editable_set_text (GTK_EDITABLE (dialog->login), proposal);
    }
  judge (dialog);
}

static void
on_login_changed (SpAddUserDialog *dialog)
{
  judge (dialog);
}

static void
on_password_changed (SpAddUserDialog *dialog)
{
  judge (dialog);
}

static void
on_generate (SpAddUserDialog *dialog)
{
  g_autoptr (SpSecretText) password = sp_password_generate ();
  GtkEditable *text = gtk_editable_get_delegate (GTK_EDITABLE (dialog->password));

  gtk_editable_set_text (GTK_EDITABLE (dialog->password), password);
  /* It has to be told to somebody. */
  if (GTK_IS_TEXT (text))
    gtk_text_set_visibility (GTK_TEXT (text), TRUE);
}

/* --- adding --- */

static void
set_busy (SpAddUserDialog *dialog, gboolean busy)
{
  gtk_widget_set_sensitive (dialog->form, !busy);
  gtk_spinner_set_spinning (dialog->spinner, busy);
}

static void
finish (SpAddUserDialog *dialog)
{
  GtkWindow *parent = gtk_window_get_transient_for (GTK_WINDOW (dialog));
  /* Translators: a person's name. */
  g_autofree char *text =
      g_strdup_printf (_ ("%s was added"), sp_bus_user_get_login (dialog->user));

  if (dialog->wants_invite && parent != NULL)
    gtk_window_present (sp_invite_dialog_new (parent, dialog->connection, dialog->user));
  else if (parent != NULL)
    sp_window_say (SP_WINDOW (parent), text);
  gtk_window_close (GTK_WINDOW (dialog));
}

static void
on_password_set (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (SpAddUserDialog) dialog = data;
  g_autoptr (GError) error = NULL;
  GtkWindow *parent = gtk_window_get_transient_for (GTK_WINDOW (dialog));

  if (!sp_bus_user_call_set_password_finish (SP_BUS_USER (source), NULL, result, &error) &&
      parent != NULL)
    sp_failure_show (GTK_WIDGET (parent), _ ("The user was added without a password"), error);
  finish (dialog);
}

static void
set_password (SpAddUserDialog *dialog)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GUnixFDList) descriptors = sp_sealed_text_write (get_text (dialog->password), &error);

  if (descriptors == NULL)
    {
      say_problem (dialog, error->message);
      set_busy (dialog, FALSE);
      return;
    }
  sp_bus_user_call_set_password (dialog->user, g_variant_new_handle (0), sp_no_options (),
                                 SP_CALL_FLAGS, SP_CALL_TIMEOUT, descriptors, NULL, on_password_set,
                                 g_object_ref (dialog));
}

static void
on_proxy (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (SpAddUserDialog) dialog = data;
  g_autoptr (GError) error = NULL;

  dialog->user = sp_bus_user_proxy_new_finish (result, &error);
  if (dialog->user == NULL)
    sp_failure_show (GTK_WIDGET (dialog), _ ("The user was added"), error);
  else if (get_text (dialog->password)[0] != '\0')
    set_password (dialog);
  else
    finish (dialog);
}

static void
show_refusal (SpAddUserDialog *dialog, const GError *error)
{
  g_autofree char *reason = sp_failure_describe (error);

  set_busy (dialog, FALSE);
  if (g_error_matches (error, SP_BUS_ERROR, SP_BUS_ERROR_NOT_AUTHORIZED_DISMISSED))
    say_problem (dialog, _ ("Nothing was changed"));
  else
    say_problem (dialog, reason);
  mark (dialog->login, g_error_matches (error, SP_BUS_ERROR, SP_BUS_ERROR_EXISTS));
}

static void
on_added (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (SpAddUserDialog) dialog = data;
  g_autoptr (GError) error = NULL;
  g_autofree char *path = NULL;

  if (!sp_bus_server_call_add_user_finish (SP_BUS_SERVER (source), &path, result, &error))
    {
      show_refusal (dialog, error);
      return;
    }
  sp_bus_user_proxy_new (g_dbus_proxy_get_connection (G_DBUS_PROXY (source)),
                         G_DBUS_PROXY_FLAGS_DO_NOT_AUTO_START, SP_BUS_NAME, path, NULL, on_proxy,
                         g_object_ref (dialog));
}

static void
begin (SpAddUserDialog *dialog, gboolean wants_invite)
{
  GVariantBuilder values = G_VARIANT_BUILDER_INIT (G_VARIANT_TYPE_VARDICT);
  const char *reach = sp_user_reach_get_chosen (dialog->reach);

  if (!gtk_widget_get_sensitive (dialog->add))
    return;
  dialog->wants_invite = wants_invite;
  g_variant_builder_add (&values, "{sv}", "Login", g_variant_new_string (get_text (dialog->login)));
  g_variant_builder_add (&values, "{sv}", "FullName",
                         g_variant_new_string (get_text (dialog->name)));
  if (reach[0] != '\0')
    g_variant_builder_add (&values, "{sv}", "Reach", g_variant_new_string (reach));
  set_busy (dialog, TRUE);
  sp_bus_server_call_add_user (sp_server_connection_get_server (dialog->connection),
                               g_variant_builder_end (&values), sp_no_options (), SP_CALL_FLAGS,
                               SP_CALL_TIMEOUT, NULL, on_added, g_object_ref (dialog));
}

static void
on_add (SpAddUserDialog *dialog)
{
  begin (dialog, FALSE);
}

static void
on_invite (SpAddUserDialog *dialog)
{
  begin (dialog, TRUE);
}

GtkWindow *
sp_add_user_dialog_new (GtkWindow *parent, SpServerConnection *connection)
{
  SpAddUserDialog *dialog = g_object_new (SP_TYPE_ADD_USER_DIALOG, "transient-for", parent, NULL);

  dialog->connection = g_object_ref (connection);
  sp_user_reach_fill (dialog->reach);
  sp_password_row_mend (dialog->password);
  judge (dialog);
  (void) gtk_widget_grab_focus (GTK_WIDGET (dialog->name));
  return GTK_WINDOW (dialog);
}

void
sp_add_user_dialog_fill (SpAddUserDialog *dialog, const char *full_name)
{
  gtk_editable_set_text (GTK_EDITABLE (dialog->name), full_name);
}

static void
sp_add_user_dialog_dispose (GObject *object)
{
  SpAddUserDialog *dialog = SP_ADD_USER_DIALOG (object);

  g_clear_object (&dialog->user);
  g_clear_object (&dialog->connection);
  g_clear_pointer (&dialog->proposal, g_free);
  G_OBJECT_CLASS (sp_add_user_dialog_parent_class)->dispose (object);
}

static void
sp_add_user_dialog_class_init (SpAddUserDialogClass *class)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);

  G_OBJECT_CLASS (class)->dispose = sp_add_user_dialog_dispose;
  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_Escape, 0, "window.close", NULL);
  gtk_widget_class_set_template_from_resource (widget_class, SP_RESOURCE_PATH "add-user-dialog.ui");
  gtk_widget_class_bind_template_child (widget_class, SpAddUserDialog, form);
  gtk_widget_class_bind_template_child (widget_class, SpAddUserDialog, spinner);
  gtk_widget_class_bind_template_child (widget_class, SpAddUserDialog, name);
  gtk_widget_class_bind_template_child (widget_class, SpAddUserDialog, login);
  gtk_widget_class_bind_template_child (widget_class, SpAddUserDialog, reach);
  gtk_widget_class_bind_template_child (widget_class, SpAddUserDialog, password);
  gtk_widget_class_bind_template_child (widget_class, SpAddUserDialog, problem);
  gtk_widget_class_bind_template_child (widget_class, SpAddUserDialog, add);
  gtk_widget_class_bind_template_child (widget_class, SpAddUserDialog, invite);
  gtk_widget_class_bind_template_callback (widget_class, on_name_changed);
  gtk_widget_class_bind_template_callback (widget_class, on_login_changed);
  gtk_widget_class_bind_template_callback (widget_class, on_password_changed);
  gtk_widget_class_bind_template_callback (widget_class, on_generate);
  gtk_widget_class_bind_template_callback (widget_class, on_add);
  gtk_widget_class_bind_template_callback (widget_class, on_invite);
}

static void
sp_add_user_dialog_init (SpAddUserDialog *dialog)
{
  dialog->proposal = g_strdup ("");
  gtk_widget_init_template (GTK_WIDGET (dialog));
}
