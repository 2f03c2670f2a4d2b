/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "flood-hello.h"
#include "flood.h"

#include "base/io.h"
#include "swarm-document.h"

#include <errno.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/epoll.h>

#define EVENTS_AT_ONCE 512
#define GARBAGE_SIZE   512
#define DRIP_EVERY     G_USEC_PER_SEC
#define TURN_MS        1

typedef enum
{
  FREE,
  CONNECTING,
  HANDSHAKE,
  ASKED,   /* for the form */
  GUESSED, /* the password */
  HANGING
} State;

typedef struct
{
  int fd;
  State state;
  gsize dripped;
  gnutls_session_t session;
  GString *answer;
  SwarmFacts facts;
} Connection;

typedef struct
{
  const FloodPlan *plan;
  FloodResult *result;
  FloodDice dice;
  FloodHello hello;
  gnutls_certificate_credentials_t credentials;
  gnutls_priority_t priority;
  int epoll;
  Connection *connections;
  guint next;     /* place of the next one: a ring, in which the oldest is replaced */
  guint drip_at;  /* whose turn it is */
  gint64 dripped; /* up to which moment */
  struct sockaddr_storage server;
  socklen_t server_length;
  int family;
} Streams;

/* Our own ends are with a reset, so that nothing of them stays here. */
static void
end (Streams *self, Connection *connection, guint64 *counter)
{
  struct linger linger = { .l_onoff = 1, .l_linger = 0 };

  if (connection->state == FREE)
    return;
  if (counter != NULL)
    (*counter)++;
  (void) setsockopt (connection->fd, SOL_SOCKET, SO_LINGER, &linger, sizeof linger);
  g_clear_pointer (&connection->session, gnutls_deinit);
  if (connection->answer != NULL)
    (void) g_string_free (connection->answer, TRUE);
  sp_fd_clear (&connection->fd); /* leaves the epoll set by itself */
  *connection = (Connection){ .fd = -1 };
  (void) self;
}

static void
end_by_server (Streams *self, Connection *connection)
{
  end (self, connection,
       connection->state == CONNECTING ? &self->result->refused : &self->result->ended);
}

static void
say_bytes (Streams *self, Connection *connection, const guint8 *bytes, gsize size)
{
  gssize sent = send (connection->fd, bytes, size, MSG_NOSIGNAL | MSG_DONTWAIT);

  self->result->bytes_sent += (guint64) MAX (sent, 0);
}

static void
say (Streams *self, Connection *connection, char *words)
{
  g_autofree char *owned = words;
  gssize size = (gssize) strlen (owned);

  if (connection->answer == NULL)
    connection->answer = g_string_new (NULL);
  (void) g_string_truncate (connection->answer, 0);
  if (gnutls_record_send (connection->session, owned, (gsize) size) != size)
    end (self, connection, &self->result->dropped);
  else
    self->result->bytes_sent += (guint64) size;
}

static void
say_junk (Streams *self, Connection *connection)
{
  guint8 junk[GARBAGE_SIZE];

  flood_dice_fill (&self->dice, junk, sizeof junk);
  if (gnutls_record_send (connection->session, junk, sizeof junk) < 0)
    end (self, connection, &self->result->dropped);
  else
    connection->state = HANGING;
}

static void
guess (Streams *self, Connection *connection)
{
  g_autofree char *password =
      g_strdup_printf ("%" G_GINT64_MODIFIER "x", flood_dice_roll (&self->dice));
  g_autofree char *login = self->plan->kind->then == FLOOD_GUESS_WIDE
                               ? g_strdup_printf ("%s%u", self->plan->login,
                                                  (guint) (flood_dice_roll (&self->dice) % 10000))
                               : g_strdup (self->plan->login);

  connection->state = GUESSED;
  self->result->guesses++;
  say (self, connection,
       swarm_document_sign_in (&connection->facts, connection->answer->str, login, password));
}

/* Both servers ask for login and password in one form or in two, and again after a wrong one. */
static void
hear_answer (Streams *self, Connection *connection)
{
  if (!swarm_document_is_whole (connection->answer))
    return;
  if (swarm_document_read (connection->answer, &connection->facts) == 200 &&
      swarm_document_is_form (connection->answer))
    guess (self, connection);
  else
    end (self, connection, &self->result->dropped);
}

