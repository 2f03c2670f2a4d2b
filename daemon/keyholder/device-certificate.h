/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "certificate.h"
#include "walls/main-keyholder.h"

G_BEGIN_DECLS

/* A client's key and certificate as one file to carry away. */

/* Key, certificate and our authority's certificate, as SpDeviceFormat says; wiped by
 * sp_secret_bytes_free.  `passphrase` (NULL only for PEM: the key is not encrypted then) ends in a
 * zero.
 *
 * SP_DEVICE_PKCS12: what every importer reads.  Key and certificates are encrypted with
 * PBE-SHA1-3DES and the whole is authenticated with HMAC-SHA1 (RFC 7292 appendix C): iOS before 18,
 * macOS before 15, Windows before 10 and Android before 14 know nothing newer, NSS, GnuTLS and
 * OpenSSL 3 still read it.  What it is worth stands and falls with the passphrase, so one that we
 * make has 100 bits.
 * SP_DEVICE_PKCS12_AES: PBES2 with AES-256-CBC, HMAC-SHA256 (RFC 7292, RFC 8018).
 * SP_DEVICE_PEM: PKCS #8 (with a passphrase: PBES2 with AES-256-CBC), then the certificates. */
GByteArray *sp_device_certificate_export (SpPrivateKey *key,
                                          SpCertificate *certificate,
                                          SpCertificate *authority,
                                          const char *name,
                                          SpDeviceFormat format,
                                          const char *passphrase,
                                          GError **error);

G_END_DECLS
