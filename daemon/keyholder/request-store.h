/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "certificate.h"
#include "database.h"

G_BEGIN_DECLS

/* Requests for certificates of keys that stay here: made, handed out, and gone when the answer was
 * imported or they were removed. */

#define SP_REQUESTS_MAX 16

typedef struct
{
  guint8 id[SP_ID_SIZE];
  guint8 pin[SP_PIN_SIZE];
  GBytes *request; /* PKCS #10, DER */
  GBytes *names;   /* as on the wall */
} SpStoredRequest;

typedef struct _SpRequestStore SpRequestStore;

SpRequestStore *sp_request_store_new (SpDatabase *database, GError **error);
void sp_request_store_free (SpRequestStore *store);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (SpRequestStore, sp_request_store_free)

/* All of them; lent until the next change. */
guint sp_request_store_get_n (SpRequestStore *store);
const SpStoredRequest *sp_request_store_get (SpRequestStore *store, guint position);
const SpStoredRequest *sp_request_store_find (SpRequestStore *store, const guint8 *id);
const SpStoredRequest *sp_request_store_find_pin (SpRequestStore *store, const guint8 *pin);

/* Makes a key and a request for these names, the first of which becomes its subject; both are there
 * for good when it returns.  Errors: SP_ERROR_INVALID_ARGUMENTS (no name, one that cannot be used,
 * or too many requests), SP_ERROR_FAILED. */
const SpStoredRequest *sp_request_store_make (SpRequestStore *store,
                                              GBytes *names,
                                              gint64 now,
                                              GError **error);
SpPrivateKey *sp_request_store_load_key (SpRequestStore *store, const guint8 *id, GError **error);
/* Errors: SP_ERROR_NOT_FOUND, SP_ERROR_FAILED. */
gboolean sp_request_store_remove (SpRequestStore *store, const guint8 *id, GError **error);

G_END_DECLS
