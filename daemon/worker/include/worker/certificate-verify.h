/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "walls/worker-keyholder.h"

#include <glib.h>
#include <gnutls/crypto.h>

G_BEGIN_DECLS

/* What a TLS 1.3 server signs (RFC 8446 4.4.3), rebuilt from the handshake messages, since GnuTLS
 * tells a foreign key only the digest: 64 blanks, the context text, a zero, and the hash of the
 * transcript (RFC 8446 4.4.1).  Both hashes run until the cipher suite decides for one. */
typedef struct
{
  gnutls_hash_hd_t sha256;
  gnutls_hash_hd_t sha384;
  GByteArray *messages; /* to be shown to the keyholder; NULL: not wanted, or too many */
  gboolean complete;    /* the client has proved in them that it has its certificate's key */
} SpTranscript;

void sp_transcript_init (SpTranscript *transcript);
void sp_transcript_clear (SpTranscript *transcript);

/* Keeps the messages, too. */
void sp_transcript_keep (SpTranscript *transcript);
/* All up to the client's CertificateVerify (codec/handshake-proof.h); NULL if there was none. */
GByteArray *sp_transcript_take (SpTranscript *transcript);

/* For the hook of GnuTLS (every message, before and after). */
void sp_transcript_add (SpTranscript *transcript,
                        guint message_type,
                        gboolean before,
                        gboolean incoming,
                        const gnutls_datum_t *body);

/* Writes the content for the messages so far; `hash` is that of the session's cipher suite.
 * Returns its size, 0 if that hash is none of the two. */
gsize sp_transcript_content (const SpTranscript *transcript,
                             gnutls_digest_algorithm_t hash,
                             guint8 content[SP_CERTIFICATE_VERIFY_MAX]);

G_END_DECLS
