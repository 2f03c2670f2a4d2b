/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "connection.h"

#include "base/error.h"
#include "base/io.h"
#include "link/channel.h"

#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

/* What main takes from a worker about a client that moved: the test is the worker. */

typedef struct
{
  SpConnection *connection;
  int wall; /* the worker's end */
  SpPermit permit;
  SpEnvelope envelope;
  guint n_proven;
  SpEndpoint proven_peer;
  SpEndpoint proven_local;
  guint n_roamed;
  SpEndpoint roamed_to;
  guint n_ended; /* associations that go to the door */
} Fixture;

static void
ignore (gpointer user_data, SpConnection *connection)
{
}

static void
ignore_mtu (gpointer user_data, SpConnection *connection, guint32 mtu)
{
}

static void
proven (gpointer user_data,
        SpConnection *connection,
        guint32 stray,
        const SpEndpoint *peer,
        const SpEndpoint *local)
{
  Fixture *self = user_data;

  self->n_proven++;
  self->proven_peer = *peer;
  self->proven_local = *local;
}

static void
roamed (gpointer user_data, SpConnection *connection, const SpEndpoint *peer)
{
  Fixture *self = user_data;

  self->n_roamed++;
  self->roamed_to = *peer;
}

static void
association_ended (gpointer user_data, SpConnection *connection, int *fd)
{
  ((Fixture *) user_data)->n_ended++;
}

static const SpConnectionEvents events = {
  .requested = ignore,
  .attached = ignore_mtu,
  .mtu_changed = ignore_mtu,
  .stray_proven = proven,
  .roamed = roamed,
  .association_ended = association_ended,
  .ended = ignore,
};

/* Until everything that was said is heard. */
static void
settle (void)
{
  while (g_main_context_iteration (NULL, FALSE))
    ;
}

static void
say (Fixture *self, guint8 type, gconstpointer message)
{
  g_autoptr (GError) error = NULL;

  sp_channel_send (self->wall, &sp_wall_main_worker, type, 0, message, NULL, 0, &error);
  g_assert_no_error (error);
  settle ();
}

/* The next message of main's; 0 if there is none. */
static guint8
hear (Fixture *self)
{
  g_autoptr (GError) error = NULL;

  sp_envelope_clear (&self->envelope);
  if (sp_channel_receive (self->wall, &self->permit, &self->envelope, &error))
    return self->envelope.header.type;
  g_assert_error (error, SP_ERROR, SP_ERROR_AGAIN);
  return 0;
}

static void
expect (Fixture *self, guint8 type)
{
  g_assert_cmpuint (hear (self), ==, type);
}

static SpEndpoint
make_endpoint (const char *address, guint16 port)
{
  SpEndpoint endpoint = { .port = port };

  g_assert_true (sp_address_from_text (address, endpoint.address));
  return endpoint;
}

