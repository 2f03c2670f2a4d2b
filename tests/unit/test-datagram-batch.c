/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "datagram-batch.h"

#include "base/io.h"

#include <arpa/inet.h>
#include <net/if.h>
#include <netinet/in.h>
#include <netinet/udp.h>
#include <sched.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

/* Over real UDP sockets in a namespace of our own. */

typedef struct
{
  int out;
  int in;
  SpOutbox outbox;
  SpInbox inbox;
} Fixture;

static gboolean
enter_namespace (void)
{
  struct ifreq request = { .ifr_name = "lo" };
  sp_autofd int fd = -1;

  if (unshare (CLONE_NEWNET) != 0 && unshare (CLONE_NEWUSER | CLONE_NEWNET) != 0)
    return FALSE;
  fd = socket (AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (ioctl (fd, SIOCGIFFLAGS, &request) != 0)
    return FALSE;
  request.ifr_flags |= IFF_UP;
  return ioctl (fd, SIOCSIFFLAGS, &request) == 0;
}

static void
set_up (Fixture *self, gconstpointer data)
{
  struct sockaddr_in address = { .sin_family = AF_INET, .sin_addr.s_addr = htonl (0x7f000001) };
  socklen_t size = sizeof address;
  int room = 4 * 1024 * 1024;

  self->in = socket (AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  self->out = socket (AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  g_assert_cmpint (bind (self->in, (struct sockaddr *) &address, size), ==, 0);
  g_assert_cmpint (getsockname (self->in, (struct sockaddr *) &address, &size), ==, 0);
  g_assert_cmpint (connect (self->out, (struct sockaddr *) &address, size), ==, 0);
  /* what is sent at once waits there */
  g_assert_cmpint (setsockopt (self->in, SOL_SOCKET, SO_RCVBUFFORCE, &room, sizeof room), ==, 0);
  sp_outbox_init (&self->outbox);
  sp_inbox_init (&self->inbox);
}

static void
tear_down (Fixture *self, gconstpointer data)
{
  sp_outbox_clear (&self->outbox);
  sp_inbox_clear (&self->inbox);
  sp_fd_clear (&self->in);
  sp_fd_clear (&self->out);
}

static void
fill (guint8 *bytes, gsize size, guint seed)
{
  for (gsize i = 0; i < size; i++)
    bytes[i] = (guint8) (i * 3 + seed);
}

static void
send_sizes (Fixture *self, const gsize *sizes, guint n)
{
  guint8 bytes[16384];
  guint32 dropped;

  for (guint i = 0; i < n; i++)
    {
      fill (bytes, sizes[i], i);
      g_assert_true (sp_outbox_add (&self->outbox, bytes, sizes[i]));
    }
  g_assert_cmpint (sp_outbox_flush (&self->outbox, self->out, &dropped), ==, SP_OUTBOX_EMPTY);
  g_assert_cmpuint (dropped, ==, 0);
  g_assert_true (sp_outbox_is_empty (&self->outbox));
}

static void
expect_sizes (Fixture *self, const gsize *sizes, guint n)
{
  guint8 expected[16384];
  const guint8 *bytes;
  gsize size;

  for (guint i = 0; i < n; i++)
    {
      if (!sp_inbox_take (&self->inbox, &bytes, &size))
        {
          g_assert_true (sp_inbox_fill (&self->inbox, self->in));
          g_assert_true (sp_inbox_take (&self->inbox, &bytes, &size));
        }
      fill (expected, sizes[i], i);
      g_assert_cmpmem (bytes, size, expected, sizes[i]);
    }
  g_assert_false (sp_inbox_take (&self->inbox, &bytes, &size));
  g_assert_false (sp_inbox_fill (&self->inbox, self->in));
}

static const struct
{
  const char *name;
  gsize sizes[SP_OUTBOX_MAX];
  guint n;
} batches[] = {
  { "one", { 100 }, 1 },
  { "equal", { 1400, 1400, 1400, 1400 }, 4 },
  { "short-last", { 1400, 1400, 70 }, 3 },
  { "short-amid", { 1400, 70, 1400, 1400, 70, 70, 71 }, 7 },
  { "growing", { 10, 20, 30, 40 }, 4 },
  { "large", { 16000, 16000, 16000, 16000, 16000, 16000 }, 6 },
};

static void
test_batch (Fixture *self, gconstpointer data)
{
  guint i = GPOINTER_TO_UINT (data);

  for (guint round = 0; round < 3; round++)
    {
      self->outbox.without_gso = round == 1;
      send_sizes (self, batches[i].sizes, batches[i].n);
      expect_sizes (self, batches[i].sizes, batches[i].n);
    }
}

static void
test_full_batch (Fixture *self, gconstpointer data)
{
  gsize sizes[SP_OUTBOX_MAX];

  for (guint i = 0; i < SP_OUTBOX_MAX; i++)
    sizes[i] = 1000;
  send_sizes (self, sizes, SP_OUTBOX_MAX);
  expect_sizes (self, sizes, SP_OUTBOX_MAX);
}

/* More runs than one system call takes. */
static void
test_many_runs (Fixture *self, gconstpointer data)
{
  gsize sizes[SP_OUTBOX_MAX];

  for (guint i = 0; i < SP_OUTBOX_MAX; i++)
    sizes[i] = 100 + i % 2;
  send_sizes (self, sizes, SP_OUTBOX_MAX);
  expect_sizes (self, sizes, SP_OUTBOX_MAX);
}

static void
test_no_room (Fixture *self, gconstpointer data)
{
  guint8 bytes[1000] = { 0 };
  guint n = 0;

  while (sp_outbox_has_room (&self->outbox))
    {
      g_assert_true (sp_outbox_add (&self->outbox, bytes, sizeof bytes));
      n++;
    }
  g_assert_cmpuint (n, ==, SP_OUTBOX_MAX);
  g_assert_false (sp_outbox_add (&self->outbox, bytes, 1));
}

/* Whether to ask again. */
static void
test_fullness (Fixture *self, gconstpointer data)
{
  gsize sizes[SP_INBOX_READS + 1];

  for (guint i = 0; i < G_N_ELEMENTS (sizes); i++)
    sizes[i] = 100 + i % 2;
  send_sizes (self, sizes, G_N_ELEMENTS (sizes));
  g_assert_true (sp_inbox_fill (&self->inbox, self->in));
  g_assert_true (sp_inbox_was_full (&self->inbox));
  g_assert_cmpuint (sp_inbox_get_size (&self->inbox), ==,
                    SP_INBOX_READS * 100 + SP_INBOX_READS / 2);
  g_assert_true (sp_inbox_fill (&self->inbox, self->in));
  g_assert_false (sp_inbox_was_full (&self->inbox));
  g_assert_cmpuint (sp_inbox_get_size (&self->inbox), ==, 100);
  g_assert_false (sp_inbox_fill (&self->inbox, self->in));
  g_assert_false (sp_inbox_was_full (&self->inbox));
}

/* Joined by the kernel, and taken apart again. */
static void
test_joined (Fixture *self, gconstpointer data)
{
  static const gsize sizes[] = { 1200, 1200, 1200, 1200, 500 };
  int on = 1;

  g_assert_cmpint (setsockopt (self->in, SOL_UDP, UDP_GRO, &on, sizeof on), ==, 0);
  send_sizes (self, sizes, G_N_ELEMENTS (sizes));
  expect_sizes (self, sizes, G_N_ELEMENTS (sizes));
}

static void
test_empty_datagram (Fixture *self, gconstpointer data)
{
  static const gsize sizes[] = { 0 };

  g_assert_cmpint (send (self->out, "", 0, 0), ==, 0);
  expect_sizes (self, sizes, 1);
}

/* Nobody listens there any more: told once, and nothing is stuck. */
static void
test_refused (Fixture *self, gconstpointer data)
{
  static const gsize sizes[] = { 100, 200, 300 };

  sp_fd_clear (&self->in);
  send_sizes (self, sizes, G_N_ELEMENTS (sizes));
  send_sizes (self, sizes, G_N_ELEMENTS (sizes));
}

static void
test_too_big (Fixture *self, gconstpointer data)
{
  guint8 bytes[3000] = { 0 };
  struct ifreq request = { .ifr_name = "lo", .ifr_mtu = 1500 };
  int never = IP_PMTUDISC_DO;
  guint32 dropped;
  static const gsize sizes[] = { 100 };

  g_assert_cmpint (ioctl (self->out, SIOCSIFMTU, &request), ==, 0);
  g_assert_cmpint (setsockopt (self->out, IPPROTO_IP, IP_MTU_DISCOVER, &never, sizeof never), ==,
                   0);
  for (guint i = 0; i < 3; i++)
    g_assert_true (sp_outbox_add (&self->outbox, bytes, sizeof bytes));
  g_assert_cmpint (sp_outbox_flush (&self->outbox, self->out, &dropped), ==, SP_OUTBOX_TOO_BIG);
  g_assert_cmpuint (dropped, ==, 3);
  send_sizes (self, sizes, 1);
  expect_sizes (self, sizes, 1);
  request.ifr_mtu = 65536;
  g_assert_cmpint (ioctl (self->out, SIOCSIFMTU, &request), ==, 0);
}

static void
test_made_longer (Fixture *self, gconstpointer data)
{
  guint8 bytes[400];
  static const gsize sizes[] = { 300, 200 };

  fill (bytes, sizeof bytes, 0);
  g_assert_false (sp_outbox_extend (&self->outbox, bytes, 1, 300)); /* there is none */
  g_assert_true (sp_outbox_add (&self->outbox, bytes, 100));
  g_assert_true (sp_outbox_extend (&self->outbox, bytes + 100, 200, 300));
  g_assert_false (sp_outbox_extend (&self->outbox, bytes + 300, 1, 300));
  fill (bytes, sizeof bytes, 1);
  g_assert_true (sp_outbox_add (&self->outbox, bytes, 50));
  g_assert_true (sp_outbox_extend (&self->outbox, bytes + 50, 150, 300));
  send_sizes (self, NULL, 0);
  expect_sizes (self, sizes, G_N_ELEMENTS (sizes));
  g_assert_false (sp_outbox_extend (&self->outbox, bytes, 1, 300)); /* they are sent */
}

#define ADD(name, data_, test_)                                                                    \
  g_test_add ("/datagram-batch/" name, Fixture, data_, set_up, test_, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  if (!enter_namespace ())
    return 77;
  for (guint i = 0; i < G_N_ELEMENTS (batches); i++)
    {
      g_autofree char *path = g_strdup_printf ("/datagram-batch/%s", batches[i].name);

      g_test_add (path, Fixture, GUINT_TO_POINTER (i), set_up, test_batch, tear_down);
    }
  ADD ("full", NULL, test_full_batch);
  ADD ("many-runs", NULL, test_many_runs);
  ADD ("no-room", NULL, test_no_room);
  ADD ("fullness", NULL, test_fullness);
  ADD ("joined", NULL, test_joined);
  ADD ("made-longer", NULL, test_made_longer);
  ADD ("empty-datagram", NULL, test_empty_datagram);
  ADD ("refused", NULL, test_refused);
  ADD ("too-big", NULL, test_too_big);
  return g_test_run ();
}
