/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/io.h"
#include "platform/service-manager.h"

#include <glib/gstdio.h>
#include <stddef.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#define VARIABLE "NOTIFY_SOCKET"

/* Listens as a service manager does, at a path or, with '@' first, at a name. */
static int
listen_at (const char *name)
{
  struct sockaddr_un address = { .sun_family = AF_UNIX };
  int fd = socket (AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);

  g_assert_cmpint (fd, >=, 0);
  memcpy (address.sun_path, name, strlen (name));
  if (name[0] == '@')
    address.sun_path[0] = '\0';
  g_assert_cmpint (bind (fd, (const struct sockaddr *) &address,
                         (socklen_t) (offsetof (struct sockaddr_un, sun_path) + strlen (name))),
                   ==, 0);
  return fd;
}

static void
assert_told (const char *name)
{
  g_autoptr (GError) error = NULL;
  sp_autofd int listener = listen_at (name);
  sp_autofd int socket = -1;
  char heard[64] = "";

  g_assert_true (g_setenv (VARIABLE, name, TRUE));
  socket = sp_service_manager_open (&error);
  g_assert_no_error (error);
  g_assert_cmpint (socket, >=, 0);
  g_assert_null (g_getenv (VARIABLE));
  g_assert_true (sp_service_manager_tell (socket, "READY=1", &error));
  g_assert_cmpint (recv (listener, heard, sizeof heard - 1, MSG_DONTWAIT), ==, 7);
  g_assert_cmpstr (heard, ==, "READY=1");
}

static void
test_at_a_path (void)
{
  g_autofree char *folder = g_dir_make_tmp ("manager-XXXXXX", NULL);
  g_autofree char *path = g_build_filename (folder, "notify", NULL);

  assert_told (path);
  (void) g_unlink (path);
  (void) g_rmdir (folder);
}

static void
test_at_a_name (void)
{
  g_autofree char *name = g_strdup_printf ("@sallyport-test-%d", (int) getpid ());

  assert_told (name);
}

static void
test_nobody_asks (void)
{
  g_autoptr (GError) error = NULL;

  g_unsetenv (VARIABLE);
  g_assert_cmpint (sp_service_manager_open (&error), ==, -1);
  g_assert_no_error (error);
  g_assert_true (sp_service_manager_tell (-1, "READY=1", &error));
}

static void
test_nobody_is_there (void)
{
  g_autofree char *too_long = g_strnfill (sizeof (((struct sockaddr_un *) NULL)->sun_path), '/');
  const char *const names[] = { "",      "/", "relative", "/nowhere/notify", "@sallyport-nobody",
                                too_long };

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autoptr (GError) error = NULL;

      g_assert_true (g_setenv (VARIABLE, names[i], TRUE));
      g_assert_cmpint (sp_service_manager_open (&error), ==, -1);
      g_assert_nonnull (error);
      g_assert_null (g_getenv (VARIABLE));
    }
}

/* It went: that is told, and no signal ends us. */
static void
test_it_goes (void)
{
  g_autofree char *name = g_strdup_printf ("@sallyport-gone-%d", (int) getpid ());
  g_autoptr (GError) error = NULL;
  int listener = listen_at (name);
  sp_autofd int socket = -1;

  g_assert_true (g_setenv (VARIABLE, name, TRUE));
  socket = sp_service_manager_open (NULL);
  sp_fd_clear (&listener);
  g_assert_false (sp_service_manager_tell (socket, "STOPPING=1", &error));
  g_assert_nonnull (error);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/service-manager/path", test_at_a_path);
  g_test_add_func ("/service-manager/name", test_at_a_name);
  g_test_add_func ("/service-manager/nobody-asks", test_nobody_asks);
  g_test_add_func ("/service-manager/nobody-there", test_nobody_is_there);
  g_test_add_func ("/service-manager/gone", test_it_goes);
  return g_test_run ();
}
