/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "vpn-client.h"

#include "base/io.h"
#include "codec/dtls-datagram.h"
#include "codec/frame-type.h"
#include "codec/mtu.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>

/* The datagram channel of clients that resume a session, and of those that kept an old key. */

#define MASTER_HEX                                                                                 \
  "9491B34DB2176DA747DE6D89F66C0A0B867BCA2EE315508AB56097B6960A98710975064201CD0B8C774E73FFC52469" \
  "C7"
#define OFFERS_MASTER "X-DTLS-Master-Secret: " MASTER_HEX "\r\n"
#define PSK_FIRST     OFFERS_MASTER "X-DTLS-CipherSuite: PSK-NEGOTIATE:OC-DTLS1_2-AES256-GCM\r\n"
#define PSK_LAST      OFFERS_MASTER "X-DTLS-CipherSuite: OC-DTLS1_2-AES256-GCM:PSK-NEGOTIATE\r\n"
#define RETURNS       "X-CSTP-Address: 10.99.0.2\r\n"
#define A_WHILE       300 /* turns of a millisecond, for what must not happen */

typedef struct
{
  SpHouse *house;
  SpHouseWorker *worker;
  SpVpnClient *client;
  guint8 master[SP_DTLS_MASTER_SIZE];
} Fixture;

static void
set_up (Fixture *self, gconstpointer data)
{
  self->house = sp_house_new ();
  self->worker = sp_house_fork (self->house);
  self->client = sp_vpn_client_new (self->worker, SP_CLIENT_TLS13);
  g_assert_cmpint (sp_vpn_client_handshake (self->client), ==, 0);
  g_assert_true (
      sp_hex_decode (MASTER_HEX, strlen (MASTER_HEX), self->master, SP_DTLS_MASTER_SIZE));
}

static void
tear_down (Fixture *self, gconstpointer data)
{
  sp_vpn_client_free (self->client);
  sp_house_worker_free (self->worker);
  sp_house_free (self->house);
}

/* What main makes of an offer of one suite. */
static char *
connect_with (Fixture *self, const SpDtlsSuite *suite)
{
  g_autofree char *fields = g_strdup_printf (OFFERS_MASTER "%s: NONSENSE:%s\r\n",
                                             sp_dtls_via_header (suite->via), suite->name);
  SpDtlsEra era = sp_dtls_suite_get_era (suite);
  char *answer;

  self->worker->grant.dtls_mode =
      era == SP_DTLS_ERA_0_9 ? SP_DTLS_MODE_RESUME_0_9 : SP_DTLS_MODE_RESUME_1_2;
  answer = sp_vpn_client_connect (self->client, fields);
  g_assert_true (g_str_has_prefix (answer, "HTTP/1.1 200 "));
  g_assert_cmpuint (self->worker->requested.flags &
                        (SP_TUNNEL_WANTS_DTLS | SP_TUNNEL_RESUMES_0_9 | SP_TUNNEL_RESUMES_1_2),
                    ==, era == SP_DTLS_ERA_0_9 ? SP_TUNNEL_RESUMES_0_9 : SP_TUNNEL_RESUMES_1_2);
  return answer;
}

static void
assert_line (const char *answer, const char *name, const char *value)
{
  g_autofree char *line = g_strdup_printf ("\r\n%s: %s\r\n", name, value);

  if (strstr (answer, line) == NULL)
    g_error ("no line %s in %s", line, answer);
}

static void
check_answer (Fixture *self, const char *answer, const SpDtlsSuite *suite)
{
  char id[2 * SP_APP_ID_SIZE + 1];
  char mtu[16];

  sp_hex_encode (self->worker->grant.app_id, SP_APP_ID_SIZE, id);
  g_snprintf (mtu, sizeof mtu, "%u",
              sp_mtu_data (1500, FALSE, sp_mtu_overhead (suite->cipher, suite->mac)));
  assert_line (answer, "X-DTLS-Session-ID", id);
  assert_line (answer, sp_dtls_via_header (suite->via), suite->name);
  assert_line (answer, "X-DTLS-MTU", mtu);
  assert_line (answer, "X-CSTP-MTU", mtu);
  g_assert_null (strstr (answer, "X-DTLS-App-ID"));
}

