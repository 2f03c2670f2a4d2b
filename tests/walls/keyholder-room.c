/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "keyholder-room.h"

#include "base/endpoint.h"
#include "base/error.h"
#include "base/io.h"
#include "base/names.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#define PATIENCE 60000 /* milliseconds; an emulator may need that long */
#define QUIET    100   /* milliseconds */

Room *
room_new (const char *program)
{
  Room *room = g_new0 (Room, 1);

  room->program = g_strdup (program);
  room->folder = g_dir_make_tmp ("keyholder-XXXXXX", NULL);
  g_assert_nonnull (room->folder);
  room->log = g_strconcat (room->folder, ".log", NULL);
  room->wall = -1;
  return room;
}

static void
become_keyholder (Room *room, int wall)
{
  char *const arguments[] = { room->program, NULL };
  char *const environment[] = { NULL };
  int log = open (room->log, O_WRONLY | O_CREAT | O_APPEND, 0600);

  if (log < 0 || dup2 (log, STDERR_FILENO) < 0 || dup2 (wall, SP_WALL_FD) < 0 ||
      chdir (room->folder) < 0)
    _exit (126);
  (void) close_range (SP_WALL_FD + 1, ~0U, 0);
  (void) execve (room->program, arguments, environment);
  _exit (127);
}

void
room_start (Room *room)
{
  int pair[2];
  g_autoptr (GError) error = NULL;

  g_assert_true (sp_socket_pair (pair, &error));
  room->pid = fork ();
  g_assert_cmpint (room->pid, >=, 0);
  if (room->pid == 0)
    become_keyholder (room, pair[1]);
  sp_fd_clear (&pair[1]);
  room->wall = pair[0];
  sp_permit_init (&room->permit, &sp_wall_main_keyholder, SP_MAIN_KEYHOLDER_MAIN);
}

void
room_kill (Room *room)
{
  int status;

  g_assert_no_errno (kill (room->pid, SIGKILL));
  g_assert_cmpint (waitpid (room->pid, &status, 0), ==, room->pid);
  g_assert_true (WIFSIGNALED (status));
  room->pid = 0;
  sp_fd_clear (&room->wall);
}

int
room_wait (Room *room)
{
  int status;

  for (guint i = 0; i < PATIENCE / 10; i++)
    {
      if (waitpid (room->pid, &status, WNOHANG) == room->pid)
        {
          room->pid = 0;
          sp_fd_clear (&room->wall);
          g_assert_true (WIFEXITED (status));
          return WEXITSTATUS (status);
        }
      g_usleep (10 * 1000);
    }
  g_assert_not_reached ();
}

static void
remove_folder (const char *folder)
{
  g_autoptr (GDir) files = g_dir_open (folder, 0, NULL);
  const char *name;

  g_assert_nonnull (files);
  while ((name = g_dir_read_name (files)) != NULL)
    {
      g_autofree char *file = g_build_filename (folder, name, NULL);
      g_assert_no_errno (g_unlink (file));
    }
  g_assert_no_errno (g_rmdir (folder));
}

void
room_free (Room *room)
{
  if (room->pid != 0)
    {
      sp_fd_clear (&room->wall);
      g_assert_cmpint (room_wait (room), ==, 0);
    }
  remove_folder (room->folder);
  g_assert_no_errno (g_unlink (room->log));
  g_free (room->program);
  g_free (room->folder);
  g_free (room->log);
  g_free (room);
}

static void
send_with_fds (int wall,
               const SpWall *definition,
               guint8 type,
               guint32 serial,
               gconstpointer message,
               const int *fds,
               guint n_fds)
{
  g_autoptr (GError) error = NULL;

  while (!sp_channel_send (wall, definition, type, serial, message, fds, n_fds, &error))
    {
      struct pollfd writable = { .fd = wall, .events = POLLOUT };

      g_assert_error (error, SP_ERROR, SP_ERROR_AGAIN);
      g_clear_error (&error);
      g_assert_cmpint (poll (&writable, 1, PATIENCE), ==, 1);
    }
}

static void
send_message (
    int wall, const SpWall *definition, guint8 type, guint32 serial, gconstpointer message, int fd)
{
  send_with_fds (wall, definition, type, serial, message, &fd, fd >= 0 ? 1 : 0);
}

