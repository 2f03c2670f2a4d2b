/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "setting-list-private.h"

#include "bus/error.h"

/* --- arguments of Update() --- */

void
sp_setting_edits_init (SpSettingEdits *edits)
{
  g_variant_builder_init (&edits->changes, G_VARIANT_TYPE_VARDICT);
  g_variant_builder_init (&edits->resets, G_VARIANT_TYPE_STRING_ARRAY);
}

/* What is as it would be without a line needs no line. */
void
sp_setting_edits_add (SpSettingEdits *edits, SpSetting *setting, const char *text)
{
  if (g_strcmp0 (text, sp_setting_get_default (setting)) == 0)
    g_variant_builder_add (&edits->resets, "s", sp_setting_get_name (setting));
  else
    g_variant_builder_add (&edits->changes, "{sv}", sp_setting_get_name (setting),
                           g_variant_new_string (text));
}

void
sp_setting_edits_send (SpSettingEdits *edits,
                       SpSettingList *list,
                       gboolean check_only,
                       GDBusCallFlags flags,
                       GCancellable *cancellable,
                       GAsyncReadyCallback callback,
                       gpointer data)
{
  GVariantDict options;

  g_variant_dict_init (&options, NULL);
  g_variant_dict_insert_value (&options, "reset", g_variant_builder_end (&edits->resets));
  if (check_only)
    g_variant_dict_insert (&options, "check-only", "b", TRUE);
  sp_bus_settings_call_update (list->proxy, g_variant_builder_end (&edits->changes),
                               g_variant_dict_end (&options), flags, SP_CALL_TIMEOUT, cancellable,
                               callback, data);
}

void
sp_setting_edits_add_staged (SpSettingEdits *edits, SpSettingList *list, SpSetting *besides)
{
  for (guint i = 0; i < list->settings->len; i++)
    {
      SpSetting *setting = list->settings->pdata[i];

      if (setting != besides && sp_setting_is_staged (setting))
        sp_setting_edits_add (edits, setting, sp_setting_get_value (setting));
    }
}

/* --- all that waits --- */

typedef struct
{
  GVariant *changes_before; /* a{sv}, what undoes it */
  GVariant *resets_before;  /* as */
  GError *why;              /* it could not be turned on */
  gboolean was_on;
  gboolean restarts;
  gboolean when_idle; /* the new start waits */
  char *checkpoint;   /* NULL: none was asked for */
} Application;

static void
application_free (Application *application)
{
  g_clear_pointer (&application->changes_before, g_variant_unref);
  g_clear_pointer (&application->resets_before, g_variant_unref);
  g_clear_error (&application->why);
  g_free (application->checkpoint);
  g_free (application);
}

static void
set_busy (SpSettingList *list, gboolean busy)
{
  list->busy = busy;
  g_object_notify (G_OBJECT (list), "busy");
}

/* Ends it; takes the task and the error. */
static void
end_application (GTask *task, GError *error)
{
  G_GNUC_UNUSED g_autoptr (GTask) owned = task;
  SpSettingList *list = g_task_get_source_object (task);

  set_busy (list, FALSE);
  sp_setting_list_refresh (list);
  if (error != NULL)
    g_task_return_error (task, error);
  else
    g_task_return_boolean (task, TRUE);
}

static GVariant *
no_options (void)
{
  return g_variant_new_array (G_VARIANT_TYPE ("{sv}"), NULL, 0);
}

static void
on_started_again (GObject *source, GAsyncResult *result, gpointer data)
{
  GTask *task = data;
  Application *application = g_task_get_task_data (task);

  /* If even that fails, the state of the server says so everywhere. */
  (void) sp_bus_server_call_start_finish (SP_BUS_SERVER (source), result, NULL);
  end_application (task, g_steal_pointer (&application->why));
}

static void
on_put_back (GObject *source, GAsyncResult *result, gpointer data)
{
  GTask *task = data;
  SpSettingList *list = g_task_get_source_object (task);
  GError *error = NULL;

  if (!sp_bus_settings_call_update_finish (SP_BUS_SETTINGS (source), NULL, result, &error))
    {
      end_application (task, error);
      return;
    }
  sp_bus_server_call_start (sp_server_connection_get_server (list->connection), no_options (),
                            SP_CALL_FLAGS, SP_CALL_TIMEOUT, NULL, on_started_again, task);
}

static void
put_back (GTask *task)
{
  SpSettingList *list = g_task_get_source_object (task);
  Application *application = g_task_get_task_data (task);
  GVariantDict options;

  g_variant_dict_init (&options, NULL);
  g_variant_dict_insert_value (&options, "reset", application->resets_before);
  sp_bus_settings_call_update (list->proxy, application->changes_before,
                               g_variant_dict_end (&options), SP_CALL_FLAGS, SP_CALL_TIMEOUT, NULL,
                               on_put_back, task);
}

static void
on_rolled_back (GObject *source, GAsyncResult *result, gpointer data)
{
  GTask *task = data;
  Application *application = g_task_get_task_data (task);

  (void) sp_bus_server_call_rollback_checkpoint_finish (SP_BUS_SERVER (source), result, NULL);
  end_application (task, g_steal_pointer (&application->why));
}

static void
roll_back (GTask *task)
{
  SpSettingList *list = g_task_get_source_object (task);
  Application *application = g_task_get_task_data (task);

  sp_bus_server_call_rollback_checkpoint (sp_server_connection_get_server (list->connection),
                                          application->checkpoint, no_options (), SP_CALL_FLAGS,
                                          SP_CALL_TIMEOUT, NULL, on_rolled_back, task);
}