/* A full packet each way. */
static void
exchange (Fixture *self, SpDtlsClient *dtls, gsize mtu)
{
  guint8 packet[2048];
  guint8 received[2048];
  guint8 type;
  gsize size = sp_make_packet (packet, "10.99.0.2", "10.5.0.1", mtu - 28);
  gsize got;

  g_assert_cmpuint (size, ==, mtu);
  sp_dtls_client_send_frame (dtls, SP_FRAME_DATA, packet, size);
  sp_house_expect_packet (self->worker, packet, size);
  size = sp_make_packet (packet, "10.5.0.1", "10.99.0.2", mtu - 28);
  sp_house_put_packet (self->worker, packet, size);
  got = sp_dtls_client_receive_frame (dtls, &type, received);
  g_assert_cmpuint (type, ==, SP_FRAME_DATA);
  g_assert_cmpmem (received, got, packet, size);
}

static void
test_suite (Fixture *self, gconstpointer data)
{
  const SpDtlsSuite *suite = data;
  g_autofree char *answer = connect_with (self, suite);
  g_autoptr (SpDtlsClient) dtls = NULL;
  gnutls_datum_t id;

  check_answer (self, answer, suite);
  dtls = sp_dtls_client_new_resuming (self->client, 1, suite, self->worker->grant.app_id,
                                      self->master);
  sp_dtls_client_become_current (dtls, 1);
  g_assert_true (gnutls_session_is_resumed (dtls->session));
  g_assert_cmpint (gnutls_session_get_id2 (dtls->session, &id), ==, 0);
  g_assert_cmpmem (id.data, id.size, self->worker->grant.app_id, SP_APP_ID_SIZE);
  g_assert_cmpint (gnutls_session_ext_master_secret_status (dtls->session), ==, 0);
  g_assert_cmpint (gnutls_safe_renegotiation_status (dtls->session), ==, 0);
  exchange (self, dtls, self->worker->attached.mtu);
}

static void
expect_never_current (Fixture *self, SpDtlsClient *dtls)
{
  for (guint i = 0; i < A_WHILE; i++)
    {
      g_assert_cmpint (gnutls_handshake (dtls->session), !=, 0);
      sp_house_turn (self->worker, 1);
    }
  g_assert_cmpuint (self->worker->heard[SP_MESSAGE_CHANNEL_CURRENT], ==, 0);
}

static void
test_wrong_master (Fixture *self, gconstpointer data)
{
  const SpDtlsSuite *suite = data;
  g_autofree char *answer = connect_with (self, suite);
  guint8 wrong[SP_DTLS_MASTER_SIZE];
  g_autoptr (SpDtlsClient) dtls = NULL;

  memcpy (wrong, self->master, sizeof wrong);
  wrong[47] ^= 1;
  dtls = sp_dtls_client_new_resuming (self->client, 1, suite, self->worker->grant.app_id, wrong);
  expect_never_current (self, dtls);
  g_assert_nonnull (answer);
}

/* Nobody gets a full handshake: it would not be the client that sent the secret. */
static void
test_full_handshake (Fixture *self, gconstpointer data)
{
  const SpDtlsSuite *suite = data;
  g_autofree char *answer = connect_with (self, suite);
  guint8 other_id[SP_APP_ID_SIZE] = { 1 };
  g_autoptr (SpDtlsClient) dtls =
      sp_dtls_client_new_resuming (self->client, 1, suite, other_id, self->master);

  sp_house_await (self->worker, SP_MESSAGE_CHANNEL_CLOSED, 1);
  g_assert_cmpuint (self->worker->closed_association, ==, 1);
  g_assert_cmpuint (self->worker->heard[SP_MESSAGE_CHANNEL_CURRENT], ==, 0);
  g_assert_nonnull (answer);
  g_assert_nonnull (dtls);
}