/* Says how the program ended, if it did, before the test ends. */
static void
tell_end (Room *room)
{
  g_autofree char *log = NULL;
  int status = 0;

  g_usleep (100 * 1000);
  if (waitpid (room->pid, &status, WNOHANG) == room->pid)
    g_test_message ("the keyholder ended with status 0x%x", (guint) status);
  if (g_file_get_contents (room->log, &log, NULL, NULL))
    g_test_message ("its log: %s", log);
}

/* Whatever comes.  Returns its type. */
static guint8
receive_any (Room *room, int wall, SpPermit *permit, gpointer ret_message)
{
  struct pollfd readable = { .fd = wall, .events = POLLIN };
  g_autofree SpEnvelope *envelope = g_new0 (SpEnvelope, 1);
  g_autoptr (GError) error = NULL;

  g_assert_cmpint (poll (&readable, 1, PATIENCE), ==, 1);
  if (!sp_channel_receive (wall, permit, envelope, &error))
    tell_end (room);
  g_assert_no_error (error);
  if (ret_message != NULL)
    memcpy (ret_message, envelope->message.bytes, envelope->message_size);
  sp_envelope_clear (envelope);
  room->heard = envelope->header.serial;
  return envelope->header.type;
}

static void
expect_type (const SpWall *wall, guint8 came, guint8 expected)
{
  g_assert_cmpstr (sp_wall_find (wall, came)->name, ==, sp_wall_find (wall, expected)->name);
}

static void
receive_message (Room *room, int wall, SpPermit *permit, guint8 type, gpointer ret_message)
{
  SpEnvelope *envelope = g_new0 (SpEnvelope, 1);

  expect_type (permit->wall, receive_any (room, wall, permit, envelope->message.bytes), type);
  if (ret_message != NULL)
    memcpy (ret_message, envelope->message.bytes,
            sp_wall_find (permit->wall, type)->shape.struct_size);
  g_free (envelope);
}

void
room_send (Room *room, guint8 type, gconstpointer message, int fd)
{
  send_message (room->wall, &sp_wall_main_keyholder, type, 0, message, fd);
}

/* That it is somebody's first is told about each sign-in of one who is new, between everything
 * else: only those who ask for it hear of it. */
void
room_receive (Room *room, guint8 type, gpointer ret_message)
{
  g_autofree SpEnvelope *envelope = g_new0 (SpEnvelope, 1);
  guint8 came;

  do
    came = receive_any (room, room->wall, &room->permit, envelope->message.bytes);
  while (came == SP_MESSAGE_FIRST_LOGIN && type != SP_MESSAGE_FIRST_LOGIN);
  expect_type (&sp_wall_main_keyholder, came, type);
  if (ret_message != NULL)
    memcpy (ret_message, envelope->message.bytes,
            sp_wall_find (&sp_wall_main_keyholder, type)->shape.struct_size);
}

guint8
room_receive_any (Room *room)
{
  return receive_any (room, room->wall, &room->permit, NULL);
}

void
room_ask (
    Room *room, guint8 type, gconstpointer message, int fd, guint8 answer_type, gpointer ret_answer)
{
  guint32 serial = sp_permit_ask (&room->permit, type);

  g_assert_cmpuint (serial, !=, 0);
  send_message (room->wall, &sp_wall_main_keyholder, type, serial, message, fd);
  room_receive (room, answer_type, ret_answer);
}

void
room_answer (Room *room, guint8 type, gconstpointer message, int fd)
{
  send_message (room->wall, &sp_wall_main_keyholder, type, room->heard, message, fd);
}

void
room_question (Room *room, guint8 type, gconstpointer message, const int *fds, guint n_fds)
{
  guint32 serial = sp_permit_ask (&room->permit, type);

  g_assert_cmpuint (serial, !=, 0);
  send_with_fds (room->wall, &sp_wall_main_keyholder, type, serial, message, fds, n_fds);
}

void
room_expect_silence (Room *room)
{
  struct pollfd readable = { .fd = room->wall, .events = POLLIN };

  g_assert_cmpint (poll (&readable, 1, QUIET), ==, 0);
}

SpPrepared *
room_prepare_full (Room *room, const char *names, gsize names_size, guint32 cookie_seconds)
{
  g_autofree SpPrepare *prepare = g_new0 (SpPrepare, 1);
  SpPrepared *prepared = g_new0 (SpPrepared, 1);

  prepare->cookie_seconds = cookie_seconds;
  prepare->names_length = (guint16) names_size;
  memcpy (prepare->names, names, names_size);
  room_ask (room, SP_MESSAGE_PREPARE, prepare, -1, SP_MESSAGE_PREPARED, prepared);
  if (prepared->done == SP_DONE_OK)
    sp_permit_enter (&room->permit, SP_MAIN_KEYHOLDER_READY);
  memcpy (room->pin, prepared->pin, SP_PIN_SIZE);
  return prepared;
}

