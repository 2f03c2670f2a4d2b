/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "dynamic-dns-plan.h"
#include "settings.h"
#include "store.h"

G_BEGIN_DECLS

/* How what is known of dynamic DNS is stored, hashed and put into words. */

#define SP_DNS_HASH_SIZE 65 /* with the terminator */

/* What cannot be read is as if it never was; failures are logged. */
void sp_dynamic_dns_record_load (SpDynamicDnsRecord *record, SpStore *store);
void sp_dynamic_dns_record_store (const SpDynamicDnsRecord *record, SpStore *store);

/* Of all settings by which a provider is asked. */
void sp_dynamic_dns_hash (const SpSettings *settings, char ret[SP_DNS_HASH_SIZE]);
/* The name that is to lead here. */
const char *sp_dynamic_dns_find_name (const SpSettings *settings);

/* A word for an outcome, and a sentence that says what to do where it is told in that mode; empty:
 * all is well. */
const char *sp_dynamic_dns_reason (SpErrandOutcome outcome);
const char *sp_dynamic_dns_advice (SpErrandOutcome outcome, SpSettingWord mode);

#define SP_DNS_NO_ADDRESS "no-address"
#define SP_DNS_NO_ADDRESS_ADVICE                                                                   \
  "this computer does not know its public address; set address-check-url of [dynamic-dns] to a "   \
  "place that tells it"

G_END_DECLS
