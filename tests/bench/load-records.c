/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "load-records.h"

#include <string.h>

#define APPLICATION_DATA 23
#define VERSION          0xfefd
#define HEADER           13 /* RFC 6347 4.1, without the nonce */
#define NUMBER_OFFSET    3
#define LENGTH_OFFSET    11
#define NONCE_SIZE       12
#define ADDITIONAL_SIZE  13

static gboolean
take_key (LoadKey *self, gnutls_session_t session, gboolean opening)
{
  gnutls_datum_t salt, key;
  guint8 number[8];

  if (gnutls_record_get_state (session, opening, NULL, &salt, &key, number) != 0 ||
      salt.size < sizeof self->salt ||
      gnutls_aead_cipher_init (&self->cipher, gnutls_cipher_get (session), &key) != 0)
    return FALSE;
  memcpy (self->salt, salt.data, sizeof self->salt);
  memcpy (&self->number, number, sizeof number);
  self->number = GUINT64_FROM_BE (self->number);
  return TRUE;
}

gboolean
load_records_init (LoadRecords *self, gnutls_session_t session)
{
  gnutls_cipher_algorithm_t cipher = gnutls_cipher_get (session);

  memset (self, 0, sizeof *self);
  if (cipher != GNUTLS_CIPHER_AES_128_GCM && cipher != GNUTLS_CIPHER_AES_256_GCM)
    return FALSE;
  if (!take_key (&self->sealing, session, FALSE) || !take_key (&self->opening, session, TRUE))
    g_error ("a session does not tell its keys");
  return TRUE;
}

static void
clear_key (LoadKey *self)
{
  if (self->cipher != NULL)
    gnutls_aead_cipher_deinit (self->cipher);
  self->cipher = NULL;
}

void
load_records_clear (LoadRecords *self)
{
  clear_key (&self->sealing);
  clear_key (&self->opening);
}

/* RFC 5288 3: the salt and what the record says of itself. */
static void
write_nonce (const LoadKey *self, guint8 nonce[NONCE_SIZE], const guint8 explicit_part[8])
{
  memcpy (nonce, self->salt, sizeof self->salt);
  memcpy (nonce + sizeof self->salt, explicit_part, 8);
}

/* RFC 5246 6.2.3.3 */
static void
write_additional (guint8 additional[ADDITIONAL_SIZE], const guint8 *record, gsize size)
{
  memcpy (additional, record + NUMBER_OFFSET, 8);
  memcpy (additional + 8, record, NUMBER_OFFSET);
  additional[11] = (guint8) (size >> 8);
  additional[12] = (guint8) size;
}

gsize
load_records_seal (LoadRecords *self, guint8 *record, const guint8 *data, gsize size)
{
  const guint8 head[] = { APPLICATION_DATA, VERSION >> 8, VERSION & 0xff };
  guint64 number = GUINT64_TO_BE (self->sealing.number++);
  guint8 nonce[NONCE_SIZE], additional[ADDITIONAL_SIZE];
  gsize length = size + LOAD_RECORD_OVERHEAD - HEADER, sealed = size + LOAD_RECORD_TAG;

  memcpy (record, head, sizeof head);
  memcpy (record + NUMBER_OFFSET, &number, sizeof number);
  record[LENGTH_OFFSET] = (guint8) (length >> 8);
  record[LENGTH_OFFSET + 1] = (guint8) length;
  memcpy (record + HEADER, &number, sizeof number);
  write_nonce (&self->sealing, nonce, record + HEADER);
  write_additional (additional, record, size);
  if (gnutls_aead_cipher_encrypt (self->sealing.cipher, nonce, sizeof nonce, additional,
                                  sizeof additional, LOAD_RECORD_TAG, data, size,
                                  record + LOAD_RECORD_HEADER, &sealed) != 0)
    g_error ("a record cannot be sealed");
  return LOAD_RECORD_HEADER + sealed;
}

const guint8 *
load_records_open (LoadRecords *self, guint8 *record, gsize size, gsize *ret_size)
{
  guint8 nonce[NONCE_SIZE], additional[ADDITIONAL_SIZE];
  guint8 *data = record + LOAD_RECORD_HEADER;

  if (size < LOAD_RECORD_OVERHEAD || record[0] != APPLICATION_DATA)
    return NULL;
  *ret_size = size - LOAD_RECORD_OVERHEAD;
  write_nonce (&self->opening, nonce, record + HEADER);
  write_additional (additional, record, *ret_size);
  return gnutls_aead_cipher_decrypt (self->opening.cipher, nonce, sizeof nonce, additional,
                                     sizeof additional, LOAD_RECORD_TAG, data,
                                     size - LOAD_RECORD_HEADER, data, ret_size) == 0
             ? data
             : NULL;
}
