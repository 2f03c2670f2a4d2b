/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "acme-record.h"

#include "base/log.h"
#include "setting-row.h"
#include "store-record.h"

#include <string.h>

#define VALUE_NAME "acme"

/* --- storing --- */

static void
take_text (GVariant *stored, const char *key, char *text, gsize size)
{
  const char *found;

  if (g_variant_lookup (stored, key, "&s", &found))
    (void) g_strlcpy (text, found, size);
}

static void
take (SpAcmeRecord *record, GVariant *stored)
{
  (void) g_variant_lookup (stored, "tried-at", "x", &record->tried_at);
  (void) g_variant_lookup (stored, "failures", "u", &record->failures);
  (void) g_variant_lookup (stored, "outcome", "y", &record->outcome);
  (void) g_variant_lookup (stored, "status", "q", &record->status);
  (void) g_variant_lookup (stored, "way", "y", &record->way);
  (void) g_variant_lookup (stored, "window-begin", "x", &record->window_begin);
  (void) g_variant_lookup (stored, "window-end", "x", &record->window_end);
  (void) g_variant_lookup (stored, "renew-at", "x", &record->renew_at);
  (void) g_variant_lookup (stored, "ask-at", "x", &record->ask_at);
  (void) g_variant_lookup (stored, "was-told", "b", &record->was_told);
  (void) g_variant_lookup (stored, "seconds", "u", &record->seconds);
  take_text (stored, "asked-with", record->asked_with, sizeof record->asked_with);
  take_text (stored, "certificate", record->certificate, sizeof record->certificate);
  take_text (stored, "request", record->request, sizeof record->request);
  record->outcome = MIN (record->outcome, SP_ORDER_OUTCOME_LAST);
  record->way = MIN (record->way, SP_ACME_WAYS_N - 1);
}

void
sp_acme_record_load (SpAcmeRecord *record, SpStore *store)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) stored = sp_store_load_record (store, VALUE_NAME, "a{sv}", &error);

  memset (record, 0, sizeof *record);
  if (stored != NULL)
    take (record, stored);
  if (error != NULL)
    sp_log (SP_LOG_WARNING, "acme", "what was ordered before is not known: %s", error->message);
}

/* Floating. */
static GVariant *
describe (const SpAcmeRecord *record)
{
  GVariantDict dict = G_VARIANT_DICT_INIT (NULL);

  g_variant_dict_insert (&dict, "tried-at", "x", record->tried_at);
  g_variant_dict_insert (&dict, "failures", "u", record->failures);
  g_variant_dict_insert (&dict, "outcome", "y", record->outcome);
  g_variant_dict_insert (&dict, "status", "q", record->status);
  g_variant_dict_insert (&dict, "way", "y", record->way);
  g_variant_dict_insert (&dict, "window-begin", "x", record->window_begin);
  g_variant_dict_insert (&dict, "window-end", "x", record->window_end);
  g_variant_dict_insert (&dict, "renew-at", "x", record->renew_at);
  g_variant_dict_insert (&dict, "ask-at", "x", record->ask_at);
  g_variant_dict_insert (&dict, "was-told", "b", record->was_told);
  g_variant_dict_insert (&dict, "seconds", "u", record->seconds);
  g_variant_dict_insert (&dict, "asked-with", "s", record->asked_with);
  g_variant_dict_insert (&dict, "certificate", "s", record->certificate);
  g_variant_dict_insert (&dict, "request", "s", record->request);
  return g_variant_dict_end (&dict);
}

void
sp_acme_record_store (const SpAcmeRecord *record, SpStore *store)
{
  g_autoptr (GError) error = NULL;

  if (!sp_store_keep_record (store, VALUE_NAME, describe (record), &error))
    sp_log (SP_LOG_WARNING, "acme", "what was ordered is not remembered: %s", error->message);
}

/* --- the settings --- */

static void
add_name (GByteArray *names, const char *name)
{
  g_autofree char *lower = g_ascii_strdown (name, -1);
  guint8 address[SP_ADDRESS_SIZE];

  if (lower[0] != '\0' && !sp_address_from_text (lower, address))
    g_byte_array_append (names, (const guint8 *) lower, (guint) strlen (lower) + 1);
}

GBytes *
sp_acme_collect_names (const SpSettings *settings)
{
  GByteArray *names = g_byte_array_new ();

  add_name (names, settings->name);
  for (guint i = 0; i < settings->acme_names.n; i++)
    if (g_ascii_strcasecmp (settings->acme_names.items[i], settings->name) != 0)
      add_name (names, settings->acme_names.items[i]);
  return g_byte_array_free_to_bytes (names);
}

