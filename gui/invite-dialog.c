/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "invite-dialog.h"

#include "base/limits.h"
#include "base/names.h"
#include "client/sealed-text.h"
#include "client/user-census.h"
#include "computer-dialog.h"
#include "failure.h"
#include "qr-picture.h"
#include "user-change.h"
#include "window.h"
#include "wording.h"

#include <glib/gi18n.h>

#define N_STEPS 3

struct _SpInviteDialog
{
  AdwWindow parent_instance;
  AdwToastOverlay *toasts;
  GtkStack *states;
  AdwStatusPage *failed;
  AdwStatusPage *over;
  SpQrPicture *picture;
  GtkLabel *validity;
  GtkLabel *link;
  AdwPreferencesGroup *steps;
  GtkWidget *cancel;
  AdwActionRow *rows[N_STEPS];
  GtkImage *ticks[N_STEPS];

  SpServerConnection *connection;
  SpBusUser *user;
  char *path;                  /* of the invitation, once there is one */
  SpBusInvitation *invitation; /* once the list has it */
};

G_DEFINE_FINAL_TYPE (SpInviteDialog, sp_invite_dialog, ADW_TYPE_WINDOW)

/* What the visitor does, in this order. */
static const struct
{
  const char *step;
  const char *before;
  const char *after;
} steps[N_STEPS] = {
  { "opened", N_ ("Waiting for the device…"), N_ ("Opened") },
  { "downloaded", N_ ("Certificate not fetched yet"), N_ ("Certificate fetched") },
  /* Translators: what a device has done, as the two before. */
  { "connected", N_ ("Not connected yet"), N_ ("Connected") },
};

/* --- its steps --- */

static guint64
find_step (SpBusInvitation *invitation, const char *step)
{
  GVariantIter taken;
  const char *name;
  guint64 at;

  g_variant_iter_init (&taken, sp_bus_invitation_get_steps (invitation));
  while (g_variant_iter_next (&taken, "(&st)", &name, &at))
    if (g_str_equal (name, step))
      return at;
  return 0;
}

static void
show_step (SpInviteDialog *dialog, guint i)
{
  guint64 at = find_step (dialog->invitation, steps[i].step);
  const char *from = sp_bus_invitation_get_remote_address (dialog->invitation);
  g_autofree char *when = NULL;
  g_autofree char *where = NULL;

  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (dialog->rows[i]),
                                 at != 0 ? _ (steps[i].after) : _ (steps[i].before));
  gtk_image_set_from_icon_name (dialog->ticks[i],
                                at != 0 ? "emblem-ok-symbolic" : "content-loading-symbolic");
  if (at == 0)
    return;
  when = sp_wording_moment (at);
  /* Translators: a moment, and the address of a computer. */
  where = from != NULL && from[0] != '\0' ? g_strdup_printf (_ ("%s from %s"), when, from)
                                          : g_strdup (when);
  adw_action_row_set_subtitle (dialog->rows[i], where);
}

static void
show_over (SpInviteDialog *dialog, const char *icon, const char *title, const char *description)
{
  adw_status_page_set_icon_name (dialog->over, icon);
  adw_status_page_set_title (dialog->over, title);
  adw_status_page_set_description (dialog->over, description);
  gtk_stack_set_visible_child_name (dialog->states, "over");
}

static void
show_invitation (SpInviteDialog *dialog)
{
  const char *state = sp_bus_invitation_get_state (dialog->invitation);
  g_autofree char *until =
      sp_wording_moment (sp_bus_invitation_get_expires_at (dialog->invitation));
  g_autofree char *validity =
      /* Translators: a moment, as "Tomorrow 18:00". */
      g_strdup_printf (_ ("With the camera of the device, once. Valid until: %s"), until);

  gtk_label_set_label (dialog->validity, validity);
  for (guint i = 0; i < N_STEPS; i++)
    show_step (dialog, i);
  if (find_step (dialog->invitation, "connected") != 0)
    show_over (dialog, "emblem-ok-symbolic", _ ("The Device Is Connected"), NULL);
  else if (g_strcmp0 (state, "revoked") == 0)
    show_over (dialog, "process-stop-symbolic", _ ("Invitation Cancelled"),
               _ ("The link does not work any more."));
  else if (g_strcmp0 (state, "expired") == 0)
    show_over (dialog, "process-stop-symbolic", _ ("Invitation Expired"),
               _ ("The link does not work any more."));
}

