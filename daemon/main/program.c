/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "program.h"

#include "base/error.h"
#include "base/io.h"
#include "base/limits.h"
#include "base/log.h"
#include "base/names.h"
#include "bus-backup.h"
#include "bus-service.h"
#include "state-lock.h"

#include <glib-unix.h>
#include <signal.h>
#include <unistd.h>

#define IDLE_SECONDS 30
/* For the state folder: until another main has ended, or has been replaced.  The bus waits longer
 * for whom it starts. */
#define TURN_SECONDS      10
#define LOOK_MICROSECONDS 50000
#define LET_GO_SECONDS    20 /* for what still works on a server that is replaced */
#define READY_SECONDS     20 /* for the keyholder of the next one */
/* A session's wall, process, log, TUN and two datagram channels; walls, processes and logs of
 * unknown clients; and everything else. */
#define DESCRIPTORS_WANTED (6 * SP_SESSIONS_MAX + 3 * 1024 + 512)

typedef struct
{
  const SpProgramPlan *plan;
  GMainLoop *loop;
  int lock; /* of the state folder */
  GDBusConnection *connection;
  SpServer *server;
  SpBusService *bus;
  gboolean ending;
  guint idle_timer;
  SpBusAnswer *answer; /* to whoever had the server replaced */
  guint let_go_timer;
  guint ready_timer;
  int status;
  SpHolding *holding;
  SpServerPlan server_plan; /* the plan's, with the holding and who is asked of the network */
} Program;

static void
stopped_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Program *program = user_data;
  g_autoptr (GError) error = NULL;

  if (!sp_server_stop_finish (SP_SERVER (source), result, &error))
    sp_log (SP_LOG_WARNING, "server", "%s", error->message);
  g_main_loop_quit (program->loop);
}

/* Stops the server in order; clients come back when it is there again.  Asked twice, it ends at
 * once: the next start undoes what is left. */
static void
end (Program *program, int status)
{
  if (program->ending)
    g_main_loop_quit (program->loop);
  program->ending = TRUE;
  program->status = status;
  if (program->server == NULL)
    g_main_loop_quit (program->loop);
  else
    sp_server_stop_async (program->server, TRUE, NULL, stopped_cb, program);
}

static gboolean
end_cb (gpointer user_data)
{
  end (user_data, 0);
  return G_SOURCE_CONTINUE;
}

static gboolean
reload_cb (gpointer user_data)
{
  Program *program = user_data;
  g_autoptr (GError) error = NULL;

  if (program->server == NULL)
    return G_SOURCE_CONTINUE; /* the next one reads its settings anyway */
  if (!sp_server_reload (program->server, &error))
    sp_log (SP_LOG_ERROR, "server", "keeps its settings: %s", error->message);
  return G_SOURCE_CONTINUE;
}

/* As if we had been killed, but that all is written down.  Without a word to anybody: the sessions
 * go on, and the next main undoes or adopts the rest. */
static gboolean
again_cb (gpointer user_data)
{
  Program *program = user_data;

  if (!sp_holding_is_there (program->holding) || program->ending)
    {
      sp_log (SP_LOG_WARNING, "server", "there is nobody who would start another in our place");
      return G_SOURCE_CONTINUE;
    }
  sp_log (SP_LOG_NOTICE, "server", "makes place for another");
  if (program->server != NULL)
    {
      sp_session_registry_write_down (sp_server_get_sessions (program->server));
      sp_user_registry_write_first_logins (sp_server_get_users (program->server));
    }
  _exit (SP_HOLDER_AGAIN);
}

static void
give_answer (Program *program, const GError *error)
{
  SpBusAnswer *answer = g_steal_pointer (&program->answer);

  g_clear_handle_id (&program->ready_timer, g_source_remove);
  if (answer != NULL)
    sp_bus_answer_give (answer, error);
}

