/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/io.h"
#include "from-main.h"
#include "holder.h"
#include "kept.h"

#include <fcntl.h>
#include <glib/gstdio.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

/* --- what is kept --- */

static int
open_something (void)
{
  int fd = open ("/dev/null", O_RDONLY | O_CLOEXEC);

  g_assert_cmpint (fd, >=, 0);
  return fd;
}

static gboolean
is_open (int fd)
{
  return fcntl (fd, F_GETFD) >= 0;
}

/* Puts a session, and returns the descriptors that are its now. */
static void
put_session (SpKept *kept, guint64 worker, int *ret_fds)
{
  const SpKeepSession session = { .worker = worker, .mtu = 1400 };
  int fds[SP_KEPT_DESCRIPTORS];

  for (guint i = 0; i < SP_KEPT_DESCRIPTORS; i++)
    ret_fds[i] = fds[i] = open_something ();
  g_assert_true (sp_kept_put_session (kept, &session, fds));
  g_assert_cmpint (fds[SP_KEPT_WALL], ==, -1);
}

typedef struct
{
  GString *text;
  guint left; /* messages that are taken */
} Listener;

static gboolean
note (gpointer user_data, guint8 type, gconstpointer message, const int *fds, guint n_fds)
{
  Listener *listener = user_data;
  const SpSessionKept *session = message;
  const SpChannelKept *channel = message;

  if (listener->left == 0)
    return FALSE;
  listener->left--;
  for (guint i = 0; i < n_fds; i++)
    g_assert_true (is_open (fds[i]));
  if (type == SP_MESSAGE_SESSION_KEPT)
    g_string_append_printf (listener->text, "session %u mtu %u; ", (guint) session->worker,
                            session->mtu);
  else if (type == SP_MESSAGE_CHANNEL_KEPT)
    g_string_append_printf (listener->text, "channel %u.%u; ", (guint) channel->worker,
                            channel->number);
  else if (type == SP_MESSAGE_LOCK_KEPT)
    g_string_append (listener->text, "lock; ");
  else
    g_string_append_printf (listener->text, "%u; ", type - SP_MESSAGE_SERVER_KEPT);
  return TRUE;
}

static void
assert_kept (SpKept *kept, const char *expected)
{
  g_autoptr (GString) text = g_string_new (NULL);
  Listener listener = { text, G_MAXUINT };

  g_assert_true (sp_kept_tell_all (kept, note, &listener));
  g_assert_cmpstr (text->str, ==, expected);
}

static void
test_what_is_kept_is_handed_over (void)
{
  g_autoptr (SpKept) kept = sp_kept_new ();
  const SpKeepServer server = { .started_at = 24 };
  const SpKeepListener listener = { .port = 443 };
  const SpKeepChannel channel = { .worker = 7, .number = 2 };
  const SpChangeSession changed = { .worker = 7, .mtu = 1300 };
  const SpChangeSession unknown = { .worker = 8 };
  int fds[SP_KEPT_DESCRIPTORS];
  int keys = open_something (), socket = open_something (), datagrams = open_something ();
  int lock = open_something ();
  int channel_fd = datagrams;

  assert_kept (kept, "");
  sp_kept_put_server (kept, &server);
  sp_kept_put_door_keys (kept, &keys);
  g_assert_true (sp_kept_put_listener (kept, &listener, &socket));
  put_session (kept, 7, fds);
  g_assert_true (sp_kept_put_channel (kept, &channel, &datagrams));
  assert_kept (kept, "0; 1; 2; session 7 mtu 1400; channel 7.2; ");
  sp_kept_change_session (kept, &changed);
  sp_kept_change_session (kept, &unknown);
  assert_kept (kept, "0; 1; 2; session 7 mtu 1300; channel 7.2; ");
  sp_kept_remove_channel (kept, 7, 2);
  g_assert_false (is_open (channel_fd));
  sp_kept_remove_channel (kept, 7, 2);
  sp_kept_remove_session (kept, 7);
  for (guint i = 0; i < SP_KEPT_DESCRIPTORS; i++)
    g_assert_false (is_open (fds[i]));
  assert_kept (kept, "0; 1; 2; ");
  sp_kept_put_lock (kept, &lock);
  assert_kept (kept, "lock; 0; 1; 2; ");
  sp_kept_clear (kept);
  assert_kept (kept, "lock; ");
}

