/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "certificate-proof.h"
#include "device-store.h"

#include "worker/certificate-verify.h"

#include <errno.h>
#include <gnutls/crypto.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* Real handshakes with clients' keys of every kind, and what the keyholder makes of them. */

#define NOW   G_GINT64_CONSTANT (1900000000)
#define STEPS 50

typedef struct
{
  const char *name;
  const char *priority; /* of the server */
  gboolean tls13;
  gnutls_pk_algorithm_t algorithm;
  unsigned bits;
} Kind;

#define TLS13 "NORMAL:-VERS-ALL:+VERS-TLS1.3"
#define TLS12 "NORMAL:-VERS-ALL:+VERS-TLS1.2:-RSA:-DHE-RSA"
#define P256  GNUTLS_CURVE_TO_BITS (GNUTLS_ECC_CURVE_SECP256R1)
#define P384  GNUTLS_CURVE_TO_BITS (GNUTLS_ECC_CURVE_SECP384R1)

static const Kind kinds[] = {
  { "tls13/p256", TLS13, TRUE, GNUTLS_PK_ECDSA, P256 },
  { "tls13/p384", TLS13, TRUE, GNUTLS_PK_ECDSA, P384 },
  { "tls13/rsa", TLS13, TRUE, GNUTLS_PK_RSA, 2048 },
  { "tls13/rsa-pss", TLS13, TRUE, GNUTLS_PK_RSA_PSS, 2048 },
  { "tls13/ed25519", TLS13, TRUE, GNUTLS_PK_EDDSA_ED25519, 256 },
  { "tls13/sha256", TLS13 ":-CIPHER-ALL:+AES-128-GCM", TRUE, GNUTLS_PK_ECDSA, P256 },
  { "tls13/another-hello", TLS13 ":-GROUP-ALL:+GROUP-SECP521R1", TRUE, GNUTLS_PK_ECDSA, P256 },
  { "tls12/p256", TLS12, FALSE, GNUTLS_PK_ECDSA, P256 },
  { "tls12/p384", TLS12, FALSE, GNUTLS_PK_ECDSA, P384 },
  { "tls12/rsa", TLS12, FALSE, GNUTLS_PK_RSA, 2048 },
  { "tls12/rsa-pss", TLS12, FALSE, GNUTLS_PK_RSA_PSS, 2048 },
  { "tls12/ed25519", TLS12, FALSE, GNUTLS_PK_EDDSA_ED25519, 256 },
};

typedef struct
{
  SpPrivateKey *key;
  SpCertificate *certificate;
} Identity;

typedef struct
{
  Identity authority;
  Identity server;
  Identity client;
  SpTranscript transcript;
  SpSignedHandshake signed_for;
  GByteArray *handshake;
} Fixture;

/* --- who they are --- */

static void
make_identity (const Kind *kind, const Identity *issuer, Identity *ret_identity)
{
  static const guint8 serial[] = { 1, 2, 3 };

  g_assert_cmpint (gnutls_x509_privkey_init (&ret_identity->key), ==, 0);
  g_assert_cmpint (gnutls_x509_privkey_generate (ret_identity->key, kind->algorithm, kind->bits, 0),
                   ==, 0);
  g_assert_cmpint (gnutls_x509_crt_init (&ret_identity->certificate), ==, 0);
  g_assert_cmpint (gnutls_x509_crt_set_version (ret_identity->certificate, 3), ==, 0);
  g_assert_cmpint (gnutls_x509_crt_set_serial (ret_identity->certificate, serial, sizeof serial),
                   ==, 0);
  g_assert_cmpint (gnutls_x509_crt_set_dn (ret_identity->certificate, "CN=Anna", NULL), ==, 0);
  g_assert_cmpint (gnutls_x509_crt_set_activation_time (ret_identity->certificate, NOW - 1000), ==,
                   0);
  g_assert_cmpint (gnutls_x509_crt_set_expiration_time (ret_identity->certificate, NOW + 1000), ==,
                   0);
  g_assert_cmpint (gnutls_x509_crt_set_key (ret_identity->certificate, ret_identity->key), ==, 0);
  g_assert_cmpint (gnutls_x509_crt_sign2 (ret_identity->certificate, issuer->certificate,
                                          issuer->key, GNUTLS_DIG_SHA256, 0),
                   ==, 0);
}