/* Not even by another suite of the list, with the right secret. */
static void
test_other_suite (Fixture *self, gconstpointer data)
{
  const SpDtlsSuite *suite = data;
  const SpDtlsSuite *other = sp_dtls_suite_choose (
      sp_dtls_suites_of_era (SP_DTLS_ERA_1_2),
      strcmp (suite->cipher, "AES-128-GCM") == 0 ? "AES-256-GCM" : "AES-128-GCM");
  g_autofree char *answer = connect_with (self, suite);
  g_autoptr (SpDtlsClient) dtls = sp_dtls_client_new_resuming (
      self->client, 1, other, self->worker->grant.app_id, self->master);

  expect_never_current (self, dtls);
  g_assert_nonnull (answer);
}

/* A client that cannot have what it asks for hears of no datagram channel at all. */
static void
test_refused (Fixture *self, gconstpointer data)
{
  static const char *const offers[] = {
    OFFERS_MASTER
    "X-DTLS-CipherSuite: DES-CBC3-SHA\r\nX-DTLS12-CipherSuite: DHE-RSA-AES256-SHA\r\n",
    "X-DTLS12-CipherSuite: AES256-GCM-SHA384\r\n", /* without a secret */
    OFFERS_MASTER,
  };
  guint which = GPOINTER_TO_UINT (data);
  g_autofree char *answer = NULL;

  self->worker->grant.dtls_mode = SP_DTLS_MODE_RESUME_1_2; /* whatever main thinks */
  answer = sp_vpn_client_connect (self->client, offers[which]);
  g_assert_true (g_str_has_prefix (answer, "HTTP/1.1 200 "));
  g_assert_cmpuint (self->worker->requested.flags & (SP_TUNNEL_RESUMES_0_9 | SP_TUNNEL_RESUMES_1_2),
                    ==, 0);
  g_assert_null (strstr (answer, "X-DTLS"));
}

/* As main answers where the owner does not want it. */
static void
test_off (Fixture *self, gconstpointer data)
{
  g_autofree char *answer = NULL;

  self->worker->grant.dtls_mode = SP_DTLS_MODE_OFF;
  self->worker->grant.dtls_port = 0;
  answer = sp_vpn_client_connect (self->client,
                                  OFFERS_MASTER "X-DTLS12-CipherSuite: AES256-GCM-SHA384\r\n");
  g_assert_true (g_str_has_prefix (answer, "HTTP/1.1 200 "));
  g_assert_null (strstr (answer, "X-DTLS"));
}

static void
test_psk_preferred (Fixture *self, gconstpointer data)
{
  g_autofree char *answer = sp_vpn_client_connect (self->client, data);
  g_autoptr (SpDtlsClient) dtls = NULL;

  assert_line (answer, "X-DTLS-CipherSuite", "PSK-NEGOTIATE");
  g_assert_null (strstr (answer, "X-DTLS-Session-ID"));
  g_assert_null (strstr (answer, "X-DTLS-MTU"));
  dtls = sp_dtls_client_new (self->client, 1);
  sp_dtls_client_become_current (dtls, 1);
}

/* The key that the client kept from an earlier TLS session, which is the beginning of the secret
 * that it sends: the first handshake shows that it has it, the second one works. */
static void
test_stale_key (Fixture *self, gconstpointer data)
{
  g_autofree char *answer = sp_vpn_client_connect (self->client, PSK_FIRST);
  g_autoptr (SpDtlsClient) first = sp_dtls_client_new_with_key (self->client, 1, self->master);
  g_autoptr (SpDtlsClient) second = NULL;

  expect_never_current (self, first);
  second = sp_dtls_client_new_with_key (self->client, 2, self->master);
  sp_dtls_client_become_current (second, 2);
  exchange (self, second, self->worker->attached.mtu);
  g_assert_nonnull (answer);
}

/* A client that looks like one which does that is believed at once; when it turns out not to be
 * one, its next handshake works. */
static void
test_stale_key_expected (Fixture *self, gconstpointer data)
{
  g_autofree char *answer = sp_vpn_client_connect (self->client, PSK_LAST RETURNS);
  g_autoptr (SpDtlsClient) dtls = sp_dtls_client_new_with_key (self->client, 1, self->master);

  sp_dtls_client_become_current (dtls, 1);
  g_assert_nonnull (answer);
}

