/* SPDX-License-Identifier: GPL-2.0-or-later */

/* bare-door tcp|udp PORT SECONDS: a server that does nothing but end what comes.
 *
 * Connections are accepted and reset, datagrams received and forgotten, in batches of what came
 * within a millisecond.  What that costs on a machine is the least that any server there spends on
 * a stranger; one line of JSON says it. */

#include "base/io.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define BATCH   64
#define SIZE    2048
#define BACKLOG 1024

typedef struct
{
  struct mmsghdr headers[BATCH];
  struct iovec parts[BATCH];
  struct sockaddr_storage names[BATCH];
  guint8 bytes[BATCH][SIZE];
} Batch;

static guint64
take_connections (int listener)
{
  const struct linger linger = { .l_onoff = 1, .l_linger = 0 };
  guint64 n = 0;
  int fd;

  while ((fd = accept4 (listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC)) >= 0)
    {
      (void) setsockopt (fd, SOL_SOCKET, SO_LINGER, &linger, sizeof linger);
      sp_fd_clear (&fd);
      n++;
    }
  return n;
}

static guint64
take_datagrams (int socket, Batch *batch)
{
  guint64 n = 0;
  int count;

  do
    {
      for (guint i = 0; i < BATCH; i++)
        {
          batch->parts[i] = (struct iovec){ batch->bytes[i], SIZE };
          batch->headers[i].msg_hdr = (struct msghdr){ .msg_iov = &batch->parts[i],
                                                       .msg_iovlen = 1,
                                                       .msg_name = &batch->names[i],
                                                       .msg_namelen = sizeof batch->names[i] };
        }
      count = recvmmsg (socket, batch->headers, BATCH, MSG_DONTWAIT, NULL);
      n += (guint64) MAX (count, 0);
    }
  while (count == BATCH);
  return n;
}

static int
listen_on (gboolean is_stream, guint16 port)
{
  struct sockaddr_in6 name = { .sin6_family = AF_INET6, .sin6_port = htons (port) };
  int fd =
      socket (AF_INET6, (is_stream ? SOCK_STREAM : SOCK_DGRAM) | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  int on = 1;

  (void) setsockopt (fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  if (fd < 0 || bind (fd, (struct sockaddr *) &name, sizeof name) != 0 ||
      (is_stream && listen (fd, BACKLOG) != 0))
    g_error ("cannot listen on port %u: %m", port);
  return fd;
}

static double
cpu_seconds (void)
{
  struct timespec spent;

  (void) clock_gettime (CLOCK_PROCESS_CPUTIME_ID, &spent);
  return (double) spent.tv_sec + (double) spent.tv_nsec / 1e9;
}

int
main (int argc, char **argv)
{
  gboolean is_stream = argc == 4 && strcmp (argv[1], "tcp") == 0;
  g_autofree Batch *batch = g_new0 (Batch, 1);
  guint64 n = 0;
  gint64 until;
  double spent;
  int fd;

  if (argc != 4 || (!is_stream && strcmp (argv[1], "udp") != 0))
    {
      (void) fprintf (stderr, "usage: bare-door tcp|udp PORT SECONDS\n");
      return 2;
    }
  fd = listen_on (is_stream, (guint16) strtoul (argv[2], NULL, 10));
  until = g_get_monotonic_time () + (gint64) (strtod (argv[3], NULL) * G_USEC_PER_SEC);
  while (g_get_monotonic_time () < until)
    {
      struct pollfd ear = { .fd = fd, .events = POLLIN };

      if (poll (&ear, 1, 100) <= 0)
        continue;
      n += is_stream ? take_connections (fd) : take_datagrams (fd, batch);
      (void) poll (NULL, 0, 1);
    }
  spent = cpu_seconds ();
  (void) printf ("{\"n\": %" G_GUINT64_FORMAT ", \"cpu_us_each\": %.3f}\n", n,
                 spent * 1e6 / (double) MAX (n, 1));
  sp_fd_clear (&fd);
  return EXIT_SUCCESS;
}
