/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "worker/equipment.h"

#include "base/der.h"
#include "base/error.h"
#include "base/io.h"
#include "dtls-set-up.h"

#include <gnutls/abstract.h>
#include <gnutls/crypto.h>
#include <gnutls/x509.h>
#include <string.h>

#define CHAIN_LENGTH_MAX 8

/* Of AES with 128 bits first: the fastest, and as strong as the 256-bit curve that keys it.  The
 * same order for both channels, so that the data MTU computed from the stream's cipher fits the
 * other.
 */
#define GCM    ":+AES-128-GCM:+AES-256-GCM"
#define CHACHA ":+CHACHA20-POLY1305"
#define OTHERS ":+AES-128-CCM:+AES-256-CCM:+AES-128-CBC:+AES-256-CBC"

static const char *const cipher_orders[] = {
  [SP_CIPHERS_AES_FIRST] = ":-CIPHER-ALL" GCM CHACHA OTHERS,
  [SP_CIPHERS_CHACHA20_FIRST] = ":-CIPHER-ALL" CHACHA GCM OTHERS,
};

/* Without ECDSA-SHA256, TLS 1.2 signs SHA-384 or SHA-512 digests only; TLS 1.3 names its SHA-256
 * with P-256 differently and keeps it.  So the keyholder can tell by the length of a digest that it
 * is none of TLS 1.3.  RSA has no key exchange of its own here, since the key only signs, and
 * neither version has the older Diffie-Hellman: the largest of its groups (RFC 7919), which a
 * stranger could insist on, costs seconds.  X25519 is the cheapest curve and the only one that
 * most libraries send a key for unasked; to choose another is to ask them to begin again (RFC 8446
 * 4.1.4). */
#define CURVES                                                                                     \
  ":-GROUP-ALL:+GROUP-X25519:+GROUP-SECP256R1:+GROUP-SECP384R1:+GROUP-SECP521R1:+GROUP-X448"
#define TLS_PRIORITY(versions, signatures)                                                         \
  "NORMAL:%SERVER_PRECEDENCE:%COMPAT:-VERS-ALL:" versions signatures                               \
  ":-RSA:-DHE-RSA:-SIGN-ECDSA-SHA1:-SIGN-RSA-SHA1" CURVES
#define NEWEST "+VERS-TLS1.3:+VERS-TLS1.2"
#define TLS12  "+VERS-TLS1.2"
#define STRICT ":-SIGN-ECDSA-SHA256"

static const char newest_priority[] = TLS_PRIORITY (NEWEST, STRICT);
static const char tls12_priority[] = TLS_PRIORITY (TLS12, STRICT);

/* Where clients are asked for certificates they may sign so, since both versions write it alike and
 * clients take it; what we sign with is ruled by what tell_about_key() says that our key can. */
static const char newest_asking_priority[] = TLS_PRIORITY (NEWEST, "");
static const char tls12_asking_priority[] = TLS_PRIORITY (TLS12, "");

static const char dtls_priority[] =
    "NORMAL:%SERVER_PRECEDENCE:-VERS-ALL:+VERS-DTLS1.2:-KX-ALL:+PSK";

static gboolean
check (int code, const char *what, GError **error)
{
  if (code >= 0)
    return TRUE;
  g_set_error (error, SP_ERROR, SP_ERROR_CERTIFICATE_INVALID, "%s: %s", what,
               gnutls_strerror (code));
  return FALSE;
}

/* Returns how many certificates were found, 0 and `error` if the chain is not one. */
static guint
import_chain (const guint8 *chain, gsize size, gnutls_pcert_st *certificates, GError **error)
{
  guint n_certificates = 0;

  while (size > 0)
    {
      gsize element = sp_der_measure (chain, size);
      gnutls_datum_t der = { .data = (guint8 *) chain, .size = (guint) element };

      if (element == 0 || n_certificates == CHAIN_LENGTH_MAX)
        {
          g_set_error (error, SP_ERROR, SP_ERROR_CERTIFICATE_INVALID,
                       "certificate chain: not a list of up to %u DER certificates",
                       CHAIN_LENGTH_MAX);
          break;
        }
      if (!check (gnutls_pcert_import_x509_raw (&certificates[n_certificates], &der,
                                                GNUTLS_X509_FMT_DER, 0),
                  "certificate chain", error))
        break;
      n_certificates++;
      chain += element;
      size -= element;
    }
  if (size == 0 && n_certificates > 0)
    return n_certificates;
  for (guint i = 0; i < n_certificates; i++)
    gnutls_pcert_deinit (&certificates[i]);
  return 0;
}

