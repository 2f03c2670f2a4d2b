/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/io.h"
#include "datagram-client.h"
#include "door-fixture.h"
#include "platform/listener.h"

#include <netinet/in.h>
#include <netinet/udp.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

/* UDP: what the real door does with DTLS hellos, in a network of its own. */

#define SOON       3000 /* milliseconds, generous for a busy machine */
#define QUIET      200  /* for what must not come */
#define ATTACHMENT 0x22334455667788ULL

/* Listener and client, in each mixture of families; the client writes to an address that the system
 * would not choose as a source by itself. */
typedef struct
{
  const char *listener;
  const char *server;
} Family;

static const Family families[] = {
  { "127.0.0.1", "127.0.0.1" },
  { "0.0.0.0", "127.0.0.2" },
  { "::", "127.0.0.3" },
  { "::", "::1" },
};

typedef struct
{
  DoorFixture *door;
  guint16 port;
  const char *server;
  guint8 app_id[SP_APP_ID_SIZE];
} Scene;

static void
mint_as (DoorFixture *door, guint64 attachment, SpHelloMode mode, guint8 app_id[SP_APP_ID_SIZE])
{
  SpMintId question = { .attachment = attachment, .mode = (guint8) mode };
  guint32 serial = door_fixture_tell (door, SP_MESSAGE_MINT_ID, &question, -1);
  const SpIdMinted *minted = door_fixture_expect (door, SP_MESSAGE_ID_MINTED, SOON);

  g_assert_nonnull (minted);
  g_assert_cmpuint (door->envelope.header.serial, ==, serial);
  memcpy (app_id, minted->app_id, SP_APP_ID_SIZE);
}

static void
mint (DoorFixture *door, guint64 attachment, guint8 app_id[SP_APP_ID_SIZE])
{
  mint_as (door, attachment, SP_HELLO_PSK, app_id);
}

static Scene *
scene_new (const Family *family)
{
  Scene *scene = g_new0 (Scene, 1);

  scene->door = door_fixture_start (0, 0, 0);
  scene->port = door_fixture_listen (scene->door, SP_LISTENER_UDP, family->listener);
  scene->server = family->server;
  mint (scene->door, ATTACHMENT, scene->app_id);
  return scene;
}

static void
scene_free (Scene *scene)
{
  door_fixture_stop (scene->door);
  g_free (scene);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Scene, scene_free)

/* What the peer must look like from the server. */
static SpEndpoint
get_own_name (int fd)
{
  struct sockaddr_storage name;
  socklen_t length = sizeof name;
  SpEndpoint endpoint;

  (void) getsockname (fd, (struct sockaddr *) &name, &length);
  g_assert_true (sp_endpoint_from_sockaddr ((struct sockaddr *) &name, length, &endpoint));
  return endpoint;
}

/* The client sends its first hello and is challenged; from its connected socket that proves that
 * the challenge came from where the hello was sent to. */
static void
challenge (DatagramEnd *client)
{
  guint8 answer[512];
  gssize size;

  datagram_client_send_hello (client);
  g_assert_true (datagram_comes (client->fd, SOON));
  size = recv (client->fd, answer, sizeof answer, MSG_PEEK | MSG_DONTWAIT);
  g_assert_cmpint (size, >, 25);
  g_assert_cmpint (size, <, client->sent_size); /* no amplification */
  g_assert_cmpint (answer[0], ==, 22);
  g_assert_cmpint (answer[13], ==, 3); /* hello_verify_request */
}

static SpHelloVerified
expect_verified (Scene *scene, DatagramEnd *client)
{
  const SpHelloVerified *verified;
  SpEndpoint peer = get_own_name (client->fd);
  guint8 server[SP_ADDRESS_SIZE];

  datagram_client_send_hello (client);
  verified = door_fixture_expect (scene->door, SP_MESSAGE_HELLO_VERIFIED, SOON);
  g_assert_nonnull (verified);
  g_assert_cmpuint (verified->attachment, ==, ATTACHMENT);
  g_assert_cmpmem (verified->peer_address, SP_ADDRESS_SIZE, peer.address, SP_ADDRESS_SIZE);
  g_assert_cmpuint (verified->peer_port, ==, peer.port);
  g_assert_true (sp_address_from_text (scene->server, server));
  g_assert_cmpmem (verified->local_address, SP_ADDRESS_SIZE, server, SP_ADDRESS_SIZE);
  g_assert_cmpuint (verified->local_port, ==, scene->port);
  g_assert_cmpmem (verified->datagram, verified->datagram_length, client->sent, client->sent_size);
  return *verified;
}

