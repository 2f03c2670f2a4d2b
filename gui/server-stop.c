/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "server-stop.h"

#include "session-actions.h"
#include "window.h"

#include <glib/gi18n.h>

/* A stop that is under way.  Held by the call or the timer that it waits for, and by the offer to
 * take it back. */
typedef struct
{
  SpBusServer *server;
  GtkWidget *near;
  void (*done) (GtkWidget *near, const GError *error);
  char *token; /* of the sessions that are held */
  guint count; /* of them */
  guint timer;
} Stop;

static void
clear_stop (gpointer data)
{
  Stop *stop = data;

  g_object_unref (stop->server);
  g_object_unref (stop->near);
  g_free (stop->token);
}

static void
release_stop (gpointer stop)
{
  g_rc_box_release_full (stop, clear_stop);
}

static GVariant *
no_options (void)
{
  return g_variant_new_array (G_VARIANT_TYPE ("{sv}"), NULL, 0);
}

static void
on_stopped (GObject *source, GAsyncResult *result, gpointer data)
{
  Stop *stop = data;
  g_autoptr (GError) error = NULL;

  (void) sp_bus_server_call_stop_finish (SP_BUS_SERVER (source), result, &error);
  stop->done (stop->near, error);
  g_application_release (g_application_get_default ());
  release_stop (stop);
}

/* Takes the reference; the program does not end before the answer. */
static void
call_stop (Stop *stop)
{
  g_application_hold (g_application_get_default ());
  sp_bus_server_call_stop (stop->server, no_options (), SP_CALL_FLAGS, SP_CALL_TIMEOUT, NULL,
                           on_stopped, stop);
}

static gboolean
on_time (gpointer data)
{
  Stop *stop = data;

  stop->timer = 0;
  call_stop (g_rc_box_acquire (stop));
  g_application_release (g_application_get_default ());
  return G_SOURCE_REMOVE;
}

static void
on_undone (GObject *source, GAsyncResult *result, gpointer data)
{
  Stop *stop = data;
  g_autoptr (GError) error = NULL;

  (void) sp_bus_server_call_undo_finish (SP_BUS_SERVER (source), result, &error);
  stop->done (stop->near, error);
  release_stop (stop);
}

static void
undo (SpWindow *window, gpointer data)
{
  Stop *stop = data;

  if (stop->timer == 0)
    return;
  g_clear_handle_id (&stop->timer, g_source_remove);
  g_application_release (g_application_get_default ());
  sp_bus_server_call_undo (stop->server, stop->token, no_options (), SP_CALL_FLAGS, SP_CALL_TIMEOUT,
                           NULL, on_undone, g_rc_box_acquire (stop));
}

static void
on_held (GObject *source, GAsyncResult *result, gpointer data)
{
  Stop *stop = data;
  SpWindow *window = sp_window_of (stop->near);
  g_autoptr (GError) error = NULL;
  g_autofree char *text = NULL;

  if (!sp_bus_server_call_disconnect_all_finish (SP_BUS_SERVER (source), &stop->token, result,
                                                 &error))
    {
      stop->done (stop->near, error);
      release_stop (stop);
      return;
    }
  if (window == NULL)
    {
      call_stop (stop);
      return;
    }
  text = g_strdup_printf (ngettext ("The server is stopping. %u device will be disconnected.",
                                    "The server is stopping. %u devices will be disconnected.",
                                    stop->count),
                          stop->count);
  g_application_hold (g_application_get_default ());
  stop->timer = g_timeout_add_seconds_full (G_PRIORITY_DEFAULT, SP_SESSION_UNDO, on_time,
                                            g_rc_box_acquire (stop), release_stop);
  /* The last reference goes with the offer. */
  sp_window_offer_undo_by (window, text, undo, stop, release_stop);
  sp_window_limit_undo (window, SP_SESSION_UNDO);
}

void
sp_server_stop (SpServerConnection *connection,
                GtkWidget *near,
                void (*done) (GtkWidget *near, const GError *error))
{
  Stop *stop = g_rc_box_new0 (Stop);
  GVariantBuilder options = G_VARIANT_BUILDER_INIT (G_VARIANT_TYPE_VARDICT);

  stop->server = g_object_ref (sp_server_connection_get_server (connection));
  stop->near = g_object_ref (near);
  stop->done = done;
  stop->count =
      g_list_model_get_n_items (G_LIST_MODEL (sp_server_connection_get_sessions (connection)));
  /* Holding them is another right than stopping: it is not asked for by itself. */
  if (stop->count == 0 || !sp_server_connection_has_feature (connection, "blocks") ||
      sp_server_connection_get_permission (connection, "manage-sessions") !=
          sp_server_connection_get_permission (connection, "control"))
    {
      g_variant_builder_clear (&options);
      call_stop (stop);
      return;
    }
  g_variant_builder_add (&options, "{sv}", "undo-window-s",
                         g_variant_new_uint32 (SP_SESSION_UNDO + 2));
  sp_bus_server_call_disconnect_all (stop->server, g_variant_builder_end (&options), SP_CALL_FLAGS,
                                     SP_CALL_TIMEOUT, NULL, on_held, stop);
}