static void
started_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Program *program = user_data;
  g_autoptr (GError) error = NULL;
  gboolean started = sp_server_start_finish (SP_SERVER (source), result, &error);

  give_answer (program, error);
  if (started)
    return;
  sp_log (SP_LOG_ERROR, "server", "%s", error->message);
  /* Otherwise the bus tells why, and whoever asks may try again. */
  if (program->plan->start)
    end (program, SP_PROGRAM_FAILED);
}

static gboolean
idle_cb (gpointer user_data)
{
  Program *program = user_data;

  program->idle_timer = 0;
  end (program, 0);
  return G_SOURCE_REMOVE;
}

static gboolean
has_sockets (Program *program)
{
  const GPtrArray *inherited = program->plan->server.inherited;

  return inherited != NULL && inherited->len > 0;
}

/* Off and unused for a while: the bus will start us when somebody asks.  With sockets of a service
 * manager whoever knocks would, again and again, since nobody answers while the server is off. */
static void
watch_idleness (Program *program)
{
  gboolean idle = program->plan->exit_when_idle && program->server != NULL &&
                  !has_sockets (program) && sp_server_may_end (program->server) &&
                  (program->bus == NULL || !sp_bus_service_is_in_use (program->bus));

  g_clear_handle_id (&program->idle_timer, g_source_remove);
  if (idle)
    program->idle_timer = g_timeout_add_seconds (IDLE_SECONDS, idle_cb, program);
}

static void
name_acquired_cb (SpBusService *bus, gpointer user_data)
{
  Program *program = user_data;

  sp_holding_tell_serving (program->holding);
}

static void
name_lost_cb (SpBusService *bus, gpointer user_data)
{
  Program *program = user_data;

  sp_log (SP_LOG_ERROR, "bus",
          g_dbus_connection_is_closed (program->connection)
              ? "it is gone"
              : "the name is not ours: another " SP_PRODUCT_NAME
                " runs, or the bus does not let us");
  end (program, SP_PROGRAM_FAILED);
}

static gboolean
reach_bus (Program *program, GError **error)
{
  GBusType type = program->plan->bus == SP_BUS_SYSTEM ? G_BUS_TYPE_SYSTEM : G_BUS_TYPE_SESSION;

  if (program->plan->bus == SP_BUS_NONE)
    return TRUE;
  program->connection = g_bus_get_sync (type, NULL, error);
  if (program->connection == NULL)
    return FALSE;
  /* Its closing is told as a lost name; to end in order is ours. */
  g_dbus_connection_set_exit_on_close (program->connection, FALSE);
  return TRUE;
}

static gboolean
join_bus (Program *program, GError **error)
{
  if (program->connection == NULL)
    {
      sp_holding_tell_serving (program->holding);
      return TRUE;
    }
  program->bus = sp_bus_service_new (program->connection, program->server, error);
  if (program->bus == NULL)
    return FALSE;
  (void) g_signal_connect (program->bus, "name-acquired", G_CALLBACK (name_acquired_cb), program);
  (void) g_signal_connect (program->bus, "name-lost", G_CALLBACK (name_lost_cb), program);
  (void) g_signal_connect_swapped (program->bus, "in-use-changed", G_CALLBACK (watch_idleness),
                                   program);
  return TRUE;
}

/* --- whose turn it is --- */

static gboolean
another_answers (Program *program)
{
  g_autoptr (GVariant) answer = NULL;
  gboolean has_owner = FALSE;

  if (program->connection == NULL)
    return FALSE;
  answer = g_dbus_connection_call_sync (
      program->connection, "org.freedesktop.DBus", "/org/freedesktop/DBus", "org.freedesktop.DBus",
      "NameHasOwner", g_variant_new ("(s)", SP_BUS_NAME), G_VARIANT_TYPE ("(b)"),
      G_DBUS_CALL_FLAGS_NONE, -1, NULL, NULL);
  if (answer != NULL)
    g_variant_get (answer, "(b)", &has_owner);
  return has_owner;
}

/* A main that ends is followed.  While one is replaced the name is nobody's, and the bus starts us
 * when somebody calls: its calls wait for the name, whoever gets it, and fail if we do. */
