/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "session-keeping.h"

#include "base/error.h"

/* The owner ends a session, perhaps with a window in which that can be undone. */

#define BAR_MILLISECONDS 800 /* for the goodbye of who is kept out */

static void
finish_disconnect (SpSessionRegistry *self, SpSession *session)
{
  SpSessionEstate *estate = sp_session_get_estate (session);

  g_clear_pointer (&estate->undo_token, g_free);
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

gboolean
sp_session_registry_suspend (SpSessionRegistry *self,
                             SpSession *session,
                             const SpSuspension *how,
                             GError **error)
{
  SpSessionEstate *estate = sp_session_get_estate (session);

  if (sp_session_get_state (session) == SP_SESSION_DISCONNECTING)
    {
      g_set_error (error, SP_ERROR, SP_ERROR_BUSY, "the session is being disconnected already");
      return FALSE;
    }
  begin_disconnect (session, how->text, how->reason);
  estate->undo_token = g_strdup (how->token);
  estate->awaited = how->awaited;
  sp_keyholder_client_block (self->keyholder, estate->record.id, TRUE);
  if (estate->holder != NULL)
    sp_connection_pause (estate->holder, TRUE);
  /* One that was taken over would not. */
  sp_session_network_follow (self, session);
  return TRUE;
}

/* The sessions that were suspended with the token. */
static GPtrArray *
find_suspended (SpSessionRegistry *self, const char *token)
{
  GPtrArray *found = g_ptr_array_new_with_free_func (g_object_unref);

  for (guint i = 0; i < self->sessions->len; i++)
    {
      SpSession *session = self->sessions->pdata[i];

      if (g_strcmp0 (sp_session_get_estate (session)->undo_token, token) == 0)
        g_ptr_array_add (found, g_object_ref (session));
    }
  return found;
}

void
sp_session_registry_end_suspended (SpSessionRegistry *self, const char *token)
{
  g_autoptr (GPtrArray) found = find_suspended (self, token);

  for (guint i = 0; i < found->len; i++)
    finish_disconnect (self, found->pdata[i]);
}

static void
resume (SpSessionRegistry *self, SpSession *session)
{
  SpSessionEstate *estate = sp_session_get_estate (session);

  g_clear_pointer (&estate->undo_token, g_free);
  sp_keyholder_client_block (self->keyholder, estate->record.id, FALSE);
  sp_session_network_follow (self, session);
  if (estate->holder != NULL)
    sp_connection_pause (estate->holder, FALSE);
  else if (self->settings != NULL)
    sp_session_registry_release (self, session);
  sp_session_set_state (session,
                        estate->holder != NULL ? SP_SESSION_CONNECTED : SP_SESSION_RECONNECTING);
  sp_session_keep (self, session);
}

guint
sp_session_registry_resume (SpSessionRegistry *self, const char *token)
{
  g_autoptr (GPtrArray) found = find_suspended (self, token);

  for (guint i = 0; i < found->len; i++)
    resume (self, found->pdata[i]);
  return found->len;
}

/* --- by address --- */

/* Where a session was seen last, and where its connections come from: a client may roam. */
gboolean
sp_session_is_from (SpSession *session, const SpNetwork *network)
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
    if (sp_session_is_from (self->sessions->pdata[i], network))
      return TRUE;
  return FALSE;
}

void
sp_session_registry_end_from (SpSessionRegistry *self, const SpNetwork *network, const char *text)
{
  g_autoptr (GPtrArray) theirs = g_ptr_array_new_with_free_func (g_object_unref);

  for (guint i = 0; i < self->sessions->len; i++)
    if (sp_session_is_from (self->sessions->pdata[i], network))
      g_ptr_array_add (theirs, g_object_ref (self->sessions->pdata[i]));
  for (guint i = 0; i < theirs->len; i++)
    sp_session_registry_dismiss (self, theirs->pdata[i], text, "disconnected");
}
