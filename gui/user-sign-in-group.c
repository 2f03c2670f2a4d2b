/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "user-sign-in-group.h"

#include "client/server-connection.h"
#include "client/user-census.h"
#include "failure.h"
#include "password-dialog.h"
#include "two-step-dialog.h"
#include "user-change.h"
#include "window.h"

#include <glib/gi18n.h>

struct _SpUserSignInGroup
{
  AdwPreferencesGroup parent_instance;
  AdwActionRow *two_step;
  GtkButton *set_up;
  GtkButton *turn_off;
  SpBusUser *user;
};

G_DEFINE_FINAL_TYPE (SpUserSignInGroup, sp_user_sign_in_group, ADW_TYPE_PREFERENCES_GROUP)

static void
show_user (SpUserSignInGroup *group)
{
  gboolean on = sp_bus_user_get_two_step (group->user);
  guint left = sp_bus_user_get_recovery_codes_left (group->user);
  g_autofree char *text = NULL;

  if (on)
    text = g_strdup_printf (
        ngettext ("On · %u recovery code left", "On · %u recovery codes left", left), left);
  else if (sp_bus_user_get_two_step_required (group->user))
    text = g_strdup (_ ("Required, and not set up yet"));
  else
    text = g_strdup (C_ ("two-step sign-in", "Off"));
  adw_action_row_set_subtitle (group->two_step, text);
  gtk_widget_set_visible (GTK_WIDGET (group->set_up), !on);
  gtk_widget_set_visible (GTK_WIDGET (group->turn_off), on);
}

static void
on_turned_off (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (GtkWidget) near = data;
  g_autoptr (GError) error = NULL;

  if (!sp_bus_user_call_remove_totp_finish (SP_BUS_USER (source), result, &error))
    sp_failure_show (near, _ ("Two-step sign-in was not turned off"), error);
}

static void
turn_off (SpUserSignInGroup *group)
{
  sp_bus_user_call_remove_totp (group->user, sp_no_options (), SP_CALL_FLAGS, SP_CALL_TIMEOUT, NULL,
                                on_turned_off, g_object_ref (group));
}

static void
on_response (SpUserSignInGroup *group, const char *response)
{
  if (g_strcmp0 (response, "off") == 0 && group->user != NULL)
    turn_off (group);
}

/* There is no way back: the phone's key is forgotten. */
static void
on_turn_off (SpUserSignInGroup *group)
{
  GtkRoot *root = gtk_widget_get_root (GTK_WIDGET (group));
  /* Translators: a person's name. */
  g_autofree char *heading = g_strdup_printf (_ ("Turn Off Two-Step Sign-In of %s?"),
                                              sp_user_get_shown_name (group->user));
  GtkWidget *dialog =
      adw_message_dialog_new (GTK_WINDOW (root), heading,
                              _ ("Then the password alone lets them in. To turn it on "
                                 "again, the phone has to be set up anew."));

  adw_message_dialog_add_responses (ADW_MESSAGE_DIALOG (dialog), "cancel", _ ("_Cancel"), "off",
                                    _ ("_Turn Off"), NULL);
  adw_message_dialog_set_response_appearance (ADW_MESSAGE_DIALOG (dialog), "off",
                                              ADW_RESPONSE_DESTRUCTIVE);
  sp_window_name_server (sp_window_of (GTK_WIDGET (group)), dialog);
  adw_message_dialog_set_default_response (ADW_MESSAGE_DIALOG (dialog), "cancel");
  (void) g_signal_connect_object (dialog, "response", G_CALLBACK (on_response), group,
                                  G_CONNECT_SWAPPED);
  gtk_window_present (GTK_WINDOW (dialog));
}

static void
on_set_up (SpUserSignInGroup *group)
{
  GtkRoot *root = gtk_widget_get_root (GTK_WIDGET (group));

  gtk_window_present (sp_two_step_dialog_new (GTK_WINDOW (root), group->user));
}

static void
on_password (SpUserSignInGroup *group)
{
  sp_password_dialog_show (GTK_WIDGET (group), group->user);
}

static GtkButton *
add_button (
    AdwActionRow *row, const char *label, const char *name, GCallback clicked, gpointer data)
{
  GtkWidget *button = gtk_button_new_with_label (label);

  gtk_widget_set_valign (button, GTK_ALIGN_CENTER);
  gtk_accessible_update_property (GTK_ACCESSIBLE (button), GTK_ACCESSIBLE_PROPERTY_LABEL, name, -1);
  (void) g_signal_connect_object (button, "clicked", clicked, data, G_CONNECT_SWAPPED);
  adw_action_row_add_suffix (row, button);
  return GTK_BUTTON (button);
}

static AdwActionRow *
add_row (SpUserSignInGroup *group, const char *title)
{
  GtkWidget *row = adw_action_row_new ();

  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row), title);
  adw_preferences_group_add (ADW_PREFERENCES_GROUP (group), row);
  return ADW_ACTION_ROW (row);
}

GtkWidget *
sp_user_sign_in_group_new (SpBusUser *user)
{
  SpUserSignInGroup *group =
      g_object_new (SP_TYPE_USER_SIGN_IN_GROUP, "title", _ ("Sign-In"), NULL);

  group->user = g_object_ref (user);
  (void) g_signal_connect_object (user, "notify", G_CALLBACK (show_user), group, G_CONNECT_SWAPPED);
  show_user (group);
  return GTK_WIDGET (group);
}

static void
sp_user_sign_in_group_dispose (GObject *object)
{
  g_clear_object (&SP_USER_SIGN_IN_GROUP (object)->user);
  G_OBJECT_CLASS (sp_user_sign_in_group_parent_class)->dispose (object);
}

static void
sp_user_sign_in_group_class_init (SpUserSignInGroupClass *class)
{
  G_OBJECT_CLASS (class)->dispose = sp_user_sign_in_group_dispose;
}

static void
sp_user_sign_in_group_init (SpUserSignInGroup *group)
{
  (void) add_button (add_row (group, _ ("Password")), _ ("Change…"), _ ("Change the Password"),
                     G_CALLBACK (on_password), group);
  group->two_step = add_row (group, _ ("Two-Step Sign-In"));
  group->set_up = add_button (group->two_step, _ ("Set Up…"), _ ("Set Up Two-Step Sign-In"),
                              G_CALLBACK (on_set_up), group);
  group->turn_off = add_button (group->two_step, _ ("Turn Off…"), _ ("Turn Off Two-Step Sign-In"),
                                G_CALLBACK (on_turn_off), group);
}
