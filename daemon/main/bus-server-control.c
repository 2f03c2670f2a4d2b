/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "bus-server-private.h"

#include "bus-event.h"
#include "bus-options.h"
#include "bus-reachability.h"
#include "bus-reply.h"
#include "bus-settings.h"
#include "bus/error.h"
#include "checkpoint.h"

#define RESTART_WORD_MAX 8 /* bytes */

/* --- starting and stopping --- */

static void
on_started (GObject *server, GAsyncResult *result, gpointer invocation)
{
  GError *error = NULL;

  (void) sp_server_start_finish (SP_SERVER (server), result, &error);
  sp_bus_reply (invocation, error);
}

static gboolean
handle_start (SpBusServer *object, GDBusMethodInvocation *invocation, GVariant *options)
{
  SpExportedServer *self = SP_EXPORTED_SERVER (object);
  GError *error = NULL;

  if (sp_bus_options_check_empty (options, &error))
    sp_server_start_async (self->server, NULL, on_started, invocation);
  else
    sp_bus_reply_error (invocation, error);
  return TRUE;
}

static void
on_stopped (GObject *server, GAsyncResult *result, gpointer invocation)
{
  GError *error = NULL;

  (void) sp_server_stop_finish (SP_SERVER (server), result, &error);
  sp_bus_reply (invocation, error);
}

static gboolean
handle_stop (SpBusServer *object, GDBusMethodInvocation *invocation, GVariant *options)
{
  SpExportedServer *self = SP_EXPORTED_SERVER (object);
  GError *error = NULL;

  if (sp_bus_options_check_empty (options, &error))
    sp_server_stop_async (self->server, FALSE, NULL, on_stopped, invocation);
  else
    sp_bus_reply_error (invocation, error);
  return TRUE;
}

/* Whoever asked may have lost the connection by it, so nothing here depends on them. */
static void
on_stopped_to_start (GObject *server, GAsyncResult *result, gpointer invocation)
{
  GError *error = NULL;

  if (sp_server_stop_finish (SP_SERVER (server), result, &error))
    sp_server_start_async (SP_SERVER (server), NULL, on_started, invocation);
  else
    sp_bus_reply_error (invocation, error);
}

static const SpBusKey restart_keys[] = {
  { "when", "s", 1, RESTART_WORD_MAX, FALSE, NULL },
};

typedef enum
{
  RESTART_NOW,
  RESTART_WHEN_IDLE,
  RESTART_NEVER,
  N_RESTARTS
} Restart;

static gboolean
read_restart (GVariant *options, Restart *ret_restart, GError **error)
{
  static const char *const words[N_RESTARTS] = { "now", "idle", "never" };
  const char *when = words[RESTART_NOW];

  if (!sp_bus_options_check (options, restart_keys, G_N_ELEMENTS (restart_keys), error))
    return FALSE;
  (void) g_variant_lookup (options, "when", "&s", &when);
  for (*ret_restart = RESTART_NOW; *ret_restart < N_RESTARTS; ++*ret_restart)
    if (g_str_equal (when, words[*ret_restart]))
      return TRUE;
  g_set_error (error, SP_BUS_ERROR, SP_BUS_ERROR_INVALID_ARGS,
               "“when” must be “now”, “idle” or “never”");
  return FALSE;
}

static gboolean
handle_restart (SpBusServer *object, GDBusMethodInvocation *invocation, GVariant *options)
{
  SpExportedServer *self = SP_EXPORTED_SERVER (object);
  gboolean is_on = sp_server_get_state (self->server) == SP_SERVER_ON;
  Restart restart;
  GError *error = NULL;

  if (!read_restart (options, &restart, &error))
    sp_bus_reply_error (invocation, error);
  else if (restart == RESTART_NOW && is_on)
    sp_server_stop_async (self->server, TRUE, NULL, on_stopped_to_start, invocation);
  else if (restart == RESTART_NOW || (restart == RESTART_WHEN_IDLE && !is_on))
    sp_server_start_async (self->server, NULL, on_started, invocation);
  else
    {
      if (restart == RESTART_WHEN_IDLE)
        sp_idle_restart_begin (self->idle_restart);
      else
        sp_idle_restart_forget (self->idle_restart);
      sp_bus_server_complete_restart (object, invocation);
    }
  return TRUE;
}

