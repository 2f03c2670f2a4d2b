/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "idle-restart.h"

#include "base/log.h"

#define LOOK_SECONDS 30 /* sessions that nobody heard of end without a signal */

struct _SpIdleRestart
{
  GObject parent;
  SpServer *server;
  gboolean waiting;
  guint soon;  /* source: to look when whoever is at it now is done */
  guint timer; /* source: to look now and then */
};

G_DEFINE_FINAL_TYPE (SpIdleRestart, sp_idle_restart, G_TYPE_OBJECT)

enum
{
  CHANGED,
  N_SIGNALS
};
static guint signals[N_SIGNALS]; /* nocheck: set once by class_init */

static void
set_waiting (SpIdleRestart *self, gboolean waiting)
{
  g_clear_handle_id (&self->soon, g_source_remove);
  g_clear_handle_id (&self->timer, g_source_remove);
  if (self->waiting == waiting)
    return;
  self->waiting = waiting;
  g_signal_emit (self, signals[CHANGED], 0);
}

/* The server says by its state and last error how it went. */
static void
on_started (GObject *server, GAsyncResult *result, gpointer data)
{
  g_autoptr (GError) error = NULL;

  if (!sp_server_start_finish (SP_SERVER (server), result, &error))
    sp_log (SP_LOG_ERROR, "server", "the restart that waited: %s", error->message);
}

static void
on_stopped (GObject *server, GAsyncResult *result, gpointer data)
{
  g_autoptr (GError) error = NULL;

  if (sp_server_stop_finish (SP_SERVER (server), result, &error))
    sp_server_start_async (SP_SERVER (server), NULL, on_started, NULL);
  else
    sp_log (SP_LOG_ERROR, "server", "the restart that waited: %s", error->message);
}

static void
look (SpIdleRestart *self)
{
  if (!self->waiting || sp_session_registry_get_n (sp_server_get_sessions (self->server)) > 0)
    return;
  set_waiting (self, FALSE);
  sp_log (SP_LOG_NOTICE, "server", "nobody is connected: restarting");
  sp_server_stop_async (self->server, TRUE, NULL, on_stopped, NULL);
}

static gboolean
on_soon (gpointer data)
{
  SpIdleRestart *self = data;

  self->soon = 0;
  look (self);
  return G_SOURCE_REMOVE;
}

static void
look_soon (SpIdleRestart *self)
{
  if (self->waiting && self->soon == 0)
    self->soon = g_idle_add (on_soon, self);
}

static gboolean
on_timer (gpointer data)
{
  look_soon (data);
  return G_SOURCE_CONTINUE;
}

/* Turned off, or on with the new settings, by another way. */
static void
follow_server (SpIdleRestart *self)
{
  if (sp_server_get_state (self->server) != SP_SERVER_ON)
    set_waiting (self, FALSE);
}

SpIdleRestart *
sp_idle_restart_new (SpServer *server)
{
  SpIdleRestart *self = g_object_new (SP_TYPE_IDLE_RESTART, NULL);

  self->server = server;
  g_signal_connect_object (server, "notify", G_CALLBACK (follow_server), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (sp_server_get_sessions (server), "closed", G_CALLBACK (look_soon), self,
                           G_CONNECT_SWAPPED);
  return self;
}

void
sp_idle_restart_begin (SpIdleRestart *self)
{
  set_waiting (self, TRUE);
  if (self->timer == 0)
    self->timer = g_timeout_add_seconds (LOOK_SECONDS, on_timer, self);
  look_soon (self);
}

void
sp_idle_restart_forget (SpIdleRestart *self)
{
  set_waiting (self, FALSE);
}

gboolean
sp_idle_restart_is_waiting (SpIdleRestart *self)
{
  return self->waiting;
}

static void
sp_idle_restart_dispose (GObject *object)
{
  SpIdleRestart *self = SP_IDLE_RESTART (object);

  g_clear_handle_id (&self->soon, g_source_remove);
  g_clear_handle_id (&self->timer, g_source_remove);
  G_OBJECT_CLASS (sp_idle_restart_parent_class)->dispose (object);
}

static void
sp_idle_restart_class_init (SpIdleRestartClass *class)
{
  G_OBJECT_CLASS (class)->dispose = sp_idle_restart_dispose;
  signals[CHANGED] = g_signal_new ("changed", SP_TYPE_IDLE_RESTART, G_SIGNAL_RUN_LAST, 0, NULL,
                                   NULL, NULL, G_TYPE_NONE, 0);
}

static void
sp_idle_restart_init (SpIdleRestart *self)
{
}
