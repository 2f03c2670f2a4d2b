/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "acme-way.h"

G_BEGIN_DECLS

/* Shows an authority names by records of the DNS (RFC 8555 8.4): couriers put a TXT into the zone
 * of [dns-update], and take it out again, one after the other. */
typedef struct _SpDnsValidation SpDnsValidation;

SpDnsValidation *sp_dns_validation_new (SpServer *server, const char *libexec_folder);
void sp_dns_validation_free (SpDnsValidation *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (SpDnsValidation, sp_dns_validation_free)

/* Whether the settings say where, for all names of the certificate. */
gboolean sp_dns_validation_is_set (const SpSettings *settings);

/* As sp_acme_way_show(): the task returns when the record is in the zone. */
void sp_dns_validation_show (SpDnsValidation *self, const SpAcmeProof *proof, GTask *task);
/* What is shown, or would be, is taken out; its task is cancelled. */
void sp_dns_validation_hide (SpDnsValidation *self);

G_END_DECLS
