/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "bus-audience.h"

#include "base/io.h"
#include "bus/error.h"

#include <errno.h>
#include <fcntl.h>
#include <glib-unix.h>
#include <unistd.h>

struct _SpBusAudience
{
  GObject parent_instance;
  GDBusConnection *connection;
  GHashTable *listeners;     /* unique name → watch id of the bus */
  GHashTable *subscriptions; /* set of Subscription */
  SpBusReporter reporter;
  gpointer reporter_data;
};

G_DEFINE_FINAL_TYPE (SpBusAudience, sp_bus_audience, G_TYPE_OBJECT)

enum
{
  IN_USE_CHANGED,
  N_SIGNALS
};
static guint signals[N_SIGNALS]; /* nocheck: set once by class_init */

typedef struct
{
  SpBusAudience *audience;
  char *name;
  int fd; /* our end of the pipe */
  guint close_source;
  guint report_source;
  guint64 reported;
} Subscription;

static void
subscription_free (Subscription *subscription)
{
  g_clear_handle_id (&subscription->close_source, g_source_remove);
  g_clear_handle_id (&subscription->report_source, g_source_remove);
  sp_fd_clear (&subscription->fd);
  g_free (subscription->name);
  g_free (subscription);
}

static void
unwatch (gpointer watch)
{
  g_bus_unwatch_name (GPOINTER_TO_UINT (watch));
}

static void
sp_bus_audience_dispose (GObject *object)
{
  SpBusAudience *self = SP_BUS_AUDIENCE (object);

  g_clear_pointer (&self->subscriptions, g_hash_table_unref);
  g_clear_pointer (&self->listeners, g_hash_table_unref);
  g_clear_object (&self->connection);
  G_OBJECT_CLASS (sp_bus_audience_parent_class)->dispose (object);
}

static void
sp_bus_audience_class_init (SpBusAudienceClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = sp_bus_audience_dispose;
  signals[IN_USE_CHANGED] = g_signal_new ("in-use-changed", SP_TYPE_BUS_AUDIENCE, G_SIGNAL_RUN_LAST,
                                          0, NULL, NULL, NULL, G_TYPE_NONE, 0);
}

static void
sp_bus_audience_init (SpBusAudience *self)
{
  self->listeners = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, unwatch);
  self->subscriptions =
      g_hash_table_new_full (NULL, NULL, (GDestroyNotify) subscription_free, NULL);
}

SpBusAudience *
sp_bus_audience_new (GDBusConnection *connection)
{
  SpBusAudience *self = g_object_new (SP_TYPE_BUS_AUDIENCE, NULL);

  self->connection = g_object_ref (connection);
  return self;
}

static gboolean
belongs_to (gpointer subscription, gpointer value, gpointer name)
{
  return g_str_equal (((Subscription *) subscription)->name, name);
}

static void
on_vanished (GDBusConnection *connection, const char *name, gpointer data)
{
  SpBusAudience *self = data;
  guint ended = g_hash_table_foreach_remove (self->subscriptions, belongs_to, (gpointer) name);

  g_hash_table_remove (self->listeners, name);
  if (ended > 0 && g_hash_table_size (self->subscriptions) == 0)
    g_signal_emit (self, signals[IN_USE_CHANGED], 0);
}

void
sp_bus_audience_admit (SpBusAudience *self, const char *name)
{
  guint watch;

  if (g_hash_table_contains (self->listeners, name))
    return;
  watch = g_bus_watch_name_on_connection (self->connection, name, G_BUS_NAME_WATCHER_FLAGS_NONE,
                                          NULL, on_vanished, self, NULL);
  g_hash_table_insert (self->listeners, g_strdup (name), GUINT_TO_POINTER (watch));
}

gboolean
sp_bus_audience_has (SpBusAudience *self, const char *name)
{
  return g_hash_table_contains (self->listeners, name);
}

gboolean
sp_bus_audience_is_empty (SpBusAudience *self)
{
  return g_hash_table_size (self->listeners) == 0;
}

void
sp_bus_audience_tell (SpBusAudience *self,
                      const char *only,
                      const char *path,
                      const char *interface,
                      const char *member,
                      GVariant *arguments)
{
  g_autoptr (GVariant) owned = g_variant_ref_sink (arguments);
  GHashTableIter listeners;
  gpointer name;

  g_hash_table_iter_init (&listeners, self->listeners);
  while (g_hash_table_iter_next (&listeners, &name, NULL))
    {
      /* Fails only for malformed names and when the connection is closed, where nobody listens. */
      if (only == NULL || g_str_equal (only, name))
        (void) g_dbus_connection_emit_signal (self->connection, name, path, interface, member,
                                              owned, NULL);
    }
}

void
sp_bus_audience_set_reporter (SpBusAudience *self, SpBusReporter reporter, gpointer data)
{
  self->reporter = reporter;
  self->reporter_data = data;
}

static gboolean
on_report_due (gpointer data)
{
  Subscription *subscription = data;
  SpBusAudience *self = subscription->audience;

  if (self->reporter != NULL)
    subscription->reported =
        self->reporter (subscription->name, subscription->reported, self->reporter_data);
  return G_SOURCE_CONTINUE;
}

static gboolean
on_closed (int fd, GIOCondition condition, gpointer data)
{
  Subscription *subscription = data;
  SpBusAudience *self = subscription->audience;

  subscription->close_source = 0;
  g_hash_table_remove (self->subscriptions, subscription);
  if (g_hash_table_size (self->subscriptions) == 0)
    g_signal_emit (self, signals[IN_USE_CHANGED], 0);
  return G_SOURCE_REMOVE;
}

static void
keep_subscription (SpBusAudience *self, const char *name, guint interval, int fd)
{
  Subscription *subscription = g_new0 (Subscription, 1);

  subscription->audience = self;
  subscription->name = g_strdup (name);
  subscription->fd = fd;
  /* Only the hang-up counts: what a subscriber might write stays in the pipe, unread. */
  subscription->close_source = g_unix_fd_add (fd, G_IO_HUP | G_IO_ERR, on_closed, subscription);
  if (interval > 0)
    subscription->report_source = g_timeout_add (interval, on_report_due, subscription);
  (void) g_hash_table_add (self->subscriptions, subscription);
  sp_bus_audience_admit (self, name);
}

int
sp_bus_audience_subscribe (SpBusAudience *self, const char *name, guint interval, GError **error)
{
  int ends[2];
  gboolean first = g_hash_table_size (self->subscriptions) == 0;

  if (g_hash_table_size (self->subscriptions) >= SP_BUS_SUBSCRIPTIONS_MAX)
    {
      g_set_error (error, SP_BUS_ERROR, SP_BUS_ERROR_BUSY, "too many subscriptions");
      return -1;
    }
  if (pipe2 (ends, O_CLOEXEC | O_NONBLOCK) < 0)
    {
      g_set_error (error, SP_BUS_ERROR, SP_BUS_ERROR_FAILED, "making a subscription: %s",
                   g_strerror (errno));
      return -1;
    }
  keep_subscription (self, name, interval, ends[0]);
  if (first)
    g_signal_emit (self, signals[IN_USE_CHANGED], 0);
  return ends[1];
}

gboolean
sp_bus_audience_is_in_use (SpBusAudience *self)
{
  return g_hash_table_size (self->subscriptions) > 0;
}