static int
sign_digest (gnutls_privkey_t key,
             gnutls_sign_algorithm_t algorithm,
             void *user_data,
             unsigned int flags,
             const gnutls_datum_t *digest,
             gnutls_datum_t *ret_signature)
{
  const SpEquipment *self = user_data;

  if (self->signer == NULL)
    return GNUTLS_E_UNIMPLEMENTED_FEATURE;
  return self->signer (self->signer_data, algorithm, digest, ret_signature);
}

/* Only called for Ed25519 and Ed448, which we do not have; GnuTLS crashes if it is not there. */
static int
sign_data (gnutls_privkey_t key,
           gnutls_sign_algorithm_t algorithm,
           void *user_data,
           unsigned int flags,
           const gnutls_datum_t *bytes,
           gnutls_datum_t *ret_signature)
{
  return GNUTLS_E_UNIMPLEMENTED_FEATURE;
}

/* GnuTLS asks while it chooses how to sign, that is after the version was agreed on. */
static int
tell_about_key (gnutls_privkey_t key, unsigned int flags, void *user_data)
{
  const SpEquipment *self = user_data;
  gnutls_protocol_t version = 0;

  if (flags & GNUTLS_PRIVKEY_INFO_PK_ALGO)
    return (int) self->key->algorithm;
  if (flags & GNUTLS_PRIVKEY_INFO_PK_ALGO_BITS)
    return (int) self->key_bits;
  if (self->signing != NULL)
    version = gnutls_protocol_get_version (self->signing);
  if (flags & GNUTLS_PRIVKEY_INFO_HAVE_SIGN_ALGO)
    return sp_server_key_signs (self->key, GNUTLS_FLAGS_TO_SIGN_ALGO (flags), version) ? 1 : 0;
  return -1;
}

static int
give_psk (gnutls_session_t session, const char *identity, gnutls_datum_t *ret_key)
{
  const guint8 *key = gnutls_session_get_ptr (session);

  ret_key->data = gnutls_malloc (SP_PSK_SIZE);
  if (ret_key->data == NULL)
    return -1;
  memcpy (ret_key->data, key, SP_PSK_SIZE);
  ret_key->size = SP_PSK_SIZE;
  return 0;
}

static gboolean
take_key (SpEquipment *self, const gnutls_pcert_st *certificate, GError **error)
{
  self->key = sp_server_key_find (certificate->pubkey);
  if (self->key != NULL &&
      gnutls_pubkey_get_pk_algorithm (certificate->pubkey, &self->key_bits) >= 0)
    return TRUE;
  g_set_error (error, SP_ERROR, SP_ERROR_CERTIFICATE_INVALID,
               "certificate: its key is none that this server signs with");
  return FALSE;
}

static gboolean
take_fingerprint (SpEquipment *self, const gnutls_pcert_st *certificate, GError **error)
{
  guint8 digest[20];

  if (!check (gnutls_hash_fast (GNUTLS_DIG_SHA1, certificate->cert.data, certificate->cert.size,
                                digest),
              "certificate fingerprint", error))
    return FALSE;
  for (guint i = 0; i < sizeof digest; i++)
    g_snprintf (self->certificate_sha1 + 2 * i, 3, "%02X", digest[i]);
  return TRUE;
}