/* As main does it. */
static int
open_association (Scene *scene, const SpHelloVerified *verified)
{
  SpAssociationPlan plan = { .peer.port = verified->peer_port,
                             .local.port = verified->local_port,
                             .receive_coalesced = TRUE };
  g_autoptr (GError) error = NULL;
  int fd;

  memcpy (plan.peer.address, verified->peer_address, SP_ADDRESS_SIZE);
  memcpy (plan.local.address, verified->local_address, SP_ADDRESS_SIZE);
  fd = sp_association_open (scene->door->listener, &plan, &error);
  g_assert_no_error (error);
  return fd;
}

static void
shake_hands (DatagramEnd *client, DatagramEnd *server)
{
  gint64 deadline = g_get_monotonic_time () + SOON * 1000;
  gboolean client_done = FALSE;
  gboolean server_done = FALSE;

  while (!(client_done && server_done) && g_get_monotonic_time () < deadline)
    {
      server_done = server_done || datagram_end_step (server);
      client_done = client_done || datagram_end_step (client);
      g_usleep (500);
    }
  g_assert_true (client_done && server_done);
}

static void
talk (DatagramEnd *client, DatagramEnd *server)
{
  char text[64];

  g_assert_cmpint (gnutls_record_send (client->session, "up", 3), ==, 3);
  g_assert_cmpint (datagram_end_receive (server, text, sizeof text, SOON), ==, 3);
  g_assert_cmpstr (text, ==, "up");
  g_assert_cmpint (gnutls_record_send (server->session, "down", 5), ==, 5);
  g_assert_cmpint (datagram_end_receive (client, text, sizeof text, SOON), ==, 5);
  g_assert_cmpstr (text, ==, "down");
}

/* Challenged, verified, and what the door tells is enough to finish the handshake on a socket of
 * its own, in every family. */
static void
test_handshake (gconstpointer data)
{
  g_autoptr (Scene) scene = scene_new (data);
  sp_autofd int client_fd = loopback_connect (SOCK_DGRAM, NULL, scene->server, scene->port);
  g_autoptr (DatagramEnd) client = datagram_client_new (client_fd, scene->app_id);
  g_autoptr (DatagramEnd) server = NULL;
  sp_autofd int server_fd = -1;
  SpHelloVerified verified;

  challenge (client);
  verified = expect_verified (scene, client);
  server_fd = open_association (scene, &verified);
  server = datagram_server_new (server_fd, verified.prestate, verified.datagram,
                                verified.datagram_length);
  shake_hands (client, server);
  talk (client, server);
  door_fixture_expect_counter (scene->door, SP_DOOR_HELLO_VERIFIED, 1);
  g_assert_cmpuint (scene->door->counters[SP_DOOR_HELLO_CHALLENGED], ==, 1);
}

/* A hello with an id that this door did not mint: no answer, no message, one count. */
static void
test_forged (void)
{
  g_autoptr (Scene) scene = scene_new (&families[0]);
  sp_autofd int fd = loopback_connect (SOCK_DGRAM, NULL, scene->server, scene->port);
  guint8 answer[512];

  for (guint byte = 0; byte < SP_APP_ID_SIZE; byte++)
    {
      g_autoptr (DatagramEnd) client = NULL;

      scene->app_id[byte] ^= 1;
      client = datagram_client_new (fd, scene->app_id);
      scene->app_id[byte] ^= 1;
      datagram_client_send_hello (client);
    }
  door_fixture_expect_counter (scene->door, SP_DOOR_HELLO_UNKNOWN, SP_APP_ID_SIZE);
  g_assert_cmpint (datagram_receive (fd, answer, sizeof answer, QUIET), ==, -1);
  g_assert_null (door_fixture_expect (scene->door, SP_MESSAGE_HELLO_VERIFIED, 0));
}

/* Hellos of an attachment that is over are counted and nothing else, with or without a cookie, on
 * the socket that lingers as on the listener; that of a newer one is answered beside them. */
