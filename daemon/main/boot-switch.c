/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "boot-switch.h"

#include "base/error.h"
#include "base/log.h"

#define SYSTEMD_NAME      "org.freedesktop.systemd1"
#define SYSTEMD_PATH      "/org/freedesktop/systemd1"
#define SYSTEMD_INTERFACE SYSTEMD_NAME ".Manager"
#define UNIT              "sallyportd.service"

struct _SpBootSwitch
{
  GObject parent_instance;
  GDBusConnection *connection;
  guint name_watch;
  guint changes;       /* the subscription to what changes in units */
  GCancellable *calls; /* of the systemd that is there; NULL: there is none */
  const char *state;
};

G_DEFINE_FINAL_TYPE (SpBootSwitch, sp_boot_switch, G_TYPE_OBJECT)

enum
{
  CHANGED,
  N_SIGNALS
};
static guint signals[N_SIGNALS]; /* nocheck: set once by class_init */

/* What systemd calls the state of a unit's files; "fixed" is whatever is not here. */
static const struct
{
  const char *theirs;
  const char *ours;
} states[] = {
  { "enabled", "on" },
  { "enabled-runtime", "on" },
  { "disabled", "off" },
  { "linked", "off" },
};

const char *
sp_boot_switch_get_state (SpBootSwitch *self)
{
  return self->state;
}

static void
set_state (SpBootSwitch *self, const char *state)
{
  if (g_str_equal (self->state, state))
    return;
  self->state = state;
  g_signal_emit (self, signals[CHANGED], 0);
}

static void
call (SpBootSwitch *self,
      const char *method,
      GVariant *arguments,
      const char *answer,
      GAsyncReadyCallback callback,
      gpointer user_data)
{
  g_dbus_connection_call (self->connection, SYSTEMD_NAME, SYSTEMD_PATH, SYSTEMD_INTERFACE, method,
                          arguments, G_VARIANT_TYPE (answer), G_DBUS_CALL_FLAGS_NO_AUTO_START, -1,
                          self->calls, callback, user_data);
}

/* --- what it is --- */

/* FALSE: the systemd that was asked is gone. */
static gboolean
take_state (SpBootSwitch *self, GVariant *answer, const GError *error)
{
  const char *told = "";
  const char *state = "fixed";

  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return FALSE;
  if (answer != NULL)
    g_variant_get (answer, "(&s)", &told);
  else
    state = "no-unit";
  for (guint i = 0; i < G_N_ELEMENTS (states); i++)
    if (g_str_equal (states[i].theirs, told))
      state = states[i].ours;
  set_state (self, state);
  return TRUE;
}

static void
looked_cb (GObject *connection, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (SpBootSwitch) self = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) answer =
      g_dbus_connection_call_finish (G_DBUS_CONNECTION (connection), result, &error);

  (void) take_state (self, answer, error);
}

static void
look (SpBootSwitch *self)
{
  call (self, "GetUnitFileState", g_variant_new ("(s)", UNIT), "(s)", looked_cb,
        g_object_ref (self));
}

static void
changed_cb (GDBusConnection *connection,
            const char *sender,
            const char *path,
            const char *interface,
            const char *signal,
            GVariant *arguments,
            gpointer user_data)
{
  SpBootSwitch *self = user_data;

  if (self->calls != NULL)
    look (self);
}

/* --- to change it: the files, then what systemd has read of them, then a look --- */

static void
fail (GTask *task, GError *error)
{
  (void) g_dbus_error_strip_remote_error (error);
  g_task_return_error (task, error);
}

static void
seen_cb (GObject *connection, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  SpBootSwitch *self = g_task_get_source_object (task);
  const char *wanted = GPOINTER_TO_INT (g_task_get_task_data (task)) != 0 ? "on" : "off";
  GError *error = NULL;
  g_autoptr (GVariant) answer =
      g_dbus_connection_call_finish (G_DBUS_CONNECTION (connection), result, &error);

  if (!take_state (self, answer, error) || answer == NULL)
    {
      fail (task, error);
      return;
    }
  if (!g_str_equal (self->state, wanted))
    {
      g_task_return_new_error (task, SP_ERROR, SP_ERROR_FAILED,
                               "systemd has done it, and the service is %s all the same",
                               self->state);
      return;
    }
  sp_log (SP_LOG_NOTICE, "server", "starts with this computer: %s", self->state);
  g_task_return_boolean (task, TRUE);
}

static void
reloaded_cb (GObject *connection, GAsyncResult *result, gpointer user_data)
{
  GTask *task = user_data;
  SpBootSwitch *self = g_task_get_source_object (task);
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) answer =
      g_dbus_connection_call_finish (G_DBUS_CONNECTION (connection), result, &error);

  /* The next boot reads the files anyway. */
  if (answer == NULL && !g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    sp_log (SP_LOG_WARNING, "server", "systemd does not read its units again: %s", error->message);
  call (self, "GetUnitFileState", g_variant_new ("(s)", UNIT), "(s)", seen_cb, task);
}

