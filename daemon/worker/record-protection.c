/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "record-protection.h"

#include "base/secret.h"

#include <gnutls/crypto.h>
#include <string.h>

typedef struct
{
  gnutls_aead_cipher_hd_t cipher;
  SpDtlsNonceKind kind;
  guint8 iv[SP_DTLS_NONCE_SIZE];
  guint64 number; /* of the state when it was taken */
} Protection;

struct _SpRecordSealer
{
  Protection protection;
  guint64 next;
};

struct _SpRecordOpener
{
  Protection protection;
  guint16 epoch;
  SpReplayWindow window;
};

static const struct
{
  gnutls_cipher_algorithm_t cipher;
  SpDtlsNonceKind kind;
} suites[] = {
  { GNUTLS_CIPHER_AES_128_GCM, SP_DTLS_NONCE_EXPLICIT },
  { GNUTLS_CIPHER_AES_256_GCM, SP_DTLS_NONCE_EXPLICIT },
  { GNUTLS_CIPHER_CHACHA20_POLY1305, SP_DTLS_NONCE_MASKED },
};

static gboolean
find_kind (gnutls_cipher_algorithm_t cipher, SpDtlsNonceKind *ret)
{
  for (guint i = 0; i < G_N_ELEMENTS (suites); i++)
    if (suites[i].cipher == cipher)
      {
        *ret = suites[i].kind;
        return TRUE;
      }
  return FALSE;
}

static guint64
read_number (const guint8 bytes[8])
{
  guint64 number;

  memcpy (&number, bytes, sizeof number);
  return GUINT64_FROM_BE (number);
}

static gboolean
load (Protection *self, gnutls_session_t session, gboolean reading)
{
  gnutls_cipher_algorithm_t cipher = gnutls_cipher_get (session);
  gnutls_datum_t iv, key;
  guint8 number[8];

  if (gnutls_protocol_get_version (session) != GNUTLS_DTLS1_2 || !find_kind (cipher, &self->kind) ||
      gnutls_record_get_state (session, reading, NULL, &iv, &key, number) < 0 ||
      iv.size != sp_dtls_nonce_get_iv_size (self->kind) ||
      gnutls_aead_cipher_init (&self->cipher, cipher, &key) < 0)
    return FALSE;
  memcpy (self->iv, iv.data, iv.size);
  self->number = read_number (number);
  return TRUE;
}

/* GnuTLS wipes the key with the cipher. */
static void
unload (Protection *self)
{
  gnutls_aead_cipher_deinit (self->cipher);
  sp_secret_wipe (self->iv, sizeof self->iv);
}

SpRecordSealer *
sp_record_sealer_new (gnutls_session_t session)
{
  SpRecordSealer *self = g_new0 (SpRecordSealer, 1);

  if (!load (&self->protection, session, FALSE))
    {
      g_free (self);
      return NULL;
    }
  self->next = self->protection.number;
  return self;
}

void
sp_record_sealer_free (SpRecordSealer *self)
{
  if (self == NULL)
    return;
  unload (&self->protection);
  g_free (self);
}

guint64
sp_record_sealer_get_next (const SpRecordSealer *self)
{
  return self->next;
}

void
sp_record_sealer_set_next (SpRecordSealer *self, guint64 number)
{
  self->next = number;
}

gsize
sp_record_sealer_get_overhead (const SpRecordSealer *self)
{
  return sp_dtls_nonce_get_overhead (self->protection.kind);
}

static gsize
get_place (const Protection *self)
{
  return sp_dtls_nonce_get_overhead (self->kind) - SP_DTLS_TAG_SIZE;
}

/* The number is spent before anything is sealed with it. */
gsize
sp_record_sealer_seal (SpRecordSealer *self, gconstpointer text, gsize size, guint8 *ret_record)
{
  const Protection *protection = &self->protection;
  gsize place = get_place (protection);
  gsize sealed_size = size + SP_DTLS_TAG_SIZE;
  SpDtlsRecord record = { .type = SP_DTLS_TYPE_DATA,
                          .version = SP_DTLS_VERSION_1_2,
                          .number = self->next,
                          .length = (guint16) size };
  guint8 data[SP_DTLS_ADDITIONAL_DATA_SIZE];
  guint8 nonce[SP_DTLS_NONCE_SIZE];

  if ((self->next & SP_DTLS_SEQUENCE_LAST) >= SP_DTLS_SEQUENCE_LAST - SP_RECORDS_RESERVED)
    return 0;
  self->next++;
  sp_dtls_record_make_additional_data (&record, data);
  sp_dtls_nonce_make (protection->kind, protection->iv, data, record.number, nonce);
  if (protection->kind == SP_DTLS_NONCE_EXPLICIT)
    memcpy (ret_record + SP_DTLS_RECORD_HEADER_SIZE, data, SP_DTLS_EXPLICIT_NONCE_SIZE);
  record.length = (guint16) (place - SP_DTLS_RECORD_HEADER_SIZE + sealed_size);
  sp_dtls_record_write_header (ret_record, &record);
  if (gnutls_aead_cipher_encrypt (protection->cipher, nonce, sizeof nonce, data, sizeof data,
                                  SP_DTLS_TAG_SIZE, text, size, ret_record + place,
                                  &sealed_size) < 0)
    return 0;
  return place + sealed_size;
}

SpRecordOpener *
sp_record_opener_new (gnutls_session_t session, const SpReplayWindow *window)
{
  SpRecordOpener *self = g_new0 (SpRecordOpener, 1);

  if (!load (&self->protection, session, TRUE))
    {
      g_free (self);
      return NULL;
    }
  self->epoch = sp_dtls_record_get_epoch (self->protection.number);
  self->window = *window;
  return self;
}

void
sp_record_opener_free (SpRecordOpener *self)
{
  if (self == NULL)
    return;
  unload (&self->protection);
  g_free (self);
}

guint16
sp_record_opener_get_epoch (const SpRecordOpener *self)
{
  return self->epoch;
}

gboolean
sp_record_opener_open (SpRecordOpener *self,
                       const guint8 *record,
                       guint8 *ret_text,
                       gsize *ret_size)
{
  const Protection *protection = &self->protection;
  gsize place = get_place (protection);
  const guint8 *explicit_part = record + SP_DTLS_RECORD_HEADER_SIZE;
  guint8 data[SP_DTLS_ADDITIONAL_DATA_SIZE];
  guint8 nonce[SP_DTLS_NONCE_SIZE];
  SpDtlsRecord header;
  gsize size, sealed_size;

  sp_dtls_record_read_header (record, &header);
  size = SP_DTLS_RECORD_HEADER_SIZE + header.length;
  if (size < place + SP_DTLS_TAG_SIZE || size - place - SP_DTLS_TAG_SIZE > SP_DTLS_TEXT_MAX ||
      !sp_replay_window_is_fresh (&self->window, header.number & SP_DTLS_SEQUENCE_LAST))
    return FALSE;
  sealed_size = size - place;
  *ret_size = sealed_size - SP_DTLS_TAG_SIZE;
  header.length = (guint16) *ret_size;
  sp_dtls_record_make_additional_data (&header, data);
  sp_dtls_nonce_make (protection->kind, protection->iv, explicit_part, header.number, nonce);
  if (gnutls_aead_cipher_decrypt (protection->cipher, nonce, sizeof nonce, data, sizeof data,
                                  SP_DTLS_TAG_SIZE, record + place, sealed_size, ret_text,
                                  ret_size) < 0)
    return FALSE;
  sp_replay_window_note (&self->window, header.number & SP_DTLS_SEQUENCE_LAST);
  return TRUE;
}
