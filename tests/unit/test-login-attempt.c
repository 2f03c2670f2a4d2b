/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "login-attempt.h"

#include "base/io.h"
#include "base/names.h"
#include "link/channel.h"

#include <glib/gstdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

/* A whole keyholder in this process, of which is noted, in their order, what it says over which
 * wall and when it waits for the disk. */

static const guint8 anna[SP_ID_SIZE] = { 1 };
static const char names[] = "vpn.example.net";

static struct
{
  const SpWall *walls[2];
  int fds[2]; /* the keyholder's ends */
  GString *text;
} notes; /* nocheck: what stands for the system calls has no other place */

ssize_t
sendmsg (int fd, const struct msghdr *message, int flags)
{
  SpMessageHeader header;

  for (guint i = 0; notes.text != NULL && i < G_N_ELEMENTS (notes.walls); i++)
    if (fd == notes.fds[i] &&
        sp_message_decode_header (message->msg_iov->iov_base, message->msg_iov->iov_len, &header))
      g_string_append_printf (notes.text, "%s ", sp_wall_find (notes.walls[i], header.type)->name);
  return syscall (SYS_sendmsg, fd, message, flags);
}

int
fdatasync (int fd)
{
  if (notes.text != NULL)
    g_string_append (notes.text, "disk ");
  return (int) syscall (SYS_fdatasync, fd);
}

typedef struct
{
  char *folder;
  char *before; /* the current folder */
  int main;     /* main's end */
  int worker;   /* the worker's */
  SpKeyholder *keyholder;
  SpWorkerPeer *peer;
} Fixture;

static void
prepare (Fixture *fixture)
{
  g_autofree SpPrepare *prepare = g_new0 (SpPrepare, 1);
  SpPutUser user = { .login_length = 4, .login = "anna" };
  g_autoptr (GError) error = NULL;

  prepare->cookie_seconds = 60;
  prepare->names_length = sizeof names;
  memcpy (prepare->names, names, prepare->names_length);
  memcpy (user.user, anna, SP_ID_SIZE);
  g_assert_true (sp_keyholder_prepare (fixture->keyholder, prepare, &error));
  g_assert_no_error (error);
  g_assert_true (sp_user_store_put (fixture->keyholder->users, &user, NULL));
}

static void
set_up (Fixture *fixture, gconstpointer data)
{
  static const guint8 pin[SP_PIN_SIZE] = { 0 };
  int to_main[2];
  int to_worker[2];

  fixture->before = g_get_current_dir ();
  fixture->folder = g_dir_make_tmp ("keyholder-XXXXXX", NULL);
  g_assert_no_errno (g_chdir (fixture->folder));
  g_assert_true (sp_socket_pair (to_main, NULL) && sp_socket_pair (to_worker, NULL));
  fixture->main = to_main[0];
  fixture->worker = to_worker[0];
  fixture->keyholder = sp_keyholder_new (to_main[1]);
  prepare (fixture);
  fixture->peer = sp_worker_peer_new (fixture->keyholder, 1, pin, to_worker[1]);
  notes.walls[0] = &sp_wall_main_keyholder;
  notes.walls[1] = &sp_wall_worker_keyholder;
  notes.fds[0] = to_main[1];
  notes.fds[1] = to_worker[1];
  notes.text = g_string_new (NULL);
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  (void) g_string_free (g_steal_pointer (&notes.text), TRUE);
  sp_worker_peer_end (fixture->peer);
  sp_keyholder_free (fixture->keyholder);
  sp_fd_clear (&fixture->main);
  sp_fd_clear (&fixture->worker);
  g_assert_no_errno (g_unlink (SP_KEYHOLDER_DATABASE));
  g_assert_no_errno (g_chdir (fixture->before));
  g_assert_no_errno (g_rmdir (fixture->folder));
  g_free (fixture->folder);
  g_free (fixture->before);
}

static void
accept_anna (Fixture *fixture, guint8 answer)
{
  g_autoptr (SpLoginAttempt) attempt = sp_login_attempt_new (fixture->peer, 1, answer);

  attempt->has_user = TRUE;
  memcpy (attempt->user, anna, SP_ID_SIZE);
  g_string_set_size (notes.text, 0);
  sp_login_attempt_accept (attempt);
}

/* Main knows who it is before the worker asks for anything; what the client does not wait for comes
 * after its answer, and the disk within a second. */
static void
test_order (Fixture *fixture, gconstpointer data)
{
  static const struct
  {
    guint8 answer;
    const char *said;
  } rows[] = {
    { SP_MESSAGE_PASSWORD_VERDICT, "LOGIN_DECIDED PASSWORD_VERDICT FIRST_LOGIN " },
    { SP_MESSAGE_PASSWORD_VERDICT, "LOGIN_DECIDED PASSWORD_VERDICT " },
    { SP_MESSAGE_CODE_VERDICT, "LOGIN_DECIDED CODE_VERDICT " },
    { SP_MESSAGE_CERTIFICATE_VERDICT, "LOGIN_DECIDED CERTIFICATE_VERDICT " },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      accept_anna (fixture, rows[i].answer);
      g_assert_cmpstr (notes.text->str, ==, rows[i].said);
    }
  g_string_set_size (notes.text, 0);
  while (notes.text->len == 0)
    (void) g_main_context_iteration (NULL, TRUE);
  g_assert_cmpstr (notes.text->str, ==, "disk ");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add ("/login-attempt/order", Fixture, NULL, set_up, test_order, tear_down);
  return g_test_run ();
}
