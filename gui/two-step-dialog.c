/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "two-step-dialog.h"

#include "base/limits.h"
#include "base/names.h"
#include "bus/error.h"
#include "client/sealed-text.h"
#include "client/server-connection.h"
#include "client/user-census.h"
#include "failure.h"
#include "paper.h"
#include "property-row.h"
#include "qr-picture.h"
#include "user-change.h"

#include <glib/gi18n.h>
#include <string.h>

#define URI_MAX   1024 /* bytes */
#define CODES_MAX 1024

struct _SpTwoStepDialog
{
  AdwWindow parent_instance;
  GtkStack *states;
  AdwStatusPage *failed;
  SpQrPicture *picture;
  SpPropertyRow *secret;
  AdwEntryRow *code;
  GtkLabel *problem;
  GtkWidget *confirm;
  GtkLabel *codes;
  SpBusUser *user;
};

G_DEFINE_FINAL_TYPE (SpTwoStepDialog, sp_two_step_dialog, ADW_TYPE_WINDOW)

/* --- the picture --- */

/* The key alone, in groups that can be typed; "" if the URI has none. */
static char *
find_secret (const char *uri)
{
  const char *query = strchr (uri, '?');
  g_autoptr (GHashTable) values =
      query != NULL ? g_uri_parse_params (query + 1, -1, "&", G_URI_PARAMS_NONE, NULL) : NULL;
  const char *secret = values != NULL ? g_hash_table_lookup (values, "secret") : NULL;
  GString *text = g_string_new (NULL);

  for (gsize i = 0; secret != NULL && secret[i] != '\0'; i++)
    {
      if (i > 0 && i % 4 == 0)
        g_string_append_c (text, ' ');
      g_string_append_c (text, secret[i]);
    }
  return g_string_free (text, FALSE);
}

static void
show_failure (SpTwoStepDialog *dialog, const GError *error)
{
  g_autofree char *reason = sp_failure_describe (error);
  g_autofree char *markup = g_markup_escape_text (reason, -1);

  adw_status_page_set_description (dialog->failed, markup);
  gtk_stack_set_visible_child_name (dialog->states, "failed");
}

static void
on_enrolled (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (SpTwoStepDialog) dialog = data;
  g_autoptr (GUnixFDList) descriptors = NULL;
  g_autoptr (GVariant) handle = NULL;
  g_autoptr (SpSecretText) uri = NULL;
  g_autoptr (SpSecretText) secret = NULL;
  g_autoptr (GError) error = NULL;

  if (sp_bus_user_call_enroll_totp_finish (SP_BUS_USER (source), &handle, &descriptors, result,
                                           &error))
    uri = sp_sealed_text_read (descriptors, handle, URI_MAX, &error);
  if (uri == NULL)
    {
      show_failure (dialog, error);
      return;
    }
  secret = find_secret (uri);
  sp_qr_picture_show (dialog->picture, uri, _ ("Picture to scan with an authenticator app"));
  sp_property_row_set_value (dialog->secret, secret);
  gtk_stack_set_visible_child_name (dialog->states, "scan");
  (void) gtk_widget_grab_focus (GTK_WIDGET (dialog->code));
}

static void
enroll (SpTwoStepDialog *dialog)
{
  sp_bus_user_call_enroll_totp (dialog->user, sp_no_options (), SP_CALL_FLAGS, SP_CALL_TIMEOUT,
                                NULL, NULL, on_enrolled, g_object_ref (dialog));
}

/* --- the proof --- */

static void
say_problem (SpTwoStepDialog *dialog, const char *text)
{
  gtk_label_set_label (dialog->problem, text != NULL ? text : "");
  gtk_widget_set_visible (GTK_WIDGET (dialog->problem), text != NULL);
}

/* The digits alone, since apps show them in groups; new. */
static char *
read_code (SpTwoStepDialog *dialog)
{
  GString *digits = g_string_new (NULL);

  for (const char *next = gtk_editable_get_text (GTK_EDITABLE (dialog->code)); *next != '\0';
       next++)
    if (*next != ' ')
      g_string_append_c (digits, *next);
  return g_string_free (digits, FALSE);
}

static gboolean
is_complete (const char *code)
{
  return strlen (code) == SP_CODE_DIGITS && strspn (code, "0123456789") == SP_CODE_DIGITS;
}

static void
on_code_changed (SpTwoStepDialog *dialog)
{
  g_autofree char *code = read_code (dialog);

  gtk_widget_set_sensitive (dialog->confirm, is_complete (code));
  say_problem (dialog,
               strspn (code, "0123456789") == strlen (code) && strlen (code) <= SP_CODE_DIGITS
                   ? NULL
                   : _ ("The code has six digits."));
}

