/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "door-fixture.h"

#include "base/error.h"
#include "base/io.h"
#include "base/names.h"
#include "platform/listener.h"

#include <errno.h>
#include <net/if.h>
#include <netinet/in.h>
#include <poll.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define PATIENCE 5000 /* milliseconds for what must come */

gboolean
door_fixture_isolate (void)
{
  struct ifreq request = { .ifr_name = "lo", .ifr_flags = IFF_UP };
  sp_autofd int fd = -1;

  if (unshare (CLONE_NEWNET) != 0)
    return FALSE;
  fd = socket (AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  return ioctl (fd, SIOCSIFFLAGS, &request) == 0;
}

static void
become_door (int wall, rlim_t descriptors_max)
{
  const char *program = g_getenv ("SALLYPORT_DOOR");
  struct rlimit limit = { descriptors_max, descriptors_max };
  char *const nothing[] = { NULL };
  char *const arguments[] = { (char *) program, NULL };

  /* Copied to itself a descriptor would keep its close-on-exec. */
  wall = dup (wall);
  if (dup2 (wall, SP_WALL_FD) < 0 || close_range (SP_WALL_FD + 1, ~0U, 0) < 0)
    _exit (1);
  if (descriptors_max != 0 && setrlimit (RLIMIT_NOFILE, &limit) < 0)
    _exit (1);
  (void) execve (program, arguments, nothing);
  _exit (1);
}

DoorFixture *
door_fixture_start (guint half_open_max, guint hello_milliseconds, rlim_t descriptors_max)
{
  sp_autofd int keys = memfd_create ("door-keys", MFD_CLOEXEC);

  return door_fixture_start_with_keys (half_open_max, hello_milliseconds, descriptors_max, keys);
}

DoorFixture *
door_fixture_start_with_keys (guint half_open_max,
                              guint hello_milliseconds,
                              rlim_t descriptors_max,
                              int keys)
{
  DoorFixture *fixture = g_new0 (DoorFixture, 1);
  SpOpenDoor open = { .half_open_max = half_open_max, .hello_milliseconds = hello_milliseconds };
  g_autoptr (GError) error = NULL;
  int pair[2];

  g_assert_true (sp_socket_pair (pair, &error));
  g_assert_no_error (error);
  fixture->pid = fork ();
  g_assert_cmpint (fixture->pid, >=, 0);
  if (fixture->pid == 0)
    become_door (pair[1], descriptors_max);
  sp_fd_clear (&pair[1]);
  fixture->wall = pair[0];
  fixture->listener = -1;
  for (guint i = 0; i < SP_MESSAGE_FDS_MAX; i++)
    fixture->envelope.fds[i] = -1;
  sp_permit_init (&fixture->permit, &sp_wall_main_door, SP_MAIN_DOOR_MAIN);
  (void) door_fixture_tell (fixture, SP_MESSAGE_OPEN_DOOR, &open, keys);
  sp_permit_enter (&fixture->permit, SP_MAIN_DOOR_OPEN);
  return fixture;
}

void
door_fixture_stop (DoorFixture *fixture)
{
  int status;

  sp_fd_clear (&fixture->wall);
  g_assert_cmpint (waitpid (fixture->pid, &status, 0), ==, fixture->pid);
  g_assert_true (WIFEXITED (status));
  g_assert_cmpint (WEXITSTATUS (status), ==, 0);
  sp_envelope_clear (&fixture->envelope);
  sp_fd_clear (&fixture->listener);
  g_free (fixture);
}

guint32
door_fixture_tell (DoorFixture *fixture, guint8 type, gconstpointer message, int fd)
{
  g_autoptr (GError) error = NULL;
  guint32 serial = 0;

  if (sp_wall_is_question (&sp_wall_main_door, type))
    serial = sp_permit_ask (&fixture->permit, type);
  (void) sp_channel_send (fixture->wall, &sp_wall_main_door, type, serial, message, &fd,
                          fd >= 0 ? 1 : 0, &error);
  g_assert_no_error (error);
  return serial;
}

guint16
door_fixture_listen (DoorFixture *fixture, guint8 kind, const char *address)
{
  SpListener message = { .kind = kind };
  g_autoptr (GError) error = NULL;
  SpEndpoint local = { 0 };

  g_assert_true (sp_address_from_text (address, local.address));
  fixture->listener = sp_listener_open (
      kind == SP_LISTENER_TCP ? SP_LISTENER_STREAM : SP_LISTENER_DATAGRAM, &local, &error);
  g_assert_no_error (error);
  g_assert_true (sp_listener_get_local (fixture->listener, &local, &error));
  memcpy (message.local_address, local.address, SP_ADDRESS_SIZE);
  message.local_port = local.port;
  (void) door_fixture_tell (fixture, SP_MESSAGE_LISTENER, &message, fixture->listener);
  return local.port;
}

static void
remember_counters (DoorFixture *fixture)
{
  const SpDoorCounters *told = (const SpDoorCounters *) &fixture->envelope.message;

  for (guint i = 0; i < SP_DOOR_COUNTERS_N; i++)
    {
      guint64 value;
      memcpy (&value, told->values + i * sizeof value, sizeof value);
      g_assert_cmpuint (GUINT64_FROM_LE (value), >=, fixture->counters[i]);
      fixture->counters[i] = GUINT64_FROM_LE (value);
    }
}

/* The next message, whatever it is; 0 after the deadline. */
static guint8
receive (DoorFixture *fixture, gint64 deadline)
{
  struct pollfd watched = { .fd = fixture->wall, .events = POLLIN };
  gint64 left = (deadline - g_get_monotonic_time () + 999) / 1000;
  g_autoptr (GError) error = NULL;

  sp_envelope_clear (&fixture->envelope);
  if (poll (&watched, 1, (int) MAX (left, 0)) <= 0)
    return 0;
  (void) sp_channel_receive (fixture->wall, &fixture->permit, &fixture->envelope, &error);
  g_assert_no_error (error);
  if (fixture->envelope.header.type == SP_MESSAGE_DOOR_COUNTERS)
    remember_counters (fixture);
  return fixture->envelope.header.type;
}

gconstpointer
door_fixture_expect (DoorFixture *fixture, guint8 type, guint milliseconds)
{
  gint64 deadline = g_get_monotonic_time () + milliseconds * (gint64) 1000;
  guint8 got;

  while ((got = receive (fixture, deadline)) != 0)
    if (got == type)
      return &fixture->envelope.message;
  return NULL;
}

guint
door_fixture_count (DoorFixture *fixture, guint8 type, guint milliseconds)
{
  gint64 deadline = g_get_monotonic_time () + milliseconds * (gint64) 1000;
  guint count = 0;
  guint8 got;

  while ((got = receive (fixture, deadline)) != 0)
    count += got == type;
  return count;
}

void
door_fixture_await_counter (DoorFixture *fixture, SpDoorCounter counter, guint64 value)
{
  gint64 deadline = g_get_monotonic_time () + PATIENCE * (gint64) 1000;

  while (fixture->counters[counter] < value && g_get_monotonic_time () < deadline)
    (void) door_fixture_expect (fixture, SP_MESSAGE_DOOR_COUNTERS, PATIENCE);
  g_assert_cmpuint (fixture->counters[counter], >=, value);
}

void
door_fixture_expect_counter (DoorFixture *fixture, SpDoorCounter counter, guint64 value)
{
  door_fixture_await_counter (fixture, counter, value);
  g_assert_cmpuint (fixture->counters[counter], ==, value);
}

double
door_fixture_get_cpu_seconds (DoorFixture *fixture)
{
  struct timespec used;
  clockid_t clock;

  g_assert_cmpint (clock_getcpuclockid (fixture->pid, &clock), ==, 0);
  g_assert_cmpint (clock_gettime (clock, &used), ==, 0);
  return (double) used.tv_sec + (double) used.tv_nsec / 1e9;
}

gsize
door_fixture_get_memory (DoorFixture *fixture)
{
  g_autofree char *path = g_strdup_printf ("/proc/%d/statm", (int) fixture->pid);
  g_autofree char *text = NULL;
  gsize pages;

  g_assert_true (g_file_get_contents (path, &text, NULL, NULL));
  g_assert_cmpint (sscanf (text, "%*u %" G_GSIZE_FORMAT, &pages), ==, 1);
  return pages * (gsize) sysconf (_SC_PAGESIZE);
}

gboolean
is_closed_within (int fd, guint milliseconds)
{
  struct pollfd watched = { .fd = fd, .events = POLLIN | POLLRDHUP };
  char byte;

  if (poll (&watched, 1, (int) milliseconds) <= 0)
    return FALSE;
  return recv (fd, &byte, 1, MSG_DONTWAIT | MSG_PEEK) <= 0;
}

typedef struct
{
  guint8 *bytes;
  gsize size;
} Capture;

static ssize_t
capture (gnutls_transport_ptr_t pointer, const void *bytes, size_t size)
{
  Capture *captured = pointer;

  g_assert_cmpuint (captured->size + size, <=, TEST_HELLO_MAX);
  memcpy (captured->bytes + captured->size, bytes, size);
  captured->size += size;
  return (ssize_t) size;
}

static ssize_t
have_nothing (gnutls_transport_ptr_t pointer, void *bytes, size_t size)
{
  errno = EAGAIN;
  return -1;
}

static int
have_nothing_in_time (gnutls_transport_ptr_t pointer, unsigned int milliseconds)
{
  return 0;
}

gsize
make_client_hello (guint8 bytes[TEST_HELLO_MAX], const char *server_name)
{
  Capture captured = { .bytes = bytes };
  gnutls_certificate_credentials_t credentials;
  gnutls_session_t session;

  g_assert_cmpint (gnutls_certificate_allocate_credentials (&credentials), ==, 0);
  g_assert_cmpint (gnutls_init (&session, GNUTLS_CLIENT | GNUTLS_NONBLOCK), ==, 0);
  (void) gnutls_set_default_priority (session);
  (void) gnutls_credentials_set (session, GNUTLS_CRD_CERTIFICATE, credentials);
  if (server_name != NULL)
    (void) gnutls_server_name_set (session, GNUTLS_NAME_DNS, server_name, strlen (server_name));
  gnutls_transport_set_ptr (session, &captured);
  gnutls_transport_set_push_function (session, capture);
  gnutls_transport_set_pull_function (session, have_nothing);
  gnutls_transport_set_pull_timeout_function (session, have_nothing_in_time);
  g_assert_cmpint (gnutls_handshake (session), ==, GNUTLS_E_AGAIN);
  gnutls_deinit (session);
  gnutls_certificate_free_credentials (credentials);
  return captured.size;
}
