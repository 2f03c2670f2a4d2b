/* SPDX-License-Identifier: GPL-2.0-or-later */

/* UDP at a steady rate, and a place for it to go:
 *   datagrams send SIZE RATE MILLISECONDS PORT ADDRESS…   packets of SIZE bytes, IP header
 * included, RATE a second in all, to each address in turn; says how many as JSON datagrams hole
 * PORT                                   a port that nobody reads: the kernel counts what comes */

#include <arpa/inet.h>
#include <glib.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#define HEADERS            28 /* of IPv4 and UDP */
#define PAYLOAD_MAX        9000
#define RUN_MAX            32
#define PAUSE_MICROSECONDS 200

typedef struct
{
  int fd;
  gsize size;
  guint rate;
  gint64 microseconds;
  guint n_targets;
  struct sockaddr_in *targets;
} Sender;

static guint
send_run (const Sender *self, guint first, guint n)
{
  static char payload[PAYLOAD_MAX];
  struct iovec part = { payload, self->size };
  struct mmsghdr messages[RUN_MAX];
  int sent;

  for (guint i = 0; i < n; i++)
    messages[i].msg_hdr =
        (struct msghdr){ .msg_name = &self->targets[(first + i) % self->n_targets],
                         .msg_namelen = sizeof *self->targets,
                         .msg_iov = &part,
                         .msg_iovlen = 1 };
  sent = sendmmsg (self->fd, messages, n, 0);
  return sent > 0 ? (guint) sent : 0;
}

static int
send_all (const Sender *self)
{
  gint64 began = g_get_monotonic_time (), now = began;
  guint64 sent = 0;

  while (now < began + self->microseconds)
    {
      guint64 due = 1 + (guint64) (now - began) * self->rate / G_USEC_PER_SEC;

      if (sent < due)
        sent += send_run (self, (guint) sent, (guint) MIN (due - sent, RUN_MAX));
      else
        g_usleep (PAUSE_MICROSECONDS);
      now = g_get_monotonic_time ();
    }
  (void) printf ("{\"sent\": %" G_GUINT64_FORMAT ", \"microseconds\": %" G_GINT64_FORMAT "}\n",
                 sent, now - began);
  return EXIT_SUCCESS;
}

static guint16
read_number (const char *text)
{
  return (guint16) strtoul (text, NULL, 10);
}

static int
open_port (const char *port)
{
  struct sockaddr_in here = { .sin_family = AF_INET, .sin_port = htons (read_number (port)) };
  int fd = socket (AF_INET, SOCK_DGRAM, 0), on = 1;

  if (setsockopt (fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) != 0 ||
      bind (fd, (struct sockaddr *) &here, sizeof here) != 0)
    g_error ("no port %s: %m", port);
  return fd;
}

static int
begin_sending (int argc, char **argv)
{
  Sender self = { .fd = open_port (argv[5]),
                  .size = (gsize) CLAMP (read_number (argv[2]), HEADERS, PAYLOAD_MAX) - HEADERS,
                  .rate = (guint) strtoul (argv[3], NULL, 10),
                  .microseconds = (gint64) strtoul (argv[4], NULL, 10) * 1000,
                  .n_targets = (guint) argc - 7 };

  self.targets = g_new0 (struct sockaddr_in, self.n_targets);
  for (guint i = 0; i < self.n_targets; i++)
    {
      self.targets[i].sin_family = AF_INET;
      self.targets[i].sin_port = htons (read_number (argv[6]));
      if (inet_pton (AF_INET, argv[7 + i], &self.targets[i].sin_addr) != 1)
        g_error ("%s is no address", argv[7 + i]);
    }
  return send_all (&self);
}

static int
be_a_hole (const char *port)
{
  int fd = open_port (port), smallest = 0;

  if (setsockopt (fd, SOL_SOCKET, SO_RCVBUF, &smallest, sizeof smallest) != 0)
    g_error ("no buffer: %m");
  (void) printf ("{}\n");
  (void) fflush (stdout);
  (void) prctl (PR_SET_PDEATHSIG, SIGKILL);
  return pause ();
}

int
main (int argc, char **argv)
{
  if (argc >= 8 && strcmp (argv[1], "send") == 0)
    return begin_sending (argc, argv);
  if (argc == 3 && strcmp (argv[1], "hole") == 0)
    return be_a_hole (argv[2]);
  g_error ("arguments: send SIZE RATE MILLISECONDS FROM-PORT PORT ADDRESS…, or hole PORT");
}
