/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "certificate.h"

G_BEGIN_DECLS

/* What somebody brought in files: certificates and keys, as PEM, DER or PKCS #12, in any
 * combination.  The files may be hostile, so everything that they make us do is bounded: their
 * number and size, what is taken out of them, and the work of opening what is encrypted. */

#define SP_BUNDLE_CERTIFICATES_MAX 32
#define SP_BUNDLE_KEYS_MAX         8
/* Rounds of key derivation, all together; the largest numbers that programs write are around a
 * million. */
#define SP_BUNDLE_ROUNDS_MAX 4000000

typedef struct
{
  GPtrArray *certificates; /* of SpCertificate, each once, in the order of the files */
  GPtrArray *keys;         /* of SpPrivateKey */
  guint64 rounds;          /* spent */
} SpBundle;

typedef enum
{
  SP_BUNDLE_READ,
  SP_BUNDLE_UNKNOWN,          /* none of the formats, or damaged */
  SP_BUNDLE_NEEDS_PASSPHRASE, /* and none was given */
  SP_BUNDLE_WRONG_PASSPHRASE,
  SP_BUNDLE_TOO_MUCH, /* more certificates, keys or rounds than allowed */
  SP_BUNDLE_LAST = SP_BUNDLE_TOO_MUCH
} SpBundleResult;

SpBundle *sp_bundle_new (void);
void sp_bundle_free (SpBundle *bundle); /* wipes the keys; NULL is fine */
G_DEFINE_AUTOPTR_CLEANUP_FUNC (SpBundle, sp_bundle_free)

/* Takes what is in a file of at most SP_BUNDLE_FILE_MAX bytes; `passphrase` may be NULL.  What is
 * neither a certificate nor a key (parameters, requests, comments) is passed over. */
SpBundleResult sp_bundle_add (SpBundle *bundle,
                              const guint8 *bytes,
                              gsize size,
                              const char *passphrase);

/* For those who read one format: both take a DER element. */
SpBundleResult sp_bundle_add_certificate (SpBundle *bundle, const gnutls_datum_t *der);
SpBundleResult sp_bundle_add_key (SpBundle *bundle,
                                  const gnutls_datum_t *bytes,
                                  gnutls_x509_crt_fmt_t format,
                                  const char *passphrase);
/* Whether that many rounds may yet be spent; counts them. */
gboolean sp_bundle_spend (SpBundle *bundle, unsigned rounds);

/* pkcs12-reader.c: FALSE: it is none. */
gboolean sp_pkcs12_read (SpBundle *bundle,
                         const gnutls_datum_t *der,
                         const char *passphrase,
                         SpBundleResult *ret_result);

G_END_DECLS