static void
test_over (void)
{
  g_autoptr (Scene) scene = scene_new (&families[0]);
  sp_autofd int client_fd = loopback_connect (SOCK_DGRAM, NULL, scene->server, scene->port);
  sp_autofd int elsewhere = loopback_connect (SOCK_DGRAM, NULL, scene->server, scene->port);
  g_autoptr (DatagramEnd) first = datagram_client_new (client_fd, scene->app_id);
  g_autoptr (DatagramEnd) second = NULL;
  SpAttachmentOver over = { .attachment = ATTACHMENT };
  SpLinger linger = { .attachment = ATTACHMENT };
  sp_autofd int server_fd = -1;
  guint8 newer[SP_APP_ID_SIZE];
  SpHelloVerified verified;
  guint8 answer[512];

  challenge (first);
  verified = expect_verified (scene, first);
  server_fd = open_association (scene, &verified);
  (void) door_fixture_tell (scene->door, SP_MESSAGE_LINGER, &linger, server_fd);
  (void) door_fixture_tell (scene->door, SP_MESSAGE_ATTACHMENT_OVER, &over, -1);
  mint (scene->door, ATTACHMENT + 1, newer); /* answered, so the door has heard what came before */
  g_assert_cmpint (send (client_fd, first->sent, first->sent_size, 0), ==, first->sent_size);
  g_assert_cmpint (send (elsewhere, first->sent, first->sent_size, 0), ==, first->sent_size);
  door_fixture_expect_counter (scene->door, SP_DOOR_LINGERED, 2);
  g_assert_cmpint (datagram_receive (client_fd, answer, sizeof answer, QUIET), ==, -1);
  g_assert_cmpint (datagram_receive (elsewhere, answer, sizeof answer, QUIET), ==, -1);
  second = datagram_client_new (client_fd, newer);
  challenge (second);
}

/* A cookie is worth nothing at another port, and a changed one nothing at all: each is challenged
 * anew. */
static void
test_stolen_cookie (void)
{
  g_autoptr (Scene) scene = scene_new (&families[0]);
  sp_autofd int client_fd = loopback_connect (SOCK_DGRAM, NULL, scene->server, scene->port);
  sp_autofd int thief = loopback_connect (SOCK_DGRAM, NULL, scene->server, scene->port);
  g_autoptr (DatagramEnd) client = datagram_client_new (client_fd, scene->app_id);
  guint8 answer[512];

  challenge (client);
  (void) expect_verified (scene, client);
  g_assert_cmpint (send (thief, client->sent, client->sent_size, 0), ==, client->sent_size);
  g_assert_cmpint (datagram_receive (thief, answer, sizeof answer, SOON), >, 0);
  g_assert_cmpint (answer[13], ==, 3);
  client->sent[13 + 12 + 2 + 32 + 1 + 32 + 1] ^= 1; /* the first byte of its cookie */
  g_assert_cmpint (send (client_fd, client->sent, client->sent_size, 0), ==, client->sent_size);
  g_assert_cmpint (datagram_receive (client_fd, answer, sizeof answer, SOON), >, 0);
  g_assert_cmpint (answer[13], ==, 3);
  g_assert_null (door_fixture_expect (scene->door, SP_MESSAGE_HELLO_VERIFIED, QUIET));
}

/* The same hello again, sent because the answer was late, is not a second handshake; after a while,
 * when main seems to have lost it, it is. */
static void
test_retransmission (void)
{
  g_autoptr (Scene) scene = scene_new (&families[0]);
  sp_autofd int fd = loopback_connect (SOCK_DGRAM, NULL, scene->server, scene->port);
  g_autoptr (DatagramEnd) client = datagram_client_new (fd, scene->app_id);

  challenge (client);
  (void) expect_verified (scene, client);
  for (guint i = 0; i < 2; i++)
    g_assert_cmpint (send (fd, client->sent, client->sent_size, 0), ==, client->sent_size);
  g_assert_null (door_fixture_expect (scene->door, SP_MESSAGE_HELLO_VERIFIED, 1500));
  g_assert_cmpint (send (fd, client->sent, client->sent_size, 0), ==, client->sent_size);
  g_assert_null (door_fixture_expect (scene->door, SP_MESSAGE_HELLO_VERIFIED, 1700));
  g_assert_cmpint (send (fd, client->sent, client->sent_size, 0), ==, client->sent_size);
  g_assert_nonnull (door_fixture_expect (scene->door, SP_MESSAGE_HELLO_VERIFIED, SOON));
}

/* Somebody who saw the hello replays it from everywhere; the owner's next handshake begins as if
 * nothing were. */
