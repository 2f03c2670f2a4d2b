/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sleep-guard.h"

#include "base/io.h"
#include "base/log.h"
#include "base/names.h"

#include <gio/gunixfdlist.h>

#define LOGIND_NAME      "org.freedesktop.login1"
#define LOGIND_PATH      "/org/freedesktop/login1"
#define LOGIND_INTERFACE "org.freedesktop.login1.Manager"

/* "sleep": whoever asks logind for it, be it a desktop that counts minutes, is refused unless an
 * administrator insists.  "idle": and those that look first do not even try.  Not
 * "handle-lid-switch": a closed laptop may be in a bag, where it gets hot. */
#define WHAT "sleep:idle"

struct _SpSleepGuard
{
  GObject parent_instance;
  GDBusConnection *connection;
  SpServer *server;
  guint name_watch;
  GCancellable *calls; /* of the logind that is there; NULL: there is none */
  int inhibitor;       /* closing it gives it back; -1: none */
  gboolean asking;     /* for the inhibitor */
  gboolean can_sleep;
  char *trouble;
};

G_DEFINE_FINAL_TYPE (SpSleepGuard, sp_sleep_guard, G_TYPE_OBJECT)

enum
{
  CHANGED,
  N_SIGNALS
};
static guint signals[N_SIGNALS]; /* nocheck: set once by class_init */

static gboolean
is_on (SpSleepGuard *self)
{
  return sp_server_get_state (self->server) == SP_SERVER_ON;
}

static gboolean
is_wanted (SpSleepGuard *self)
{
  return is_on (self) &&
         sp_configuration_get (sp_server_get_configuration (self->server))->keep_awake;
}

gboolean
sp_sleep_guard_may_sleep (SpSleepGuard *self)
{
  return is_on (self) && self->calls != NULL && self->can_sleep && self->inhibitor < 0 &&
         !self->asking;
}

const char *
sp_sleep_guard_get_trouble (SpSleepGuard *self)
{
  return self->trouble;
}

static void
tell (SpSleepGuard *self)
{
  g_signal_emit (self, signals[CHANGED], 0);
}

/* --- the inhibitor --- */

static void
release (SpSleepGuard *self)
{
  g_clear_pointer (&self->trouble, g_free);
  if (self->inhibitor < 0)
    return;
  sp_fd_clear (&self->inhibitor);
  sp_log (SP_LOG_NOTICE, "server", "this computer may sleep again");
}

static void
take (SpSleepGuard *self, int inhibitor, const GError *error)
{
  self->asking = FALSE;
  if (error != NULL)
    {
      self->trouble = g_strdup (error->message);
      sp_log (SP_LOG_WARNING, "server", "logind does not keep this computer awake: %s",
              error->message);
    }
  else
    {
      self->inhibitor = inhibitor;
      sp_log (SP_LOG_NOTICE, "server", "this computer stays awake while the server is on");
      if (!is_wanted (self))
        release (self);
    }
  tell (self);
}

static void
inhibited_cb (GObject *connection, GAsyncResult *result, gpointer guard)
{
  g_autoptr (SpSleepGuard) self = guard;
  g_autoptr (GUnixFDList) descriptors = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) answer = g_dbus_connection_call_with_unix_fd_list_finish (
      G_DBUS_CONNECTION (connection), &descriptors, result, &error);
  int inhibitor = -1;
  gint32 handle;

  /* That logind is gone, and what it gave is worth nothing. */
  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return;
  if (answer != NULL)
    {
      g_variant_get (answer, "(h)", &handle);
      inhibitor = descriptors != NULL ? g_unix_fd_list_get (descriptors, handle, &error) : -1;
      if (inhibitor < 0 && error == NULL)
        error = g_error_new (G_IO_ERROR, G_IO_ERROR_FAILED, "it answered without a descriptor");
    }
  if (error != NULL)
    (void) g_dbus_error_strip_remote_error (error);
  take (self, inhibitor, error);
}