/* Both the certificates and the key belong to the credentials afterwards. */
static gboolean
load_certificate (SpEquipment *self, const guint8 *chain, gsize size, GError **error)
{
  gnutls_pcert_st certificates[CHAIN_LENGTH_MAX];
  gnutls_privkey_t key = NULL;
  guint n_certificates = import_chain (chain, size, certificates, error);
  gboolean loaded;

  if (n_certificates == 0)
    return FALSE;
  /* Otherwise GnuTLS signs a test string now, which the key's holder would rightly refuse. */
  gnutls_certificate_set_flags (self->certificate, GNUTLS_CERTIFICATE_SKIP_KEY_CERT_MATCH);
  loaded = take_key (self, &certificates[0], error) &&
           take_fingerprint (self, &certificates[0], error) &&
           check (gnutls_privkey_init (&key), "server key", error) &&
           check (gnutls_privkey_import_ext4 (key, self, sign_data, sign_digest, NULL, NULL,
                                              tell_about_key, 0),
                  "server key", error) &&
           check (gnutls_certificate_set_key (self->certificate, NULL, 0, certificates,
                                              (int) n_certificates, key),
                  "server certificate", error);
  if (loaded)
    return TRUE;
  for (guint i = 0; i < n_certificates; i++)
    gnutls_pcert_deinit (&certificates[i]);
  if (key != NULL)
    gnutls_privkey_deinit (key);
  return FALSE;
}

/* A suite that the system's policy forbids is one that we do not have. */
static void
load_resumptions (SpEquipment *self)
{
  for (guint i = 0; i < sp_dtls_suite_count (); i++)
    if (sp_dtls_suite_init_priority (sp_dtls_suite_get (i), &self->resumptions[i]) >= 0)
      self->resumable |= 1u << i;
    else
      self->resumptions[i] = NULL;
}

static gboolean
load_priority (gnutls_priority_t *ret, const char *priority, SpCipherOrder order, GError **error)
{
  g_autofree char *whole = g_strconcat (priority, cipher_orders[order], NULL);

  return check (gnutls_priority_init (ret, whole, NULL), "priority", error);
}

static gboolean
load_rest (SpEquipment *self, gboolean tls13, SpCipherOrder order, GError **error)
{
  guint8 first_draw[32];

  if (!check (gnutls_psk_allocate_server_credentials (&self->psk), "PSK", error) ||
      !load_priority (&self->tls_priority, tls13 ? newest_priority : tls12_priority, order,
                      error) ||
      !load_priority (&self->asking_priority,
                      tls13 ? newest_asking_priority : tls12_asking_priority, order, error) ||
      !load_priority (&self->renewal_priority, tls12_priority, order, error) ||
      !load_priority (&self->dtls_priority, dtls_priority, order, error))
    return FALSE;
  gnutls_psk_set_server_credentials_function (self->psk, give_psk);
  load_resumptions (self);
  /* The generator's own preparations happen now rather than once in each worker. */
  return check (gnutls_rnd (GNUTLS_RND_NONCE, first_draw, sizeof first_draw), "random", error);
}

SpEquipment *
sp_equipment_new (
    const guint8 *chain, gsize size, gboolean tls13, SpCipherOrder order, GError **error)
{
  g_autoptr (SpEquipment) self = g_new0 (SpEquipment, 1);

  if (!check (gnutls_certificate_allocate_credentials (&self->certificate), "credentials", error) ||
      !load_certificate (self, chain, size, error) || !load_rest (self, tls13, order, error))
    return NULL;
  return g_steal_pointer (&self);
}

gboolean
sp_equipment_set_authority (SpEquipment *self, const guint8 *authority, gsize size, GError **error)
{
  const gnutls_datum_t der = { (guint8 *) authority, (unsigned) size };

  return check (
      gnutls_certificate_set_x509_trust_mem (self->certificate, &der, GNUTLS_X509_FMT_DER),
      "authority", error);
}

void
sp_equipment_free (SpEquipment *self)
{
  if (self == NULL)
    return;
  if (self->certificate != NULL)
    gnutls_certificate_free_credentials (self->certificate);
  if (self->psk != NULL)
    gnutls_psk_free_server_credentials (self->psk);
  if (self->tls_priority != NULL)
    gnutls_priority_deinit (self->tls_priority);
  if (self->asking_priority != NULL)
    gnutls_priority_deinit (self->asking_priority);
  if (self->renewal_priority != NULL)
    gnutls_priority_deinit (self->renewal_priority);
  if (self->dtls_priority != NULL)
    gnutls_priority_deinit (self->dtls_priority);
  for (guint i = 0; i < SP_DTLS_SUITES_MAX; i++)
    if (self->resumptions[i] != NULL)
      gnutls_priority_deinit (self->resumptions[i]);
  g_free (self);
}
