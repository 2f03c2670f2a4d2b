/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "platform/supervise.h"

#include "room-child-linux.h"
#include "platform/room-log.h"

#include "base/error.h"
#include "base/io.h"
#include "base/names.h"

#include <errno.h>
#include <fcntl.h>
#include <glib-unix.h>
#include <signal.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

struct _SpRoom
{
  pid_t pid;
  int pidfd;         /* -1 after it was reaped */
  gboolean executes; /* what it started ends with it */
  GSource *source;
  SpRoomLog *log;
  SpRoomExited exited;
  gpointer user_data;
};

gboolean
sp_pidfd_kill (int pidfd, int signal_number, GError **error)
{
  if (syscall (SYS_pidfd_send_signal, pidfd, signal_number, NULL, 0) == 0)
    return TRUE;
  sp_error_set_errno (error, errno, "signalling a process");
  return FALSE;
}

/* Takes `fd`; the new one cannot be in the way of what the child arranges. */
static int
lift_descriptor (int fd, GError **error)
{
  sp_autofd int low = fd;
  int lifted = low >= 0 ? fcntl (low, F_DUPFD_CLOEXEC, SP_WALL_FD + 1) : -1;

  if (lifted < 0)
    sp_error_set_errno (error, errno, "preparing a room's descriptors");
  return lifted;
}

static int
open_for_child (const char *path, int flags, GError **error)
{
  int fd = lift_descriptor (open (path, flags | O_CLOEXEC), error);

  if (fd < 0)
    g_prefix_error (error, "%s: ", path);
  return fd;
}

static int
wait_for_exit (pid_t pid)
{
  int status = 0;

  while (waitpid (pid, &status, 0) < 0 && errno == EINTR)
    continue;
  return status;
}

/* TRUE when the child has become the program: exec closes the other end without a word. */
static gboolean
read_report (int fd, pid_t pid, const char *program, GError **error)
{
  SpRoomChildReport report;
  ssize_t got;

  do
    got = read (fd, &report, sizeof report);
  while (got < 0 && errno == EINTR);
  if (got == 0)
    return TRUE;
  (void) wait_for_exit (pid);
  if (got != sizeof report)
    g_set_error (error, SP_ERROR, SP_ERROR_FAILED, "Starting %s failed", program);
  else
    sp_error_set_errno (error, report.errno_value, "starting %s: %s", program,
                        sp_room_child_step_name (report.step));
  return FALSE;
}

static pid_t
start_child (SpRoomChild *child, GError **error)
{
  int pipe_fds[2];
  sp_autofd int report_end = -1;
  sp_autofd int child_end = -1;
  pid_t pid;

  if (pipe2 (pipe_fds, O_CLOEXEC) != 0)
    {
      sp_error_set_errno (error, errno, "preparing a room's descriptors");
      return -1;
    }
  report_end = pipe_fds[0];
  child_end = lift_descriptor (pipe_fds[1], error);
  if (child_end < 0)
    return -1;
  child->report_fd = child_end;
  child->parent = getpid ();
  pid = fork ();
  if (pid == 0)
    sp_room_child_run (child);
  if (pid < 0)
    {
      sp_error_set_errno (error, errno, "starting %s", child->program);
      return -1;
    }
  sp_fd_clear (&child_end);
  return read_report (report_end, pid, child->program, error) ? pid : -1;
}

/* Until it is reaped, the number of the group is its own. */
static void
end_group (SpRoom *room)
{
  if (room->executes)
    (void) kill (-room->pid, SIGKILL);
}

static gboolean
child_ended (gint fd, GIOCondition condition, gpointer data)
{
  SpRoom *room = data;
  SpRoomExited exited = room->exited;
  gpointer user_data = room->user_data;
  int status;

  end_group (room);
  status = wait_for_exit (room->pid);
  sp_room_log_hear (room->log); /* its last words, before what is said about its end */

  sp_fd_clear (&room->pidfd);
  g_clear_pointer (&room->source, g_source_unref);
  /* Last: it may free the room. */
  exited (user_data, status);
  return G_SOURCE_REMOVE;
}