/* As it is read: what was just made does not know its own name. */
static void
make_authority (Identity *ret_authority)
{
  g_autoptr (SpCertificate) made = NULL;
  g_autoptr (GBytes) der = NULL;

  ret_authority->key = sp_private_key_make (NULL);
  made = sp_certificate_make_authority (ret_authority->key, NOW, NULL);
  der = sp_certificate_write (made, NULL);
  ret_authority->certificate =
      sp_certificate_read (g_bytes_get_data (der, NULL), g_bytes_get_size (der), NULL);
  g_assert_nonnull (ret_authority->certificate);
}

static void
clear_identity (Identity *identity)
{
  sp_certificate_free (identity->certificate);
  sp_private_key_free (identity->key);
}

static gnutls_certificate_credentials_t
make_credentials (const Identity *identity)
{
  gnutls_certificate_credentials_t credentials;
  gnutls_x509_crt_t chain = identity->certificate;

  g_assert_cmpint (gnutls_certificate_allocate_credentials (&credentials), ==, 0);
  gnutls_certificate_set_flags (credentials, GNUTLS_CERTIFICATE_SKIP_KEY_CERT_MATCH);
  g_assert_cmpint (gnutls_certificate_set_x509_key (credentials, &chain, 1, identity->key), ==, 0);
  return credentials;
}

/* --- a handshake --- */

/* As the worker asks for its signature: of TLS 1.3 the content, of TLS 1.2 a digest. */
static void
note_signed (Fixture *self, gnutls_session_t session, guint type, const gnutls_datum_t *body)
{
  if (gnutls_protocol_get_version (session) == GNUTLS_TLS1_3 &&
      type == GNUTLS_HANDSHAKE_CERTIFICATE_PKT)
    {
      SpSignVerify question = { 0 };

      question.content_length = (guint16) sp_transcript_content (
          &self->transcript, gnutls_prf_hash_get (session), question.content);
      sp_signed_handshake_set_verify (&self->signed_for, &question);
    }
  else if (gnutls_protocol_get_version (session) == GNUTLS_TLS1_2 &&
           type == GNUTLS_HANDSHAKE_SERVER_KEY_EXCHANGE)
    {
      SpSignDigest question = { .algorithm = SP_DIGEST_SHA512, .digest_length = 64 };
      gnutls_datum_t client, server;
      gnutls_hash_hd_t hash;

      gnutls_session_get_random (session, &client, &server);
      g_assert_cmpint (gnutls_hash_init (&hash, GNUTLS_DIG_SHA512), ==, 0);
      (void) gnutls_hash (hash, client.data, client.size);
      (void) gnutls_hash (hash, server.data, server.size);
      (void) gnutls_hash (hash, body->data, 4u + body->data[3]);
      gnutls_hash_deinit (hash, question.digest);
      sp_signed_handshake_set_digest (&self->signed_for, &question);
    }
}

static int
listen_to (gnutls_session_t session,
           unsigned type,
           unsigned when,
           unsigned incoming,
           const gnutls_datum_t *body)
{
  Fixture *self = gnutls_session_get_ptr (session);

  sp_transcript_add (&self->transcript, type, when == GNUTLS_HOOK_PRE, incoming != 0, body);
  if (when == GNUTLS_HOOK_POST && incoming == 0)
    note_signed (self, session, type, body);
  return 0;
}

static gnutls_session_t
make_session (guint flags,
              const char *priority,
              gnutls_certificate_credentials_t credentials,
              int fd)
{
  gnutls_session_t session;

  g_assert_cmpint (gnutls_init (&session, flags | GNUTLS_NONBLOCK), ==, 0);
  g_assert_cmpint (gnutls_priority_set_direct (session, priority, NULL), ==, 0);
  g_assert_cmpint (gnutls_credentials_set (session, GNUTLS_CRD_CERTIFICATE, credentials), ==, 0);
  gnutls_transport_set_int (session, fd);
  return session;
}