static void
test_replays (void)
{
  g_autoptr (Scene) scene = scene_new (&families[1]);
  sp_autofd int first_fd = loopback_connect (SOCK_DGRAM, "127.0.0.1", scene->server, scene->port);
  sp_autofd int second_fd = loopback_connect (SOCK_DGRAM, "127.0.0.1", scene->server, scene->port);
  g_autoptr (DatagramEnd) first = datagram_client_new (first_fd, scene->app_id);
  g_autoptr (DatagramEnd) second = datagram_client_new (second_fd, scene->app_id);

  challenge (first);
  (void) expect_verified (scene, first);
  for (guint i = 0; i < 2000; i++)
    {
      g_autofree char *source = g_strdup_printf ("127.%u.%u.1", 1 + i / 200, 1 + i % 200);
      sp_autofd int fd = loopback_connect (SOCK_DGRAM, source, scene->server, scene->port);
      (void) send (fd, first->sent, first->sent_size, 0);
      if (i % 50 == 0)
        g_usleep (5000); /* no more than a socket's buffer holds */
    }
  g_usleep (G_USEC_PER_SEC);
  challenge (second);
  (void) expect_verified (scene, second);
  door_fixture_expect_counter (scene->door, SP_DOOR_HELLO_VERIFIED, 2);
  g_assert_cmpuint (scene->door->counters[SP_DOOR_HELLO_CHALLENGED], <, 60);
  g_assert_cmpuint (scene->door->counters[SP_DOOR_HELLO_RATE], >, 1900);
}

/* A hello that resumes: whether it is challenged stands in its id. */
static void
test_resumption (void)
{
  static const struct
  {
    SpHelloMode mode;
    gboolean pre_standard;
    gboolean challenged;
  } rows[] = {
    { SP_HELLO_RESUMED, FALSE, FALSE },
    { SP_HELLO_RESUMED_CHALLENGED, FALSE, TRUE },
    { SP_HELLO_RESUMED_0_9, TRUE, FALSE },
  };
  static const guint8 nothing[sizeof ((SpHelloVerified *) NULL)->prestate];

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autoptr (Scene) scene = scene_new (&families[i]);
      sp_autofd int fd = loopback_connect (SOCK_DGRAM, NULL, scene->server, scene->port);
      g_autoptr (DatagramEnd) client = NULL;
      SpHelloVerified verified;

      g_test_message ("mode %u", rows[i].mode);
      mint_as (scene->door, ATTACHMENT, rows[i].mode, scene->app_id);
      client = datagram_client_new_resuming (fd, scene->app_id, rows[i].pre_standard);
      if (rows[i].challenged)
        challenge (client);
      verified = expect_verified (scene, client);
      g_assert_cmpint (memcmp (verified.prestate, nothing, sizeof nothing) == 0, ==,
                       !rows[i].challenged);
      g_assert_cmpuint (scene->door->counters[SP_DOOR_HELLO_CHALLENGED], ==, rows[i].challenged);
    }
}

/* A genuine id in a hello of another mode than it was minted for: nothing happens. */
static void
test_other_mode (void)
{
  static const struct
  {
    SpHelloMode mode;
    gboolean pre_standard;
  } rows[] = {
    { SP_HELLO_PSK, TRUE },
    { SP_HELLO_RESUMED, TRUE },
    { SP_HELLO_RESUMED_CHALLENGED, TRUE },
    { SP_HELLO_RESUMED_0_9, FALSE },
  };
  guint8 answer[512];

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autoptr (Scene) scene = scene_new (&families[0]);
      sp_autofd int fd = loopback_connect (SOCK_DGRAM, NULL, scene->server, scene->port);
      g_autoptr (DatagramEnd) client = NULL;

      g_test_message ("row %u", i);
      mint_as (scene->door, ATTACHMENT, rows[i].mode, scene->app_id);
      client = datagram_client_new_resuming (fd, scene->app_id, rows[i].pre_standard);
      datagram_client_send_hello (client);
      door_fixture_expect_counter (scene->door, SP_DOOR_MALFORMED, 1);
      g_assert_cmpint (datagram_receive (fd, answer, sizeof answer, QUIET), ==, -1);
      g_assert_null (door_fixture_expect (scene->door, SP_MESSAGE_HELLO_VERIFIED, 0));
    }
}

