/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "dynamic-dns-record.h"

#include "base/log.h"
#include "store-record.h"

#include <string.h>

#define VALUE_NAME "dynamic-dns"
#define TYPE       "(ayayxxuyss)"

/* --- storing --- */

static void
copy_address (GVariant *bytes, guint8 *ret)
{
  gsize size;
  const guint8 *address = g_variant_get_fixed_array (bytes, &size, 1);

  if (size == SP_ADDRESS_SIZE)
    memcpy (ret, address, size);
}

static void
take (SpDynamicDnsRecord *record, GVariant *stored)
{
  g_autoptr (GVariant) ipv4 = NULL;
  g_autoptr (GVariant) ipv6 = NULL;
  const char *word;
  const char *asked_with;

  g_variant_get (stored, "(@ay@ayxxuy&s&s)", &ipv4, &ipv6, &record->tried_at, &record->told_at,
                 &record->failures, &record->outcome, &word, &asked_with);
  copy_address (ipv4, record->ipv4);
  copy_address (ipv6, record->ipv6);
  record->outcome = MIN (record->outcome, SP_ERRAND_OUTCOME_LAST);
  (void) g_strlcpy (record->word, word, sizeof record->word);
  (void) g_strlcpy (record->asked_with, asked_with, sizeof record->asked_with);
}

void
sp_dynamic_dns_record_load (SpDynamicDnsRecord *record, SpStore *store)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) stored = sp_store_load_record (store, VALUE_NAME, TYPE, &error);

  memset (record, 0, sizeof *record);
  if (stored != NULL)
    take (record, stored);
  if (error != NULL)
    sp_log (SP_LOG_WARNING, "dynamic-dns", "what was told before is not known: %s", error->message);
}

void
sp_dynamic_dns_record_store (const SpDynamicDnsRecord *record, SpStore *store)
{
  GVariant *value = g_variant_new (
      "(@ay@ayxxuyss)",
      g_variant_new_fixed_array (G_VARIANT_TYPE_BYTE, record->ipv4, SP_ADDRESS_SIZE, 1),
      g_variant_new_fixed_array (G_VARIANT_TYPE_BYTE, record->ipv6, SP_ADDRESS_SIZE, 1),
      record->tried_at, record->told_at, record->failures, record->outcome, record->word,
      record->asked_with);
  g_autoptr (GError) error = NULL;

  if (!sp_store_keep_record (store, VALUE_NAME, value, &error))
    sp_log (SP_LOG_WARNING, "dynamic-dns", "what was told is not remembered: %s", error->message);
}

/* --- the settings --- */

const char *
sp_dynamic_dns_find_name (const SpSettings *settings)
{
  return settings->dynamic_dns_host[0] != '\0' ? settings->dynamic_dns_host : settings->name;
}

void
sp_dynamic_dns_hash (const SpSettings *settings, char ret[SP_DNS_HASH_SIZE])
{
  gboolean by_update = settings->dynamic_dns_mode == SP_WORD_RFC2136;
  g_autofree char *update =
      by_update ? g_strdup_printf ("%s\n%s\n%s\n%u\n", settings->dns_update_server,
                                   settings->dns_update_zone, settings->dns_update_key,
                                   (guint) settings->dns_update_algorithm)
                : g_strdup ("");
  g_autofree char *all = g_strdup_printf (
      "%u\n%s\n%s\n%s\n%s", (guint) settings->dynamic_dns_mode, settings->dynamic_dns_url,
      sp_dynamic_dns_find_name (settings), settings->dynamic_dns_user, update);
  g_autofree char *hash = g_compute_checksum_for_string (G_CHECKSUM_SHA256, all, -1);

  (void) g_strlcpy (ret, hash, SP_DNS_HASH_SIZE);
}

/* --- words --- */

