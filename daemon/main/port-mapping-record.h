/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "port-mapping-plan.h"
#include "store.h"

G_BEGIN_DECLS

/* How what a router may forward is stored, and what it says put into words. */

/* What cannot be read is as if it never was; failures are logged.  Only what is held is stored, of
 * each family by itself. */
void sp_mapping_record_load (SpMappingRecord *record, SpStore *store, gboolean ipv6);
void sp_mapping_record_store (const SpMappingRecord *record, SpStore *store, gboolean ipv6);

/* A word for an outcome, and a sentence that says what to do; empty: all is well. */
const char *sp_mapping_reason (SpMappingOutcome outcome);
const char *sp_mapping_advice (SpMappingOutcome outcome, gboolean ipv6);
/* "pcp", "nat-pmp", "upnp" or empty. */
const char *sp_mapping_way_to_string (SpMappingWay way);

G_END_DECLS
