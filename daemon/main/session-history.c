/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "session-registry-private.h"
#include "store-history.h"

#include "base/log.h"

#include <string.h>

/* What is stored of sessions: when they change, without waiting for the disk, and their counters
 * every few seconds, all in one write, which is waited for. */

#define STORE_SECONDS  10
#define RETURN_SECONDS 1 /* often many come back at one time */
#define HOUR           ((gint64) 60 * 60 * G_USEC_PER_SEC)
#define DAY            (24 * HOUR)

static SpHistoryRow *
make_row (SpSession *session)
{
  SpHistoryRow *row = g_new0 (SpHistoryRow, 1);
  const SpSessionRecord *record = &sp_session_get_estate (session)->record;
  SpDevice *device = sp_session_get_device (session);
  g_auto (GStrv) addresses = NULL;

  memcpy (row->session, record->id, SP_ID_SIZE);
  memcpy (row->user, record->user, SP_ID_SIZE);
  g_object_get (session, "login", &row->login, "client-name", &row->client_name, "user-agent",
                &row->user_agent, "remote-address", &row->remote_address, "transport",
                &row->transport, "connected-at", &row->started, "addresses", &addresses, NULL);
  row->addresses = g_strjoinv (" ", addresses);
  if (device != NULL)
    {
      memcpy (row->device, sp_device_get_id (device), SP_ID_SIZE);
      row->device_name = g_strdup (sp_device_get_name (device));
    }
  if (sp_session_get_group (session) != NULL)
    row->group = g_strdup (sp_group_get_name (sp_session_get_group (session)));
  row->rx_bytes = record->rx_bytes;
  row->tx_bytes = record->tx_bytes;
  return row;
}

static gboolean
put (SpSessionRegistry *self, SpSession *session, GError **error)
{
  SpSessionEstate *estate = sp_session_get_estate (session);
  g_autoptr (SpHistoryRow) row = NULL;

  if (!sp_store_put_session (self->store, &estate->record, error))
    return FALSE;
  estate->stored_bytes = estate->record.rx_bytes + estate->record.tx_bytes;
  estate->has_returned = FALSE;
  if (self->settings->history_days == 0 ||
      (!estate->announced && sp_session_get_state (session) != SP_SESSION_CONNECTED))
    return TRUE;
  row = make_row (session);
  return sp_store_put_history (self->store, row, error);
}

static void
complain (const GError *error)
{
  sp_log (SP_LOG_ERROR, "session", "cannot be stored: %s", error->message);
}

/* Ends what sp_store_begin() began. */
static void
end_write (SpSessionRegistry *self, GError *failed)
{
  g_autoptr (GError) error = failed;

  if (error == NULL)
    (void) sp_traffic_ledger_write (self->ledger, &error);
  if (!sp_store_end (self->store, error == NULL ? &error : NULL) || error != NULL)
    complain (error);
  sp_traffic_ledger_written (self->ledger, error == NULL);
}

gboolean
sp_session_history_is_first (SpSessionRegistry *self, SpSession *session)
{
  g_autoptr (SpHistoryRow) row = make_row (session);
  g_autoptr (GError) error = NULL;
  gboolean known = TRUE;

  if (self->settings->history_days != 0 &&
      !sp_store_knows_client (self->store, row, &known, &error))
    complain (error);
  return !known;
}

void
sp_session_history_remember (SpSessionRegistry *self, SpSession *session)
{
  GError *error = NULL;

  if (sp_store_begin_soon (self->store, &error))
    {
      (void) put (self, session, &error);
      end_write (self, error);
      return;
    }
  complain (error);
  g_error_free (error);
}

void
sp_session_history_finish (SpSessionRegistry *self, SpSession *session, const char *reason)
{
  g_autoptr (SpHistoryRow) row = make_row (session);
  GError *error = NULL;

  row->ended = g_get_real_time ();
  row->reason = g_strdup (reason);
  if (!sp_store_begin_soon (self->store, &error))
    {
      complain (error);
      g_error_free (error);
      return;
    }
  (void) sp_store_finish_history (self->store, row, &error);
  end_write (self, error);
}

static gboolean
has_returned (SpSession *session)
{
  return sp_session_get_estate (session)->has_returned;
}

