/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "certificate.h"
#include "database.h"

G_BEGIN_DECLS

/* Our own authority and the server's key and certificate.
 *
 * What clients rely on stays: keys are made once; the authority's certificate is renewed for the
 * same key and name, the server's for the same key, so a pin holds for good.  The authority's key
 * is only in memory while it signs, and signs nothing but our server's certificate, those of
 * users' devices and those of the profiles that devices install. */

typedef struct _SpKeyStore SpKeyStore;

/* Makes what is missing and renews what ends soon (SP_CERTIFICATE_SOON).  `names` are asked for:
 * if the certificate lacks one of them it is made anew with exactly these, so asking for none (an
 * empty list) or for fewer changes nothing.  `now` in seconds since the epoch.
 * Errors: SP_ERROR_CERTIFICATE_INVALID, and those of the database. */
SpKeyStore *sp_key_store_open (SpDatabase *database,
                               const char *const *names,
                               gint64 now,
                               GError **error);
void sp_key_store_free (SpKeyStore *store);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (SpKeyStore, sp_key_store_free)

typedef enum
{
  SP_RENEW_IF_NEEDED,
  SP_RENEW_ALWAYS /* the server's; the authority's only if it ends soon */
} SpRenew;

/* The same while it is open.  Nothing changes unless it is stored. */
gboolean sp_key_store_renew (SpKeyStore *store,
                             const char *const *names,
                             SpRenew when,
                             gint64 now,
                             gboolean *ret_renewed,
                             GError **error);

/* A certificate for a device's key (sp_certificate_make_client). */
SpCertificate *sp_key_store_issue (SpKeyStore *store,
                                   SpPrivateKey *key,
                                   const char *login,
                                   const char *name,
                                   guint32 days,
                                   gint64 now,
                                   GError **error);

/* Likewise one for a key that signs a file (sp_certificate_make_signer). */
SpCertificate *sp_key_store_issue_signer (
    SpKeyStore *store, SpPrivateKey *key, guint32 days, gint64 now, GError **error);

/* The store's own, valid until it renews. */
SpCertificate *sp_key_store_get_server_certificate (SpKeyStore *store);
SpCertificate *sp_key_store_get_authority_certificate (SpKeyStore *store);
SpPrivateKey *sp_key_store_get_server_key (SpKeyStore *store);
GBytes *sp_key_store_get_server (SpKeyStore *store);    /* certificate, DER */
GBytes *sp_key_store_get_authority (SpKeyStore *store); /* certificate, DER */
const guint8 *sp_key_store_get_pin (SpKeyStore *store); /* SP_PIN_SIZE bytes */

G_END_DECLS
