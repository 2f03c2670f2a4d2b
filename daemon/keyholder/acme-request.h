/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "certificate.h"
#include "walls/main-keyholder.h"

G_BEGIN_DECLS

/* What an authority is told in the name of an account (RFC 8555 6.2).  PURE but for the signature.
 *
 * The key of an account signs nothing else: the caller says which kind of request it is and what
 * differs from time to time, and each of these is looked at before it is written. */

/* A JWS in its flattened form (RFC 7515 7.2.2), signed with ES256; free with g_free.  `csr` is the
 * request of a FINALIZE, or NULL.  Errors: SP_ERROR_INVALID_ARGUMENTS, SP_ERROR_FAILED. */
char *sp_acme_request_compose (const SpSignAcme *message,
                               SpPrivateKey *key,
                               GBytes *csr,
                               GError **error);

/* SHA-256 of the key (RFC 7638), and of the key authorization of a token (RFC 8555 8.1).  Same
 * errors. */
gboolean sp_acme_request_digest (SpPrivateKey *key,
                                 const guint8 *token,
                                 gsize length,
                                 guint8 ret_thumbprint[SP_VALIDATION_SIZE],
                                 guint8 ret_digest[SP_VALIDATION_SIZE],
                                 GError **error);

G_END_DECLS