static void
follow_restart (SpIdleRestart *restart, SpExportedServer *self)
{
  sp_bus_server_set_restart_pending (SP_BUS_SERVER (self), sp_idle_restart_is_waiting (restart));
}

void
sp_exported_server_follow_restart (SpExportedServer *self)
{
  g_signal_connect_object (self->idle_restart, "changed", G_CALLBACK (follow_restart), self, 0);
}

/* --- with this computer --- */

static void
on_boot_set (GObject *boot, GAsyncResult *result, gpointer invocation)
{
  GError *error = NULL;

  (void) sp_boot_switch_set_finish (SP_BOOT_SWITCH (boot), result, &error);
  sp_bus_reply (invocation, error);
}

static gboolean
handle_set_start_at_boot (SpBusServer *object,
                          GDBusMethodInvocation *invocation,
                          gboolean enabled,
                          GVariant *options)
{
  SpExportedServer *self = SP_EXPORTED_SERVER (object);
  GError *error = NULL;

  if (sp_bus_options_check_empty (options, &error))
    sp_boot_switch_set_async (self->boot, enabled, on_boot_set, invocation);
  else
    sp_bus_reply_error (invocation, error);
  return TRUE;
}

static void
follow_boot (SpBootSwitch *boot, SpExportedServer *self)
{
  sp_bus_server_set_start_at_boot (SP_BUS_SERVER (self), sp_boot_switch_get_state (boot));
}

void
sp_exported_server_follow_boot (SpExportedServer *self)
{
  g_signal_connect_object (self->boot, "changed", G_CALLBACK (follow_boot), self, 0);
  follow_boot (self->boot, self);
}

/* In versions before this one some settings waited for a restart. */
static const char *const none_waits[] = { NULL };

static gboolean
handle_reload (SpBusServer *object, GDBusMethodInvocation *invocation, GVariant *options)
{
  SpExportedServer *self = SP_EXPORTED_SERVER (object);
  GError *error = NULL;

  sp_event_book_hold (sp_server_get_events (self->server));
  if (!sp_bus_options_check_empty (options, &error) ||
      !sp_configuration_load (sp_server_get_configuration (self->server), &error))
    {
      g_free (sp_event_book_take (sp_server_get_events (self->server)));
      sp_bus_reply_error (invocation, error);
      return TRUE;
    }
  sp_bus_event_note_change (self->server, invocation);
  sp_bus_server_complete_reload (object, invocation, none_waits);
  return TRUE;
}

/* --- checkpoints --- */

static gboolean
create_checkpoint (SpCheckpoint *checkpoint, guint seconds, GVariant *options, GError **error)
{
  if (!sp_bus_options_check_empty (options, error))
    return FALSE;
  if (seconds >= SP_CHECKPOINT_SECONDS_MIN && seconds <= SP_CHECKPOINT_SECONDS_MAX)
    return sp_checkpoint_create (checkpoint, seconds, error);
  g_set_error (error, SP_BUS_ERROR, SP_BUS_ERROR_INVALID_ARGS,
               "the timeout must be a number of seconds from %d to %d", SP_CHECKPOINT_SECONDS_MIN,
               SP_CHECKPOINT_SECONDS_MAX);
  return FALSE;
}

static gboolean
handle_create_checkpoint (SpBusServer *object,
                          GDBusMethodInvocation *invocation,
                          guint timeout,
                          GVariant *options)
{
  SpCheckpoint *checkpoint = sp_server_get_checkpoint (SP_EXPORTED_SERVER (object)->server);
  GError *error = NULL;

  if (create_checkpoint (checkpoint, timeout, options, &error))
    sp_bus_server_complete_create_checkpoint (object, invocation,
                                              sp_checkpoint_get_id (checkpoint));
  else
    sp_bus_reply_error (invocation, error);
  return TRUE;
}

