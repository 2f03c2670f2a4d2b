/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "base/limits.h"

#include <glib.h>
#include <gnutls/abstract.h>
#include <gnutls/x509.h>

G_BEGIN_DECLS

/* Making keys and certificates.  All keys are P-256.  Times are seconds since the epoch.  Where a
 * time_t has 32 bits GnuTLS knows no end after 2037, so that nothing is made that ends later. */

#define SP_DAY              (G_GINT64_CONSTANT (24) * 3600)
#define SP_AUTHORITY_DAYS   3650
#define SP_SERVER_DAYS      730
#define SP_BACKDATE_DAYS    1  /* for clients whose clock is slow */
#define SP_CERTIFICATE_SOON 30 /* days before its end in which the server's is made anew */
#define SP_TIME_LAST        (sizeof (time_t) < 8 ? G_GINT64_CONSTANT (2145914603) : G_MAXINT64)

typedef struct gnutls_x509_privkey_int SpPrivateKey;
typedef struct gnutls_x509_crt_int SpCertificate;

/* Free the memory and, of keys, wipe it; NULL is fine. */
void sp_private_key_free (SpPrivateKey *key);
void sp_certificate_free (SpCertificate *certificate);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (SpPrivateKey, sp_private_key_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (SpCertificate, sp_certificate_free)

SpPrivateKey *sp_private_key_make (GError **error);
/* PKCS #8, DER, not encrypted. */
SpPrivateKey *sp_private_key_read (const guint8 *bytes, gsize size, GError **error);
/* Wiped by sp_secret_bytes_free. */
GByteArray *sp_private_key_write (SpPrivateKey *key, GError **error);
void sp_secret_bytes_free (GByteArray *bytes);

SpCertificate *sp_certificate_read (const guint8 *bytes, gsize size, GError **error);
/* DER */
GBytes *sp_certificate_write (SpCertificate *certificate, GError **error);

/* Names as the wall has them: each ended by a zero byte.  Those that are neither an address nor a
 * host name are left out with a word in the log: a machine with an odd name must start all the
 * same.  NULL-terminated; free with g_strfreev.  Errors: SP_ERROR_INVALID_ARGUMENTS. */
GStrv sp_certificate_names_read (const guint8 *bytes, gsize size, GError **error);
/* Whether all of them can be put into a certificate.  The error, SP_ERROR_INVALID_ARGUMENTS, names
 * the first that cannot. */
gboolean sp_certificate_names_check (const guint8 *bytes, gsize size, GError **error);
/* The names that a certificate is good for; free with g_strfreev. */
GStrv sp_certificate_get_names (SpCertificate *certificate);
/* Whether the certificate is good for all of them. */
gboolean sp_certificate_has_names (SpCertificate *certificate, const char *const *names);

/* The authority: may sign certificates and nothing else.  Its name tells which key it is, so two
 * installations never look alike. */
SpCertificate *sp_certificate_make_authority (SpPrivateKey *key, gint64 now, GError **error);
/* A server's, for these names; never outlives the authority. */
SpCertificate *sp_certificate_make_server (SpPrivateKey *key,
                                           const char *const *names,
                                           SpCertificate *authority,
                                           SpPrivateKey *authority_key,
                                           gint64 now,
                                           GError **error);

/* That of a user's device, for people to recognise; it never outlives the authority.  Who the user
 * is nobody takes from it. */
SpCertificate *sp_certificate_make_client (SpPrivateKey *key,
                                           const char *login,
                                           const char *name,
                                           guint32 days,
                                           SpCertificate *authority,
                                           SpPrivateKey *authority_key,
                                           gint64 now,
                                           GError **error);

/* Of a key that signs what is in a file, and is thrown away then: its purpose is that of mail (RFC
 * 5280 4.2.1.12), so neither a server nor a client can be made of it. */
SpCertificate *sp_certificate_make_signer (SpPrivateKey *key,
                                           guint32 days,
                                           SpCertificate *authority,
                                           SpPrivateKey *authority_key,
                                           gint64 now,
                                           GError **error);

gboolean sp_certificate_is_of_key (SpCertificate *certificate, SpPrivateKey *key);
gboolean sp_certificate_is_signed_by (SpCertificate *certificate, SpCertificate *authority);
/* SHA-256 of the public key (RFC 7469 2.4), SP_PIN_SIZE bytes: openconnect's pin-sha256 */
gboolean sp_certificate_get_pin (SpCertificate *certificate, guint8 *ret_pin);

G_END_DECLS