/* Of a session that is not kept nothing is, and each has so many channels and no more. */
static void
test_channels_are_bounded (void)
{
  g_autoptr (SpKept) kept = sp_kept_new ();
  int fds[SP_KEPT_DESCRIPTORS];
  SpKeepChannel channel = { .worker = 1 };
  sp_autofd int stranger = open_something ();

  g_assert_true (sp_kept_put_channel (kept, &channel, &stranger));
  g_assert_cmpint (stranger, >=, 0);
  put_session (kept, 1, fds);
  for (channel.number = 1; channel.number <= SP_HOLDER_CHANNELS_MAX; channel.number++)
    {
      int fd = open_something ();
      g_assert_true (sp_kept_put_channel (kept, &channel, &fd));
    }
  g_assert_false (sp_kept_put_channel (kept, &channel, &stranger));
  g_assert_cmpint (stranger, >=, 0);
}

static void
test_listeners_and_sessions_are_bounded (void)
{
  g_autoptr (SpKept) kept = sp_kept_new ();
  SpKeepListener listener = { 0 };
  SpKeepSession session = { 0 };
  int none[SP_KEPT_DESCRIPTORS] = { -1, -1, -1, -1 };
  int fd = -1;

  for (listener.port = 1; listener.port <= SP_HOLDER_LISTENERS_MAX; listener.port++)
    g_assert_true (sp_kept_put_listener (kept, &listener, &fd));
  g_assert_false (sp_kept_put_listener (kept, &listener, &fd));
  listener.port = 1; /* in the place of the one before */
  g_assert_true (sp_kept_put_listener (kept, &listener, &fd));
  for (session.worker = 1; session.worker <= SP_SESSIONS_MAX; session.worker++)
    g_assert_true (sp_kept_put_session (kept, &session, none));
  g_assert_false (sp_kept_put_session (kept, &session, none));
  session.worker = 1;
  g_assert_true (sp_kept_put_session (kept, &session, none));
}

/* Only the very same words let one go. */
static void
test_a_listener_is_let_go (void)
{
  g_autoptr (SpKept) kept = sp_kept_new ();
  SpKeepListener listener = { .port = 1 };
  SpLetListenerGo words = { .port = 1, .device_length = 1, .device = "a" };
  int first = open_something ();
  int second = open_something ();
  int numbers[] = { first, second };

  g_assert_true (sp_kept_put_listener (kept, &listener, &first));
  listener.port = 2;
  g_assert_true (sp_kept_put_listener (kept, &listener, &second));
  sp_kept_remove_listener (kept, &words);
  g_assert_cmpint (fcntl (numbers[0], F_GETFD), >=, 0);
  words = (SpLetListenerGo){ .port = 1 };
  sp_kept_remove_listener (kept, &words);
  sp_kept_remove_listener (kept, &words);
  g_assert_cmpint (fcntl (numbers[0], F_GETFD), ==, -1);
  g_assert_cmpint (fcntl (numbers[1], F_GETFD), >=, 0);
  words.port = 2;
  sp_kept_remove_listener (kept, &words);
  g_assert_cmpint (fcntl (numbers[1], F_GETFD), ==, -1);
}

static void
test_who_does_not_listen_ends_it (void)
{
  g_autoptr (SpKept) kept = sp_kept_new ();
  g_autoptr (GString) text = g_string_new (NULL);
  Listener listener = { text, 1 };
  int fds[SP_KEPT_DESCRIPTORS];

  put_session (kept, 1, fds);
  put_session (kept, 2, fds);
  g_assert_false (sp_kept_tell_all (kept, note, &listener));
}

