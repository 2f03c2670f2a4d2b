/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "dns-record.h"
#include "settings.h"

G_BEGIN_DECLS

/* Has a program of the owner's put records where only that knows how, and take them out, one after
 * the other.  A room runs it (daemon/hook): main starts that and hears how it ends. */
typedef struct _SpHookRecord SpHookRecord;

SpHookRecord *sp_hook_record_new (const char *libexec_folder);
void sp_hook_record_free (SpHookRecord *self); /* ends a program that runs */
G_DEFINE_AUTOPTR_CLEANUP_FUNC (SpHookRecord, sp_hook_record_free)

/* Only while no other change is under way; `seconds`: for the program.  Errors: of SP_ACME_ERROR.
 */
void sp_hook_record_change (SpHookRecord *self,
                            const SpDnsRecord *record,
                            gboolean put,
                            guint seconds,
                            SpDnsRecordChanged changed,
                            gpointer user_data);

G_END_DECLS