/* Where nobody asked for a cookie there is none, and the message is the first. */
static void
test_unasked_cookie (void)
{
  g_autoptr (Scene) scene = scene_new (&families[0]);
  sp_autofd int fd = loopback_connect (SOCK_DGRAM, NULL, scene->server, scene->port);
  g_autoptr (DatagramEnd) client = NULL;
  guint8 asked_for[SP_APP_ID_SIZE];

  mint_as (scene->door, ATTACHMENT, SP_HELLO_RESUMED, scene->app_id);
  mint_as (scene->door, ATTACHMENT, SP_HELLO_RESUMED_CHALLENGED, asked_for);
  client = datagram_client_new_resuming (fd, asked_for, FALSE);
  challenge (client);
  datagram_client_send_hello (client);
  g_assert_nonnull (door_fixture_expect (scene->door, SP_MESSAGE_HELLO_VERIFIED, SOON));
  memcpy (client->sent + 13 + 12 + 2 + 32 + 1, scene->app_id, SP_APP_ID_SIZE);
  g_assert_cmpint (send (fd, client->sent, client->sent_size, 0), ==, client->sent_size);
  door_fixture_expect_counter (scene->door, SP_DOOR_MALFORMED, 1);
  g_assert_null (door_fixture_expect (scene->door, SP_MESSAGE_HELLO_VERIFIED, QUIET));
}

/* Hellos that resume, from forged addresses: a few get through, and the owner's next one does. */
static void
test_replays_without_challenge (void)
{
  g_autoptr (Scene) scene = scene_new (&families[1]);
  sp_autofd int first_fd = loopback_connect (SOCK_DGRAM, "127.0.0.1", scene->server, scene->port);
  sp_autofd int second_fd = loopback_connect (SOCK_DGRAM, "127.0.0.1", scene->server, scene->port);
  g_autoptr (DatagramEnd) first = NULL;
  g_autoptr (DatagramEnd) second = NULL;
  guint n_forged = 0;

  mint_as (scene->door, ATTACHMENT, SP_HELLO_RESUMED, scene->app_id);
  first = datagram_client_new_resuming (first_fd, scene->app_id, FALSE);
  second = datagram_client_new_resuming (second_fd, scene->app_id, FALSE);
  (void) expect_verified (scene, first);
  for (guint i = 0; i < 1000; i++)
    {
      g_autofree char *source = g_strdup_printf ("127.%u.%u.1", 1 + i / 200, 1 + i % 200);
      sp_autofd int fd = loopback_connect (SOCK_DGRAM, source, scene->server, scene->port);

      (void) send (fd, first->sent, first->sent_size, 0);
      if (i % 50 == 0)
        g_usleep (5000); /* no more than a socket's buffer holds */
    }
  while (door_fixture_expect (scene->door, SP_MESSAGE_HELLO_VERIFIED, 1000) != NULL)
    n_forged++;
  g_assert_cmpuint (n_forged, >=, 1);
  g_assert_cmpuint (n_forged, <=, 2);
  (void) expect_verified (scene, second);
}

static void
test_rubbish (void)
{
  static const struct
  {
    const char *bytes;
    gsize size;
    SpDoorCounter counter;
  } rows[] = {
    { "", 0, SP_DOOR_MALFORMED },
    { "\x16", 1, SP_DOOR_MALFORMED },
    { "hello, is anybody there?", 24, SP_DOOR_MALFORMED },
    { "\x17\xfe\xfd\0\1\0\0\0\0\0\1\0\4abcd", 17, SP_DOOR_STRAY },
    { "\x17\xfe\xfd\0\1\0\0\0\0\0\1\0\4abc", 16, SP_DOOR_MALFORMED },
    { "\x15\xfe\xfd\0\0\0\0\0\0\0\1\0\2\2\x28", 15, SP_DOOR_STRAY },
  };
  guint8 answer[512];

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autoptr (Scene) scene = scene_new (&families[i % G_N_ELEMENTS (families)]);
      sp_autofd int fd = loopback_connect (SOCK_DGRAM, NULL, scene->server, scene->port);

      g_test_message ("row %u", i);
      g_assert_cmpint (send (fd, rows[i].bytes, rows[i].size, 0), ==, rows[i].size);
      door_fixture_expect_counter (scene->door, rows[i].counter, 1);
      g_assert_cmpint (datagram_receive (fd, answer, sizeof answer, 10), ==, -1);
    }
}

/* An association ended: its socket swallows what comes late, without an answer.  When its peer
 * begins anew, from the same port, it is challenged and verified through that socket, which then
 * leaves: the next association, on the same addresses and ports, gets everything. */