static gboolean
handle_confirm_checkpoint (SpBusServer *object,
                           GDBusMethodInvocation *invocation,
                           const char *id,
                           GVariant *options)
{
  SpCheckpoint *checkpoint = sp_server_get_checkpoint (SP_EXPORTED_SERVER (object)->server);
  GError *error = NULL;

  if (sp_bus_options_check_empty (options, &error))
    (void) sp_checkpoint_confirm (checkpoint, id, &error);
  sp_bus_reply (invocation, error);
  return TRUE;
}

static void
on_rolled_back (GObject *checkpoint, GAsyncResult *result, gpointer invocation)
{
  GError *error = NULL;

  (void) sp_checkpoint_rollback_finish (SP_CHECKPOINT (checkpoint), result, &error);
  sp_bus_reply (invocation, error);
}

static gboolean
handle_rollback_checkpoint (SpBusServer *object,
                            GDBusMethodInvocation *invocation,
                            const char *id,
                            GVariant *options)
{
  SpCheckpoint *checkpoint = sp_server_get_checkpoint (SP_EXPORTED_SERVER (object)->server);
  GError *error = NULL;

  if (sp_bus_options_check_empty (options, &error))
    sp_checkpoint_rollback_async (checkpoint, id, on_rolled_back, invocation);
  else
    sp_bus_reply_error (invocation, error);
  return TRUE;
}

static void
follow_checkpoint (SpCheckpoint *checkpoint, SpExportedServer *self)
{
  GVariantBuilder facts = G_VARIANT_BUILDER_INIT (G_VARIANT_TYPE_VARDICT);
  const char *id = sp_checkpoint_get_id (checkpoint);

  if (id != NULL)
    {
      g_variant_builder_add (&facts, "{sv}", "Id", g_variant_new_string (id));
      g_variant_builder_add (&facts, "{sv}", "Until",
                             g_variant_new_uint64 ((guint64) sp_checkpoint_get_until (checkpoint)));
    }
  sp_bus_server_set_checkpoint (SP_BUS_SERVER (self), g_variant_builder_end (&facts));
}

static void
tell_end (SpCheckpoint *checkpoint, const char *id, const char *outcome, SpExportedServer *self)
{
  sp_bus_tree_tell (self->tree, SP_BUS_SERVER_PATH, SP_BUS_SERVER_INTERFACE, "CheckpointEnded",
                    g_variant_new ("(ss)", id, outcome));
}

void
sp_exported_server_follow_checkpoint (SpExportedServer *self)
{
  SpCheckpoint *checkpoint = sp_server_get_checkpoint (self->server);

  g_signal_connect_object (checkpoint, "changed", G_CALLBACK (follow_checkpoint), self, 0);
  g_signal_connect_object (checkpoint, "ended", G_CALLBACK (tell_end), self, 0);
  follow_checkpoint (checkpoint, self);
}

static gboolean
handle_create_reachability_test (SpBusServer *object,
                                 GDBusMethodInvocation *invocation,
                                 GUnixFDList *ignored,
                                 GVariant *options)
{
  sp_bus_reachability_test (SP_EXPORTED_SERVER (object)->server, invocation, options);
  return TRUE;
}

void
sp_exported_server_init_control (SpBusServerIface *iface)
{
  iface->handle_start = handle_start;
  iface->handle_stop = handle_stop;
  iface->handle_restart = handle_restart;
  iface->handle_set_start_at_boot = handle_set_start_at_boot;
  iface->handle_create_reachability_test = handle_create_reachability_test;
  iface->handle_reload = handle_reload;
  iface->handle_create_checkpoint = handle_create_checkpoint;
  iface->handle_confirm_checkpoint = handle_confirm_checkpoint;
  iface->handle_rollback_checkpoint = handle_rollback_checkpoint;
}
