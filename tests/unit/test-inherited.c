/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/error.h"
#include "base/io.h"
#include "platform/inherited.h"
#include "platform/listener.h"

#include <fcntl.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

static void
test_names (void)
{
  static const struct
  {
    const char *names;
    guint n;
    const char *joined;
  } cases[] = {
    { NULL, 2, "|" },
    { "", 1, "" },
    { "clients:metrics", 2, "clients|metrics" },
    { "clients", 2, "clients|" },
    { "a:b:c", 2, "a|b" },
    { "a::c", 3, "a||c" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_auto (GStrv) names = sp_inherited_split_names (cases[i].names, cases[i].n);
      g_autofree char *joined = g_strjoinv ("|", names);

      g_assert_cmpstr (joined, ==, cases[i].joined);
    }
}

/* In a child, whose descriptors and environment are its own. */
static void
test_take_in_child (void)
{
  g_autofree char *process = g_strdup_printf ("%d", (int) getpid ());
  g_autoptr (GPtrArray) none = NULL;
  g_autoptr (GPtrArray) taken = NULL;
  const SpInherited *second;

  for (int fd = 3; fd < 5; fd++)
    g_assert_cmpint (dup2 (STDERR_FILENO, fd), ==, fd);
  g_setenv ("LISTEN_FDS", "2", TRUE);
  g_setenv ("LISTEN_FDNAMES", "clients:metrics", TRUE);
  g_setenv ("LISTEN_PID", "1", TRUE); /* somebody else's */
  none = sp_inherited_take ();
  g_assert_cmpuint (none->len, ==, 0);
  g_setenv ("LISTEN_FDS", "2", TRUE);
  g_setenv ("LISTEN_FDNAMES", "clients:metrics", TRUE);
  g_setenv ("LISTEN_PID", process, TRUE);
  taken = sp_inherited_take ();
  g_assert_cmpuint (taken->len, ==, 2);
  second = taken->pdata[1];
  g_assert_cmpstr (second->name, ==, "metrics");
  g_assert_cmpint (second->fd, ==, 4);
  g_assert_true (fcntl (second->fd, F_GETFD) & FD_CLOEXEC);
  g_assert_null (g_getenv ("LISTEN_FDS"));
}

static void
test_take (void)
{
  if (g_test_subprocess ())
    {
      test_take_in_child ();
      return;
    }
  g_test_trap_subprocess (NULL, 0, G_TEST_SUBPROCESS_DEFAULT);
  g_test_trap_assert_passed ();
}

/* A bound socket as a service manager makes it. */
static int
make_socket (int type, gboolean shares)
{
  struct sockaddr_in address = { .sin_family = AF_INET,
                                 .sin_addr.s_addr = htonl (INADDR_LOOPBACK) };
  int fd = socket (AF_INET, type | SOCK_CLOEXEC, 0);
  int on = shares ? 1 : 0;

  g_assert_no_errno (setsockopt (fd, SOL_SOCKET, SO_REUSEPORT, &on, sizeof on));
  g_assert_no_errno (bind (fd, (struct sockaddr *) &address, sizeof address));
  return fd;
}

static void
test_adopt (void)
{
  g_autoptr (GError) error = NULL;
  sp_autofd int stream = make_socket (SOCK_STREAM, FALSE);
  sp_autofd int datagram = make_socket (SOCK_DGRAM, TRUE);
  sp_autofd int alone = make_socket (SOCK_DGRAM, FALSE);
  SpListenerKind kind;
  SpEndpoint local;

  g_assert_false (sp_listener_adopt (stream, &kind, &local, &error)); /* does not listen yet */
  g_assert_error (error, SP_ERROR, SP_ERROR_INVALID_ARGUMENTS);
  g_clear_error (&error);
  g_assert_no_errno (listen (stream, 8));
  g_assert_true (sp_listener_adopt (stream, &kind, &local, &error));
  g_assert_no_error (error);
  g_assert_cmpint (kind, ==, SP_LISTENER_STREAM);
  g_assert_cmpuint (local.port, !=, 0);
  g_assert_true (fcntl (stream, F_GETFL) & O_NONBLOCK);
  g_assert_true (sp_listener_adopt (datagram, &kind, &local, &error));
  g_assert_no_error (error);
  g_assert_cmpint (kind, ==, SP_LISTENER_DATAGRAM);
  g_assert_false (sp_listener_adopt (alone, &kind, &local, &error));
  g_assert_error (error, SP_ERROR, SP_ERROR_INVALID_ARGUMENTS);
  g_clear_error (&error);
  g_assert_false (sp_listener_adopt (STDERR_FILENO, &kind, &local, &error));
  g_assert_nonnull (error);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/inherited/names", test_names);
  g_test_add_func ("/inherited/take", test_take);
  g_test_add_func ("/inherited/adopt", test_adopt);
  return g_test_run ();
}
