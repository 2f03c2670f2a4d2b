/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "dynamic-dns-plan.h"

#include <string.h>

#define DOUBLINGS_MAX 6 /* a minute, doubled so often, is more than an hour */

gboolean
sp_dynamic_dns_is_content (const SpDynamicDnsRecord *record)
{
  return record->tried_at != 0 &&
         (record->outcome == SP_ERRAND_DONE || record->outcome == SP_ERRAND_UNCHANGED);
}

gboolean
sp_dynamic_dns_is_final (const SpDynamicDnsRecord *record)
{
  return record->tried_at != 0 && record->outcome >= SP_ERRAND_BAD_CREDENTIAL &&
         record->outcome <= SP_ERRAND_UNWELCOME;
}

/* A name server that is asked once an hour is not abused, and what is wrong may be mended there. */
gboolean
sp_dynamic_dns_needs_owner (const SpDynamicDnsRecord *record)
{
  return sp_dynamic_dns_is_final (record) ||
         (record->tried_at != 0 && record->outcome >= SP_ERRAND_NO_KEY &&
          record->outcome <= SP_ERRAND_NOT_SIGNED);
}

static gboolean
is_known (const SpDynamicDnsRecord *record, const guint8 *ipv4, const guint8 *ipv6)
{
  return memcmp (record->ipv4, ipv4, SP_ADDRESS_SIZE) == 0 &&
         memcmp (record->ipv6, ipv6, SP_ADDRESS_SIZE) == 0;
}

static gint64
find_pause (const SpDynamicDnsRecord *record)
{
  guint doublings = MIN (record->failures > 0 ? record->failures - 1 : 0, DOUBLINGS_MAX);

  if (record->outcome == SP_ERRAND_LATER)
    return SP_DNS_LATER;
  return MIN (SP_DNS_AGAIN_FIRST << doublings, SP_DNS_AGAIN_MOST);
}

gint64
sp_dynamic_dns_plan (const SpDynamicDnsRecord *record,
                     const guint8 *ipv4,
                     const guint8 *ipv6,
                     const char *ask_with,
                     gint64 now)
{
  if (sp_address_is_unset (ipv4) && sp_address_is_unset (ipv6))
    return G_MAXINT64;
  if (record->tried_at == 0 || strcmp (record->asked_with, ask_with) != 0)
    return now;
  if (sp_dynamic_dns_is_final (record))
    return G_MAXINT64;
  if (record->tried_at > now) /* the clock was set back */
    return now;
  if (!sp_dynamic_dns_is_content (record))
    return record->tried_at + find_pause (record);
  return is_known (record, ipv4, ipv6) ? record->told_at + SP_DNS_REFRESH
                                       : record->tried_at + SP_DNS_PAUSE;
}

void
sp_dynamic_dns_note (SpDynamicDnsRecord *record,
                     const SpErrandDone *done,
                     const guint8 *ipv4,
                     const guint8 *ipv6,
                     const char *asked_with,
                     gint64 now)
{
  record->outcome = done->outcome;
  record->tried_at = now;
  memset (record->word, 0, sizeof record->word);
  memcpy (record->word, done->word, MIN (done->word_length, SP_PROVIDER_WORD_MAX));
  (void) g_strlcpy (record->asked_with, asked_with, sizeof record->asked_with);
  if (!sp_dynamic_dns_is_content (record))
    {
      record->failures++;
      return;
    }
  record->failures = 0;
  record->told_at = now;
  memcpy (record->ipv4, ipv4, SP_ADDRESS_SIZE);
  memcpy (record->ipv6, ipv6, SP_ADDRESS_SIZE);
}
