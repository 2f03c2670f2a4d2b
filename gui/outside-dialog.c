/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "outside-dialog.h"

#include "base/limits.h"
#include "base/names.h"
#include "base/secret.h"
#include "bus/error.h"
#include "client/sealed-text.h"
#include "failure.h"
#include "outside-wording.h"
#include "qr-picture.h"

#include <glib/gi18n.h>

#define LINK_MAX (SP_URL_MAX + 64) /* bytes */

struct _SpOutsideDialog
{
  AdwWindow parent_instance;
  AdwToastOverlay *toasts;
  GtkStack *states;
  AdwStatusPage *failed;
  AdwEntryRow *host;
  GtkWidget *go_on;
  SpQrPicture *picture;
  GtkLabel *link;
  AdwActionRow *state;
  GtkImage *mark;
  GtkWidget *again;
  SpServerConnection *connection;
  SpBusServer *server; /* that makes the test; NULL: closed */
};

G_DEFINE_FINAL_TYPE (SpOutsideDialog, sp_outside_dialog, ADW_TYPE_WINDOW)

/* --- what becomes of it --- */

static void
show_row (SpOutsideDialog *dialog, const char *icon, const char *title, const char *text)
{
  gtk_image_set_from_icon_name (dialog->mark, icon);
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (dialog->state), title);
  adw_action_row_set_subtitle (dialog->state, text != NULL ? text : "");
}

/* A proof of before is no answer to this test. */
static void
show_waiting (SpOutsideDialog *dialog, GVariant *reachability, gboolean is_over)
{
  const char *title;
  const char *text;
  SpOutsideLook look = sp_outside_describe (reachability, &title, &text);

  if (look == SP_OUTSIDE_BAD)
    show_row (dialog, "dialog-warning-symbolic", title, text);
  else if (is_over)
    show_row (dialog, "dialog-warning-symbolic", _ ("Nobody Opened the Link"), NULL);
  else
    show_row (dialog, "content-loading-symbolic", _ ("Waiting for the Phone…"), NULL);
}

static void
show_state (SpOutsideDialog *dialog)
{
  g_autoptr (GVariant) reachability = sp_bus_server_dup_reachability (dialog->server);
  const char *test = sp_outside_get_test (reachability);
  gboolean is_over = g_str_equal (test, "over") || g_str_equal (test, "none");
  g_autofree char *opening = sp_outside_describe_opening (reachability);

  if (g_str_equal (test, "reached"))
    show_row (dialog, "emblem-ok-symbolic", _ ("Reached from Outside"), opening);
  else if (g_str_equal (test, "home"))
    show_row (dialog, "dialog-warning-symbolic", _ ("Opened in the Home Network"),
              _ ("That proves nothing. Switch Wi-Fi off on the phone and scan again"));
  else
    show_waiting (dialog, reachability, is_over);
  gtk_widget_set_visible (dialog->again, is_over || g_str_equal (test, "reached"));
}

/* --- making it --- */

static void
show_link (SpOutsideDialog *dialog, const char *link)
{
  g_autofree char *description =
      /* Translators: an address. */
      g_strdup_printf (_ ("Picture to scan, of the link %s"), link);

  sp_qr_picture_show (dialog->picture, link, description);
  gtk_label_set_label (dialog->link, link);
  gtk_stack_set_visible_child_name (dialog->states, "ready");
  show_state (dialog);
  (void) gtk_widget_grab_focus (GTK_WIDGET (dialog->picture));
}

/* Where people find the server only its owner knows. */
static void
show_question (SpOutsideDialog *dialog)
{
  gtk_stack_set_visible_child_name (dialog->states, "ask");
  (void) gtk_widget_grab_focus (GTK_WIDGET (dialog->host));
}

static void
show_failure (SpOutsideDialog *dialog, const GError *error)
{
  g_autofree char *reason = sp_failure_describe (error);
  g_autofree char *markup = g_markup_escape_text (reason, -1);

  adw_status_page_set_description (dialog->failed, markup);
  gtk_stack_set_visible_child_name (dialog->states, "failed");
}

static void
on_created (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (SpOutsideDialog) dialog = data;
  g_autoptr (GUnixFDList) descriptors = NULL;
  g_autoptr (GVariant) handle = NULL;
  g_autoptr (SpSecretText) link = NULL;
  g_autoptr (GError) error = NULL;

  if (sp_bus_server_call_create_reachability_test_finish (SP_BUS_SERVER (source), &handle,
                                                          &descriptors, result, &error))
    link = sp_sealed_text_read (descriptors, handle, LINK_MAX, &error);
  if (dialog->server == NULL)
    return;
  if (link != NULL)
    show_link (dialog, link);
  else if (g_error_matches (error, SP_BUS_ERROR, SP_BUS_ERROR_INVALID_ARGS))
    show_question (dialog);
  else
    show_failure (dialog, error);
}