static void
test_lingering (gconstpointer data)
{
  static const guint8 late[] = "\x17\xfe\xfd\0\1\0\0\0\0\0\1\0\4abcd";
  g_autoptr (Scene) scene = scene_new (data);
  sp_autofd int client_fd = loopback_connect (SOCK_DGRAM, NULL, scene->server, scene->port);
  g_autoptr (DatagramEnd) first = datagram_client_new (client_fd, scene->app_id);
  g_autoptr (DatagramEnd) second = NULL;
  g_autoptr (DatagramEnd) server = NULL;
  SpLinger linger = { .attachment = ATTACHMENT };
  sp_autofd int server_fd = -1;
  SpHelloVerified verified;
  guint8 answer[512];

  challenge (first);
  verified = expect_verified (scene, first);
  server_fd = open_association (scene, &verified);
  (void) door_fixture_tell (scene->door, SP_MESSAGE_LINGER, &linger, server_fd);
  sp_fd_clear (&server_fd);
  for (guint i = 0; i < 10; i++)
    (void) send (client_fd, late, sizeof late - 1, 0);
  door_fixture_expect_counter (scene->door, SP_DOOR_LINGERED, 10);
  g_assert_cmpint (datagram_receive (client_fd, answer, sizeof answer, 1000), ==, -1);
  g_assert_cmpuint (scene->door->counters[SP_DOOR_STRAY], ==, 0);

  second = datagram_client_new (client_fd, scene->app_id);
  challenge (second);
  verified = expect_verified (scene, second);
  (void) send (client_fd, late, sizeof late - 1, 0);
  door_fixture_expect_counter (scene->door, SP_DOOR_STRAY, 1); /* the old socket is gone */
  server_fd = open_association (scene, &verified);
  server = datagram_server_new (server_fd, verified.prestate, verified.datagram,
                                verified.datagram_length);
  shake_hands (second, server);
  talk (second, server);
}

/* A worker has the kernel join datagrams that come in a row; its socket still does when it lingers.
 * A hello behind a late one of the same size is heard, and each is counted. */
static void
test_lingering_joined (void)
{
  g_autoptr (Scene) scene = scene_new (&families[0]);
  sp_autofd int client_fd = loopback_connect (SOCK_DGRAM, NULL, scene->server, scene->port);
  g_autoptr (DatagramEnd) client = datagram_client_new (client_fd, scene->app_id);
  SpLinger linger = { .attachment = ATTACHMENT };
  sp_autofd int server_fd = -1;
  SpHelloVerified verified;
  guint8 joined[3 * 512];
  gsize size;
  int segment;

  challenge (client);
  verified = expect_verified (scene, client);
  server_fd = open_association (scene, &verified);
  (void) door_fixture_tell (scene->door, SP_MESSAGE_LINGER, &linger, server_fd);
  sp_fd_clear (&server_fd);
  mint (scene->door, ATTACHMENT, scene->app_id); /* an answer means that all before was heard */
  size = client->sent_size;
  segment = (int) size;
  for (guint i = 0; i < 3; i++)
    memcpy (joined + i * size, client->sent, size);
  joined[0] = joined[size] = 23;                         /* application data */
  joined[2 * size + 13 + 12 + 2 + 32 + 1 + 32 + 1] ^= 1; /* a cookie that does not verify */
  g_assert_cmpint (setsockopt (client_fd, IPPROTO_UDP, UDP_SEGMENT, &segment, sizeof segment), ==,
                   0);
  g_assert_cmpint (send (client_fd, joined, 3 * size, 0), ==, 3 * size);
  door_fixture_expect_counter (scene->door, SP_DOOR_LINGERED, 2);
  g_assert_cmpuint (scene->door->counters[SP_DOOR_HELLO_CHALLENGED], ==, 2);
}