static void
create_steps (SpInviteDialog *dialog)
{
  for (guint i = 0; i < N_STEPS; i++)
    {
      dialog->rows[i] = ADW_ACTION_ROW (adw_action_row_new ());
      dialog->ticks[i] = GTK_IMAGE (gtk_image_new_from_icon_name ("content-loading-symbolic"));
      gtk_widget_set_focusable (GTK_WIDGET (dialog->rows[i]), FALSE);
      adw_preferences_row_set_title (ADW_PREFERENCES_ROW (dialog->rows[i]), _ (steps[i].before));
      adw_action_row_add_prefix (dialog->rows[i], GTK_WIDGET (dialog->ticks[i]));
      adw_preferences_group_add (dialog->steps, GTK_WIDGET (dialog->rows[i]));
    }
}

/* The list has it a moment before or after the answer of the call. */
static void
look_for_invitation (SpInviteDialog *dialog)
{
  SpBusInvitation *invitation;

  if (dialog->path == NULL || dialog->invitation != NULL)
    return;
  invitation =
      sp_object_list_find (sp_server_connection_get_invitations (dialog->connection), dialog->path);
  if (invitation == NULL)
    return;
  dialog->invitation = g_object_ref (invitation);
  (void) g_signal_connect_object (invitation, "notify", G_CALLBACK (show_invitation), dialog,
                                  G_CONNECT_SWAPPED);
  show_invitation (dialog);
}

/* --- making it --- */

static void
show_link (SpInviteDialog *dialog, const char *link)
{
  g_autofree char *description =
      /* Translators: an address. */
      g_strdup_printf (_ ("Picture to scan, of the link %s"), link);

  sp_qr_picture_show (dialog->picture, link, description);
  gtk_label_set_label (dialog->link, link);
  gtk_stack_set_visible_child_name (dialog->states, "ready");
  look_for_invitation (dialog);
  (void) gtk_widget_grab_focus (GTK_WIDGET (dialog->picture));
}

static void
show_failure (SpInviteDialog *dialog, const GError *error)
{
  g_autofree char *reason = sp_failure_describe (error);
  g_autofree char *markup = g_markup_escape_text (reason, -1);

  adw_status_page_set_description (dialog->failed, markup);
  gtk_stack_set_visible_child_name (dialog->states, "failed");
}

static void
on_invited (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (SpInviteDialog) dialog = data;
  g_autoptr (GUnixFDList) descriptors = NULL;
  g_autoptr (GVariant) handle = NULL;
  g_autoptr (SpSecretText) link = NULL;
  g_autoptr (GError) error = NULL;

  if (sp_bus_user_call_invite_finish (SP_BUS_USER (source), &dialog->path, &handle, &descriptors,
                                      result, &error))
    link = sp_sealed_text_read (descriptors, handle, SP_URL_MAX, &error);
  if (dialog->user == NULL)
    return;
  if (link == NULL)
    show_failure (dialog, error);
  else
    show_link (dialog, link);
}

static void
invite (SpInviteDialog *dialog)
{
  GVariantBuilder options = G_VARIANT_BUILDER_INIT (G_VARIANT_TYPE_VARDICT);

  g_clear_pointer (&dialog->path, g_free);
  gtk_stack_set_visible_child_name (dialog->states, "wait");
  /* Translators: what a device is called until somebody gives it a name. */
  g_variant_builder_add (&options, "{sv}", "device-name", g_variant_new_string (_ ("Phone")));
  sp_bus_user_call_invite (dialog->user, g_variant_builder_end (&options), SP_CALL_FLAGS,
                           SP_CALL_TIMEOUT, NULL, NULL, on_invited, g_object_ref (dialog));
}

static void
on_try_again (SpInviteDialog *dialog)
{
  invite (dialog);
}

/* --- buttons --- */

static void
say (SpInviteDialog *dialog, const char *text)
{
  g_autofree char *markup = g_markup_escape_text (text, -1);

  adw_toast_overlay_add_toast (dialog->toasts, adw_toast_new (markup));
}

static void
on_copy (SpInviteDialog *dialog)
{
  gdk_clipboard_set_text (gtk_widget_get_clipboard (GTK_WIDGET (dialog)),
                          gtk_label_get_label (dialog->link));
  say (dialog, _ ("Copied"));
}

static void
on_send (SpInviteDialog *dialog)
{
  g_autofree char *body =
      /* Translators: the text of a mail; a name, and a link. */
      g_strdup_printf (
          _ ("Hello %s,\n\nopen this link on the device that you want to connect:\n\n%s\n"),
          sp_user_get_shown_name (dialog->user), gtk_label_get_label (dialog->link));
  g_autofree char *subject = g_uri_escape_string (_ ("Your VPN connection"), NULL, FALSE);
  g_autofree char *text = g_uri_escape_string (body, NULL, FALSE);
  g_autofree char *uri = g_strdup_printf ("mailto:?subject=%s&body=%s", subject, text);

  gtk_show_uri (GTK_WINDOW (dialog), uri, GDK_CURRENT_TIME);
}

