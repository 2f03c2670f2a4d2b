/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "dns-record.h"
#include "server.h"

G_BEGIN_DECLS

/* Has couriers put records into the zone of [dns-update], and take them out, one after the other.
 */
typedef struct _SpZoneRecord SpZoneRecord;

SpZoneRecord *sp_zone_record_new (SpServer *server, const char *libexec_folder);
void sp_zone_record_free (SpZoneRecord *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (SpZoneRecord, sp_zone_record_free)

/* Whether the settings say where, for all names of the certificate. */
gboolean sp_zone_record_is_set (const SpSettings *settings);
/* By these settings; owner and text are there. */
void sp_zone_record_note (SpDnsRecord *record, const SpSettings *settings);

/* Only while no other change is under way. */
void sp_zone_record_change (SpZoneRecord *self,
                            const SpDnsRecord *record,
                            gboolean put,
                            SpDnsRecordChanged changed,
                            gpointer user_data);

G_END_DECLS
