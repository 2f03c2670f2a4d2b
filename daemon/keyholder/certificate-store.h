/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "certificate.h"
#include "database.h"

G_BEGIN_DECLS

/* Server certificates that were imported, with their keys, and which of them is active.  Without an
 * active one the server shows its own (key-store.h). */

#define SP_STORED_CERTIFICATES_MAX 32

typedef struct
{
  guint8 id[SP_ID_SIZE];
  guint8 pin[SP_PIN_SIZE];
  GBytes *chain; /* DER, the server's first */
  char *token;   /* the URI of its key in a token; NULL: the key is here */
} SpStoredCertificate;

typedef struct _SpCertificateStore SpCertificateStore;

SpCertificateStore *sp_certificate_store_new (SpDatabase *database, GError **error);
void sp_certificate_store_free (SpCertificateStore *store);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (SpCertificateStore, sp_certificate_store_free)

/* All of them, the oldest first; lent until the next change. */
guint sp_certificate_store_get_n (SpCertificateStore *store);
const SpStoredCertificate *sp_certificate_store_get (SpCertificateStore *store, guint position);
const SpStoredCertificate *sp_certificate_store_find (SpCertificateStore *store, const guint8 *id);
/* NULL: the server's own. */
const SpStoredCertificate *sp_certificate_store_get_active (SpCertificateStore *store);

/* Keeps a certificate that fits the key, at once and for good; one that is there already is only
 * named.  Errors: SP_ERROR_INVALID_ARGUMENTS (there are too many), SP_ERROR_FAILED. */
gboolean sp_certificate_store_add (SpCertificateStore *store,
                                   SpPrivateKey *key,
                                   GBytes *chain,
                                   gint64 now,
                                   guint8 *ret_id,
                                   GError **error);
/* The same of one whose key is in a token.  One that is there already with such a key gets this URI
 * and this PIN. */
gboolean sp_certificate_store_add_token (SpCertificateStore *store,
                                         const char *uri,
                                         const char *pin,
                                         GBytes *chain,
                                         gint64 now,
                                         guint8 *ret_id,
                                         GError **error);
/* The PIN of such a one, empty if it is not known; free with sp_secret_text_free. */
char *sp_certificate_store_load_pin (SpCertificateStore *store, const guint8 *id, GError **error);
gboolean sp_certificate_store_forget_pin (SpCertificateStore *store,
                                          const guint8 *id,
                                          GError **error);
/* The key of one of them that has it here. */
SpPrivateKey *sp_certificate_store_load_key (SpCertificateStore *store,
                                             const guint8 *id,
                                             GError **error);
/* `id`: NULL for the server's own.  Errors: SP_ERROR_NOT_FOUND, SP_ERROR_FAILED. */
gboolean sp_certificate_store_activate (SpCertificateStore *store,
                                        const guint8 *id,
                                        GError **error);
/* Errors: SP_ERROR_NOT_FOUND, SP_ERROR_INVALID_ARGUMENTS (it is active), SP_ERROR_FAILED. */
gboolean sp_certificate_store_remove (SpCertificateStore *store, const guint8 *id, GError **error);

/* The first certificate of a chain. */
SpCertificate *sp_chain_read_first (GBytes *chain, GError **error);

G_END_DECLS