static gboolean
has_moved (SpSession *session)
{
  const SpSessionEstate *estate = sp_session_get_estate (session);

  return estate->has_returned ||
         (sp_session_get_state (session) == SP_SESSION_CONNECTED &&
          estate->record.rx_bytes + estate->record.tx_bytes != estate->stored_bytes);
}

/* In one write; in the one that is `begun`, if it is. */
static void
store_chosen (SpSessionRegistry *self,
              gboolean (*is_chosen) (SpSession *session),
              gboolean (*begin) (SpStore *store, GError **error),
              gboolean begun)
{
  GError *error = NULL;

  for (guint i = 0; i < self->sessions->len && error == NULL; i++)
    {
      SpSession *session = self->sessions->pdata[i];

      if (!is_chosen (session))
        continue;
      begun = begun || begin (self->store, &error);
      if (begun)
        (void) put (self, session, &error);
    }
  if (begun)
    end_write (self, error);
  else if (error != NULL)
    {
      complain (error);
      g_error_free (error);
    }
}

void
sp_session_registry_write_returns (SpSessionRegistry *self)
{
  /* What could not be stored when the server went off stays as it was. */
  if (self->network != NULL)
    store_chosen (self, has_returned, sp_store_begin_soon, FALSE);
}

static gboolean
returns_cb (gpointer user_data)
{
  SpSessionRegistry *self = user_data;

  self->return_timer = 0;
  sp_session_registry_write_returns (self);
  return G_SOURCE_REMOVE;
}

void
sp_session_history_return (SpSessionRegistry *self, SpSession *session)
{
  sp_session_get_estate (session)->has_returned = TRUE;
  if (self->return_timer == 0)
    self->return_timer = g_timeout_add_seconds (RETURN_SECONDS, returns_cb, self);
}

static void
store_moved (SpSessionRegistry *self)
{
  GError *error = NULL;
  gboolean begun =
      sp_traffic_ledger_is_dirty (self->ledger) && sp_store_begin (self->store, &error);

  if (error == NULL)
    {
      store_chosen (self, has_moved, sp_store_begin, begun);
      return;
    }
  complain (error);
  g_error_free (error);
}

/* Once a day; while there is more than a chunk, a chunk each time. */
static void
prune (SpSessionRegistry *self)
{
  gint64 now = g_get_real_time ();
  gint64 before = now - (gint64) self->settings->history_days * DAY;
  guint n_rows = 0;
  g_autoptr (GError) error = NULL;

  if (g_get_monotonic_time () < self->prune_at)
    return;
  if (!sp_store_prune_history (self->store, before, &n_rows, &error))
    complain (error);
  if (n_rows < SP_HISTORY_CHUNK)
    self->prune_at = g_get_monotonic_time () + DAY;
}

static void
prune_traffic (SpSessionRegistry *self)
{
  g_autoptr (GError) error = NULL;

  if (g_get_monotonic_time () < self->prune_traffic_at)
    return;
  if (!sp_traffic_ledger_prune (self->ledger, &error))
    complain (error);
  self->prune_traffic_at = g_get_monotonic_time () + HOUR;
}

static gboolean
tick_cb (gpointer user_data)
{
  SpSessionRegistry *self = user_data;

  store_moved (self);
  prune (self);
  prune_traffic (self);
  for (guint i = 0; i < self->sessions->len; i++)
    sp_user_tell_usage (sp_session_get_user (self->sessions->pdata[i]));
  return G_SOURCE_CONTINUE;
}

void
sp_session_history_open (SpSessionRegistry *self)
{
  self->history_timer = g_timeout_add_seconds (STORE_SECONDS, tick_cb, self);
  sp_session_history_prune (self);
}

void
sp_session_registry_write_down (SpSessionRegistry *self)
{
  if (self->network != NULL)
    store_moved (self);
}

void
sp_session_history_prune (SpSessionRegistry *self)
{
  self->prune_at = 0;
  prune (self);
}

void
sp_session_history_close (SpSessionRegistry *self)
{
  g_clear_handle_id (&self->history_timer, g_source_remove);
  g_clear_handle_id (&self->return_timer, g_source_remove);
  store_moved (self);
}