void
room_prepare (Room *room, const char *names, gsize names_size, guint32 cookie_seconds)
{
  g_autofree SpPrepared *prepared = room_prepare_full (room, names, names_size, cookie_seconds);

  g_assert_cmpuint (prepared->done, ==, SP_DONE_OK);
}

SpPutUser
room_user (guint8 user, const char *login)
{
  SpPutUser put = { .login_length = (guint16) strlen (login) };

  memset (put.user, user, sizeof put.user);
  memcpy (put.login, login, put.login_length);
  return put;
}

SpDone
room_put (Room *room, const SpPutUser *put)
{
  SpUserPut answer;

  room_ask (room, SP_MESSAGE_PUT_USER, put, -1, SP_MESSAGE_USER_PUT, &answer);
  return answer.done;
}

SpDone
room_put_user (Room *room, guint8 user, const char *login, gboolean enabled)
{
  SpPutUser put = room_user (user, login);

  put.bar = enabled ? SP_BAR_NONE : SP_BAR_DISABLED;
  return room_put (room, &put);
}

void
room_send_set_password (Room *room, guint8 user, int fd)
{
  SpSetPassword set = { .hashed = 0 };

  memset (set.user, user, sizeof set.user);
  send_message (room->wall, &sp_wall_main_keyholder, SP_MESSAGE_SET_PASSWORD,
                sp_permit_ask (&room->permit, SP_MESSAGE_SET_PASSWORD), &set, fd);
}

SpDone
room_set_hash (Room *room, guint8 user, const char *hash)
{
  SpSetPassword set = { .hashed = 1 };
  SpPasswordSet answer;
  int fd = make_memfd (hash, strlen (hash));

  memset (set.user, user, sizeof set.user);
  room_ask (room, SP_MESSAGE_SET_PASSWORD, &set, fd, SP_MESSAGE_PASSWORD_SET, &answer);
  (void) close (fd);
  return answer.done;
}

SpDone
room_set_password_from (Room *room, guint8 user, int fd)
{
  SpPasswordSet answer;

  room_send_set_password (room, user, fd);
  room_receive (room, SP_MESSAGE_PASSWORD_SET, &answer);
  g_assert_no_errno (close (fd));
  return answer.done;
}

SpDone
room_set_password (Room *room, guint8 user, const char *password)
{
  return room_set_password_from (room, user, make_memfd (password, strlen (password)));
}

SpDone
room_remove_user (Room *room, guint8 user)
{
  SpRemoveUser gone;
  SpUserRemoved answer;

  memset (gone.user, user, sizeof gone.user);
  room_ask (room, SP_MESSAGE_REMOVE_USER, &gone, -1, SP_MESSAGE_USER_REMOVED, &answer);
  return answer.done;
}

void
room_say_session (Room *room, guint8 type, const guint8 *session)
{
  room_send (room, type, session, -1); /* the session is all that is in these messages */
}

void
room_block (Room *room, const guint8 *session, gboolean on)
{
  SpBlockCookie block = { .on = on ? 1 : 0 };

  memcpy (block.session, session, sizeof block.session);
  room_send (room, SP_MESSAGE_BLOCK_COOKIE, &block, -1);
}

void
room_release (Room *room, const guint8 *session, guint32 seconds)
{
  SpReleaseCookie release = { .seconds = seconds };

  memcpy (release.session, session, sizeof release.session);
  room_send (room, SP_MESSAGE_RELEASE_COOKIE, &release, -1);
}

int
make_memfd (gconstpointer bytes, gsize size)
{
  int fd = memfd_create ("password", MFD_CLOEXEC);

  g_assert_cmpint (write (fd, bytes, size), ==, (gssize) size);
  g_assert_cmpint (lseek (fd, 0, SEEK_SET), ==, 0);
  return fd;
}

void
room_adopt (Room *room, guint64 worker, const char *address)
{
  SpWorkerAdopted adopted = { .worker = worker };

  g_assert_true (sp_address_from_text (address, adopted.peer_address));
  room_send (room, SP_MESSAGE_WORKER_ADOPTED, &adopted, -1);
}