static void
written_cb (GObject *connection, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  SpBootSwitch *self = g_task_get_source_object (task);
  GError *error = NULL;
  g_autoptr (GVariant) answer =
      g_dbus_connection_call_finish (G_DBUS_CONNECTION (connection), result, &error);

  if (answer == NULL)
    fail (task, error);
  else
    call (self, "Reload", NULL, "()", reloaded_cb, g_steal_pointer (&task));
}

static const char *
why_not (const char *state)
{
  if (g_str_equal (state, "no-systemd"))
    return "there is no systemd here that could start the service with this computer";
  if (g_str_equal (state, "no-unit"))
    return "systemd does not know " UNIT;
  return g_str_equal (state, "fixed") ? "the administrator of this computer has fixed " UNIT : NULL;
}

void
sp_boot_switch_set_async (SpBootSwitch *self,
                          gboolean on,
                          GAsyncReadyCallback callback,
                          gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (self, NULL, callback, user_data);
  const char *units[] = { UNIT, NULL };
  const char *obstacle = why_not (self->state);

  g_task_set_task_data (task, GINT_TO_POINTER (on), NULL);
  if (obstacle != NULL)
    g_task_return_new_error (task, SP_ERROR, SP_ERROR_NOT_SUPPORTED, "%s", obstacle);
  else if (g_str_equal (self->state, on ? "on" : "off"))
    g_task_return_boolean (task, TRUE);
  else if (on)
    call (self, "EnableUnitFiles", g_variant_new ("(^asbb)", units, FALSE, FALSE), "(ba(sss))",
          written_cb, g_steal_pointer (&task));
  else
    call (self, "DisableUnitFiles", g_variant_new ("(^asb)", units, FALSE), "(a(sss))", written_cb,
          g_steal_pointer (&task));
}

gboolean
sp_boot_switch_set_finish (SpBootSwitch *self, GAsyncResult *result, GError **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}

/* --- the systemd that is there --- */

static void
appeared_cb (GDBusConnection *connection, const char *name, const char *owner, gpointer user_data)
{
  SpBootSwitch *self = user_data;

  self->calls = g_cancellable_new ();
  /* It tells changes to those that said so.  Its answer would say nothing. */
  g_dbus_connection_call (connection, SYSTEMD_NAME, SYSTEMD_PATH, SYSTEMD_INTERFACE, "Subscribe",
                          NULL, NULL, G_DBUS_CALL_FLAGS_NO_AUTO_START, -1, NULL, NULL, NULL);
  look (self);
}

static void
vanished_cb (GDBusConnection *connection, const char *name, gpointer user_data)
{
  SpBootSwitch *self = user_data;

  if (self->calls != NULL)
    g_cancellable_cancel (self->calls);
  g_clear_object (&self->calls);
  set_state (self, "no-systemd");
}

/* --- life --- */

static void
sp_boot_switch_dispose (GObject *object)
{
  SpBootSwitch *self = SP_BOOT_SWITCH (object);

  g_clear_handle_id (&self->name_watch, g_bus_unwatch_name);
  if (self->changes != 0)
    g_dbus_connection_signal_unsubscribe (self->connection, self->changes);
  self->changes = 0;
  if (self->calls != NULL)
    g_cancellable_cancel (self->calls);
  g_clear_object (&self->calls);
  g_clear_object (&self->connection);
  G_OBJECT_CLASS (sp_boot_switch_parent_class)->dispose (object);
}

static void
sp_boot_switch_class_init (SpBootSwitchClass *class)
{
  G_OBJECT_CLASS (class)->dispose = sp_boot_switch_dispose;
  signals[CHANGED] = g_signal_new ("changed", SP_TYPE_BOOT_SWITCH, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                                   NULL, G_TYPE_NONE, 0);
}

static void
sp_boot_switch_init (SpBootSwitch *self)
{
  self->state = "no-systemd";
}

SpBootSwitch *
sp_boot_switch_new (GDBusConnection *connection)
{
  SpBootSwitch *self = g_object_new (SP_TYPE_BOOT_SWITCH, NULL);

  self->connection = g_object_ref (connection);
  self->changes = g_dbus_connection_signal_subscribe (
      connection, SYSTEMD_NAME, SYSTEMD_INTERFACE, "UnitFilesChanged", SYSTEMD_PATH, NULL,
      G_DBUS_SIGNAL_FLAGS_NONE, changed_cb, self, NULL);
  self->name_watch =
      g_bus_watch_name_on_connection (connection, SYSTEMD_NAME, G_BUS_NAME_WATCHER_FLAGS_NONE,
                                      appeared_cb, vanished_cb, self, NULL);
  return self;
}