static void
on_computer (SpInviteDialog *dialog)
{
  gtk_window_present (sp_computer_dialog_new (gtk_window_get_transient_for (GTK_WINDOW (dialog)),
                                              dialog->connection, dialog->user));
  gtk_window_close (GTK_WINDOW (dialog));
}

static void
on_revoked (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (SpInviteDialog) dialog = data;
  g_autoptr (GError) error = NULL;
  g_autofree char *reason = NULL;

  if (sp_bus_invitation_call_revoke_finish (SP_BUS_INVITATION (source), result, &error))
    return;
  reason = sp_failure_describe (error);
  say (dialog, reason);
  gtk_widget_set_sensitive (dialog->cancel, TRUE);
}

static void
on_cancel (SpInviteDialog *dialog)
{
  if (dialog->invitation == NULL)
    return;
  gtk_widget_set_sensitive (dialog->cancel, FALSE);
  sp_bus_invitation_call_revoke (dialog->invitation, sp_no_options (), SP_CALL_FLAGS,
                                 SP_CALL_TIMEOUT, NULL, on_revoked, g_object_ref (dialog));
}

GtkWindow *
sp_invite_dialog_new (GtkWindow *parent, SpServerConnection *connection, SpBusUser *user)
{
  SpInviteDialog *dialog = g_object_new (SP_TYPE_INVITE_DIALOG, "transient-for", parent, NULL);
  g_autofree char *title =
      /* Translators: a person's name. */
      g_strdup_printf (_ ("Invite a Device of %s"), sp_user_get_shown_name (user));

  gtk_window_set_title (GTK_WINDOW (dialog), title);
  dialog->connection = g_object_ref (connection);
  dialog->user = g_object_ref (user);
  create_steps (dialog);
  (void) g_signal_connect_object (sp_server_connection_get_invitations (connection),
                                  "items-changed", G_CALLBACK (look_for_invitation), dialog,
                                  G_CONNECT_SWAPPED);
  invite (dialog);
  return GTK_WINDOW (dialog);
}

static void
sp_invite_dialog_dispose (GObject *object)
{
  SpInviteDialog *dialog = SP_INVITE_DIALOG (object);

  g_clear_object (&dialog->invitation);
  g_clear_object (&dialog->user);
  g_clear_object (&dialog->connection);
  g_clear_pointer (&dialog->path, g_free);
  G_OBJECT_CLASS (sp_invite_dialog_parent_class)->dispose (object);
}

static void
sp_invite_dialog_class_init (SpInviteDialogClass *class)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);

  G_OBJECT_CLASS (class)->dispose = sp_invite_dialog_dispose;
  g_type_ensure (SP_TYPE_QR_PICTURE);
  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_Escape, 0, "window.close", NULL);
  gtk_widget_class_set_template_from_resource (widget_class, SP_RESOURCE_PATH "invite-dialog.ui");
  gtk_widget_class_bind_template_child (widget_class, SpInviteDialog, toasts);
  gtk_widget_class_bind_template_child (widget_class, SpInviteDialog, states);
  gtk_widget_class_bind_template_child (widget_class, SpInviteDialog, failed);
  gtk_widget_class_bind_template_child (widget_class, SpInviteDialog, over);
  gtk_widget_class_bind_template_child (widget_class, SpInviteDialog, picture);
  gtk_widget_class_bind_template_child (widget_class, SpInviteDialog, validity);
  gtk_widget_class_bind_template_child (widget_class, SpInviteDialog, link);
  gtk_widget_class_bind_template_child (widget_class, SpInviteDialog, steps);
  gtk_widget_class_bind_template_child (widget_class, SpInviteDialog, cancel);
  gtk_widget_class_bind_template_callback (widget_class, on_try_again);
  gtk_widget_class_bind_template_callback (widget_class, on_copy);
  gtk_widget_class_bind_template_callback (widget_class, on_send);
  gtk_widget_class_bind_template_callback (widget_class, on_computer);
  gtk_widget_class_bind_template_callback (widget_class, on_cancel);
}

static void
sp_invite_dialog_init (SpInviteDialog *dialog)
{
  gtk_widget_init_template (GTK_WIDGET (dialog));
}
