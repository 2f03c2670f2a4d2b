/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "vpn-client.h"

#include "codec/frame-type.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>

/* Keys are renewed under a running tunnel, and every packet still arrives. */

#define HEADER_SIZE 12 /* virtio_net_hdr before each packet */

typedef struct
{
  const char *priority;
  guint32 rekey;
  gboolean ssl;
} Plan;

typedef struct
{
  SpHouse *house;
  SpHouseWorker *worker;
  SpVpnClient *client;
  char *answer;
} Fixture;

static void
set_up (Fixture *self, gconstpointer data)
{
  const Plan *plan = data;

  self->house = sp_house_new ();
  self->worker = sp_house_fork (self->house);
  self->worker->grant.rekey = plan->rekey;
  self->worker->grant.rekey_ssl = plan->ssl;
  self->client = sp_vpn_client_new (self->worker, plan->priority);
  g_assert_cmpint (sp_vpn_client_handshake (self->client), ==, 0);
  self->answer = sp_vpn_client_connect (self->client, "");
  g_assert_true (g_str_has_prefix (self->answer, "HTTP/1.1 200 "));
}

static void
tear_down (Fixture *self, gconstpointer data)
{
  g_free (self->answer);
  sp_vpn_client_free (self->client);
  sp_house_worker_free (self->worker);
  sp_house_free (self->house);
}

static void
expect_line (const Fixture *self, const char *line)
{
  g_autofree char *whole = g_strdup_printf ("\r\n%s\r\n", line);

  g_assert_nonnull (strstr (self->answer, whole));
}

static void
put_into_tun (Fixture *self, const guint8 *packet, gsize size)
{
  guint8 bytes[HEADER_SIZE + 2048] = { 0 };

  memcpy (bytes + HEADER_SIZE, packet, size);
  while (send (self->worker->tun, bytes, HEADER_SIZE + size, 0) < 0)
    {
      g_assert_cmpint (errno, ==, EAGAIN);
      sp_house_turn (self->worker, 1);
    }
}

static void
expect_from_tun (Fixture *self, const guint8 *packet, gsize size)
{
  guint8 bytes[HEADER_SIZE + 2048];
  gssize got;

  while ((got = recv (self->worker->tun, bytes, sizeof bytes, 0)) < 0 && errno == EAGAIN)
    sp_house_turn (self->worker, 5);
  g_assert_cmpint (got, >, HEADER_SIZE);
  g_assert_cmpmem (bytes + HEADER_SIZE, got - HEADER_SIZE, packet, size);
}

/* The next frame of that type, after questions whether we are there. */
static void
expect_at_client (Fixture *self, guint8 type, gconstpointer payload, gsize size)
{
  guint8 received[16384];
  guint8 received_type;
  gsize received_size;

  do
    received_size = sp_vpn_client_receive_frame (self->client, &received_type, received);
  while (type != SP_FRAME_DPD_REQUEST && received_type == SP_FRAME_DPD_REQUEST);
  g_assert_cmpuint (received_type, ==, type);
  g_assert_cmpmem (received, received_size, payload, size);
}

/* One packet each way. */
static void
exchange (Fixture *self)
{
  guint8 packet[2048];
  gsize size = sp_make_packet (packet, "10.99.0.2", "10.5.0.1", 100);

  sp_vpn_client_send_frame (self->client, SP_FRAME_DATA, packet, size);
  expect_from_tun (self, packet, size);
  size = sp_make_packet (packet, "10.5.0.1", "10.99.0.2", 200);
  put_into_tun (self, packet, size);
  expect_at_client (self, SP_FRAME_DATA, packet, size);
}

static guint n_updates;

static int
count_update (gnutls_session_t session,
              unsigned int type,
              unsigned int when,
              unsigned int incoming,
              const gnutls_datum_t *body)
{
  if (incoming)
    n_updates++;
  return 0;
}

static void
watch_updates (Fixture *self)
{
  n_updates = 0;
  gnutls_handshake_set_hook_function (self->client->session, GNUTLS_HANDSHAKE_KEY_UPDATE,
                                      GNUTLS_HOOK_POST, count_update);
}

static const Plan tls13 = { SP_CLIENT_TLS13, 1, TRUE };

static void
test_server_updates (Fixture *self, gconstpointer data)
{
  expect_line (self, "X-CSTP-Rekey-Time: 31536000");
  expect_line (self, "X-CSTP-Rekey-Method: ssl");
  watch_updates (self);
  for (guint i = 1; i <= 3; i++)
    {
      expect_at_client (self, SP_FRAME_DPD_REQUEST, NULL, 0);
      g_assert_cmpuint (n_updates, ==, i);
      sp_vpn_client_send_frame (self->client, SP_FRAME_DPD_RESPONSE, NULL, 0);
      exchange (self);
    }
}

/* A client that says nothing is not asked again and again, and still gets new keys. */
static void
test_client_does_not_answer (Fixture *self, gconstpointer data)
{
  guint8 packet[2048];
  gsize size = sp_make_packet (packet, "10.5.0.1", "10.99.0.2", 200);

  watch_updates (self);
  expect_at_client (self, SP_FRAME_DPD_REQUEST, NULL, 0);
  g_assert_cmpuint (n_updates, ==, 1);
  while (n_updates < 3)
    {
      put_into_tun (self, packet, size);
      expect_at_client (self, SP_FRAME_DATA, packet, size);
      g_usleep (100 * 1000);
    }
  exchange (self);
}

static const Plan tls13_slow = { SP_CLIENT_TLS13, 172800, TRUE };

/* GnuTLS calls it a handshake. */
static void
test_client_updates (Fixture *self, gconstpointer data)
{
  watch_updates (self);
  for (guint i = 1; i <= 5; i++)
    {
      g_assert_cmpint (sp_vpn_client_handshake (self->client), ==, 0);
      exchange (self);
      g_assert_cmpuint (n_updates, ==, i);
    }
}

static const Plan new_tunnel = { SP_CLIENT_TLS13, 1, FALSE };

static void
test_new_tunnel (Fixture *self, gconstpointer data)
{
  expect_line (self, "X-CSTP-Rekey-Time: 1");
  expect_line (self, "X-CSTP-Rekey-Method: new-tunnel");
  watch_updates (self);
  g_assert_false (sp_vpn_client_has_input (self->client, 1500));
  g_assert_cmpuint (n_updates, ==, 0);
  exchange (self);
}

static void
add (const char *path, const Plan *plan, void (*test) (Fixture *, gconstpointer))
{
  g_test_add (path, Fixture, plan, set_up, test, tear_down);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  if (!sp_house_enter_namespace ())
    return 77;
  add ("/worker-rekey/tls13/server-updates", &tls13, test_server_updates);
  add ("/worker-rekey/tls13/client-does-not-answer", &tls13, test_client_does_not_answer);
  add ("/worker-rekey/tls13/client-updates", &tls13_slow, test_client_updates);
  add ("/worker-rekey/new-tunnel", &new_tunnel, test_new_tunnel);
  return g_test_run ();
}
