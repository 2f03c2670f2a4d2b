/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "acme-plan.h"
#include "settings.h"
#include "store.h"

G_BEGIN_DECLS

/* How what is known of an authority is stored, hashed and put into words. */

/* What cannot be read is as if it never was; failures are logged. */
void sp_acme_record_load (SpAcmeRecord *record, SpStore *store);
void sp_acme_record_store (const SpAcmeRecord *record, SpStore *store);

/* Of all settings by which a certificate is ordered. */
void sp_acme_hash (const SpSettings *settings, char ret[SP_ACME_HASH_SIZE]);
/* The names that it is to have, in lower case, each ended by a zero; empty: there is none. */
GBytes *sp_acme_collect_names (const SpSettings *settings);

/* A word for an outcome, and a sentence that says what to do; empty: all is well. */
const char *sp_acme_reason (SpOrderOutcome outcome);
const char *sp_acme_advice (SpOrderOutcome outcome);

G_END_DECLS