static const struct
{
  const char *reason;
  const char *advice;
  const char *zone_advice; /* where a zone is updated; NULL: the same */
} outcomes[] = {
  [SP_ERRAND_DONE] = { "", "" },
  [SP_ERRAND_UNCHANGED] = { "", "" },
  [SP_ERRAND_BAD_CREDENTIAL] = { "credential",
                                 "the provider does not take the account and its password; set "
                                 "user of [dynamic-dns], or the password with sallyportctl "
                                 "dynamic-dns password" },
  [SP_ERRAND_BAD_NAME] = { "name", "the name is none of this account at the provider; set host of "
                                   "[dynamic-dns] to one that is" },
  [SP_ERRAND_ABUSE] = { "abuse", "the provider has blocked the name for having been told too "
                                 "often; ask it to unblock it, then run sallyportctl dynamic-dns "
                                 "update" },
  [SP_ERRAND_UNPAID] = { "unpaid", "the provider does this for other kinds of accounts only; "
                                   "change the account there, then run sallyportctl dynamic-dns "
                                   "update" },
  [SP_ERRAND_UNWELCOME] = { "unwelcome", "the provider refuses this program or the way it asks; "
                                         "set url of [dynamic-dns] to what it documents" },
  [SP_ERRAND_LATER] = { "later",
                        "the provider is in trouble itself; it is asked again in half an "
                        "hour",
                        "the name server is in trouble itself (SERVFAIL), perhaps because it "
                        "cannot "
                        "write the zone; its log says more, and it is asked again in half an "
                        "hour" },
  [SP_ERRAND_STATUS] = { "status", "the provider's server answers with an error; see whether url "
                                   "of [dynamic-dns] is right" },
  [SP_ERRAND_REDIRECTED] = { "redirected", "the provider has moved to another address; set url of "
                                           "[dynamic-dns] to the one that it documents" },
  [SP_ERRAND_NOT_UNDERSTOOD] = { "not-understood",
                                 "the answer is not what a provider answers; "
                                 "see whether url of [dynamic-dns] is right",
                                 "the answer is not what a name server answers to an update; see "
                                 "whether server of [dns-update] is right" },
  [SP_ERRAND_NOT_TRUSTED] = { "not-trusted", "the certificate of the provider is not good; see "
                                             "whether url of [dynamic-dns] is right, and nobody "
                                             "is in between" },
  [SP_ERRAND_UNREACHABLE] = { "unreachable",
                              "the provider cannot be reached; see whether this computer reaches "
                              "the internet",
                              "the name server cannot be reached by TCP; see whether server of "
                              "[dns-update] is right, and whether this computer reaches it" },
  [SP_ERRAND_SILENT] = { "silent", "the provider does not answer; it is asked again",
                         "the name server does not answer; it is asked again" },
  [SP_ERRAND_FAILED] = { "failed", "the provider could not be asked; the log says more",
                         "the name server could not be asked; the log says more" },
  [SP_ERRAND_NO_KEY] = { "no-key", "the key has no secret to sign with; set it with sallyportctl "
                                   "dynamic-dns key" },
  [SP_ERRAND_KEY_UNKNOWN] = { "key-unknown", "the name server knows no such key (BADKEY), or not "
                                             "for this; set key "
                                             "and algorithm of [dns-update] as they are there" },
  [SP_ERRAND_KEY_WRONG] = { "key-wrong", "the secret of the key is another at the name server "
                                         "(BADSIG); set it with sallyportctl dynamic-dns key" },
  [SP_ERRAND_CLOCK] = { "clock", "the clock of this computer and that of the name server differ by "
                                 "minutes (BADTIME); set the clock that is wrong" },
  [SP_ERRAND_NO_ZONE] = { "no-zone",
                          "the name server does not keep that zone (NOTAUTH), or the name "
                          "is not in it (NOTZONE); set server and zone of [dns-update]" },
  [SP_ERRAND_REFUSED] = { "refused", "the name server does not let this key change the name "
                                     "(REFUSED); let it there, as by update-policy of BIND" },
  [SP_ERRAND_NOT_SIGNED] = { "not-signed",
                             "the answer is not signed with the key, so nobody knows whether it is "
                             "the name server's; see whether server of [dns-update] is right, and "
                             "nobody is in between" },
};
G_STATIC_ASSERT (G_N_ELEMENTS (outcomes) == SP_ERRAND_OUTCOME_LAST + 1);

const char *
sp_dynamic_dns_reason (SpErrandOutcome outcome)
{
  return outcomes[outcome].reason;
}

const char *
sp_dynamic_dns_advice (SpErrandOutcome outcome, SpSettingWord mode)
{
  if (mode == SP_WORD_RFC2136 && outcomes[outcome].zone_advice != NULL)
    return outcomes[outcome].zone_advice;
  return outcomes[outcome].advice;
}
