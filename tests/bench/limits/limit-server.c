/* SPDX-License-Identifier: GPL-2.0-or-later */

/* limit-server CERTIFICATE KEY SESSIONS: the least that a server of the protocol could do on a
 * machine.
 *
 * Reads a password's line, with which anybody may sign in, makes SESSIONS devices limit0, limit1,
 * …, warms itself up by shaking hands with itself, and listens.  Each connection gets a process,
 * forked from this one: the design that all figures are compared under has one for each client.
 * At another port it does the same, but the server's key is in a process of its own, which that
 * design has, too: it tells how much of a handshake is due to that.
 *
 * It leaves out whatever a server for people needs: users, policy, deadlines, limits on strangers,
 * walls between processes, a sandbox, a key that is out of reach, accounting, other clients than
 * those that measure, IPv6, new keys, roaming, liveness of its own.  Sessions are never given back,
 * and their cookies are their numbers: it is for laboratories alone. */

#include "limit-key.h"
#include "limit-visit.h"

#include "base/io.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#define PORT       443
#define PORT_APART 444
#define BACKLOG    1024
#define LINE       256

static void
load_credentials (LimitHouse *house, const char *certificate, const char *key, gboolean apart)
{
  if (gnutls_certificate_allocate_credentials (&house->credentials) != 0)
    g_error ("no credentials");
  if (apart)
    limit_key_set_apart (house->credentials, certificate, key);
  else if (gnutls_certificate_set_x509_key_file (house->credentials, certificate, key,
                                                 GNUTLS_X509_FMT_PEM) < 0)
    g_error ("the certificate or the key cannot be used");
  if (gnutls_priority_init (&house->stream_priority, LIMIT_STREAMS, NULL) != 0 ||
      gnutls_priority_init (&house->datagram_priority, LIMIT_DATAGRAMS, NULL) != 0)
    g_error ("no suites");
}

static int
listen_for_connections (guint16 port)
{
  struct sockaddr_in name = { .sin_family = AF_INET, .sin_port = htons (port) };
  int fd = socket (AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  int on = 1;

  (void) setsockopt (fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  (void) setsockopt (fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on); /* accepted ones have it, too */
  if (bind (fd, (struct sockaddr *) &name, sizeof name) != 0 || listen (fd, BACKLOG) != 0)
    g_error ("nobody can listen at port %u: %m", port);
  return fd;
}

/* What a process does for the first time is dearer, and none of those that come has to. */
static void
warm_up (const LimitHouse *house)
{
  gnutls_certificate_credentials_t trusting = NULL;
  gnutls_session_t client = NULL;
  int ends[2];
  pid_t child;

  if (socketpair (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0 || (child = fork ()) < 0)
    g_error ("no rehearsal: %m");
  if (child > 0)
    {
      sp_fd_clear (&ends[1]);
      limit_visit_rehearse (house, ends[0]);
      sp_fd_clear (&ends[0]);
      return;
    }
  if (gnutls_init (&client, GNUTLS_CLIENT) != 0 ||
      gnutls_certificate_allocate_credentials (&trusting) != 0 ||
      gnutls_set_default_priority (client) != 0 ||
      gnutls_credentials_set (client, GNUTLS_CRD_CERTIFICATE, trusting) != 0)
    g_error ("no client to rehearse with");
  gnutls_transport_set_int (client, ends[1]);
  _exit (gnutls_handshake (client) == 0 ? EXIT_SUCCESS : EXIT_FAILURE);
}

static void
serve (const LimitHouse *house, int listener)
{
  for (;;)
    {
      int fd = accept4 (listener, NULL, NULL, SOCK_CLOEXEC);
      pid_t child = fd >= 0 ? fork () : -1;

      if (child == 0)
        {
          limit_visit_serve (house, fd);
          _exit (EXIT_SUCCESS);
        }
      sp_fd_clear (&fd);
    }
}

static void
open_house (LimitHouse *self, const char *password, guint n_sessions)
{
  self->verifier = limit_visit_make_verifier (password);
  self->n_sessions = MIN (n_sessions, LIMIT_SESSIONS_MAX);
  self->devices = g_new (int, self->n_sessions);
  for (guint i = 0; i < self->n_sessions; i++)
    self->devices[i] = limit_device_open (i);
  self->shared =
      mmap (NULL, sizeof *self->shared, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (self->shared == MAP_FAILED)
    g_error ("no memory to share: %m");
}

int
main (int argc, char **argv)
{
  LimitHouse house = { 0 };
  char line[LINE];
  gboolean apart;

  if (argc != 4 || fgets (line, sizeof line, stdin) == NULL)
    {
      (void) fprintf (stderr, "usage: limit-server CERTIFICATE KEY SESSIONS <PASSWORD\n");
      return 2;
    }
  line[strcspn (line, "\n")] = '\0';
  (void) signal (SIGCHLD, SIG_IGN);
  (void) signal (SIGPIPE, SIG_IGN);
  open_house (&house, line, (guint) strtoul (argv[3], NULL, 10));
  /* Beside us, the same with its key in a process of its own. */
  apart = fork () == 0;
  load_credentials (&house, argv[1], argv[2], apart);
  warm_up (&house);
  serve (&house, listen_for_connections (apart ? PORT_APART : PORT));
}
