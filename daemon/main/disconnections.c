/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "disconnections.h"

#include "base/error.h"

#include <string.h>

/* One order whose window is open, or which is just being carried out or undone. */
typedef struct
{
  SpDisconnections *disconnections;
  char *token;
  SpBlock block;
  guint window;
  guint timer;
  /* What is blocked; of the others NULL. */
  SpUser *user;
  SpDevice *device;
  SpBan *ban;
  gint64 until;  /* as it was set; 0 of a user: it was disabled */
  gint64 before; /* what was there */
} Group;

struct _SpDisconnections
{
  SpServer *server;
  GPtrArray *groups; /* of Group */
};

static const char *const blocks[] = { "none", "device", "user", "address" };

const char *
sp_block_to_string (SpBlock block)
{
  return blocks[block];
}

gboolean
sp_block_from_string (const char *text, SpBlock *ret_block)
{
  for (guint i = 0; i < G_N_ELEMENTS (blocks); i++)
    if (strcmp (text, blocks[i]) == 0)
      {
        *ret_block = (SpBlock) i;
        return TRUE;
      }
  return FALSE;
}

static void
group_free (gpointer data)
{
  Group *group = data;

  g_clear_handle_id (&group->timer, g_source_remove);
  g_clear_object (&group->user);
  g_clear_object (&group->device);
  g_clear_object (&group->ban);
  g_free (group->token);
  g_free (group);
}

SpDisconnections *
sp_disconnections_new (SpServer *server)
{
  SpDisconnections *self = g_new0 (SpDisconnections, 1);

  self->server = server;
  self->groups = g_ptr_array_new_with_free_func (group_free);
  return self;
}

void
sp_disconnections_free (SpDisconnections *self)
{
  if (self == NULL)
    return;
  g_ptr_array_unref (self->groups);
  g_free (self);
}

/* Cookies that a block left where they were, for who might come back. */
static void
release (Group *group)
{
  SpServer *server = group->disconnections->server;

  if (group->user != NULL)
    {
      sp_user_set_cookies_kept (group->user, FALSE);
      sp_user_registry_announce_one (sp_server_get_users (server), group->user);
    }
  if (group->device != NULL)
    sp_device_registry_release (sp_server_get_devices (server), group->device);
}

/* The window is over: clients are told, and all cookies are dead. */
static void
finish (Group *group)
{
  SpDisconnections *self = group->disconnections;

  sp_session_registry_end_suspended (sp_server_get_sessions (self->server), group->token);
  release (group);
  (void) g_ptr_array_remove_fast (self->groups, group);
}

static gboolean
window_over_cb (gpointer user_data)
{
  Group *group = user_data;

  group->timer = 0;
  finish (group);
  return G_SOURCE_REMOVE;
}

/* --- sessions --- */

static const char *
get_reason (const SpDisconnectOrder *order)
{
  switch (order->block)
    {
      case SP_BLOCK_DEVICE:
        return "device-blocked";
      case SP_BLOCK_USER:
        return order->until != 0 ? "user-paused" : "user-disabled";
      case SP_BLOCK_ADDRESS:
        return "address-blocked";
      case SP_BLOCK_NOTHING:
        break;
    }
  return "disconnected";
}

static SpBar
get_awaited (const SpDisconnectOrder *order)
{
  if (order->block != SP_BLOCK_USER)
    return SP_BAR_NONE;
  return order->until != 0 ? SP_BAR_PAUSED : SP_BAR_DISABLED;
}

static gboolean
is_meant (const Group *group, const SpDisconnectOrder *order, SpSession *session)
{
  if (order->session == NULL || order->session == session)
    return TRUE;
  if (group->user != NULL)
    return sp_session_get_user (session) == group->user;
  if (group->device != NULL)
    return sp_session_get_device (session) == group->device;
  return group->ban != NULL &&
         sp_session_is_from (session, &sp_ban_get_record (group->ban)->network);
}

/* All that the order means, beside its own session those that are not being ended already. */
static gboolean
suspend (Group *group, const SpDisconnectOrder *order, GError **error)
{
  SpSessionRegistry *sessions = sp_server_get_sessions (group->disconnections->server);
  const SpSuspension how = { .token = group->token,
                             .text = order->reason,
                             .reason = get_reason (order),
                             .awaited = get_awaited (order) };

  if (order->session != NULL &&
      !sp_session_registry_suspend (sessions, order->session, &how, error))
    return FALSE;
  for (guint i = 0; i < sp_session_registry_get_n (sessions); i++)
    {
      SpSession *session = sp_session_registry_get (sessions, i);

      if (is_meant (group, order, session))
        (void) sp_session_registry_suspend (sessions, session, &how, NULL);
    }
  return TRUE;
}

