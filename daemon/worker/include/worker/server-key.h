/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <glib.h>
#include <gnutls/abstract.h>

G_BEGIN_DECLS

/* The kinds of keys that a server may have, and what is signed with each.  The forms are chosen so
 * that a signature for TLS 1.2 is never one for TLS 1.3: with EC keys by the length of the digest,
 * with RSA by the padding (PKCS #1 v1.5 against PSS). */
typedef struct
{
  gnutls_pk_algorithm_t algorithm;
  gnutls_ecc_curve_t curve; /* of an EC key */
  gnutls_sign_algorithm_t tls13;
  gnutls_digest_algorithm_t tls13_digest;
  gnutls_sign_algorithm_t tls12[3]; /* the unused are 0 */
} SpServerKey;

/* NULL: none that a server may have. */
const SpServerKey *sp_server_key_find (gnutls_pubkey_t key);

/* Whether such a key signs that under this version; an unknown version (0) is asked about before
 * one was agreed on. */
gboolean sp_server_key_signs (const SpServerKey *key,
                              gnutls_sign_algorithm_t algorithm,
                              gnutls_protocol_t version);

G_END_DECLS
