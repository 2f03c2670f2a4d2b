/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "worker/tls-session.h"

#include "base/io.h"

#include <gnutls/x509.h>
#include <string.h>
#include <sys/socket.h>

/* Against GnuTLS as the client, in each version and cipher.  The client writes into memory, which
 * the test hands over in whatever pieces it likes. */

#define LENGTH_OFFSET 3

typedef struct
{
  const char *version;
  const char *cipher;
} Suite;

static const Suite suites[] = {
  { "TLS1.3", "AES-128-GCM" },       { "TLS1.3", "AES-256-GCM" }, { "TLS1.3", "CHACHA20-POLY1305" },
  { "TLS1.3", "AES-128-CCM" },       { "TLS1.2", "AES-128-GCM" }, { "TLS1.2", "AES-256-GCM" },
  { "TLS1.2", "CHACHA20-POLY1305" }, { "TLS1.2", "AES-128-CBC" },
};

typedef struct
{
  SpEquipment equipment;
  gnutls_certificate_credentials_t none;
  SpTlsSession *server;
  gnutls_session_t client;
  int fd;
  GByteArray *sent; /* by the client, and not handed over */
} Pair;

static ssize_t
push (gnutls_transport_ptr_t transport, const void *bytes, size_t size)
{
  Pair *self = transport;

  g_byte_array_append (self->sent, bytes, (guint) size);
  return (ssize_t) size;
}

static ssize_t
pull (gnutls_transport_ptr_t transport, void *bytes, size_t size)
{
  const Pair *self = transport;

  return recv (self->fd, bytes, size, MSG_DONTWAIT);
}

static void
make_certificate (Pair *self)
{
  gnutls_x509_crt_t certificate;
  gnutls_x509_privkey_t key;

  g_assert_cmpint (gnutls_x509_privkey_init (&key), ==, 0);
  g_assert_cmpint (gnutls_x509_privkey_generate (
                       key, GNUTLS_PK_ECDSA, GNUTLS_CURVE_TO_BITS (GNUTLS_ECC_CURVE_SECP256R1), 0),
                   ==, 0);
  g_assert_cmpint (gnutls_x509_crt_init (&certificate), ==, 0);
  (void) gnutls_x509_crt_set_version (certificate, 3);
  (void) gnutls_x509_crt_set_serial (certificate, "1", 1);
  (void) gnutls_x509_crt_set_activation_time (certificate, 0);
  (void) gnutls_x509_crt_set_expiration_time (certificate, G_MAXINT32);
  (void) gnutls_x509_crt_set_key (certificate, key);
  g_assert_cmpint (gnutls_x509_crt_sign2 (certificate, certificate, key, GNUTLS_DIG_SHA256, 0), ==,
                   0);
  g_assert_cmpint (gnutls_certificate_allocate_credentials (&self->equipment.certificate), ==, 0);
  g_assert_cmpint (
      gnutls_certificate_set_x509_key (self->equipment.certificate, &certificate, 1, key), >=, 0);
  gnutls_x509_crt_deinit (certificate);
  gnutls_x509_privkey_deinit (key);
}

static void
set_up_client (Pair *self, const char *priority)
{
  g_assert_cmpint (gnutls_init (&self->client, GNUTLS_CLIENT | GNUTLS_NONBLOCK), ==, 0);
  g_assert_cmpint (gnutls_priority_set_direct (self->client, priority, NULL), ==, 0);
  g_assert_cmpint (gnutls_certificate_allocate_credentials (&self->none), ==, 0);
  (void) gnutls_credentials_set (self->client, GNUTLS_CRD_CERTIFICATE, self->none);
  gnutls_transport_set_ptr (self->client, self);
  gnutls_transport_set_push_function (self->client, push);
  gnutls_transport_set_pull_function (self->client, pull);
}

/* So many bytes of what the client sent; returns what came of it last that was not data. */
static SpTlsResult
hand_over (Pair *self, gsize size, GByteArray *ret_data)
{
  guint8 buffer[SP_TLS_RECORD_MAX];
  gsize received;
  SpTlsResult result;

  size = MIN (size, self->sent->len);
  g_assert_cmpint (write (self->fd, self->sent->data, size), ==, size);
  g_byte_array_remove_range (self->sent, 0, (guint) size);
  while (sp_tls_session_fill (self->server) == SP_TLS_OK)
    ;
  do
    {
      result = sp_tls_session_receive (self->server, buffer, &received);
      if (result == SP_TLS_OK && ret_data != NULL)
        g_byte_array_append (ret_data, buffer, (guint) received);
    }
  while (result == SP_TLS_OK ||
         (result == SP_TLS_AGAIN && sp_tls_session_has_input (self->server)));
  return result;
}

static gboolean
shake_hands_at_server (Pair *self)
{
  g_assert_cmpint (write (self->fd, self->sent->data, self->sent->len), ==, self->sent->len);
  g_byte_array_set_size (self->sent, 0);
  (void) sp_tls_session_fill (self->server);
  return sp_tls_session_handshake (self->server) == SP_TLS_OK;
}

