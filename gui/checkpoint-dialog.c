/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "checkpoint-dialog.h"

#include "failure.h"
#include "window.h"

#include <glib/gi18n.h>

#define LEFT_MOST 3600 /* s; more is what clocks differ by */
#define STEP      5    /* s; who listens is not told each second */

struct _SpCheckpointDialog
{
  GObject parent_instance;
  GtkWidget *near; /* weak */
  SpServerConnection *connection;
  SpBusServer *server; /* who is followed, or NULL */
  char *id;            /* of what is asked about */
  guint64 until;       /* µs since 1970 */
  GtkWidget *dialog;   /* on the screen: weak, or NULL */
  guint timer;
};

G_DEFINE_FINAL_TYPE (SpCheckpointDialog, sp_checkpoint_dialog, G_TYPE_OBJECT)

static GVariant *
no_options (void)
{
  return g_variant_new_array (G_VARIANT_TYPE ("{sv}"), NULL, 0);
}

static void
on_confirmed (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (SpCheckpointDialog) self = data;
  g_autoptr (GError) error = NULL;

  if (!sp_bus_server_call_confirm_checkpoint_finish (SP_BUS_SERVER (source), result, &error) &&
      self->near != NULL)
    sp_failure_show (self->near, _ ("The settings are not kept"), error);
}

static void
on_rolled_back (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (SpCheckpointDialog) self = data;
  g_autoptr (GError) error = NULL;

  if (!sp_bus_server_call_rollback_checkpoint_finish (SP_BUS_SERVER (source), result, &error) &&
      self->near != NULL)
    sp_failure_show (self->near, _ ("The settings did not go back"), error);
}

static void
on_answer (SpCheckpointDialog *self, const char *response)
{
  if (self->server == NULL || self->id == NULL)
    return;
  if (g_str_equal (response, "keep"))
    sp_bus_server_call_confirm_checkpoint (self->server, self->id, no_options (), SP_CALL_FLAGS,
                                           SP_CALL_TIMEOUT, NULL, on_confirmed,
                                           g_object_ref (self));
  else if (g_str_equal (response, "back"))
    sp_bus_server_call_rollback_checkpoint (self->server, self->id, no_options (), SP_CALL_FLAGS,
                                            SP_CALL_TIMEOUT, NULL, on_rolled_back,
                                            g_object_ref (self));
}

static void
show_left (SpCheckpointDialog *self)
{
  gint64 left = ((gint64) self->until - g_get_real_time ()) / G_USEC_PER_SEC;
  guint seconds = (guint) CLAMP (left, 0, LEFT_MOST) / STEP * STEP;
  g_autofree char *text = g_strdup_printf (
      ngettext ("If nobody keeps them, those of before come back in %u second.",
                "If nobody keeps them, those of before come back in %u seconds.", seconds),
      seconds);

  if (self->dialog != NULL)
    adw_message_dialog_set_body (ADW_MESSAGE_DIALOG (self->dialog), text);
}

static gboolean
on_second (gpointer data)
{
  show_left (data);
  return G_SOURCE_CONTINUE;
}

static void
close_dialog (SpCheckpointDialog *self)
{
  GtkWidget *dialog = self->dialog;

  g_clear_handle_id (&self->timer, g_source_remove);
  g_clear_weak_pointer (&self->dialog);
  if (dialog != NULL)
    gtk_window_destroy (GTK_WINDOW (dialog));
}

static void
open_dialog (SpCheckpointDialog *self)
{
  GtkWidget *dialog = adw_message_dialog_new (GTK_WINDOW (sp_window_of (self->near)),
                                              _ ("Keep These Settings?"), NULL);

  adw_message_dialog_add_responses (ADW_MESSAGE_DIALOG (dialog), "back", _ ("_Go Back"), "keep",
                                    _ ("_Keep These Settings"), NULL);
  adw_message_dialog_set_response_appearance (ADW_MESSAGE_DIALOG (dialog), "keep",
                                              ADW_RESPONSE_SUGGESTED);
  (void) g_signal_connect_object (dialog, "response", G_CALLBACK (on_answer), self,
                                  G_CONNECT_SWAPPED);
  g_set_weak_pointer (&self->dialog, dialog);
  show_left (self);
  self->timer = g_timeout_add_seconds (1, on_second, self);
  gtk_window_present (GTK_WINDOW (dialog));
}

static void
show (SpCheckpointDialog *self)
{
  GVariant *facts = self->server != NULL ? sp_bus_server_get_checkpoint (self->server) : NULL;
  g_autofree char *id = NULL;

  if (facts != NULL)
    (void) g_variant_lookup (facts, "Id", "s", &id);
  if (g_strcmp0 (id, self->id) == 0)
    return;
  close_dialog (self);
  g_free (self->id);
  self->id = g_steal_pointer (&id);
  if (self->id == NULL)
    return;
  (void) g_variant_lookup (facts, "Until", "t", &self->until);
  if (self->near != NULL && sp_window_of (self->near) != NULL &&
      sp_server_connection_get_permission (self->connection, "configure") != SP_PERMISSION_NO)
    open_dialog (self);
}

static void
on_ended (SpCheckpointDialog *self, const char *id, const char *outcome)
{
  SpWindow *window = self->near != NULL ? sp_window_of (self->near) : NULL;

  if (window != NULL)
    sp_window_say (window, g_str_equal (outcome, "confirmed") ? _ ("The settings are kept")
                                                              : _ ("The settings are as before"));
}

static void
follow_server (SpCheckpointDialog *self)
{
  SpBusServer *server = sp_server_connection_get_server (self->connection);

  if (server == self->server)
    return;
  if (self->server != NULL)
    (void) g_signal_handlers_disconnect_by_data (self->server, self);
  g_set_object (&self->server, server);
  if (server == NULL)
    return;
  (void) g_signal_connect_object (server, "notify::checkpoint", G_CALLBACK (show), self,
                                  G_CONNECT_SWAPPED);
  (void) g_signal_connect_object (server, "checkpoint-ended", G_CALLBACK (on_ended), self,
                                  G_CONNECT_SWAPPED);
  show (self);
}

SpCheckpointDialog *
sp_checkpoint_dialog_new (GtkWidget *near, SpServerConnection *connection)
{
  SpCheckpointDialog *self = g_object_new (SP_TYPE_CHECKPOINT_DIALOG, NULL);

  g_set_weak_pointer (&self->near, near);
  self->connection = g_object_ref (connection);
  (void) g_signal_connect_object (connection, "notify::server", G_CALLBACK (follow_server), self,
                                  G_CONNECT_SWAPPED);
  follow_server (self);
  return self;
}

static void
sp_checkpoint_dialog_dispose (GObject *object)
{
  SpCheckpointDialog *self = SP_CHECKPOINT_DIALOG (object);

  close_dialog (self);
  g_clear_weak_pointer (&self->near);
  g_clear_object (&self->server);
  g_clear_object (&self->connection);
  G_OBJECT_CLASS (sp_checkpoint_dialog_parent_class)->dispose (object);
}

static void
sp_checkpoint_dialog_finalize (GObject *object)
{
  g_free (SP_CHECKPOINT_DIALOG (object)->id);
  G_OBJECT_CLASS (sp_checkpoint_dialog_parent_class)->finalize (object);
}

static void
sp_checkpoint_dialog_class_init (SpCheckpointDialogClass *class)
{
  G_OBJECT_CLASS (class)->dispose = sp_checkpoint_dialog_dispose;
  G_OBJECT_CLASS (class)->finalize = sp_checkpoint_dialog_finalize;
}

static void
sp_checkpoint_dialog_init (SpCheckpointDialog *self)
{
}
