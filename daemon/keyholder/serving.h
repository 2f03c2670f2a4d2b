/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "signer.h"

G_BEGIN_DECLS

/* What the server shows to its clients now, and the keys that it showed before: a worker that
 * began with an older chain still finishes its handshake with that key. */
typedef struct _SpServing SpServing;

SpServing *sp_serving_new (void);
void sp_serving_free (SpServing *serving);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (SpServing, sp_serving_free)

/* `chain`: DER certificates one after the other, the server's first; `pin`: of its key. */
gboolean sp_serving_change (
    SpServing *serving, SpPrivateKey *key, GBytes *chain, const guint8 *pin, GError **error);
/* The same with a signer, which is taken; others whose keys are in tokens end with the workers that
 * have them. */
void sp_serving_change_signer (SpServing *serving,
                               SpSigner *signer,
                               GBytes *chain,
                               const guint8 *pin);
/* Whether it is the one whose certificate is shown. */
gboolean sp_serving_is_shown (SpServing *serving, const SpSigner *signer);
GBytes *sp_serving_get_chain (SpServing *serving);
const guint8 *sp_serving_get_pin (SpServing *serving);

/* A new reference to the signer with that key, NULL if there is none. */
SpSigner *sp_serving_find_signer (SpServing *serving, const guint8 *pin);
/* Gives no more workers a signer with that key, unless it is the one that is shown. */
void sp_serving_forget (SpServing *serving, const guint8 *pin);

G_END_DECLS
