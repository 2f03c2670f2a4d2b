/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "base/limits.h"
#include "walls/main-courier.h"

G_BEGIN_DECLS

#define SP_DNS_PREFIX "_acme-challenge." /* RFC 8555 8.4 */

/* A record that proves a name, and where it is put: kept, so that what was put somewhere is taken
 * out of there. */
typedef struct
{
  char owner[sizeof SP_DNS_PREFIX + SP_DOMAIN_MAX]; /* whose it is */
  char text[SP_ZONE_TEXT_MAX + 1];
  char program[SP_PATH_MAX + 1]; /* that puts it (hook-record.c), or empty */
  SpRunErrand order;             /* otherwise (zone-record.c) */
} SpDnsRecord;

/* Called once for each change, from the main loop, unless whoever makes it was freed.  No error: it
 * is as it should be. */
typedef void (*SpDnsRecordChanged) (gpointer user_data, const GError *error);

G_END_DECLS
