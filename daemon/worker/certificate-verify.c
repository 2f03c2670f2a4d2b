/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "worker/certificate-verify.h"

#include <string.h>

#define BLANKS              64
#define SHA256_SIZE         32
#define SHA384_SIZE         48
#define MESSAGE_HEADER_SIZE 4
#define TYPE_MESSAGE_HASH   254 /* RFC 8446 4.4.1: stands for the first hello of two */
#define TYPE_SERVER_HELLO   2
#define TYPE_VERIFY         15                                  /* CertificateVerify */
#define CERTIFICATE_VERIFY  "TLS 1.3, server CertificateVerify" /* its final zero is part of it */

G_STATIC_ASSERT (BLANKS + sizeof CERTIFICATE_VERIFY + SHA384_SIZE == SP_CERTIFICATE_VERIFY_MAX);

void
sp_transcript_init (SpTranscript *self)
{
  memset (self, 0, sizeof *self);
  if (gnutls_hash_init (&self->sha256, GNUTLS_DIG_SHA256) < 0 ||
      gnutls_hash_init (&self->sha384, GNUTLS_DIG_SHA384) < 0)
    g_error ("the cryptographic library lacks SHA-2");
}

void
sp_transcript_clear (SpTranscript *self)
{
  if (self->sha256 != NULL)
    gnutls_hash_deinit (self->sha256, NULL);
  if (self->sha384 != NULL)
    gnutls_hash_deinit (self->sha384, NULL);
  g_clear_pointer (&self->messages, g_byte_array_unref);
  memset (self, 0, sizeof *self);
}

void
sp_transcript_keep (SpTranscript *self)
{
  self->messages = g_byte_array_new ();
}

GByteArray *
sp_transcript_take (SpTranscript *self)
{
  return self->complete ? g_steal_pointer (&self->messages) : NULL;
}

#define MESSAGE_HEADER(type, size)                                                                 \
  {                                                                                                \
    type, (guint8) ((size) >> 16), (guint8) ((size) >> 8), (guint8) (size)                         \
  }

static void
keep_message (SpTranscript *self, guint8 type, gboolean incoming, const gnutls_datum_t *body)
{
  const guint8 header[MESSAGE_HEADER_SIZE] = MESSAGE_HEADER (type, body->size);

  if (self->messages == NULL || self->complete)
    return;
  if (self->messages->len + sizeof header + body->size > SP_HANDSHAKE_MAX)
    {
      g_clear_pointer (&self->messages, g_byte_array_unref);
      return;
    }
  g_byte_array_append (self->messages, header, sizeof header);
  g_byte_array_append (self->messages, body->data, body->size);
  self->complete = incoming && type == TYPE_VERIFY;
}

static void
add_message (gnutls_hash_hd_t hash, guint8 type, const guint8 *body, gsize size)
{
  const guint8 header[MESSAGE_HEADER_SIZE] = MESSAGE_HEADER (type, size);

  (void) gnutls_hash (hash, header, sizeof header);
  (void) gnutls_hash (hash, body, size);
}

/* A HelloRetryRequest turns what came before it into one message that carries its hash. */
static void
fold_first_hello (gnutls_hash_hd_t hash, gsize hash_size)
{
  guint8 digest[SHA384_SIZE];

  gnutls_hash_output (hash, digest); /* and starts anew */
  add_message (hash, TYPE_MESSAGE_HASH, digest, hash_size);
}

void
sp_transcript_add (SpTranscript *self,
                   guint message_type,
                   gboolean before,
                   gboolean incoming,
                   const gnutls_datum_t *body)
{
  guint8 type = (guint8) message_type;

  /* Of the two calls for a message only the first is certain for what comes in, and only the
   * second has the final bytes of what goes out. */
  if (before != incoming || self->sha256 == NULL)
    return;
  if (message_type == GNUTLS_HANDSHAKE_HELLO_RETRY_REQUEST)
    {
      fold_first_hello (self->sha256, SHA256_SIZE);
      fold_first_hello (self->sha384, SHA384_SIZE);
      type = TYPE_SERVER_HELLO;
    }
  keep_message (self, type, incoming, body);
  add_message (self->sha256, type, body->data, body->size);
  add_message (self->sha384, type, body->data, body->size);
}

gsize
sp_transcript_content (const SpTranscript *self,
                       gnutls_digest_algorithm_t hash,
                       guint8 content[SP_CERTIFICATE_VERIFY_MAX])
{
  guint8 *digest = content + BLANKS + sizeof CERTIFICATE_VERIFY;
  gnutls_hash_hd_t copy;

  if (hash != GNUTLS_DIG_SHA256 && hash != GNUTLS_DIG_SHA384)
    return 0;
  copy = gnutls_hash_copy (hash == GNUTLS_DIG_SHA256 ? self->sha256 : self->sha384);
  if (copy == NULL)
    return 0;
  memset (content, ' ', BLANKS);
  memcpy (content + BLANKS, CERTIFICATE_VERIFY, sizeof CERTIFICATE_VERIFY);
  gnutls_hash_deinit (copy, digest);
  return (gsize) (digest - content) + (hash == GNUTLS_DIG_SHA256 ? SHA256_SIZE : SHA384_SIZE);
}
