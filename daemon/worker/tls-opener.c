/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tls-opener.h"

#include "base/secret.h"
#include "codec/dtls-record.h"

#include <gnutls/crypto.h>
#include <string.h>

#define TYPE_DATA        23
#define KEY_SIZE_MAX     32
#define TAG_SIZE         SP_DTLS_TAG_SIZE
#define INNER_TYPE_SIZE  1 /* RFC 8446 5.2 */
#define RECORD_MIN_TLS13 (SP_TLS_RECORD_HEADER_SIZE + INNER_TYPE_SIZE + TAG_SIZE)

/* Nonces and, in TLS 1.2, what is authenticated beside the text are DTLS 1.2's, with the number in
 * the place of epoch and sequence (RFC 5246 6.2.3.3, RFC 6347 4.1.2.1). */
struct _SpTlsOpener
{
  gnutls_session_t session;
  gnutls_aead_cipher_hd_t cipher;
  gboolean tls13;
  SpDtlsNonceKind kind;
  guint8 iv[SP_DTLS_NONCE_SIZE];
  guint8 key[KEY_SIZE_MAX]; /* to see whether it is still GnuTLS's */
  gsize key_size;
  guint64 number;
};

static const struct
{
  gnutls_cipher_algorithm_t cipher;
  gnutls_protocol_t version;
  SpDtlsNonceKind kind;
} suites[] = {
  { GNUTLS_CIPHER_AES_128_GCM, GNUTLS_TLS1_2, SP_DTLS_NONCE_EXPLICIT },
  { GNUTLS_CIPHER_AES_256_GCM, GNUTLS_TLS1_2, SP_DTLS_NONCE_EXPLICIT },
  { GNUTLS_CIPHER_CHACHA20_POLY1305, GNUTLS_TLS1_2, SP_DTLS_NONCE_MASKED },
  { GNUTLS_CIPHER_AES_128_GCM, GNUTLS_TLS1_3, SP_DTLS_NONCE_MASKED },
  { GNUTLS_CIPHER_AES_256_GCM, GNUTLS_TLS1_3, SP_DTLS_NONCE_MASKED },
  { GNUTLS_CIPHER_CHACHA20_POLY1305, GNUTLS_TLS1_3, SP_DTLS_NONCE_MASKED },
};

static gboolean
find_kind (gnutls_session_t session, SpDtlsNonceKind *ret)
{
  for (guint i = 0; i < G_N_ELEMENTS (suites); i++)
    if (suites[i].cipher == gnutls_cipher_get (session) &&
        suites[i].version == gnutls_protocol_get_version (session))
      {
        *ret = suites[i].kind;
        return TRUE;
      }
  return FALSE;
}

static gboolean
read_state (gnutls_session_t session, gnutls_datum_t *iv, gnutls_datum_t *key, guint64 *ret_number)
{
  guint8 bytes[8];

  if (gnutls_record_get_state (session, TRUE, NULL, iv, key, bytes) < 0)
    return FALSE;
  memcpy (ret_number, bytes, sizeof bytes);
  *ret_number = GUINT64_FROM_BE (*ret_number);
  return TRUE;
}

SpTlsOpener *
sp_tls_opener_new (gnutls_session_t session)
{
  g_autoptr (SpTlsOpener) self = g_new0 (SpTlsOpener, 1);
  gnutls_datum_t iv, key;

  self->session = session;
  self->tls13 = gnutls_protocol_get_version (session) == GNUTLS_TLS1_3;
  if (!find_kind (session, &self->kind) || !read_state (session, &iv, &key, &self->number) ||
      iv.size != sp_dtls_nonce_get_iv_size (self->kind) || key.size > sizeof self->key ||
      gnutls_aead_cipher_init (&self->cipher, gnutls_cipher_get (session), &key) < 0)
    return NULL;
  memcpy (self->iv, iv.data, iv.size);
  memcpy (self->key, key.data, key.size);
  self->key_size = key.size;
  return g_steal_pointer (&self);
}