static void
shake_hands (Streams *self, Connection *connection)
{
  int code = gnutls_handshake (connection->session);

  if (code == GNUTLS_E_SUCCESS)
    {
      self->result->handshakes++;
      connection->state = ASKED;
      if (self->plan->kind->then == FLOOD_JUNK_REQUEST)
        say_junk (self, connection);
      else
        say (self, connection, swarm_document_hello ());
    }
  else if (gnutls_error_is_fatal (code))
    end_by_server (self, connection);
}

static void
listen_to_session (Streams *self, Connection *connection)
{
  char piece[4096];
  gssize size;

  while (connection->session != NULL)
    {
      size = gnutls_record_recv (connection->session, piece, sizeof piece);
      if (size == GNUTLS_E_AGAIN)
        return;
      if (size == 0 || (size < 0 && gnutls_error_is_fatal ((int) size)))
        end_by_server (self, connection);
      if (size <= 0)
        continue;
      self->result->answers++;
      self->result->bytes_received += (guint64) size;
      if (connection->state == HANGING)
        continue;
      (void) g_string_append_len (connection->answer, piece, size);
      hear_answer (self, connection);
    }
}

static void
listen_to_bytes (Streams *self, Connection *connection)
{
  guint8 piece[4096];
  gssize size;

  do
    {
      size = recv (connection->fd, piece, sizeof piece, MSG_DONTWAIT);
      if (size > 0)
        {
          self->result->answers++;
          self->result->bytes_received += (guint64) size;
        }
    }
  while (size > 0);
  if (size == 0 || (errno != EAGAIN && errno != EINTR))
    end_by_server (self, connection);
}

static void
begin_session (Streams *self, Connection *connection)
{
  gnutls_session_t session = NULL;
  const char *name = self->plan->name;

  if (gnutls_init (&session, GNUTLS_CLIENT | GNUTLS_NONBLOCK | GNUTLS_NO_SIGNAL) != 0 ||
      gnutls_priority_set (session, self->priority) != 0 ||
      gnutls_credentials_set (session, GNUTLS_CRD_CERTIFICATE, self->credentials) != 0 ||
      (name != NULL && gnutls_server_name_set (session, GNUTLS_NAME_DNS, name, strlen (name)) != 0))
    g_error ("no TLS session");
  gnutls_transport_set_int (session, connection->fd);
  connection->session = session;
  connection->state = HANDSHAKE;
}

/* P_CONTROL_HARD_RESET_CLIENT_V2 behind its length, as OpenVPN frames it in a stream. */
static void
say_openvpn (Streams *self, Connection *connection)
{
  guint8 packet[16] = { 0, 14, 7 << 3 };

  flood_dice_fill (&self->dice, packet + 3, 8);
  say_bytes (self, connection, packet, sizeof packet);
}

static void
open_conversation (Streams *self, Connection *connection)
{
  guint8 garbage[GARBAGE_SIZE];

  self->result->connected++;
  connection->state = HANGING;
  switch (self->plan->kind->first)
    {
      case FLOOD_GARBAGE:
        flood_dice_fill (&self->dice, garbage, sizeof garbage);
        say_bytes (self, connection, garbage, sizeof garbage);
        break;
      case FLOOD_DRIP:
        say_bytes (self, connection, self->hello.bytes, 1);
        connection->dripped = 1;
        break;
      case FLOOD_HELLO_NAMELESS:
      case FLOOD_HELLO_MISNAMED:
      case FLOOD_HELLO_NAMED:
        say_bytes (self, connection, self->hello.bytes, self->hello.size);
        break;
      case FLOOD_OPENVPN:
        say_openvpn (self, connection);
        break;
      case FLOOD_HANDSHAKE:
        begin_session (self, connection);
        break;
      default:
        break;
    }
}

static void
react (Streams *self, Connection *connection, guint32 events)
{
  if (connection->state == FREE)
    return; /* ended by an event before this one */
  if (connection->state == CONNECTING && (events & (EPOLLERR | EPOLLHUP)))
    {
      end_by_server (self, connection);
      return;
    }
  if (connection->state == CONNECTING)
    open_conversation (self, connection);
  if (connection->state == HANDSHAKE)
    shake_hands (self, connection);
  if (connection->session != NULL && connection->state > HANDSHAKE)
    listen_to_session (self, connection);
  else if (connection->state == HANGING)
    listen_to_bytes (self, connection);
}