/* --- what is blocked --- */

static GVariant *
user_change (const Group *group, gboolean on)
{
  GVariantBuilder changes = G_VARIANT_BUILDER_INIT (G_VARIANT_TYPE_VARDICT);

  if (group->until == 0)
    g_variant_builder_add (&changes, "{sv}", "Enabled", g_variant_new_boolean (!on));
  else
    g_variant_builder_add (&changes, "{sv}", "PausedUntil",
                           g_variant_new_uint64 ((guint64) (on ? group->until : group->before)));
  return g_variant_builder_end (&changes);
}

/* Whether nobody changed it since. */
static gboolean
is_as_set (const Group *group)
{
  if (group->user != NULL && group->until == 0)
    return !sp_user_get_flag (group->user, SP_USER_ENABLED);
  if (group->user != NULL)
    return (gint64) sp_user_get_number (group->user, SP_USER_PAUSED_UNTIL) == group->until;
  return group->device != NULL &&
         sp_device_get_record (group->device)->blocked_until == group->until;
}

static gboolean
ban (Group *group, const SpDisconnectOrder *order, GError **error)
{
  SpNetwork network = { .length = 8 * SP_ADDRESS_SIZE };
  SpBan *made;

  if (!sp_session_get_remote_address (order->session, network.address))
    {
      g_set_error (error, SP_ERROR, SP_ERROR_NOT_FOUND, "the session's address is not known");
      return FALSE;
    }
  made = sp_server_add_ban (group->disconnections->server, &network, order->reason, order->until,
                            error);
  group->ban = made != NULL ? g_object_ref (made) : NULL;
  return made != NULL;
}

static gboolean
choose_device (Group *group, const SpDisconnectOrder *order, GError **error)
{
  SpDevice *device = sp_session_get_device (order->session);

  if (device == NULL)
    {
      g_set_error (error, SP_ERROR, SP_ERROR_NOT_FOUND,
                   "its person signed in without a device; “user” or “address” can be blocked");
      return FALSE;
    }
  group->device = g_object_ref (device);
  group->before = sp_device_get_record (device)->blocked_until;
  group->until = order->until != 0 ? order->until : SP_BLOCKED_FOR_GOOD;
  return TRUE;
}

/* Finds out what to block; a ban is made at once. */
static gboolean
prepare (Group *group, const SpDisconnectOrder *order, GError **error)
{
  switch (order->block)
    {
      case SP_BLOCK_DEVICE:
        return choose_device (group, order, error);
      case SP_BLOCK_USER:
        group->user = g_object_ref (sp_session_get_user (order->session));
        group->before = (gint64) sp_user_get_number (group->user, SP_USER_PAUSED_UNTIL);
        group->until = order->until;
        return TRUE;
      case SP_BLOCK_ADDRESS:
        return ban (group, order, error);
      case SP_BLOCK_NOTHING:
        break;
    }
  return TRUE;
}

/* --- doing it --- */

/* Everything is blocked and suspended. */
static void
open_window (Group *group, GTask *task)
{
  if (group->window == 0)
    {
      finish (group);
      g_task_return_pointer (task, g_strdup (""), g_free);
      return;
    }
  group->timer = g_timeout_add_seconds (group->window, window_over_cb, group);
  g_task_return_pointer (task, g_strdup (group->token), g_free);
}

/* Takes `error`: nothing was blocked, so nobody is disconnected. */
static void
give_up (Group *group, GTask *task, GError *error)
{
  SpDisconnections *self = group->disconnections;

  if (group->user != NULL)
    sp_user_set_cookies_kept (group->user, FALSE);
  if (group->device != NULL)
    sp_device_set_cookies_kept (group->device, FALSE);
  (void) sp_session_registry_resume (sp_server_get_sessions (self->server), group->token);
  (void) g_ptr_array_remove_fast (self->groups, group);
  g_task_return_error (task, error);
}

static void
user_blocked_cb (GObject *users, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  GError *error = NULL;

  if (sp_user_registry_update_finish (SP_USER_REGISTRY (users), result, &error))
    open_window (g_task_get_task_data (task), task);
  else
    give_up (g_task_get_task_data (task), task, error);
}

static void
device_blocked_cb (GObject *devices, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  GError *error = NULL;

  if (sp_device_registry_update_finish (SP_DEVICE_REGISTRY (devices), result, &error))
    open_window (g_task_get_task_data (task), task);
  else
    give_up (g_task_get_task_data (task), task, error);
}

