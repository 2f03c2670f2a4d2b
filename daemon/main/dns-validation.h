/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "acme-way.h"

G_BEGIN_DECLS

/* Shows an authority names by records of the DNS (RFC 8555 8.4): couriers put a TXT into the zone
 * of [dns-update], or the owner's program does so elsewhere, and it is taken out again, one after
 * the other.  What is there is in the store, so that the next main takes it out if this one cannot.
 */
typedef struct _SpDnsValidation SpDnsValidation;

SpDnsValidation *sp_dns_validation_new (SpServer *server, const char *libexec_folder);
void sp_dns_validation_free (SpDnsValidation *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (SpDnsValidation, sp_dns_validation_free)

/* Whether the settings say where, for all names of the certificate. */
gboolean sp_dns_validation_is_set (const SpSettings *settings);

/* As sp_acme_way_show(): the task returns when the record is there, and has been for as long as the
 * settings want. */
void sp_dns_validation_show (SpDnsValidation *self, const SpAcmeProof *proof, GTask *task);
/* What is shown, or would be, is taken out; its task is cancelled. */
void sp_dns_validation_hide (SpDnsValidation *self);
/* When the server can do something: what an earlier main left is taken out, once. */
void sp_dns_validation_tidy (SpDnsValidation *self);

G_END_DECLS