static void
create_test (SpOutsideDialog *dialog)
{
  GVariantBuilder options = G_VARIANT_BUILDER_INIT (G_VARIANT_TYPE_VARDICT);
  g_autofree char *host =
      g_strstrip (g_strdup (gtk_editable_get_text (GTK_EDITABLE (dialog->host))));

  gtk_stack_set_visible_child_name (dialog->states, "wait");
  if (host[0] != '\0')
    g_variant_builder_add (&options, "{sv}", "host", g_variant_new_string (host));
  sp_bus_server_call_create_reachability_test (dialog->server, g_variant_builder_end (&options),
                                               SP_CALL_FLAGS, SP_CALL_TIMEOUT, NULL, NULL,
                                               on_created, g_object_ref (dialog));
}

static void
on_again (SpOutsideDialog *dialog)
{
  create_test (dialog);
}

static void
on_typed (SpOutsideDialog *dialog)
{
  gtk_widget_set_sensitive (dialog->go_on,
                            gtk_editable_get_text (GTK_EDITABLE (dialog->host))[0] != '\0');
}

static void
on_copy (SpOutsideDialog *dialog)
{
  gdk_clipboard_set_text (gtk_widget_get_clipboard (GTK_WIDGET (dialog)),
                          gtk_label_get_label (dialog->link));
  adw_toast_overlay_add_toast (dialog->toasts, adw_toast_new (_ ("Copied")));
}

GtkWindow *
sp_outside_dialog_new (GtkWindow *parent, SpServerConnection *connection)
{
  SpOutsideDialog *dialog = g_object_new (SP_TYPE_OUTSIDE_DIALOG, "transient-for", parent, NULL);

  dialog->connection = g_object_ref (connection);
  dialog->server = g_object_ref (sp_server_connection_get_server (connection));
  (void) g_signal_connect_object (dialog->server, "notify::reachability", G_CALLBACK (show_state),
                                  dialog, G_CONNECT_SWAPPED);
  create_test (dialog);
  return GTK_WINDOW (dialog);
}

static void
sp_outside_dialog_dispose (GObject *object)
{
  SpOutsideDialog *dialog = SP_OUTSIDE_DIALOG (object);

  if (dialog->server != NULL)
    (void) g_signal_handlers_disconnect_by_data (dialog->server, dialog);
  g_clear_object (&dialog->server);
  g_clear_object (&dialog->connection);
  G_OBJECT_CLASS (sp_outside_dialog_parent_class)->dispose (object);
}

static void
sp_outside_dialog_class_init (SpOutsideDialogClass *class)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);

  G_OBJECT_CLASS (class)->dispose = sp_outside_dialog_dispose;
  g_type_ensure (SP_TYPE_QR_PICTURE);
  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_Escape, 0, "window.close", NULL);
  gtk_widget_class_set_template_from_resource (widget_class, SP_RESOURCE_PATH "outside-dialog.ui");
  gtk_widget_class_bind_template_child (widget_class, SpOutsideDialog, toasts);
  gtk_widget_class_bind_template_child (widget_class, SpOutsideDialog, states);
  gtk_widget_class_bind_template_child (widget_class, SpOutsideDialog, failed);
  gtk_widget_class_bind_template_child (widget_class, SpOutsideDialog, host);
  gtk_widget_class_bind_template_child (widget_class, SpOutsideDialog, go_on);
  gtk_widget_class_bind_template_child (widget_class, SpOutsideDialog, picture);
  gtk_widget_class_bind_template_child (widget_class, SpOutsideDialog, link);
  gtk_widget_class_bind_template_child (widget_class, SpOutsideDialog, state);
  gtk_widget_class_bind_template_child (widget_class, SpOutsideDialog, mark);
  gtk_widget_class_bind_template_child (widget_class, SpOutsideDialog, again);
  gtk_widget_class_bind_template_callback (widget_class, on_again);
  gtk_widget_class_bind_template_callback (widget_class, on_typed);
  gtk_widget_class_bind_template_callback (widget_class, on_copy);
}

static void
sp_outside_dialog_init (SpOutsideDialog *dialog)
{
  gtk_widget_init_template (GTK_WIDGET (dialog));
}