static void
block (Group *group, GTask *task)
{
  SpServer *server = group->disconnections->server;
  const SpDeviceChange change = { .blocked_until = group->until, .keep = TRUE };

  if (group->user != NULL)
    {
      sp_user_set_cookies_kept (group->user, TRUE);
      sp_user_registry_update_async (sp_server_get_users (server), group->user,
                                     user_change (group, TRUE), NULL, user_blocked_cb,
                                     g_object_ref (task));
    }
  else if (group->device != NULL)
    sp_device_registry_update_async (sp_server_get_devices (server), group->device, &change,
                                     device_blocked_cb, g_object_ref (task));
  else
    open_window (group, task);
}

void
sp_server_disconnect_async (SpServer *server,
                            const SpDisconnectOrder *order,
                            GAsyncReadyCallback callback,
                            gpointer user_data)
{
  SpDisconnections *self = sp_server_get_disconnections (server);
  g_autoptr (GTask) task = g_task_new (server, NULL, callback, user_data);
  Group *group = g_new0 (Group, 1);
  GError *error = NULL;

  group->disconnections = self;
  group->token = g_uuid_string_random ();
  group->block = order->block;
  group->window = order->window;
  g_ptr_array_add (self->groups, group);
  g_task_set_task_data (task, group, NULL);
  if (order->session != NULL && sp_session_get_state (order->session) == SP_SESSION_DISCONNECTING)
    g_set_error (&error, SP_ERROR, SP_ERROR_BUSY, "the session is being disconnected already");
  if (error == NULL && prepare (group, order, &error) && suspend (group, order, &error))
    block (group, task);
  else
    give_up (group, task, error);
}

char *
sp_server_disconnect_finish (SpServer *server, GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}

/* --- undoing it --- */

static void
resume (Group *group, GTask *task)
{
  SpDisconnections *self = group->disconnections;
  guint n = sp_session_registry_resume (sp_server_get_sessions (self->server), group->token);

  release (group);
  if (n > 0 || group->block != SP_BLOCK_NOTHING)
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_new_error (task, SP_ERROR, SP_ERROR_NOT_FOUND, "it is too late to undo this");
  (void) g_ptr_array_remove_fast (self->groups, group);
}

/* Takes `error`: it stays blocked. */
static void
stay (Group *group, GTask *task, GError *error)
{
  finish (group);
  g_task_return_error (task, error);
}

static void
user_lifted_cb (GObject *users, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  GError *error = NULL;

  if (sp_user_registry_update_finish (SP_USER_REGISTRY (users), result, &error))
    resume (g_task_get_task_data (task), task);
  else
    stay (g_task_get_task_data (task), task, error);
}

static void
device_lifted_cb (GObject *devices, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  GError *error = NULL;

  if (sp_device_registry_update_finish (SP_DEVICE_REGISTRY (devices), result, &error))
    resume (g_task_get_task_data (task), task);
  else
    stay (g_task_get_task_data (task), task, error);
}

static void
lift_ban (Group *group, GTask *task)
{
  SpBanRegistry *bans = sp_server_get_bans (group->disconnections->server);
  GError *error = NULL;
  gboolean lifted = TRUE;

  for (guint i = sp_ban_registry_get_n (bans); i > 0; i--)
    if (sp_ban_registry_get (bans, i - 1) == group->ban)
      lifted = sp_ban_registry_lift (bans, group->ban, &error);
  if (lifted)
    resume (group, task);
  else
    stay (group, task, error);
}

static void
lift (Group *group, GTask *task)
{
  SpServer *server = group->disconnections->server;
  const SpDeviceChange change = { .blocked_until = group->before, .keep = TRUE };

  if (group->ban != NULL)
    lift_ban (group, task);
  else if (!is_as_set (group))
    resume (group, task);
  else if (group->user != NULL)
    sp_user_registry_update_async (sp_server_get_users (server), group->user,
                                   user_change (group, FALSE), NULL, user_lifted_cb,
                                   g_object_ref (task));
  else
    sp_device_registry_update_async (sp_server_get_devices (server), group->device, &change,
                                     device_lifted_cb, g_object_ref (task));
}

void
sp_server_undo_disconnect_async (SpServer *server,
                                 const char *token,
                                 GAsyncReadyCallback callback,
                                 gpointer user_data)
{
  SpDisconnections *self = sp_server_get_disconnections (server);
  g_autoptr (GTask) task = g_task_new (server, NULL, callback, user_data);

  for (guint i = 0; i < self->groups->len; i++)
    {
      Group *group = self->groups->pdata[i];

      if (group->timer == 0 || strcmp (group->token, token) != 0)
        continue;
      g_clear_handle_id (&group->timer, g_source_remove);
      g_task_set_task_data (task, group, NULL);
      lift (group, task);
      return;
    }
  g_task_return_new_error (task, SP_ERROR, SP_ERROR_NOT_FOUND, "it is too late to undo this");
}

gboolean
sp_server_undo_disconnect_finish (SpServer *server, GAsyncResult *result, GError **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}
