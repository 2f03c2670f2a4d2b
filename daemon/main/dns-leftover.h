/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "dns-record.h"
#include "store.h"

G_BEGIN_DECLS

/* Records that prove names and are there, or may be, over the death of main: owner and text. */

/* `records`: of SpDnsRecord.  Failures are logged, also of the other. */
void sp_dns_leftover_store (GPtrArray *records, SpStore *store);
/* SpDnsRecord, the caller's; nothing is noted in them of where they are. */
GPtrArray *sp_dns_leftover_load (SpStore *store);

G_END_DECLS