static void
make_current (Fixture *self)
{
  g_autofree SpCandidate *candidate = g_new0 (SpCandidate, 1);
  SpEndpoint peer = make_endpoint ("192.0.2.10", 5000);
  SpChannelCurrent current;
  sp_autofd int fd = socket (AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

  memcpy (candidate->peer_address, peer.address, SP_ADDRESS_SIZE);
  candidate->peer_port = peer.port;
  g_assert_true (sp_connection_offer_candidate (self->connection, candidate, &fd));
  expect (self, SP_MESSAGE_CANDIDATE);
  current.association = ((const SpCandidate *) self->envelope.message.bytes)->association;
  say (self, SP_MESSAGE_CHANNEL_CURRENT, &current);
}

/* A worker in its tunnel. */
static void
set_up_tunnel (Fixture *self, gconstpointer data)
{
  SpEndpoint peer = make_endpoint ("192.0.2.10", 4000);
  SpEndpoint local = make_endpoint ("198.51.100.20", 443);
  g_autofree SpTunnelGranted *granted = g_new0 (SpTunnelGranted, 1);
  const SpTunnelRequested requested = { 0 };
  const SpAttached attached = { 0 };
  int pair[2];
  const SpValidation none = { 0 };
  const SpConnectionTexts texts = { .stranger_answer = "", .login_banner = "", .groups = "" };
  sp_autofd int fd = socket (AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

  g_assert_true (sp_socket_pair (pair, NULL));
  self->wall = pair[1];
  sp_permit_init (&self->permit, &sp_wall_main_worker, SP_MAIN_WORKER_WORKER);
  sp_permit_enter (&self->permit, SP_MAIN_WORKER_IDLE);
  self->connection = sp_connection_new (1, pair[0], &events, self);
  /* Nothing that could be killed, and it never ends. */
  sp_connection_forked (self->connection, getpid (), eventfd (0, EFD_CLOEXEC));
  sp_connection_adopt (self->connection, &peer, &local, &texts, &none, SP_ADOPT_PASSWORDS, fd);
  expect (self, SP_MESSAGE_ADOPT_CLIENT);
  sp_permit_enter (&self->permit, SP_MAIN_WORKER_CLIENT);
  say (self, SP_MESSAGE_TUNNEL_REQUESTED, &requested);
  sp_permit_enter (&self->permit, SP_MAIN_WORKER_WAITING);
  sp_connection_grant (self->connection, granted, fd);
  expect (self, SP_MESSAGE_TUNNEL_GRANTED);
  sp_permit_enter (&self->permit, SP_MAIN_WORKER_TUNNEL);
  say (self, SP_MESSAGE_ATTACHED, &attached);
}

static void
set_up (Fixture *self, gconstpointer data)
{
  set_up_tunnel (self, data);
  make_current (self);
}

static void
tear_down (Fixture *self, gconstpointer data)
{
  sp_envelope_clear (&self->envelope);
  sp_connection_free (self->connection);
  sp_fd_clear (&self->wall);
}

static gboolean
offer (Fixture *self, const char *address, guint16 port)
{
  SpEndpoint peer = make_endpoint (address, port);
  SpStrayHeard stray = { .peer_port = port, .local_port = 443, .datagram_length = 3 };

  memcpy (stray.peer_address, peer.address, SP_ADDRESS_SIZE);
  g_assert_true (sp_address_from_text ("198.51.100.21", stray.local_address));
  memcpy (stray.datagram, "abc", 3);
  return sp_connection_offer_stray (self->connection, &stray);
}

static guint32
take_offer (Fixture *self)
{
  const SpStrayOffered *offered = (const SpStrayOffered *) self->envelope.message.bytes;

  expect (self, SP_MESSAGE_STRAY_OFFERED);
  g_assert_cmpmem (offered->datagram, offered->datagram_length, "abc", 3);
  return offered->stray;
}

static void
prove (Fixture *self, guint32 stray)
{
  const SpStrayProven message = { .stray = stray };

  say (self, SP_MESSAGE_STRAY_PROVEN, &message);
}

/* A socket for the place that was proven; the association's number. */
static guint32
roam (Fixture *self, guint32 stray)
{
  const SpRoam *message = (const SpRoam *) self->envelope.message.bytes;
  sp_autofd int fd = socket (AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

  g_assert_true (sp_connection_roam (self->connection, stray, &self->proven_peer, &fd));
  expect (self, SP_MESSAGE_ROAM);
  g_assert_cmpuint (message->stray, ==, stray);
  return message->association;
}

/* Where to, main remembers by itself; and only when the worker heard the client there, it counts.
 */
static void
test_moves (Fixture *self, gconstpointer data)
{
  SpEndpoint moved = make_endpoint ("203.0.113.5", 6000);
  SpEndpoint local = make_endpoint ("198.51.100.21", 443);
  SpChannelCurrent current;
  SpChannelClosed closed = { .association = 1 };
  guint32 stray;

  g_assert_true (offer (self, "203.0.113.5", 6000));
  stray = take_offer (self);
  prove (self, stray);
  g_assert_cmpuint (self->n_proven, ==, 1);
  g_assert_true (sp_endpoint_equal (&self->proven_peer, &moved));
  g_assert_true (sp_endpoint_equal (&self->proven_local, &local));
  current.association = roam (self, stray);
  g_assert_cmpuint (self->n_roamed, ==, 0);
  say (self, SP_MESSAGE_CHANNEL_CURRENT, &current);
  say (self, SP_MESSAGE_CHANNEL_CLOSED, &closed);
  g_assert_cmpuint (self->n_roamed, ==, 1);
  g_assert_true (sp_endpoint_equal (&self->roamed_to, &moved));
  g_assert_cmpuint (self->n_ended, ==, 1); /* the old one lingers */
  g_assert_true (sp_connection_is_at (self->connection, moved.address));
  say (self, SP_MESSAGE_CHANNEL_CURRENT, &current); /* again: nothing new */
  g_assert_cmpuint (self->n_roamed, ==, 1);
}

/* The client was not there: that socket is closed, not kept for late datagrams, since the client
 * may really come to that place. */
static void
test_fails (Fixture *self, gconstpointer data)
{
  SpChannelClosed closed;
  guint32 stray;

  g_assert_true (offer (self, "203.0.113.5", 6000));
  stray = take_offer (self);
  prove (self, stray);
  closed.association = roam (self, stray);
  g_assert_false (offer (self, "203.0.113.5", 6001)); /* one at a time */
  say (self, SP_MESSAGE_CHANNEL_CLOSED, &closed);
  g_assert_cmpuint (self->n_ended, ==, 0);
  g_assert_cmpuint (self->n_roamed, ==, 0);
  g_assert_false (offer (self, "203.0.113.5", 6001)); /* and one a second */
  g_usleep (1000 * 1000);
  g_assert_true (offer (self, "203.0.113.5", 6001));
}

/* Numbers that main does not know, or not any more, are nothing. */
static void
test_invented (Fixture *self, gconstpointer data)
{
  SpChannelCurrent current = { .association = 77 };
  guint32 stray;

  prove (self, 0);
  prove (self, 1);
  g_assert_true (offer (self, "203.0.113.5", 6000));
  stray = take_offer (self);
  prove (self, stray + 1);
  prove (self, stray - 1);
  g_assert_cmpuint (self->n_proven, ==, 0);
  prove (self, stray);
  prove (self, stray);
  g_assert_cmpuint (self->n_proven, ==, 1);
  say (self, SP_MESSAGE_CHANNEL_CURRENT, &current);
  g_assert_cmpuint (self->n_roamed, ==, 0);
}

static void
test_forgotten (Fixture *self, gconstpointer data)
{
  guint32 stray;

  g_assert_true (offer (self, "203.0.113.5", 6000));
  stray = take_offer (self);
  g_usleep (SP_STRAY_SECONDS * G_USEC_PER_SEC);
  prove (self, stray);
  g_assert_cmpuint (self->n_proven, ==, 0);
}

/* A worker is asked about so many, then not until main forgot some. */
static void
test_bounded (Fixture *self, gconstpointer data)
{
  guint n_taken = 0;
  guint32 last = 0;

  for (guint i = 0; i < 100; i++)
    n_taken += offer (self, "203.0.113.5", (guint16) (6000 + i));
  g_assert_cmpuint (n_taken, ==, 4);
  for (guint i = 0; i < n_taken; i++)
    last = take_offer (self);
  g_assert_cmpuint (hear (self), ==, 0);
  prove (self, last);
  g_assert_cmpuint (self->n_proven, ==, 1);
  g_assert_cmpuint (self->proven_peer.port, ==, 6003);
  prove (self, last - 1); /* gone with the first that was proven */
  g_assert_cmpuint (self->n_proven, ==, 1);
}

/* From a peer that has a socket it is not stray but late; and no client changes the family. */
static void
test_not_stray (Fixture *self, gconstpointer data)
{
  g_assert_false (offer (self, "192.0.2.10", 5000));
  g_assert_false (offer (self, "2001:db8::1", 5000));
  g_assert_true (offer (self, "192.0.2.10", 5001));
}

/* Without a channel, or when that is gone, no record can be its client's. */
static void
test_no_channel (Fixture *self, gconstpointer data)
{
  SpChannelClosed closed = { .association = 1 };

  g_assert_false (offer (self, "192.0.2.10", 5001));
  make_current (self);
  g_assert_true (offer (self, "192.0.2.10", 5001));
  (void) take_offer (self);
  say (self, SP_MESSAGE_CHANNEL_CLOSED, &closed);
  g_assert_false (offer (self, "192.0.2.10", 5002));
}

#define ADD(name, set_up_, test_)                                                                  \
  g_test_add ("/connection-roaming/" name, Fixture, NULL, set_up_, test_, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("moves", set_up, test_moves);
  ADD ("fails", set_up, test_fails);
  ADD ("invented", set_up, test_invented);
  ADD ("forgotten", set_up, test_forgotten);
  ADD ("bounded", set_up, test_bounded);
  ADD ("not-stray", set_up, test_not_stray);
  ADD ("no-channel", set_up_tunnel, test_no_channel);
  return g_test_run ();
}