/* FALSE: the server ended it. */
static gboolean
shake_hands (gnutls_session_t client, gnutls_session_t server)
{
  int client_code = GNUTLS_E_AGAIN, server_code = GNUTLS_E_AGAIN;

  for (guint i = 0; i < STEPS && (client_code != 0 || server_code != 0); i++)
    {
      if (client_code != 0)
        client_code = gnutls_handshake (client);
      if (server_code != 0)
        server_code = gnutls_handshake (server);
      if (gnutls_error_is_fatal (server_code))
        return FALSE;
    }
  g_assert_cmpint (client_code, ==, 0);
  g_assert_cmpint (server_code, ==, 0);
  return TRUE;
}

/* Keeps what the worker would show, or nothing; whether the handshake is good is returned. */
static gboolean
connect_client (Fixture *self, const char *priority, const Identity *who)
{
  gnutls_certificate_credentials_t ours = make_credentials (&self->server);
  gnutls_certificate_credentials_t theirs = make_credentials (who);
  gnutls_session_t server, client;
  gboolean good;
  int ends[2];

  g_clear_pointer (&self->handshake, g_byte_array_unref);
  g_assert_cmpint (socketpair (AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, ends), ==, 0);
  server = make_session (GNUTLS_SERVER, priority, ours, ends[0]);
  client = make_session (GNUTLS_CLIENT, "NORMAL", theirs, ends[1]);
  gnutls_certificate_server_set_request (server, GNUTLS_CERT_REQUIRE);
  sp_transcript_clear (&self->transcript);
  sp_transcript_init (&self->transcript);
  sp_transcript_keep (&self->transcript);
  gnutls_session_set_ptr (server, self);
  gnutls_handshake_set_hook_function (server, GNUTLS_HANDSHAKE_ANY, GNUTLS_HOOK_BOTH, listen_to);
  good = shake_hands (client, server);
  self->handshake = sp_transcript_take (&self->transcript);
  gnutls_deinit (client);
  gnutls_deinit (server);
  gnutls_certificate_free_credentials (ours);
  gnutls_certificate_free_credentials (theirs);
  (void) close (ends[0]);
  (void) close (ends[1]);
  return good;
}

static void
set_up (Fixture *self, gconstpointer data)
{
  const Kind *kind = data;

  make_authority (&self->authority);
  make_identity (&kinds[0], &self->authority, &self->server);
  make_identity (kind, &self->authority, &self->client);
  g_assert_true (connect_client (self, kind->priority, &self->client));
  g_assert_nonnull (self->handshake);
}

static void
tear_down (Fixture *self, gconstpointer data)
{
  g_clear_pointer (&self->handshake, g_byte_array_unref);
  sp_transcript_clear (&self->transcript);
  clear_identity (&self->client);
  clear_identity (&self->server);
  clear_identity (&self->authority);
}

static gboolean
check (Fixture *self, guint8 *ret_fingerprint)
{
  return sp_certificate_proof_check (&self->signed_for, self->authority.certificate,
                                     self->handshake->data, self->handshake->len, ret_fingerprint);
}

/* --- cases --- */

static void
test_proves (Fixture *self, gconstpointer data)
{
  guint8 fingerprint[SP_FINGERPRINT_SIZE], expected[SP_FINGERPRINT_SIZE];
  g_autoptr (GBytes) der = sp_certificate_write (self->client.certificate, NULL);

  g_assert_cmpint (self->signed_for.tls13, ==, ((const Kind *) data)->tls13);
  g_assert_true (check (self, fingerprint));
  g_assert_true (
      sp_device_store_fingerprint (g_bytes_get_data (der, NULL), g_bytes_get_size (der), expected));
  g_assert_cmpmem (fingerprint, sizeof fingerprint, expected, sizeof expected);
}

/* None of its bits may be another; and none may be missing, or too many. */
static void
test_forged (Fixture *self, gconstpointer data)
{
  guint8 fingerprint[SP_FINGERPRINT_SIZE];
  guint8 spare = 0;

  for (guint i = 0; i < self->handshake->len; i++)
    {
      self->handshake->data[i] ^= (guint8) (1u << i % 8);
      if (check (self, fingerprint))
        g_error ("byte %u of %u does not count", i, self->handshake->len);
      self->handshake->data[i] ^= (guint8) (1u << i % 8);
    }
  g_assert_true (check (self, fingerprint));
  g_byte_array_append (self->handshake, &spare, 1);
  g_assert_false (check (self, fingerprint));
  for (guint size = self->handshake->len - 1; size-- > 0;)
    {
      g_byte_array_set_size (self->handshake, size);
      g_assert_false (check (self, fingerprint));
    }
}