static void
on_restarted (GObject *source, GAsyncResult *result, gpointer data)
{
  GTask *task = data;
  Application *application = g_task_get_task_data (task);

  if (sp_bus_server_call_restart_finish (SP_BUS_SERVER (source), result, &application->why))
    end_application (task, NULL);
  else if (application->checkpoint == NULL)
    put_back (task);
  else if (application->why->domain == SP_BUS_ERROR)
    roll_back (task);
  else
    /* The way to the server led through it.  It goes on alone, and waits to be confirmed. */
    end_application (task, NULL);
}

static void
on_waiting (GObject *source, GAsyncResult *result, gpointer data)
{
  GError *error = NULL;

  (void) sp_bus_server_call_restart_finish (SP_BUS_SERVER (source), result, &error);
  end_application (data, error);
}

static void
wait_for_nobody (GTask *task)
{
  SpSettingList *list = g_task_get_source_object (task);
  GVariantDict options;

  g_variant_dict_init (&options, NULL);
  g_variant_dict_insert (&options, "when", "s", "idle");
  sp_bus_server_call_restart (sp_server_connection_get_server (list->connection),
                              g_variant_dict_end (&options), SP_CALL_FLAGS, SP_CALL_TIMEOUT, NULL,
                              on_waiting, task);
}

static void
turn_off_and_on (GTask *task)
{
  SpSettingList *list = g_task_get_source_object (task);
  Application *application = g_task_get_task_data (task);

  if (!application->was_on || !application->restarts)
    end_application (task, NULL);
  else if (application->when_idle)
    wait_for_nobody (task);
  else
    sp_bus_server_call_restart (sp_server_connection_get_server (list->connection), no_options (),
                                SP_CALL_FLAGS, SP_CALL_TIMEOUT, NULL, on_restarted, task);
}

static void
on_all_written (GObject *source, GAsyncResult *result, gpointer data)
{
  GTask *task = data;
  Application *application = g_task_get_task_data (task);

  if (!sp_bus_settings_call_update_finish (SP_BUS_SETTINGS (source), NULL, result,
                                           &application->why))
    {
      if (application->checkpoint != NULL)
        roll_back (task);
      else
        end_application (task, g_steal_pointer (&application->why));
      return;
    }
  sp_setting_list_discard (g_task_get_source_object (task));
  turn_off_and_on (task);
}

/* What undoes the edits of all that waits. */
static void
remember_before (SpSettingList *list, Application *application)
{
  SpSettingEdits edits;

  sp_setting_edits_init (&edits);
  for (guint i = 0; i < list->settings->len; i++)
    {
      SpSetting *setting = list->settings->pdata[i];

      if (sp_setting_is_staged (setting) && sp_setting_is_set (setting))
        g_variant_builder_add (&edits.changes, "{sv}", sp_setting_get_name (setting),
                               g_variant_new_string (sp_setting_get_written (setting)));
      else if (sp_setting_is_staged (setting))
        g_variant_builder_add (&edits.resets, "s", sp_setting_get_name (setting));
    }
  application->changes_before = g_variant_ref_sink (g_variant_builder_end (&edits.changes));
  application->resets_before = g_variant_ref_sink (g_variant_builder_end (&edits.resets));
}

static void
write_staged (GTask *task)
{
  SpSettingList *list = g_task_get_source_object (task);
  SpSettingEdits edits;

  sp_setting_edits_init (&edits);
  sp_setting_edits_add_staged (&edits, list, NULL);
  sp_setting_edits_send (&edits, list, FALSE, SP_CALL_FLAGS, NULL, on_all_written, task);
}

static void
on_checkpoint (GObject *source, GAsyncResult *result, gpointer data)
{
  GTask *task = data;
  Application *application = g_task_get_task_data (task);
  GError *error = NULL;

  if (sp_bus_server_call_create_checkpoint_finish (SP_BUS_SERVER (source), &application->checkpoint,
                                                   result, &error))
    write_staged (task);
  else
    end_application (task, error);
}

static void
begin (SpSettingList *list, guint seconds, gboolean when_idle, GTask *task)
{
  Application *application = g_new0 (Application, 1);
  SpBusServer *server = sp_server_connection_get_server (list->connection);

  application->when_idle = when_idle;
  g_task_set_task_data (task, application, (GDestroyNotify) application_free);
  set_busy (list, TRUE);
  if (list->proxy == NULL || server == NULL)
    {
      end_application (task,
                       g_error_new_literal (G_IO_ERROR, G_IO_ERROR_NOT_CONNECTED, "not connected"));
      return;
    }
  application->was_on = g_strcmp0 (sp_bus_server_get_state (server), "on") == 0;
  application->restarts = sp_setting_list_disconnects (list);
  remember_before (list, application);
  if (seconds == 0)
    write_staged (task);
  else
    sp_bus_server_call_create_checkpoint (server, seconds, no_options (), SP_CALL_FLAGS,
                                          SP_CALL_TIMEOUT, NULL, on_checkpoint, task);
}

void
sp_setting_list_apply (SpSettingList *list,
                       guint seconds,
                       GAsyncReadyCallback callback,
                       gpointer data)
{
  begin (list, seconds, FALSE, g_task_new (list, NULL, callback, data));
}

void
sp_setting_list_apply_when_idle (SpSettingList *list, GAsyncReadyCallback callback, gpointer data)
{
  begin (list, 0, TRUE, g_task_new (list, NULL, callback, data));
}

gboolean
sp_setting_list_apply_finish (SpSettingList *list, GAsyncResult *result, GError **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}
