/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* What a client shows who has the key of its certificate: the messages of its TLS handshake, from
 * the ClientHello to its own CertificateVerify, each with its header (RFC 8446 4, RFC 5246 7.4).
 * Pure parsing: where in them stands what a server signed, what the client signed, and with what.
 * Nothing is verified here. */

#define SP_HANDSHAKE_RANDOM_SIZE 32

typedef struct
{
  const guint8 *bytes; /* the messages; the caller's, as all the following */
  /* Of TLS 1.3: what the server signed is a hash up to here, where its CertificateVerify begins */
  gsize server_signed;
  /* … and if this is not 0, the first ClientHello ended here and was answered by a
   * HelloRetryRequest: a hash stands for it (RFC 8446 4.4.1) */
  gsize first_hello;
  /* Of TLS 1.2: both randoms and the parameters of ECDHE (RFC 8422 5.4) */
  const guint8 *client_random;
  const guint8 *server_random;
  const guint8 *parameters;
  gsize parameters_size;
  /* Of both: the client signed everything up to here, where its CertificateVerify begins */
  gsize client_signed;
  const guint8 *certificate; /* the client's own alone, DER */
  gsize certificate_size;
  guint16 scheme; /* RFC 8446 4.2.3 */
  const guint8 *signature;
  gsize signature_size;
} SpHandshakeProof;

/* FALSE: these are not the messages of such a handshake, whole and in order. */
gboolean sp_handshake_proof_read (const guint8 *bytes,
                                  gsize size,
                                  gboolean tls13,
                                  SpHandshakeProof *ret_proof);

G_END_DECLS