Worker *
worker_new (Room *room, const char *address)
{
  Worker *worker = g_new0 (Worker, 1);
  SpWorkerStarted started = { .worker = ++room->last_worker };
  int pair[2];

  memcpy (started.pin, room->pin, SP_PIN_SIZE);

  g_assert_true (sp_socket_pair (pair, NULL));
  room_send (room, SP_MESSAGE_WORKER_STARTED, &started, pair[1]);
  room_adopt (room, started.worker, address);
  sp_fd_clear (&pair[1]);
  worker->room = room;
  worker->number = started.worker;
  worker->wall = pair[0];
  sp_permit_init (&worker->permit, &sp_wall_worker_keyholder, SP_WORKER_KEYHOLDER_WORKER);
  return worker;
}

void
worker_free (Worker *worker)
{
  sp_fd_clear (&worker->wall);
  g_free (worker);
}

void
worker_send (Worker *worker, guint8 type, gconstpointer message)
{
  send_message (worker->wall, &sp_wall_worker_keyholder, type,
                sp_permit_ask (&worker->permit, type), message, -1);
}

void
worker_receive (Worker *worker, guint8 type, gpointer ret_message)
{
  receive_message (worker->room, worker->wall, &worker->permit, type, ret_message);
}

gboolean
worker_is_cut_off (Worker *worker)
{
  struct pollfd readable = { .fd = worker->wall, .events = POLLIN };
  guint8 byte;

  g_assert_cmpint (poll (&readable, 1, PATIENCE), ==, 1);
  return recv (worker->wall, &byte, 1, MSG_DONTWAIT) <= 0;
}

guint16
worker_sign_verify (Worker *worker, gsize hash_size)
{
  static const char context[] = "TLS 1.3, server CertificateVerify";
  SpSignVerify question = { .content_length = (guint16) (64 + sizeof context + hash_size) };
  SpSignedVerify answer;

  memset (question.content, ' ', 64);
  memcpy (question.content + 64, context, sizeof context);
  worker_send (worker, SP_MESSAGE_SIGN_VERIFY, &question);
  worker_receive (worker, SP_MESSAGE_SIGNED_VERIFY, &answer);
  return answer.signature_length;
}

Worker *
worker_in_login (Room *room, const char *address)
{
  Worker *worker = worker_new (room, address);

  g_assert_cmpuint (worker_sign_verify (worker, 32), >, 0);
  return worker;
}

void
worker_send_password (Worker *worker, const char *login, const char *password)
{
  SpTryPassword message = { .login_length = (guint16) strlen (login),
                            .password_length = (guint16) strlen (password) };

  memcpy (message.login, login, message.login_length);
  memcpy (message.password, password, message.password_length);
  worker_send (worker, SP_MESSAGE_TRY_PASSWORD, &message);
}

SpLogin
worker_try (Worker *worker, const char *login, const char *password)
{
  SpPasswordVerdict answer;

  worker_send_password (worker, login, password);
  worker_receive (worker, SP_MESSAGE_PASSWORD_VERDICT, &answer);
  return answer.verdict;
}

/* Main has been told by the time the worker has its answer. */
SpLogin
worker_sign_in (Worker *worker,
                const char *login,
                const char *password,
                guint8 *ret_cookie,
                guint8 *ret_session)
{
  SpPasswordVerdict answer;
  SpLoginDecided decided;

  worker_send_password (worker, login, password);
  worker_receive (worker, SP_MESSAGE_PASSWORD_VERDICT, &answer);
  if (answer.verdict != SP_LOGIN_ACCEPTED)
    return answer.verdict;
  room_receive (worker->room, SP_MESSAGE_LOGIN_DECIDED, &decided);
  g_assert_cmpuint (decided.worker, ==, worker->number);
  g_assert_cmpuint (decided.by, ==, SP_BY_PASSWORD);
  memcpy (ret_cookie, answer.cookie, SP_COOKIE_SIZE);
  memcpy (ret_session, decided.session, SP_ID_SIZE);
  return answer.verdict;
}

SpLogin
worker_redeem (Worker *worker, const guint8 *cookie)
{
  SpRedeemCookie question;
  SpCookieVerdict answer;

  memcpy (question.cookie, cookie, sizeof question.cookie);
  worker_send (worker, SP_MESSAGE_REDEEM_COOKIE, &question);
  worker_receive (worker, SP_MESSAGE_COOKIE_VERDICT, &answer);
  return answer.verdict;
}