/* --- main as a script, whose state is a file --- */

typedef struct
{
  char *file;
} Scene;

static void
set_up (Scene *scene, gconstpointer data)
{
  g_autofree char *folder = g_dir_make_tmp ("holder-XXXXXX", NULL);

  scene->file = g_build_filename (folder, "lives", NULL);
}

static void
tear_down (Scene *scene, gconstpointer data)
{
  g_autofree char *folder = g_path_get_dirname (scene->file);

  (void) g_unlink (scene->file);
  (void) g_rmdir (folder);
  g_free (scene->file);
}

/* The holder is a process of its own: it takes signals and waits for children. */
static pid_t
start (const char *script, const char *file)
{
  pid_t pid = fork ();

  if (pid == 0)
    {
      char *const arguments[] = {
        (char *) "",     (char *) "/bin/sh", (char *) "-c", (char *) script,
        (char *) "main", (char *) file,      NULL
      };
      _exit (sp_holder_run (arguments));
    }
  return pid;
}

static int
wait_for (pid_t pid)
{
  int status;

  g_assert_cmpint (waitpid (pid, &status, 0), ==, pid);
  g_assert_true (WIFEXITED (status));
  return WEXITSTATUS (status);
}

static gsize
count_lives (Scene *scene)
{
  g_autofree char *text = NULL;
  gsize length = 0;

  (void) g_file_get_contents (scene->file, &text, &length, NULL);
  return length;
}

static gboolean
was_undone (Scene *scene)
{
  g_autofree char *sign = g_strconcat (scene->file, ".undone", NULL);

  return g_unlink (sign) == 0;
}

static void
test_the_status_is_mains (Scene *scene, gconstpointer data)
{
  g_assert_cmpint (wait_for (start ("exit 3", "")), ==, 3);
}

/* One letter a life. */
#define LIVE                                                                                       \
  "[ \"$2\" != --undo-network ] || { touch \"$1.undone\"; exit 0; }; "                             \
  "printf x >> \"$1\"; lives=$(wc -c < \"$1\"); "

static void
test_a_killed_main_is_started_again (Scene *scene, gconstpointer data)
{
  g_assert_cmpint (wait_for (start (LIVE "[ $lives -ge 3 ] && exit 7; kill -9 $$", scene->file)),
                   ==, 7);
  g_assert_cmpuint (count_lives (scene), ==, 3);
  g_assert_true (was_undone (scene));
}

static void
test_one_that_wants_another_gets_it (Scene *scene, gconstpointer data)
{
  g_assert_cmpint (wait_for (start (LIVE "[ $lives -ge 2 ] && exit 0; exit 75", scene->file)), ==,
                   0);
  g_assert_cmpuint (count_lives (scene), ==, 2);
  g_assert_false (was_undone (scene));
}

static void
test_one_that_always_dies_is_given_up (Scene *scene, gconstpointer data)
{
  g_assert_cmpint (wait_for (start (LIVE "kill -9 $$", scene->file)), ==, SP_HOLDER_GAVE_UP);
  g_assert_cmpuint (count_lives (scene), ==, 6);
  g_assert_true (was_undone (scene));
}

/* Asked to end, it is not started again, however it ends. */
static void
test_the_end_is_an_end (Scene *scene, gconstpointer data)
{
  pid_t holder = start (LIVE "trap 'kill -9 $$' TERM; while :; do sleep 0.05; done", scene->file);

  while (count_lives (scene) == 0)
    g_usleep (1000);
  g_usleep (100000); /* for the trap, or the shell's own end: both are an end */
  g_assert_cmpint (kill (holder, SIGTERM), ==, 0);
  g_assert_cmpint (wait_for (holder), ==, EXIT_FAILURE);
  g_assert_cmpuint (count_lives (scene), ==, 1);
  g_assert_true (was_undone (scene));
}