static void
look (SpSleepGuard *self)
{
  gboolean wanted = self->calls != NULL && is_wanted (self);

  if (!wanted)
    release (self);
  else if (self->inhibitor < 0 && !self->asking)
    {
      self->asking = TRUE;
      g_clear_pointer (&self->trouble, g_free);
      g_dbus_connection_call_with_unix_fd_list (
          self->connection, LOGIND_NAME, LOGIND_PATH, LOGIND_INTERFACE, "Inhibit",
          g_variant_new ("(ssss)", WHAT, SP_PRODUCT_NAME, "The VPN server is on", "block"),
          G_VARIANT_TYPE ("(h)"), G_DBUS_CALL_FLAGS_NO_AUTO_START, -1, NULL, self->calls,
          inhibited_cb, g_object_ref (self));
    }
  tell (self);
}

/* --- the logind that is there --- */

static void
can_suspend_cb (GObject *connection, GAsyncResult *result, gpointer guard)
{
  g_autoptr (SpSleepGuard) self = guard;
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) answer =
      g_dbus_connection_call_finish (G_DBUS_CONNECTION (connection), result, &error);
  const char *verdict = "na";

  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return;
  if (answer != NULL)
    g_variant_get (answer, "(&s)", &verdict);
  /* "challenge" is after a password, "na" not on this hardware, "no" forbidden to everybody. */
  self->can_sleep = g_str_equal (verdict, "yes") || g_str_equal (verdict, "challenge");
  tell (self);
}

static void
appeared_cb (GDBusConnection *connection, const char *name, const char *owner, gpointer guard)
{
  SpSleepGuard *self = guard;

  self->calls = g_cancellable_new ();
  g_dbus_connection_call (connection, LOGIND_NAME, LOGIND_PATH, LOGIND_INTERFACE, "CanSuspend",
                          NULL, G_VARIANT_TYPE ("(s)"), G_DBUS_CALL_FLAGS_NO_AUTO_START, -1,
                          self->calls, can_suspend_cb, g_object_ref (self));
  look (self);
}

/* Its inhibitors ended with it. */
static void
vanished_cb (GDBusConnection *connection, const char *name, gpointer guard)
{
  SpSleepGuard *self = guard;

  if (self->calls != NULL)
    g_cancellable_cancel (self->calls);
  g_clear_object (&self->calls);
  self->asking = FALSE;
  self->can_sleep = FALSE;
  look (self);
}

/* --- life --- */

static void
sp_sleep_guard_dispose (GObject *object)
{
  SpSleepGuard *self = SP_SLEEP_GUARD (object);

  g_clear_handle_id (&self->name_watch, g_bus_unwatch_name);
  if (self->calls != NULL)
    g_cancellable_cancel (self->calls);
  g_clear_object (&self->calls);
  release (self);
  g_clear_object (&self->server);
  g_clear_object (&self->connection);
  G_OBJECT_CLASS (sp_sleep_guard_parent_class)->dispose (object);
}

static void
sp_sleep_guard_class_init (SpSleepGuardClass *class)
{
  G_OBJECT_CLASS (class)->dispose = sp_sleep_guard_dispose;
  signals[CHANGED] = g_signal_new ("changed", SP_TYPE_SLEEP_GUARD, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                                   NULL, G_TYPE_NONE, 0);
}

static void
sp_sleep_guard_init (SpSleepGuard *self)
{
  self->inhibitor = -1;
}

SpSleepGuard *
sp_sleep_guard_new (GDBusConnection *connection, SpServer *server)
{
  SpSleepGuard *self = g_object_new (SP_TYPE_SLEEP_GUARD, NULL);

  self->connection = g_object_ref (connection);
  self->server = g_object_ref (server);
  g_signal_connect_object (server, "notify::state", G_CALLBACK (look), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (sp_server_get_configuration (server), "changed", G_CALLBACK (look), self,
                           G_CONNECT_SWAPPED);
  self->name_watch = g_bus_watch_name_on_connection (
      connection, LOGIND_NAME, G_BUS_NAME_WATCHER_FLAGS_NONE, appeared_cb, vanished_cb, self, NULL);
  return self;
}