static void
refuse (SpTwoStepDialog *dialog, const GError *error)
{
  g_autofree char *reason = sp_failure_describe (error);

  gtk_widget_set_sensitive (dialog->confirm, TRUE);
  if (g_error_matches (error, SP_BUS_ERROR, SP_BUS_ERROR_INVALID_ARGS))
    say_problem (dialog, _ ("This is not the current code. It changes every 30 seconds; the clocks "
                            "of phone and computer have to agree."));
  else
    say_problem (dialog, reason);
}

static void
on_confirmed (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (SpTwoStepDialog) dialog = data;
  g_autoptr (GUnixFDList) descriptors = NULL;
  g_autoptr (GVariant) handle = NULL;
  g_autoptr (SpSecretText) codes = NULL;
  g_autoptr (GError) error = NULL;

  if (sp_bus_user_call_confirm_totp_finish (SP_BUS_USER (source), &handle, &descriptors, result,
                                            &error))
    codes = sp_sealed_text_read (descriptors, handle, CODES_MAX, &error);
  if (codes == NULL)
    {
      refuse (dialog, error);
      return;
    }
  gtk_label_set_label (dialog->codes, g_strchomp (codes));
  gtk_stack_set_visible_child_name (dialog->states, "codes");
}

static void
on_confirm (SpTwoStepDialog *dialog)
{
  g_autofree char *code = read_code (dialog);

  if (!is_complete (code))
    return;
  gtk_widget_set_sensitive (dialog->confirm, FALSE);
  sp_bus_user_call_confirm_totp (dialog->user, code, sp_no_options (), SP_CALL_FLAGS,
                                 SP_CALL_TIMEOUT, NULL, NULL, on_confirmed, g_object_ref (dialog));
}

/* --- the codes --- */

static void
on_copy (SpTwoStepDialog *dialog)
{
  gdk_clipboard_set_text (gtk_widget_get_clipboard (GTK_WIDGET (dialog)),
                          gtk_label_get_label (dialog->codes));
}

static void
on_print (SpTwoStepDialog *dialog)
{
  g_autofree char *heading =
      /* Translators: a login. */
      g_strdup_printf (_ ("Recovery codes of %s"), sp_bus_user_get_login (dialog->user));

  sp_paper_print (GTK_WINDOW (dialog), heading, gtk_label_get_label (dialog->codes));
}

GtkWindow *
sp_two_step_dialog_new (GtkWindow *parent, SpBusUser *user)
{
  SpTwoStepDialog *dialog = g_object_new (SP_TYPE_TWO_STEP_DIALOG, "transient-for", parent, NULL);

  dialog->user = g_object_ref (user);
  enroll (dialog);
  return GTK_WINDOW (dialog);
}

static void
sp_two_step_dialog_dispose (GObject *object)
{
  g_clear_object (&SP_TWO_STEP_DIALOG (object)->user);
  G_OBJECT_CLASS (sp_two_step_dialog_parent_class)->dispose (object);
}

static void
sp_two_step_dialog_class_init (SpTwoStepDialogClass *class)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);

  G_OBJECT_CLASS (class)->dispose = sp_two_step_dialog_dispose;
  g_type_ensure (SP_TYPE_QR_PICTURE);
  g_type_ensure (SP_TYPE_PROPERTY_ROW);
  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_Escape, 0, "window.close", NULL);
  gtk_widget_class_set_template_from_resource (widget_class, SP_RESOURCE_PATH "two-step-dialog.ui");
  gtk_widget_class_bind_template_child (widget_class, SpTwoStepDialog, states);
  gtk_widget_class_bind_template_child (widget_class, SpTwoStepDialog, failed);
  gtk_widget_class_bind_template_child (widget_class, SpTwoStepDialog, picture);
  gtk_widget_class_bind_template_child (widget_class, SpTwoStepDialog, secret);
  gtk_widget_class_bind_template_child (widget_class, SpTwoStepDialog, code);
  gtk_widget_class_bind_template_child (widget_class, SpTwoStepDialog, problem);
  gtk_widget_class_bind_template_child (widget_class, SpTwoStepDialog, confirm);
  gtk_widget_class_bind_template_child (widget_class, SpTwoStepDialog, codes);
  gtk_widget_class_bind_template_callback (widget_class, on_code_changed);
  gtk_widget_class_bind_template_callback (widget_class, on_confirm);
  gtk_widget_class_bind_template_callback (widget_class, on_copy);
  gtk_widget_class_bind_template_callback (widget_class, on_print);
}

static void
sp_two_step_dialog_init (SpTwoStepDialog *dialog)
{
  gtk_widget_init_template (GTK_WIDGET (dialog));
}
