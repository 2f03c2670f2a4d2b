/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "session-registry-private.h"

#include "base/error.h"

#include <string.h>

/* The owner ends a session, perhaps with a window in which that can be undone. */

#define BAR_MILLISECONDS 800 /* for the goodbye of who is kept out */

static void
finish_disconnect (SpSessionRegistry *self, SpSession *session)
{
  SpSessionEstate *estate = sp_session_get_estate (session);

  g_clear_pointer (&estate->undo_token, g_free);
  g_clear_handle_id (&estate->disconnect_timer, g_source_remove);
  sp_session_registry_forget_cookie (self, session);
  if (estate->waiting != NULL)
    sp_connection_refuse (estate->waiting, 401, estate->reason);
  if (estate->holder != NULL)
    sp_connection_stop (estate->holder, SP_STOP_DISCONNECT, estate->reason);
  else
    sp_session_registry_end (self, session, estate->end_reason);
}

static void
begin_disconnect (SpSession *session, const char *text, const char *reason)
{
  SpSessionEstate *estate = sp_session_get_estate (session);

  g_free (estate->reason);
  estate->reason = g_strdup (text);
  estate->end_reason = reason;
  sp_session_set_state (session, SP_SESSION_DISCONNECTING);
}

void
sp_session_registry_dismiss (SpSessionRegistry *self,
                             SpSession *session,
                             const char *text,
                             const char *reason)
{
  begin_disconnect (session, text, reason);
  finish_disconnect (self, session);
}

static gboolean
patience_over_cb (gpointer user_data)
{
  SpSessionEstate *estate = sp_session_get_estate (user_data);

  estate->recall_timer = 0;
  if (estate->holder != NULL)
    sp_connection_kill (estate->holder);
  return G_SOURCE_REMOVE;
}

void
sp_session_registry_bar (SpSessionRegistry *self, SpSession *session, SpBar bar)
{
  G_GNUC_UNUSED g_autoptr (SpSession) kept = g_object_ref (session);
  SpSessionEstate *estate = sp_session_get_estate (session);

  if (sp_session_get_state (session) == SP_SESSION_DISCONNECTING && estate->undo_token == NULL)
    return; /* it is on its way out */
  sp_session_registry_dismiss (self, session, sp_bar_to_text (bar), sp_bar_to_reason (bar));
  if (estate->holder == NULL)
    return;
  g_clear_handle_id (&estate->recall_timer, g_source_remove);
  estate->recall_timer = g_timeout_add (BAR_MILLISECONDS, patience_over_cb, session);
}

typedef struct
{
  SpSessionRegistry *registry;
  SpSession *session;
} Window;

static gboolean
window_over_cb (gpointer user_data)
{
  Window *window = user_data;

  sp_session_get_estate (window->session)->disconnect_timer = 0;
  finish_disconnect (window->registry, window->session);
  return G_SOURCE_REMOVE;
}

char *
sp_session_registry_disconnect (SpSessionRegistry *self,
                                SpSession *session,
                                const char *reason,
                                guint undo_seconds,
                                GError **error)
{
  SpSessionEstate *estate = sp_session_get_estate (session);
  Window *window;

  if (sp_session_get_state (session) == SP_SESSION_DISCONNECTING)
    {
      g_set_error (error, SP_ERROR, SP_ERROR_BUSY, "the session is being disconnected already");
      return NULL;
    }
  if (strlen (reason) > SP_REASON_MAX || undo_seconds > 60)
    {
      g_set_error (error, SP_ERROR, SP_ERROR_INVALID_ARGUMENTS,
                   "a reason has at most %d bytes, an undo window at most 60 seconds",
                   SP_REASON_MAX);
      return NULL;
    }
  begin_disconnect (session, reason, "disconnected");
  if (undo_seconds == 0)
    {
      finish_disconnect (self, session);
      return g_strdup ("");
    }
  sp_keyholder_client_block (self->keyholder, estate->record.id, TRUE);
  if (estate->holder != NULL)
    sp_connection_pause (estate->holder, TRUE);
  window = g_new (Window, 1);
  window->registry = self;
  window->session = session;
  estate->disconnect_timer =
      g_timeout_add_seconds_full (G_PRIORITY_DEFAULT, undo_seconds, window_over_cb, window, g_free);
  estate->undo_token = g_uuid_string_random ();
  return g_strdup (estate->undo_token);
}

gboolean
sp_session_registry_undo (SpSessionRegistry *self, const char *token, GError **error)
{
  for (guint i = 0; i < self->sessions->len; i++)
    {
      SpSession *session = self->sessions->pdata[i];
      SpSessionEstate *estate = sp_session_get_estate (session);

      if (g_strcmp0 (estate->undo_token, token) != 0)
        continue;
      g_clear_handle_id (&estate->disconnect_timer, g_source_remove);
      g_clear_pointer (&estate->undo_token, g_free);
      sp_keyholder_client_block (self->keyholder, estate->record.id, FALSE);
      if (estate->holder != NULL)
        sp_connection_pause (estate->holder, FALSE);
      else
        sp_session_registry_release (self, session);
      sp_session_set_state (session, estate->holder != NULL ? SP_SESSION_CONNECTED
                                                            : SP_SESSION_RECONNECTING);
      return TRUE;
    }
  g_set_error (error, SP_ERROR, SP_ERROR_NOT_FOUND, "it is too late to undo this");
  return FALSE;
}

/* --- by address --- */

/* Where a session was seen last, and where its connections come from: a client may roam. */
static gboolean
is_from (SpSession *session, const SpNetwork *network)
{
  const SpSessionEstate *estate = sp_session_get_estate (session);
  SpConnection *const connections[] = { estate->holder, estate->waiting };
  guint8 address[SP_ADDRESS_SIZE];

  for (guint i = 0; i < G_N_ELEMENTS (connections); i++)
    if (connections[i] != NULL &&
        sp_network_contains (network, sp_connection_get_facts (connections[i])->peer.address))
      return TRUE;
  return sp_session_get_remote_address (session, address) && sp_network_contains (network, address);
}

gboolean
sp_session_registry_has_from (SpSessionRegistry *self, const SpNetwork *network)
{
  for (guint i = 0; i < self->sessions->len; i++)
    if (is_from (self->sessions->pdata[i], network))
      return TRUE;
  return FALSE;
}

void
sp_session_registry_end_from (SpSessionRegistry *self, const SpNetwork *network, const char *text)
{
  g_autoptr (GPtrArray) theirs = g_ptr_array_new_with_free_func (g_object_unref);

  for (guint i = 0; i < self->sessions->len; i++)
    if (is_from (self->sessions->pdata[i], network))
      g_ptr_array_add (theirs, g_object_ref (self->sessions->pdata[i]));
  for (guint i = 0; i < theirs->len; i++)
    sp_session_registry_dismiss (self, theirs->pdata[i], text, "disconnected");
}