static gboolean
await_turn (Program *program, GError **error)
{
  gint64 deadline = g_get_monotonic_time () + TURN_SECONDS * G_USEC_PER_SEC;
  int kept = sp_holding_take_lock (program->holding);

  for (;;)
    {
      g_autoptr (GError) own_error = NULL;

      program->lock = sp_state_lock_take (program->plan->server.state_folder, kept, &own_error);
      if (program->lock >= 0)
        break;
      if (!g_error_matches (own_error, SP_ERROR, SP_ERROR_BUSY) || another_answers (program) ||
          g_get_monotonic_time () > deadline)
        {
          g_propagate_error (error, g_steal_pointer (&own_error));
          return FALSE;
        }
      kept = -1;
      g_usleep (LOOK_MICROSECONDS);
    }
  sp_holding_keep_lock (program->holding, program->lock);
  return TRUE;
}

/* --- a server that is replaced by another one, since its state was --- */

static void follow_server (Program *program);

static gboolean
not_ready_cb (gpointer user_data)
{
  Program *program = user_data;
  g_autoptr (GError) error = g_error_new_literal (
      SP_ERROR, SP_ERROR_TIMEOUT, "the keyholder cannot prepare its keys; the log says why");

  program->ready_timer = 0;
  give_answer (program, error);
  return G_SOURCE_REMOVE;
}

/* A server that stays off is there when its keyholder is. */
static void
certificate_cb (SpServer *server, GParamSpec *property, Program *program)
{
  if (program->ready_timer != 0 && sp_server_get_certificate (server) != NULL)
    give_answer (program, NULL);
}

static void
begin_server (Program *program, gboolean start)
{
  watch_idleness (program);
  if (start || sp_server_is_wanted (program->server))
    sp_server_start_async (program->server, NULL, started_cb, program);
  else
    {
      sp_server_let_kept_go (program->server);
      if (program->answer != NULL)
        program->ready_timer = g_timeout_add_seconds (READY_SECONDS, not_ready_cb, program);
    }
}

static gboolean
make_server_cb (gpointer user_data)
{
  Program *program = user_data;
  g_autoptr (GError) error = NULL;

  if (program->ending)
    return G_SOURCE_REMOVE;
  program->server = sp_server_new (&program->server_plan, &error);
  if (program->server != NULL)
    follow_server (program);
  if (program->server == NULL || !sp_bus_service_serve (program->bus, program->server, &error))
    {
      sp_log (SP_LOG_ERROR, "server", "%s", error->message);
      give_answer (program, error);
      end (program, SP_PROGRAM_FAILED);
      return G_SOURCE_REMOVE;
    }
  begin_server (program, FALSE);
  return G_SOURCE_REMOVE;
}

static void
server_gone_cb (gpointer user_data, GObject *server)
{
  Program *program = user_data;

  g_clear_handle_id (&program->let_go_timer, g_source_remove);
  (void) g_idle_add (make_server_cb, program);
}

/* Then the files are still those of the old one; the next start of the program goes on. */
static gboolean
not_let_go_cb (gpointer user_data)
{
  Program *program = user_data;

  program->let_go_timer = 0;
  sp_log (SP_LOG_ERROR, "server", "something holds on to the old state; ending instead");
  program->status = SP_PROGRAM_FAILED;
  g_main_loop_quit (program->loop);
  return G_SOURCE_REMOVE;
}

static gboolean
let_go_cb (gpointer user_data)
{
  Program *program = user_data;

  (void) g_signal_handlers_disconnect_by_data (program->server, program);
  g_object_weak_ref (G_OBJECT (program->server), server_gone_cb, program);
  program->let_go_timer = g_timeout_add_seconds (LET_GO_SECONDS, not_let_go_cb, program);
  sp_bus_service_leave (program->bus);
  g_clear_object (&program->server);
  return G_SOURCE_REMOVE;
}

/* Not at once: whoever tells it works on the old one. */
static void
replaced_cb (SpServer *server, gpointer answer, Program *program)
{
  program->answer = answer;
  (void) g_idle_add (let_go_cb, program);
}