/* What is started by a main whose holder dies ends in order, too. */
static void
test_main_is_asked_to_end_when_its_holder_dies (Scene *scene, gconstpointer data)
{
  pid_t holder = start (LIVE "trap 'printf y >> \"$1\"; exit 0' TERM; printf z >> \"$1\"; "
                             "while :; do sleep 0.05; done",
                        scene->file);
  gint64 deadline = g_get_monotonic_time () + 10 * G_USEC_PER_SEC;
  int status;

  while (count_lives (scene) < 2)
    g_usleep (1000);
  g_assert_cmpint (kill (holder, SIGKILL), ==, 0);
  g_assert_cmpint (waitpid (holder, &status, 0), ==, holder);
  while (count_lives (scene) < 3 && g_get_monotonic_time () < deadline)
    g_usleep (1000);
  g_assert_cmpuint (count_lives (scene), ==, 3);
}

/* --- what main says --- */

/* Sockets that a service manager gave to the holder are main's, and the wall is behind them. */
static void
test_sockets_are_passed_on (Scene *scene, gconstpointer data)
{
  pid_t pid = fork ();

  if (pid == 0)
    {
      g_autofree char *own = g_strdup_printf ("%d", (int) getpid ());
      const char *script = "[ \"$LISTEN_PID $LISTEN_FDS ${SALLYPORT_HOLDER%:*}\" = \"$$ 2 5\" ] && "
                           "[ -e /proc/self/fd/4 ] && [ -S /proc/self/fd/5 ] && exit 9; exit 1";
      char *const arguments[] = { (char *) "", (char *) "/bin/sh", (char *) "-c", (char *) script,
                                  NULL };
      int given = open_something ();

      (void) dup2 (given, 3);
      (void) dup2 (given, 4);
      (void) g_setenv ("LISTEN_PID", own, TRUE);
      (void) g_setenv ("LISTEN_FDS", "2", TRUE);
      _exit (sp_holder_run (arguments));
    }
  g_assert_cmpint (wait_for (pid), ==, 9);
}

/* What a main of a later version asks for, once. */
static void
test_it_renews_itself (Scene *scene, gconstpointer data)
{
  static const struct
  {
    const char *own;
    const char *renewed;
    int status;
  } cases[] = {
    { "/bin/true", NULL, 0 },
    { "/nowhere/holder", NULL, SP_HOLDER_GAVE_UP },
    { "/bin/true", "1", SP_HOLDER_GAVE_UP },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      pid_t pid = fork ();

      if (pid == 0)
        {
          char *const arguments[] = {
            (char *) cases[i].own, (char *) "/bin/sh", (char *) "-c", (char *) LIVE "exit 76",
            (char *) "main",       scene->file,        NULL
          };

          if (cases[i].renewed != NULL)
            (void) g_setenv ("SALLYPORT_HOLDER_RENEWED", cases[i].renewed, TRUE);
          _exit (sp_holder_run (arguments));
        }
      g_assert_cmpint (wait_for (pid), ==, cases[i].status);
      g_assert_cmpint (was_undone (scene), ==, cases[i].status != 0);
    }
  g_assert_cmpuint (count_lives (scene), ==, 3);
}