/* The same client proves nothing for a handshake that is not its own. */
static void
test_other_handshake (Fixture *self, gconstpointer data)
{
  SpSignedHandshake before = self->signed_for;
  guint8 fingerprint[SP_FINGERPRINT_SIZE];

  g_assert_true (connect_client (self, ((const Kind *) data)->priority, &self->client));
  g_assert_true (check (self, fingerprint));
  self->signed_for = before;
  g_assert_false (check (self, fingerprint));
  self->signed_for.length = 0;
  g_assert_false (check (self, fingerprint));
}

/* Nor with another's certificate, which is no secret. */
static void
test_other_key (Fixture *self, gconstpointer data)
{
  Identity other;
  Identity thief = { NULL, self->client.certificate };
  guint8 fingerprint[SP_FINGERPRINT_SIZE];

  make_identity (data, &self->authority, &other);
  thief.key = other.key;
  g_assert_false (connect_client (self, ((const Kind *) data)->priority, &thief));
  g_assert_nonnull (self->handshake);
  g_assert_false (check (self, fingerprint));
  clear_identity (&other);
}

static void
test_other_authority (Fixture *self, gconstpointer data)
{
  Identity stranger, foreign;
  guint8 fingerprint[SP_FINGERPRINT_SIZE];

  make_authority (&stranger);
  make_identity (data, &stranger, &foreign);
  g_assert_true (connect_client (self, ((const Kind *) data)->priority, &foreign));
  g_assert_nonnull (self->handshake);
  g_assert_false (check (self, fingerprint));
  clear_identity (&foreign);
  clear_identity (&stranger);
}

/* Who shows none proves nothing. */
static void
test_nobody (void)
{
  SpTranscript transcript;
  gnutls_datum_t hello = { (guint8 *) "hello", 5 };

  sp_transcript_init (&transcript);
  sp_transcript_keep (&transcript);
  sp_transcript_add (&transcript, GNUTLS_HANDSHAKE_CLIENT_HELLO, TRUE, TRUE, &hello);
  g_assert_null (sp_transcript_take (&transcript));
  sp_transcript_clear (&transcript);
}

/* More than is ever shown is not kept. */
static void
test_too_long (void)
{
  static guint8 bytes[SP_HANDSHAKE_MAX - 7];
  SpTranscript transcript;
  gnutls_datum_t most = { bytes, sizeof bytes };
  gnutls_datum_t verify = { bytes, 0 };

  for (guint more = 0; more < 2; more++)
    {
      g_autoptr (GByteArray) kept = NULL;

      most.size = (guint) sizeof bytes - 1 + more;
      sp_transcript_init (&transcript);
      sp_transcript_keep (&transcript);
      sp_transcript_add (&transcript, GNUTLS_HANDSHAKE_CLIENT_HELLO, TRUE, TRUE, &most);
      sp_transcript_add (&transcript, GNUTLS_HANDSHAKE_CERTIFICATE_VERIFY, TRUE, TRUE, &verify);
      kept = sp_transcript_take (&transcript);
      g_assert_cmpint (kept != NULL, ==, more == 0);
      sp_transcript_clear (&transcript);
    }
}

static void
add (const char *case_name, const Kind *kind, void (*test) (Fixture *, gconstpointer))
{
  g_autofree char *path = g_strdup_printf ("/certificate-proof/%s/%s", kind->name, case_name);

  g_test_add (path, Fixture, kind, set_up, test, tear_down);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (kinds); i++)
    {
      add ("proves", &kinds[i], test_proves);
      add ("other-handshake", &kinds[i], test_other_handshake);
      add ("other-key", &kinds[i], test_other_key);
      add ("other-authority", &kinds[i], test_other_authority);
    }
  add ("forged", &kinds[0], test_forged);
  add ("forged", &kinds[7], test_forged);
  add ("forged", &kinds[9], test_forged);
  g_test_add_func ("/certificate-proof/nobody", test_nobody);
  g_test_add_func ("/certificate-proof/too-long", test_too_long);
  return g_test_run ();
}
