/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "walls/keyholder-token.h"

G_BEGIN_DECLS

/* A private key in a token.  Everything here waits as long as the module likes: whoever asks has a
 * deadline. */
typedef struct _SpToken SpToken;

/* Loads the module and finds the key; the PIN is tried once.  NULL with what is wrong. */
SpToken *sp_token_open (const char *uri, const char *pin, SpTokenState *ret_state, GError **error);
/* Wipes the PIN. */
void sp_token_free (SpToken *token);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (SpToken, sp_token_free)

/* Returns the length of the signature (SP_SIGNATURE_MAX bytes hold it), 0 with an error. */
guint16 sp_token_sign (SpToken *token,
                       guint8 form,
                       const guint8 *digest,
                       gsize length,
                       guint8 *signature,
                       GError **error);

G_END_DECLS