static void
begin (Streams *self)
{
  Connection *connection = &self->connections[self->next];
  struct epoll_event event = { .events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET,
                               .data.ptr = connection };
  SpEndpoint source = { 0 };
  struct sockaddr_storage name;
  socklen_t length;

  end (self, connection, &self->result->dropped);
  self->next = (self->next + 1) % self->plan->at_once;
  connection->fd = flood_open_socket (self->plan, SOCK_STREAM);
  if (self->plan->chooses_source)
    {
      flood_source (self->plan, self->result->begun, &self->dice, source.address);
      length = sp_endpoint_to_sockaddr (&source, self->family, &name);
      if (connection->fd >= 0 && bind (connection->fd, (struct sockaddr *) &name, length) != 0)
        g_error ("binding to a source: %s", g_strerror (errno));
    }
  self->result->begun++;
  if (connection->fd < 0 ||
      (connect (connection->fd, (struct sockaddr *) &self->server, self->server_length) != 0 &&
       errno != EINPROGRESS) ||
      epoll_ctl (self->epoll, EPOLL_CTL_ADD, connection->fd, &event) != 0)
    {
      self->result->refused++;
      sp_fd_clear (&connection->fd);
      return;
    }
  connection->state = CONNECTING;
}

/* Goes round so that each has its turn every DRIP_EVERY. */
static void
drip (Streams *self, gint64 now)
{
  gint64 turns = (now - self->dripped) * self->plan->at_once / DRIP_EVERY;

  if (turns <= 0)
    return;
  self->dripped = now;
  for (gint64 i = 0; i < turns; i++)
    {
      Connection *connection = &self->connections[self->drip_at];

      self->drip_at = (self->drip_at + 1) % self->plan->at_once;
      if (connection->state == HANGING && connection->dripped + 1 < self->hello.size)
        say_bytes (self, connection, &self->hello.bytes[connection->dripped++], 1);
    }
}

static void
prepare (Streams *self)
{
  const FloodPlan *plan = self->plan;
  FloodFirst first = plan->kind->first;

  self->dice.state = (guint64) g_get_real_time ();
  self->dripped = g_get_monotonic_time ();
  self->family = sp_address_is_ipv4 (plan->server.address) ? AF_INET : AF_INET6;
  self->server_length = sp_endpoint_to_sockaddr (&plan->server, self->family, &self->server);
  self->epoll = epoll_create1 (EPOLL_CLOEXEC);
  self->connections = g_new0 (Connection, plan->at_once);
  for (guint i = 0; i < plan->at_once; i++)
    self->connections[i].fd = -1;
  flood_hello_make (first == FLOOD_HELLO_MISNAMED   ? "nobody.invalid"
                    : first == FLOOD_HELLO_NAMELESS ? NULL
                                                    : plan->name,
                    &self->hello);
  if (self->epoll < 0 || gnutls_certificate_allocate_credentials (&self->credentials) != 0 ||
      gnutls_priority_init (&self->priority, "NORMAL", NULL) != 0)
    g_error ("cannot begin");
}

static void
clear (Streams *self)
{
  for (guint i = 0; i < self->plan->at_once; i++)
    end (self, &self->connections[i], NULL);
  g_free (self->connections);
  gnutls_certificate_free_credentials (self->credentials);
  gnutls_priority_deinit (self->priority);
  sp_fd_clear (&self->epoll);
}

void
flood_streams (const FloodPlan *plan, FloodResult *ret)
{
  Streams self = { .plan = plan, .result = ret };
  struct epoll_event events[EVENTS_AT_ONCE];
  gint64 began = g_get_monotonic_time ();
  gint64 now = began;
  gint64 told = 0;

  prepare (&self);
  while (now - began < plan->duration)
    {
      guint due = flood_due (plan, now - began, ret->begun, ret);
      int n;

      for (guint i = 0; i < due; i++)
        begin (&self);
      if (plan->kind->first == FLOOD_DRIP)
        drip (&self, now);
      n = epoll_wait (self.epoll, events, EVENTS_AT_ONCE, TURN_MS);
      for (int i = 0; i < n; i++)
        react (&self, events[i].data.ptr, events[i].events);
      now = g_get_monotonic_time ();
      flood_tell_progress (plan, ret, now - began, &told);
    }
  clear (&self);
}