/* Once, whoever is main then. */
static void
test_the_service_manager_is_told (Scene *scene, gconstpointer data)
{
  g_autofree char *path = g_strconcat (scene->file, ".manager", NULL);
  /* SERVING, in a shell's words: version, type, seven times nothing. */
  g_autofree char *script =
      g_strdup_printf (LIVE "printf '\\%o\\%o\\0\\0\\0\\0\\0\\0\\0' >&3; "
                            "[ $lives -ge 2 ] || kill -9 $$; "
                            "trap 'exit 0' TERM; printf z >> \"$1\"; while :; do sleep 0.05; done",
                       SP_WALL_VERSION, SP_MESSAGE_SERVING);
  struct sockaddr_un address = { .sun_family = AF_UNIX };
  sp_autofd int manager = socket (AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  char heard[64] = "";
  pid_t holder;

  (void) g_strlcpy (address.sun_path, path, sizeof address.sun_path);
  g_assert_cmpint (bind (manager, (const struct sockaddr *) &address, sizeof address), ==, 0);
  g_assert_true (g_setenv ("NOTIFY_SOCKET", path, TRUE));
  holder = start (script, scene->file);
  g_unsetenv ("NOTIFY_SOCKET");
  g_assert_cmpint (recv (manager, heard, sizeof heard - 1, 0), ==, 7);
  g_assert_cmpstr (heard, ==, "READY=1");
  while (count_lives (scene) < 3)
    g_usleep (1000);
  g_assert_cmpint (kill (holder, SIGTERM), ==, 0);
  g_assert_cmpint (recv (manager, heard, sizeof heard - 1, 0), ==, 10);
  g_assert_cmpstr (heard, ==, "STOPPING=1");
  (void) wait_for (holder);
  (void) g_unlink (path);
}

static void
test_main_keeps_to_its_rules (void)
{
  g_autoptr (SpKept) kept = sp_kept_new ();
  g_autoptr (GError) error = NULL;
  const SpKeepServer server = { .started_at = 24 };
  const SpAllKept all = { 0 };
  SpNews news = { FALSE, FALSE };
  SpPermit permit;
  int pair[2];

  g_assert_true (sp_socket_pair (pair, NULL));
  sp_permit_init (&permit, &sp_wall_main_holder, SP_MAIN_HOLDER_HOLDER);
  sp_permit_enter (&permit, SP_MAIN_HOLDER_KEEPING);
  g_assert_true (sp_channel_send (pair[1], &sp_wall_main_holder, SP_MESSAGE_KEEP_SERVER, 0, &server,
                                  NULL, 0, NULL));
  g_assert_true (sp_holder_hear_main (pair[0], &permit, kept, &news, &error));
  g_assert_true (news.is_on);
  g_assert_false (news.is_serving);
  assert_kept (kept, "0; ");
  /* What only the holder says. */
  g_assert_true (
      sp_channel_send (pair[1], &sp_wall_main_holder, SP_MESSAGE_ALL_KEPT, 0, &all, NULL, 0, NULL));
  g_assert_false (sp_holder_hear_main (pair[0], &permit, kept, &news, &error));
  g_assert_nonnull (error);
  sp_fd_clear (&pair[0]);
  sp_fd_clear (&pair[1]);
}

#define ADD(name, test) g_test_add ("/holder/" name, Scene, NULL, set_up, test, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/kept/handed-over", test_what_is_kept_is_handed_over);
  g_test_add_func ("/kept/channels-bounded", test_channels_are_bounded);
  g_test_add_func ("/kept/bounded", test_listeners_and_sessions_are_bounded);
  g_test_add_func ("/kept/listener-let-go", test_a_listener_is_let_go);
  g_test_add_func ("/kept/not-heard", test_who_does_not_listen_ends_it);
  g_test_add_func ("/holder/rules", test_main_keeps_to_its_rules);
  ADD ("status", test_the_status_is_mains);
  ADD ("again", test_a_killed_main_is_started_again);
  ADD ("another", test_one_that_wants_another_gets_it);
  ADD ("given-up", test_one_that_always_dies_is_given_up);
  ADD ("end", test_the_end_is_an_end);
  ADD ("sockets", test_sockets_are_passed_on);
  ADD ("renewed", test_it_renews_itself);
  ADD ("manager", test_the_service_manager_is_told);
  ADD ("orphan", test_main_is_asked_to_end_when_its_holder_dies);
  return g_test_run ();
}