static void
test_stale_key_not_there (Fixture *self, gconstpointer data)
{
  g_autofree char *answer = sp_vpn_client_connect (self->client, PSK_LAST RETURNS);
  g_autoptr (SpDtlsClient) first = sp_dtls_client_new (self->client, 1);
  g_autoptr (SpDtlsClient) second = NULL;

  expect_never_current (self, first);
  second = sp_dtls_client_new (self->client, 2);
  sp_dtls_client_become_current (second, 2);
  g_assert_nonnull (answer);
}

/* Hellos that go no further say nothing about keys. */
static void
test_key_kept (Fixture *self, gconstpointer data)
{
  g_autofree char *answer = sp_vpn_client_connect (self->client, PSK_FIRST);
  g_autoptr (SpDtlsClient) first = sp_dtls_client_new (self->client, 1);
  g_autoptr (SpDtlsClient) second = sp_dtls_client_new (self->client, 2);

  sp_dtls_client_become_current (second, 2);
  g_assert_nonnull (answer);
  g_assert_nonnull (first);
}

/* Who sent no secret has no other key: not even zeros. */
static void
test_no_other_key (Fixture *self, gconstpointer data)
{
  static const guint8 zeros[SP_PSK_SIZE];
  g_autofree char *answer =
      sp_vpn_client_connect (self->client, "X-DTLS-CipherSuite: PSK-NEGOTIATE\r\n" RETURNS);
  g_autoptr (SpDtlsClient) first = sp_dtls_client_new_with_key (self->client, 1, zeros);
  g_autoptr (SpDtlsClient) second = NULL;
  g_autoptr (SpDtlsClient) third = NULL;

  expect_never_current (self, first);
  second = sp_dtls_client_new_with_key (self->client, 2, zeros);
  expect_never_current (self, second);
  third = sp_dtls_client_new (self->client, 3);
  sp_dtls_client_become_current (third, 3);
  g_assert_nonnull (answer);
}

#define ADD(name, data_, test_)                                                                    \
  g_test_add ("/resumption/" name, Fixture, data_, set_up, test_, tear_down)

int
main (int argc, char **argv)
{
  const SpDtlsSuite *best = sp_dtls_suite_get (0);

  g_test_init (&argc, &argv, NULL);
  if (!sp_house_enter_namespace ())
    return 77;
  for (guint i = 0; i < sp_dtls_suite_count (); i++)
    {
      const SpDtlsSuite *suite = sp_dtls_suite_get (i);
      g_autofree char *path =
          g_strdup_printf ("/resumption/suite/%s/%s", sp_dtls_via_header (suite->via), suite->name);

      g_test_add (path, Fixture, suite, set_up, test_suite, tear_down);
    }
  ADD ("wrong-master", best, test_wrong_master);
  ADD ("full-handshake", best, test_full_handshake);
  ADD ("full-handshake/pre-standard", sp_dtls_suite_get (sp_dtls_suite_count () - 1),
       test_full_handshake);
  ADD ("other-suite", best, test_other_suite);
  ADD ("refused/unknown-suites", GUINT_TO_POINTER (0), test_refused);
  ADD ("refused/no-secret", GUINT_TO_POINTER (1), test_refused);
  ADD ("refused/no-suites", GUINT_TO_POINTER (2), test_refused);
  ADD ("off", NULL, test_off);
  ADD ("psk-preferred/first", PSK_FIRST, test_psk_preferred);
  ADD ("psk-preferred/last", PSK_LAST, test_psk_preferred);
  ADD ("stale-key", NULL, test_stale_key);
  ADD ("stale-key/expected", NULL, test_stale_key_expected);
  ADD ("stale-key/not-there", NULL, test_stale_key_not_there);
  ADD ("stale-key/kept", NULL, test_key_kept);
  ADD ("stale-key/none", NULL, test_no_other_key);
  return g_test_run ();
}