void
sp_tls_opener_free (SpTlsOpener *self)
{
  if (self == NULL)
    return;
  if (self->cipher != NULL)
    gnutls_aead_cipher_deinit (self->cipher);
  sp_secret_wipe (self, sizeof *self);
  g_free (self);
}

/* The type of the content stands behind it, before zeros of any number (RFC 8446 5.2). */
static gboolean
strip_type (const guint8 *text, gsize *size)
{
  while (*size > 0 && text[*size - 1] == 0)
    (*size)--;
  return *size > 0 && text[--*size] == TYPE_DATA;
}

static gboolean
open_tls13 (SpTlsOpener *self, const guint8 *record, gsize size, guint8 *ret_text, gsize *ret_size)
{
  guint8 nonce[SP_DTLS_NONCE_SIZE];
  gsize sealed_size = size - SP_TLS_RECORD_HEADER_SIZE;

  if (size < RECORD_MIN_TLS13 || sealed_size - TAG_SIZE > SP_TLS_TEXT_MAX)
    return FALSE;
  sp_dtls_nonce_make (self->kind, self->iv, NULL, self->number, nonce);
  *ret_size = sealed_size - TAG_SIZE;
  return gnutls_aead_cipher_decrypt (
             self->cipher, nonce, sizeof nonce, record, SP_TLS_RECORD_HEADER_SIZE, TAG_SIZE,
             record + SP_TLS_RECORD_HEADER_SIZE, sealed_size, ret_text, ret_size) == 0 &&
         strip_type (ret_text, ret_size);
}

static gboolean
open_tls12 (SpTlsOpener *self, const guint8 *record, gsize size, guint8 *ret_text, gsize *ret_size)
{
  gsize explicit_size = self->kind == SP_DTLS_NONCE_EXPLICIT ? SP_DTLS_EXPLICIT_NONCE_SIZE : 0;
  gsize place = SP_TLS_RECORD_HEADER_SIZE + explicit_size;
  SpDtlsRecord header = { .type = record[0],
                          .version = (guint16) (record[1] << 8 | record[2]),
                          .number = self->number };
  guint8 data[SP_DTLS_ADDITIONAL_DATA_SIZE];
  guint8 nonce[SP_DTLS_NONCE_SIZE];

  if (size < place + TAG_SIZE || size - place - TAG_SIZE > SP_TLS_TEXT_MAX)
    return FALSE;
  *ret_size = size - place - TAG_SIZE;
  header.length = (guint16) *ret_size;
  sp_dtls_record_make_additional_data (&header, data);
  sp_dtls_nonce_make (self->kind, self->iv, record + SP_TLS_RECORD_HEADER_SIZE, self->number,
                      nonce);
  return gnutls_aead_cipher_decrypt (self->cipher, nonce, sizeof nonce, data, sizeof data, TAG_SIZE,
                                     record + place, size - place, ret_text, ret_size) == 0;
}

gboolean
sp_tls_opener_open (
    SpTlsOpener *self, const guint8 *record, gsize size, guint8 *ret_text, gsize *ret_size)
{
  gboolean opened = size > SP_TLS_RECORD_HEADER_SIZE && record[0] == TYPE_DATA &&
                    (self->tls13 ? open_tls13 (self, record, size, ret_text, ret_size)
                                 : open_tls12 (self, record, size, ret_text, ret_size));

  if (opened)
    self->number++;
  return opened;
}

void
sp_tls_opener_lend (SpTlsOpener *self)
{
  guint64 number = GUINT64_TO_BE (self->number);

  (void) gnutls_record_set_state (self->session, TRUE, (const guint8 *) &number);
}

gboolean
sp_tls_opener_take_back (SpTlsOpener *self)
{
  gnutls_datum_t iv, key;

  return read_state (self->session, &iv, &key, &self->number) && key.size == self->key_size &&
         sp_secret_equal (key.data, self->key, key.size);
}