static Pair *
connect_pair (const Suite *suite)
{
  Pair *self = g_new0 (Pair, 1);
  g_autofree char *priority =
      g_strdup_printf ("NORMAL:-VERS-ALL:+VERS-%s:-CIPHER-ALL:+%s", suite->version, suite->cipher);
  gboolean server_done = FALSE;
  int fds[2];
  int code;

  g_assert_cmpint (socketpair (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds), ==, 0);
  self->fd = fds[0];
  self->sent = g_byte_array_new ();
  make_certificate (self);
  g_assert_cmpint (gnutls_priority_init (&self->equipment.tls_priority, priority, NULL), ==, 0);
  g_assert_cmpint (gnutls_priority_init (&self->equipment.renewal_priority, priority, NULL), ==, 0);
  set_up_client (self, priority);
  self->server = sp_tls_session_new (&self->equipment, fds[1]);
  do
    {
      code = gnutls_handshake (self->client);
      server_done |= !server_done && shake_hands_at_server (self);
      (void) sp_tls_session_flush (self->server);
    }
  while (code != 0 || !server_done);
  return self;
}

static Pair *
connect_tunnel (const Suite *suite)
{
  Pair *self = connect_pair (suite);

  sp_tls_session_enter_tunnel (self->server);
  return self;
}

static void
pair_free (Pair *self)
{
  sp_tls_session_free (self->server);
  gnutls_deinit (self->client);
  gnutls_certificate_free_credentials (self->equipment.certificate);
  gnutls_certificate_free_credentials (self->none);
  gnutls_priority_deinit (self->equipment.tls_priority);
  gnutls_priority_deinit (self->equipment.renewal_priority);
  g_byte_array_unref (self->sent);
  sp_fd_clear (&self->fd);
  g_free (self);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Pair, pair_free)

static void
client_sends (Pair *self, GByteArray *ret_all, gsize size)
{
  g_autofree guint8 *bytes = g_malloc (size);

  for (gsize i = 0; i < size; i++)
    bytes[i] = (guint8) g_test_rand_int ();
  g_assert_cmpint (gnutls_record_send (self->client, bytes, size), ==, size);
  g_byte_array_append (ret_all, bytes, (guint) size);
}

/* What the client sends comes, in whatever pieces. */
static void
check_data (Pair *self, guint n)
{
  g_autoptr (GByteArray) expected = g_byte_array_new ();
  g_autoptr (GByteArray) found = g_byte_array_new ();

  for (guint i = 0; i < n; i++)
    client_sends (self, expected, (gsize) g_test_rand_int_range (1, i % 16 == 0 ? 16384 : 1400));
  while (self->sent->len > 0)
    g_assert_cmpint (hand_over (self,
                                (gsize) g_test_rand_int_range (1, self->sent->len > 40 ? 20000 : 3),
                                found),
                     ==, SP_TLS_AGAIN);
  g_assert_cmpmem (found->data, found->len, expected->data, expected->len);
}

static void
test_data (gconstpointer suite)
{
  g_autoptr (Pair) pair = connect_tunnel (suite);

  check_data (pair, 100);
}

/* The tunnel begins when GnuTLS has read a part of a record. */
static void
test_begun_record (gconstpointer suite)
{
  for (gsize taken = 1; taken < 60; taken += 3)
    {
      g_autoptr (Pair) pair = connect_pair (suite);
      g_autoptr (GByteArray) expected = g_byte_array_new ();
      g_autoptr (GByteArray) found = g_byte_array_new ();

      client_sends (pair, expected, 20);
      g_assert_cmpint (hand_over (pair, taken, found), ==, SP_TLS_AGAIN);
      sp_tls_session_enter_tunnel (pair->server);
      g_assert_cmpint (hand_over (pair, G_MAXSIZE, found), ==, SP_TLS_AGAIN);
      g_assert_cmpmem (found->data, found->len, expected->data, expected->len);
      check_data (pair, 10);
    }
}

static void
test_key_updates (gconstpointer data)
{
  const Suite *suite = data;
  g_autoptr (Pair) pair = connect_tunnel (suite);

  if (!g_str_equal (suite->version, "TLS1.3"))
    {
      g_test_skip ("TLS 1.2 has none");
      return;
    }
  sp_tls_session_watch_updates (pair->server);
  for (guint i = 0; i < 4; i++)
    {
      guint8 word[16];
      gssize size;

      check_data (pair, 5);
      g_assert_cmpint (gnutls_session_key_update (pair->client, i % 2 == 0 ? 0 : GNUTLS_KU_PEER),
                       ==, 0);
      check_data (pair, 5);
      g_assert_cmpint (sp_tls_session_take_update (pair->server), ==,
                       i % 2 == 0 ? SP_TLS_UPDATED : SP_TLS_UPDATED_ASKING);
      g_assert_true (sp_tls_session_send (pair->server, "and back", 8));
      g_assert_cmpint (sp_tls_session_flush (pair->server), ==, SP_TLS_OK);
      while ((size = gnutls_record_recv (pair->client, word, sizeof word)) == GNUTLS_E_AGAIN)
        ; /* our own new keys come before */
      g_assert_cmpint (size, ==, 8);
    }
}