void
sp_acme_hash (const SpSettings *settings, char ret[SP_ACME_HASH_SIZE])
{
  g_autoptr (GBytes) names = sp_acme_collect_names (settings);
  g_autofree char *all =
      g_strdup_printf ("%s\n%s\n%s\n%d\n%s\n", settings->acme_directory, settings->acme_contact,
                       settings->acme_authorities, settings->acme_agree,
                       sp_setting_word_to_string (settings->acme_proof));
  g_autoptr (GChecksum) sum = g_checksum_new (G_CHECKSUM_SHA256);

  g_checksum_update (sum, (const guchar *) all, -1);
  g_checksum_update (sum, (const guchar *) settings->acme_hook, -1);
  g_checksum_update (sum, g_bytes_get_data (names, NULL), (gssize) g_bytes_get_size (names));
  (void) g_strlcpy (ret, g_checksum_get_string (sum), SP_ACME_HASH_SIZE);
}

/* --- words --- */

static const struct
{
  const char *reason;
  const char *advice;
} outcomes[] = {
  [SP_ORDER_DONE] = { "", "" },
  [SP_ORDER_TERMS] = { "terms", "the authority has terms; read them there, and set agree of [acme] "
                                "to yes if you agree to them" },
  [SP_ORDER_EXTERNAL_ACCOUNT] = { "external-account",
                                  "the authority serves only those who have an account there "
                                  "already; set directory of [acme] to another authority" },
  [SP_ORDER_ACCOUNT] = { "account", "the authority does not take the account; see whether contact "
                                    "of [acme] is an address of mail" },
  [SP_ORDER_NAME] = { "name", "the authority gives no certificates for these names; set name of "
                              "[server] and names of [acme] to names of the internet" },
  [SP_ORDER_CAA] = { "caa", "the DNS does not let this authority serve the name; change the CAA "
                            "record where the name is kept" },
  [SP_ORDER_NAME_UNKNOWN] = { "name-unknown", "the authority does not find the name in the DNS; "
                                              "see whether it leads to this computer" },
  [SP_ORDER_NOT_REACHED] = { "not-reached", "the authority does not reach the server at TCP port "
                                            "443 of the name (80 by http-01); let the router "
                                            "forward it" },
  [SP_ORDER_WRONG_ANSWER] = { "wrong-answer",
                              "the name leads to another computer, or to another "
                              "program on port 443 (80 by http-01); see where it leads" },
  [SP_ORDER_NO_WAY] = { "no-way", "the authority proves names in none of the ways that the "
                                  "server may use; set proof of [acme] to auto, or directory to "
                                  "another authority" },
  [SP_ORDER_TOO_OFTEN] = { "too-often", "the authority was asked too often; it is asked again "
                                        "later" },
  [SP_ORDER_PROBLEM] = { "problem", "the authority refuses; it is asked again" },
  [SP_ORDER_STATUS] = { "status", "the authority answers with an error; see whether directory of "
                                  "[acme] is right" },
  [SP_ORDER_NOT_UNDERSTOOD] = { "not-understood", "the answer is none of an authority; see whether "
                                                  "directory of [acme] is right" },
  [SP_ORDER_NOT_TRUSTED] = { "not-trusted", "the authority's own certificate is not good; see "
                                            "whether directory and authorities of [acme] are "
                                            "right" },
  [SP_ORDER_UNREACHABLE] = { "unreachable", "the authority cannot be reached; see whether this "
                                            "computer reaches the internet" },
  [SP_ORDER_SILENT] = { "silent", "the authority does not answer in time; it is asked again" },
  [SP_ORDER_FAILED] = { "failed", "the certificate could not be ordered; the log says more" },
  [SP_ORDER_NOT_SHOWN] = { "not-shown", "the authority could not be shown a name in the way that "
                                        "proof of [acme] says; the log says why" },
  [SP_ORDER_PORT_IN_USE] = { "port-in-use", "another program of this computer has port 80, where "
                                            "the authority would look; end it, or set proof of "
                                            "[acme] to another way" },
  [SP_ORDER_HOOK_UNFIT] = { "hook-unfit",
                            "the program that hook of [acme] names is not run: it has "
                            "to be a file of root's that nobody else may change; the "
                            "log says what is wrong" },
  [SP_ORDER_HOOK_LATE] = { "hook-late",
                           "the program that hook of [acme] names did not end within a "
                           "minute; see what it waits for" },
  [SP_ORDER_HOOK_FAILED] = { "hook-failed", "the program that hook of [acme] names failed; the log "
                                            "has what it said" },
};
G_STATIC_ASSERT (G_N_ELEMENTS (outcomes) == SP_ORDER_OUTCOME_LAST + 1);

const char *
sp_acme_reason (SpOrderOutcome outcome)
{
  return outcomes[outcome].reason;
}

const char *
sp_acme_advice (SpOrderOutcome outcome)
{
  return outcomes[outcome].advice;
}
