/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "session-batch.h"

#include "failure.h"
#include "session-actions.h"
#include "user-change.h"
#include "window.h"

#include <glib/gi18n.h>

typedef struct
{
  SpWindow *window;
  GPtrArray *sessions;
  GPtrArray *tokens; /* of those that are on their way out, which takes it back */
  guint next;
  gint64 begun; /* of a clock that never goes back */
} Batch;

static void disconnect_next (Batch *batch);

static void
free_batch (Batch *batch)
{
  g_object_unref (batch->window);
  g_ptr_array_unref (batch->sessions);
  g_ptr_array_unref (batch->tokens);
  g_free (batch);
}

static void
on_undone (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (SpWindow) window = data;
  g_autoptr (GError) error = NULL;

  if (!sp_bus_server_call_undo_finish (SP_BUS_SERVER (source), result, &error))
    sp_failure_show (GTK_WIDGET (window), _ ("It could not be undone"), error);
}

static void
undo (SpWindow *window, gpointer data)
{
  GPtrArray *tokens = data;
  SpBusServer *server = sp_server_connection_get_server (sp_window_get_connection (window));

  for (guint i = 0; server != NULL && i < tokens->len; i++)
    sp_bus_server_call_undo (server, tokens->pdata[i], sp_no_options (), SP_CALL_FLAGS,
                             SP_CALL_TIMEOUT, NULL, on_undone, g_object_ref (window));
}

/* The first one is the first that cannot be taken back. */
static void
tell (Batch *batch)
{
  guint n = batch->tokens->len;
  gint64 gone = (g_get_monotonic_time () - batch->begun) / G_USEC_PER_SEC;
  g_autofree char *text = g_strdup_printf (
      ngettext ("%u device was disconnected", "%u devices were disconnected", n), n);

  if (n == 0)
    return;
  if (gone >= SP_SESSION_UNDO)
    {
      sp_window_say (batch->window, text);
      return;
    }
  sp_window_offer_undo_by (batch->window, text, undo, g_ptr_array_ref (batch->tokens),
                           (GDestroyNotify) g_ptr_array_unref);
  sp_window_limit_undo (batch->window, (guint) (SP_SESSION_UNDO - gone));
}

static void
on_disconnected (GObject *source, GAsyncResult *result, gpointer data)
{
  Batch *batch = data;
  SpLiveSession *live = batch->sessions->pdata[batch->next++];
  g_autoptr (GError) error = NULL;
  char *token = NULL;

  if (sp_bus_session_call_disconnect_finish (SP_BUS_SESSION (source), &token, result, &error))
    {
      sp_live_session_set_undo (live, token,
                                g_get_monotonic_time () + SP_SESSION_UNDO * G_USEC_PER_SEC);
      g_ptr_array_add (batch->tokens, token);
    }
  else if (!sp_live_session_has_ended (live))
    {
      g_autofree char *title = sp_live_session_dup_title (live);
      g_autofree char *what = g_strdup_printf (_ ("%s could not be disconnected"), title);

      tell (batch);
      sp_failure_show (GTK_WIDGET (batch->window), what, error);
      free_batch (batch);
      return;
    }
  disconnect_next (batch);
}

static gboolean
is_to_go (SpLiveSession *live)
{
  return !sp_live_session_has_ended (live) && !sp_live_session_is_disconnecting (live);
}

static void
disconnect_next (Batch *batch)
{
  GVariantBuilder options = G_VARIANT_BUILDER_INIT (G_VARIANT_TYPE_VARDICT);

  while (batch->next < batch->sessions->len && !is_to_go (batch->sessions->pdata[batch->next]))
    batch->next++;
  if (batch->next >= batch->sessions->len)
    {
      g_variant_builder_clear (&options);
      tell (batch);
      free_batch (batch);
      return;
    }
  g_variant_builder_add (&options, "{sv}", "undo-window-s", g_variant_new_uint32 (SP_SESSION_UNDO));
  sp_bus_session_call_disconnect (sp_live_session_get_session (batch->sessions->pdata[batch->next]),
                                  g_variant_builder_end (&options), SP_CALL_FLAGS, SP_CALL_TIMEOUT,
                                  NULL, on_disconnected, batch);
}

void
sp_session_batch_disconnect (GtkWidget *near, GPtrArray *sessions)
{
  SpWindow *window = sp_window_of (near);
  Batch *batch;

  if (window == NULL)
    {
      g_ptr_array_unref (sessions);
      return;
    }
  batch = g_new0 (Batch, 1);
  batch->window = g_object_ref (window);
  batch->sessions = sessions;
  batch->tokens = g_ptr_array_new_with_free_func (g_free);
  batch->begun = g_get_monotonic_time ();
  disconnect_next (batch);
}
