/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "base/endpoint.h"
#include "walls/main-courier.h"

G_BEGIN_DECLS

/* When a provider of dynamic DNS is told again.  Pure: all times are given, in microseconds since
 * the epoch. */

#define SP_DNS_MINUTE         (60 * (gint64) G_USEC_PER_SEC)
#define SP_DNS_REFRESH        (25 * 24 * 60 * SP_DNS_MINUTE) /* names that nobody renews end */
#define SP_DNS_PAUSE          (10 * (gint64) G_USEC_PER_SEC) /* between two changes */
#define SP_DNS_LATER          (30 * SP_DNS_MINUTE)           /* what the protocol asks for */
#define SP_DNS_AGAIN_FIRST    SP_DNS_MINUTE
#define SP_DNS_AGAIN_MOST     (60 * SP_DNS_MINUTE)
#define SP_DNS_CHECK_INTERVAL (10 * SP_DNS_MINUTE) /* between two looks at the address */

/* What is remembered of the last time, also over restarts. */
typedef struct
{
  guint8 ipv4[SP_ADDRESS_SIZE]; /* that it was told, unset: none */
  guint8 ipv6[SP_ADDRESS_SIZE];
  gint64 tried_at;  /* 0: never */
  gint64 told_at;   /* when it was content; 0: it never was */
  guint32 failures; /* since then */
  guint8 outcome;   /* an SpErrandOutcome, of the last time */
  char word[SP_PROVIDER_WORD_MAX + 1];
  char asked_with[65]; /* a hash of all that the settings say of it; empty: ask at once */
} SpDynamicDnsRecord;

/* Whether it was done, as far as the provider goes. */
gboolean sp_dynamic_dns_is_content (const SpDynamicDnsRecord *record);
/* Whether only the owner mends it: asking again would be abuse. */
gboolean sp_dynamic_dns_is_final (const SpDynamicDnsRecord *record);

/* Whether asking again mends it only if somebody changes something: the owner, or who keeps the
 * name server. */
gboolean sp_dynamic_dns_needs_owner (const SpDynamicDnsRecord *record);

/* When it is to be told these addresses: at `now` or before means at once, G_MAXINT64 never. */
gint64 sp_dynamic_dns_plan (const SpDynamicDnsRecord *record,
                            const guint8 *ipv4,
                            const guint8 *ipv6,
                            const char *ask_with,
                            gint64 now);

/* What came back is written into the record. */
void sp_dynamic_dns_note (SpDynamicDnsRecord *record,
                          const SpErrandDone *done,
                          const guint8 *ipv4,
                          const guint8 *ipv6,
                          const char *asked_with,
                          gint64 now);

G_END_DECLS