static void
follow_server (Program *program)
{
  (void) g_signal_connect_swapped (program->server, "notify::state", G_CALLBACK (watch_idleness),
                                   program);
  (void) g_signal_connect (program->server, "notify::certificate", G_CALLBACK (certificate_cb),
                           program);
  (void) g_signal_connect (program->server, "replaced", G_CALLBACK (replaced_cb), program);
}

static void
run_loop (Program *program)
{
  guint sources[] = {
    g_unix_signal_add (SIGINT, end_cb, program),
    g_unix_signal_add (SIGTERM, end_cb, program),
    g_unix_signal_add (SIGHUP, reload_cb, program),
    g_unix_signal_add (SIGUSR2, again_cb, program),
  };

  follow_server (program);
  begin_server (program, program->plan->start);
  g_main_loop_run (program->loop);
  for (guint i = 0; i < G_N_ELEMENTS (sources); i++)
    (void) g_source_remove (sources[i]);
  g_clear_handle_id (&program->idle_timer, g_source_remove);
  g_clear_handle_id (&program->let_go_timer, g_source_remove);
  g_clear_handle_id (&program->ready_timer, g_source_remove);
  if (program->server != NULL)
    (void) g_signal_handlers_disconnect_by_data (program->server, program);
}

/* Rooms inherit it. */
static void
allow_descriptors (void)
{
  guint allowed = sp_descriptors_allow (DESCRIPTORS_WANTED);

  if (allowed < DESCRIPTORS_WANTED)
    sp_log (SP_LOG_NOTICE, "server", "only %u descriptors are allowed, a full house needs %d",
            allowed, DESCRIPTORS_WANTED);
}

static void
serve (Program *program, GError **error)
{
  g_autoptr (SpUplinkManager) manager = NULL;

  /* It is on the same bus, or not asked. */
  if (program->plan->bus == SP_BUS_SYSTEM)
    manager = sp_uplink_manager_new ();
  program->server_plan = program->plan->server;
  program->server_plan.holding = program->holding;
  program->server_plan.manager = manager;
  program->server = sp_server_new (&program->server_plan, error);
  if (program->server != NULL && join_bus (program, error))
    run_loop (program);
  else
    program->status = SP_PROGRAM_FAILED;
  if (program->bus != NULL)
    sp_bus_service_close (program->bus);
  g_clear_object (&program->bus);
  g_clear_object (&program->server);
  sp_tun_close_wait ();
  sp_shaper_close_wait ();
}

int
sp_program_run (const SpProgramPlan *plan, GError **error)
{
  g_autoptr (GMainLoop) loop = g_main_loop_new (NULL, FALSE);
  Program program = { .plan = plan, .loop = loop, .lock = -1 };

  (void) signal (SIGPIPE, SIG_IGN);
  allow_descriptors ();
  program.holding = sp_holding_open ();
  if (sp_holding_is_strange (program.holding))
    program.status = SP_HOLDER_RENEW;
  else if (!reach_bus (&program, error))
    program.status = SP_PROGRAM_FAILED;
  else if (!await_turn (&program, error))
    program.status = SP_PROGRAM_NO_TURN;
  else
    serve (&program, error);
  g_clear_object (&program.connection);
  sp_fd_clear (&program.lock);
  sp_holding_free (program.holding);
  return program.status;
}

int
sp_program_undo_network (const char *state_folder, GError **error)
{
  g_autoptr (GError) own_error = NULL;
  sp_autofd int lock = sp_state_lock_take (state_folder, -1, &own_error);

  if (g_error_matches (own_error, SP_ERROR, SP_ERROR_BUSY))
    return 0; /* what is there is of use to somebody */
  if (lock < 0)
    {
      g_propagate_error (error, g_steal_pointer (&own_error));
      return SP_PROGRAM_FAILED;
    }
  return sp_network_setup_recover (state_folder, error) ? 0 : SP_PROGRAM_FAILED;
}