static SpRoom *
watch_child (pid_t pid, SpRoomExited exited, gpointer user_data, GError **error)
{
  SpRoom *room;
  int pidfd = (int) syscall (SYS_pidfd_open, pid, 0);

  if (pidfd < 0)
    {
      sp_error_set_errno (error, errno, "watching a room");
      (void) kill (pid, SIGKILL); /* our child, not reaped: the number is still its own */
      (void) wait_for_exit (pid);
      return NULL;
    }
  room = g_new0 (SpRoom, 1);
  room->pid = pid;
  room->pidfd = pidfd;
  room->exited = exited;
  room->user_data = user_data;
  room->source = g_unix_fd_source_new (pidfd, G_IO_IN);
  g_source_set_callback (room->source, G_SOURCE_FUNC (child_ended), room, NULL);
  g_source_attach (room->source, g_main_context_get_thread_default ());
  return room;
}

/* Lent. */
static char **
list_arguments (const SpRoomPlan *plan, char *name)
{
  GPtrArray *arguments = g_ptr_array_new ();

  g_ptr_array_add (arguments, name);
  for (guint i = 0; plan->arguments != NULL && plan->arguments[i] != NULL; i++)
    g_ptr_array_add (arguments, (gpointer) plan->arguments[i]);
  g_ptr_array_add (arguments, NULL);
  return (char **) g_ptr_array_free (arguments, FALSE);
}

SpRoom *
sp_room_start (
    const SpRoomPlan *plan, int wall_fd, SpRoomExited exited, gpointer user_data, GError **error)
{
  g_autofree char *name = g_path_get_basename (plan->program);
  g_autofree char **arguments = list_arguments (plan, name);
  sp_autofd int wall = lift_descriptor (wall_fd, error);
  const char *folder_name = plan->folder != NULL ? plan->folder : "/";
  sp_autofd int program = -1;
  sp_autofd int folder = -1;
  sp_autofd int null = -1;
  sp_autofd int said = -1;
  g_autoptr (SpRoomLog) log = NULL;
  SpRoomChild child = { .program = plan->program, .arguments = arguments };
  SpRoom *room;
  pid_t pid;

  if (wall < 0 || (!plan->foreign && !sp_account_find (plan->account, &child.account, error)))
    return NULL;
  child.foreign = plan->foreign;
  child.executes = plan->executes;
  child.bound_early = plan->bound_early;
  if (plan->folder != NULL && !sp_account_give_folder (&child.account, plan->folder, error))
    return NULL;
  program = open_for_child (plan->program, O_PATH, error);
  folder = program < 0 ? -1 : open_for_child (folder_name, O_PATH | O_DIRECTORY, error);
  null = folder < 0 ? -1 : open_for_child ("/dev/null", O_RDWR, error);
  if (null < 0)
    return NULL;
  child.wall_fd = wall;
  child.program_fd = program;
  child.folder_fd = folder;
  child.null_fd = null;
  log = sp_room_log_open (name, &said, error);
  if (log == NULL || (said = lift_descriptor (said, error)) < 0)
    return NULL;
  child.log_fd = said;
  pid = start_child (&child, error);
  room = pid < 0 ? NULL : watch_child (pid, exited, user_data, error);
  if (room == NULL)
    return NULL;
  room->executes = plan->foreign || plan->executes;
  room->log = g_steal_pointer (&log);
  return room;
}

pid_t
sp_room_get_pid (SpRoom *room)
{
  return room->pid;
}

void
sp_room_kill (SpRoom *room)
{
  if (room->pidfd >= 0)
    (void) sp_pidfd_kill (room->pidfd, SIGKILL, NULL); /* fails only when it has ended already */
}

void
sp_room_free (SpRoom *room)
{
  if (room->source != NULL)
    {
      g_source_destroy (room->source);
      g_source_unref (room->source);
    }
  if (room->pidfd >= 0)
    {
      sp_room_kill (room);
      end_group (room);
      (void) wait_for_exit (room->pid);
      sp_fd_clear (&room->pidfd);
      sp_room_log_hear (room->log);
    }
  sp_room_log_unref (room->log);
  g_free (room);
}