static void
test_renegotiation (gconstpointer data)
{
  const Suite *suite = data;
  g_autoptr (Pair) pair = connect_tunnel (suite);

  if (!g_str_equal (suite->version, "TLS1.2"))
    {
      g_test_skip ("TLS 1.3 has none");
      return;
    }
  for (guint i = 0; i < 3; i++)
    {
      check_data (pair, 10);
      g_assert_cmpint (gnutls_handshake (pair->client), ==, GNUTLS_E_AGAIN);
      g_assert_cmpint (hand_over (pair, G_MAXSIZE, NULL), ==, SP_TLS_HELLO);
      g_assert_cmpint (sp_tls_session_renegotiate (pair->server, &pair->equipment), ==,
                       SP_TLS_AGAIN);
      while (gnutls_handshake (pair->client) != 0)
        {
          (void) sp_tls_session_flush (pair->server);
          g_assert_cmpint (hand_over (pair, G_MAXSIZE, NULL), ==, SP_TLS_AGAIN);
        }
      g_assert_false (sp_tls_session_is_renegotiating (pair->server));
      check_data (pair, 10);
    }
}

/* The version is to be ignored there (RFC 8446 5.1), and GnuTLS ignores the outer type, too: what
 * counts is sealed. */
static gboolean
is_ignored (const Suite *suite, gsize at)
{
  return g_str_equal (suite->version, "TLS1.3") && at < LENGTH_OFFSET;
}

/* Each byte of a record, one after the other: the connection ends, with an alert. */
static void
test_flips (gconstpointer suite)
{
  gsize size = 1;

  for (gsize i = 0; i < size; i++)
    {
      g_autoptr (Pair) pair = connect_tunnel (suite);
      g_autoptr (GByteArray) text = g_byte_array_new ();
      g_autoptr (GByteArray) found = g_byte_array_new ();
      SpTlsResult result;

      check_data (pair, 2);
      client_sends (pair, text, 3);
      size = pair->sent->len;
      pair->sent->data[i] ^= 1;
      result = hand_over (pair, G_MAXSIZE, found);
      if (is_ignored (suite, i))
        continue;
      g_assert_cmpuint (found->len, ==, 0);
      /* the rest of what became longer is waited for */
      if (result == SP_TLS_AGAIN)
        g_assert_true (i == LENGTH_OFFSET || i == LENGTH_OFFSET + 1);
      else
        g_assert_cmpint (result, ==, SP_TLS_BROKEN);
    }
}

static void
test_goodbye (gconstpointer suite)
{
  g_autoptr (Pair) pair = connect_tunnel (suite);

  check_data (pair, 10);
  g_assert_cmpint (gnutls_bye (pair->client, GNUTLS_SHUT_WR), ==, 0);
  g_assert_cmpint (hand_over (pair, G_MAXSIZE, NULL), ==, SP_TLS_CLOSED);
}

/* Without a word, at the end of a record and within one. */
static void
test_end (gconstpointer suite)
{
  for (gsize left = 0; left < 2; left++)
    {
      g_autoptr (Pair) pair = connect_tunnel (suite);
      g_autoptr (GByteArray) text = g_byte_array_new ();

      client_sends (pair, text, 100);
      client_sends (pair, text, 100);
      (void) hand_over (pair, pair->sent->len - left * 50, NULL);
      sp_fd_clear (&pair->fd);
      g_assert_cmpint (sp_tls_session_fill (pair->server), ==, SP_TLS_CLOSED);
      g_byte_array_set_size (pair->sent, 0);
      g_assert_cmpint (
          sp_tls_session_receive (pair->server, (guint8[SP_TLS_RECORD_MAX]){ 0 }, &(gsize){ 0 }),
          ==, left == 0 ? SP_TLS_CLOSED : SP_TLS_BROKEN);
    }
}

static const struct
{
  const char *name;
  GTestDataFunc function;
} stories[] = {
  { "data", test_data },
  { "begun-record", test_begun_record },
  { "key-updates", test_key_updates },
  { "renegotiation", test_renegotiation },
  { "flips", test_flips },
  { "goodbye", test_goodbye },
  { "end", test_end },
};

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (stories); i++)
    for (guint j = 0; j < G_N_ELEMENTS (suites); j++)
      {
        g_autofree char *path = g_strdup_printf ("/tls-session/%s/%s/%s", stories[i].name,
                                                 suites[j].version, suites[j].cipher);

        g_test_add_data_func (path, &suites[j], stories[i].function);
      }
  return g_test_run ();
}