/* What one door minted, the next one knows, if main gives it the same memory; and only then. */
static void
test_ids_outlive_the_door (void)
{
  sp_autofd int keys = memfd_create ("door-keys", MFD_CLOEXEC);
  Scene scene = { .server = "127.0.0.1" };

  scene.door = door_fixture_start_with_keys (0, 0, 0, keys);
  mint (scene.door, ATTACHMENT, scene.app_id);
  door_fixture_stop (scene.door);
  for (guint same = 0; same < 2; same++)
    {
      sp_autofd int other = memfd_create ("door-keys", MFD_CLOEXEC);
      sp_autofd int client_fd = -1;
      g_autoptr (DatagramEnd) client = NULL;

      g_assert_cmpint (lseek (keys, 0, SEEK_SET), ==, 0);
      scene.door = door_fixture_start_with_keys (0, 0, 0, same ? keys : other);
      scene.port = door_fixture_listen (scene.door, SP_LISTENER_UDP, scene.server);
      client_fd = loopback_connect (SOCK_DGRAM, NULL, scene.server, scene.port);
      client = datagram_client_new (client_fd, scene.app_id);
      if (same)
        {
          challenge (client);
          (void) expect_verified (&scene, client);
        }
      else
        {
          datagram_client_send_hello (client);
          door_fixture_await_counter (scene.door, SP_DOOR_HELLO_UNKNOWN, 1);
          g_assert_false (datagram_comes (client_fd, QUIET));
        }
      door_fixture_stop (scene.door);
    }
}

/* The oldest of too many leaves: its peer is heard by the listener again. */
static void
test_lingering_is_bounded (void)
{
  static const guint8 late[] = "\x17\xfe\xfd\0\1\0\0\0\0\0\1\0\4abcd";
  g_autoptr (Scene) scene = scene_new (&families[0]);
  int clients[SP_DRAIN_LIST_MAX + 10];

  for (guint i = 0; i < G_N_ELEMENTS (clients); i++)
    {
      SpLinger linger = { .attachment = i };
      SpHelloVerified peer = { .local_port = scene->port };
      SpEndpoint name;
      sp_autofd int server_fd = -1;

      clients[i] = loopback_connect (SOCK_DGRAM, NULL, scene->server, scene->port);
      name = get_own_name (clients[i]);
      peer.peer_port = name.port;
      memcpy (peer.peer_address, name.address, SP_ADDRESS_SIZE);
      g_assert_true (sp_address_from_text (scene->server, peer.local_address));
      server_fd = open_association (scene, &peer);
      (void) door_fixture_tell (scene->door, SP_MESSAGE_LINGER, &linger, server_fd);
      if (i % 50 == 0) /* an answer means that everything before was heard */
        mint (scene->door, i, scene->app_id);
    }
  mint (scene->door, ATTACHMENT, scene->app_id);
  for (guint i = 0; i < G_N_ELEMENTS (clients); i++)
    (void) send (clients[i], late, sizeof late - 1, 0);
  door_fixture_expect_counter (scene->door, SP_DOOR_LINGERED, SP_DRAIN_LIST_MAX);
  door_fixture_expect_counter (scene->door, SP_DOOR_STRAY, 10);
  for (guint i = 0; i < G_N_ELEMENTS (clients); i++)
    sp_fd_clear (&clients[i]);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  if (!door_fixture_isolate ())
    {
      g_print ("1..0 # SKIP only root may make a network\n");
      return 0;
    }
  for (guint i = 0; i < G_N_ELEMENTS (families); i++)
    {
      g_autofree char *pair =
          g_strdup_printf ("%s-from-%s", families[i].listener, families[i].server);
      g_autofree char *handshake = g_strconcat ("/door-hello/handshake/", pair, NULL);
      g_autofree char *lingering = g_strconcat ("/door-hello/lingering/", pair, NULL);

      g_test_add_data_func (handshake, &families[i], test_handshake);
      g_test_add_data_func (lingering, &families[i], test_lingering);
    }
  g_test_add_func ("/door-hello/forged", test_forged);
  g_test_add_func ("/door-hello/over", test_over);
  g_test_add_func ("/door-hello/stolen-cookie", test_stolen_cookie);
  g_test_add_func ("/door-hello/retransmission", test_retransmission);
  g_test_add_func ("/door-hello/replays", test_replays);
  g_test_add_func ("/door-hello/resumption", test_resumption);
  g_test_add_func ("/door-hello/other-mode", test_other_mode);
  g_test_add_func ("/door-hello/unasked-cookie", test_unasked_cookie);
  g_test_add_func ("/door-hello/replays-without-challenge", test_replays_without_challenge);
  g_test_add_func ("/door-hello/rubbish", test_rubbish);
  g_test_add_func ("/door-hello/lingering/joined", test_lingering_joined);
  g_test_add_func ("/door-hello/lingering/bounded", test_lingering_is_bounded);
  g_test_add_func ("/door-hello/ids/outlive-the-door", test_ids_outlive_the_door);
  return g_test_run ();
}
