/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "certificate-verdict.h"

#include "certificate-chain.h"
#include "certificate-facts.h"
#include "signer.h"

#include <string.h>

#define TEXT_MAX      400 /* bytes of one finding */
#define NAMES_SHOWN   5
#define DATE_FORMAT   "%Y-%m-%d"
#define RSA_BITS_FINE 2048 /* more only costs time: the channel's own keys are what lasts */

G_STATIC_ASSERT ((SP_CHECK_LAST + 1) * (TEXT_MAX + 3) <= SP_FINDINGS_MAX);

static void add (SpCertificateVerdict *verdict,
                 SpCertificateCheck check,
                 SpSeverity severity,
                 const char *format,
                 ...) G_GNUC_PRINTF (4, 5);

static void
add (SpCertificateVerdict *verdict,
     SpCertificateCheck check,
     SpSeverity severity,
     const char *format,
     ...)
{
  const guint8 head[] = { (guint8) check, (guint8) severity };
  g_autofree char *text = NULL;
  const char *end;
  va_list arguments;

  va_start (arguments, format);
  text = g_strdup_vprintf (format, arguments);
  va_end (arguments);
  (void) g_utf8_validate_len (text, MIN (strlen (text), TEXT_MAX), &end);
  g_byte_array_append (verdict->findings, head, sizeof head);
  g_byte_array_append (verdict->findings, (const guint8 *) text, (guint) (end - text));
  g_byte_array_append (verdict->findings, (const guint8 *) "", 1);
  if (severity == SP_SEVERITY_PROBLEM)
    verdict->usable = FALSE;
}

/* --- the files --- */

static void
judge_files (SpCertificateVerdict *verdict,
             const SpBundle *bundle,
             const SpBundleResult *results,
             guint n_results)
{
  static const char *const words[] = {
    [SP_BUNDLE_READ] = "",
    [SP_BUNDLE_UNKNOWN] = "is neither a certificate nor a key, or it is damaged",
    [SP_BUNDLE_NEEDS_PASSPHRASE] = "needs a passphrase",
    [SP_BUNDLE_WRONG_PASSPHRASE] = "does not open with this passphrase",
    [SP_BUNDLE_TOO_MUCH] = "holds too much, or would take too long to open",
  };

  for (guint i = 0; i < n_results; i++)
    if (results[i] != SP_BUNDLE_READ)
      {
        add (verdict, SP_CHECK_FILES, SP_SEVERITY_PROBLEM, "file %u %s", i + 1, words[results[i]]);
        return;
      }
  if (bundle->certificates->len == 0)
    add (verdict, SP_CHECK_FILES, SP_SEVERITY_PROBLEM, "there is no certificate in the files");
  else
    add (verdict, SP_CHECK_FILES, SP_SEVERITY_OK, "read: certificates: %u, keys: %u",
         bundle->certificates->len, bundle->keys->len);
}

/* --- which certificate, which key --- */

static SpPrivateKey *
find_key (const SpBundle *bundle, SpCertificate *certificate)
{
  for (guint i = 0; i < bundle->keys->len; i++)
    if (sp_certificate_is_of_key (certificate, bundle->keys->pdata[i]))
      return bundle->keys->pdata[i];
  return NULL;
}

static gboolean
has_pin (GPtrArray *pins, SpCertificate *certificate)
{
  guint8 pin[SP_PIN_SIZE];

  if (!sp_certificate_get_pin (certificate, pin))
    return FALSE;
  for (guint i = 0; i < pins->len; i++)
    if (memcmp (g_bytes_get_data (pins->pdata[i], NULL), pin, SP_PIN_SIZE) == 0)
      return TRUE;
  return FALSE;
}

/* That with a key first; else one with a key that is here; else the first that is no authority's.
 */
static SpCertificate *
choose_leaf (const SpBundle *bundle, GPtrArray *pins)
{
  SpCertificate *plain = NULL;

  for (guint i = 0; i < bundle->certificates->len; i++)
    if (find_key (bundle, bundle->certificates->pdata[i]) != NULL)
      return bundle->certificates->pdata[i];
  for (guint i = 0; i < bundle->certificates->len; i++)
    {
      SpCertificate *certificate = bundle->certificates->pdata[i];

      if (has_pin (pins, certificate))
        return certificate;
      if (plain == NULL && gnutls_x509_crt_get_ca_status (certificate, NULL) != 1)
        plain = certificate;
    }
  if (plain == NULL && bundle->certificates->len > 0)
    plain = bundle->certificates->pdata[0];
  return plain;
}

static void
judge_key (SpCertificateVerdict *verdict, const SpBundle *bundle, GPtrArray *pins)
{
  verdict->key = find_key (bundle, verdict->leaf);
  if (verdict->key != NULL)
    add (verdict, SP_CHECK_KEY, SP_SEVERITY_OK, "the key belongs to the certificate");
  else if (has_pin (pins, verdict->leaf))
    add (verdict, SP_CHECK_KEY, SP_SEVERITY_OK,
         "the server has the key of the certificate already");
  else if (bundle->keys->len > 0)
    add (verdict, SP_CHECK_KEY, SP_SEVERITY_PROBLEM, "the key is that of another certificate");
  else
    add (verdict, SP_CHECK_KEY, SP_SEVERITY_PROBLEM,
         "the private key is missing: there is none in the files, and none here that fits");
}

static void
judge_strength (SpCertificateVerdict *verdict)
{
  unsigned bits = 0;
  int algorithm = gnutls_x509_crt_get_pk_algorithm (verdict->leaf, &bits);
  guint8 name[SP_KEY_TEXT_MAX];
  guint16 length = sp_certificate_facts_name_key (verdict->leaf, name);

  if (!sp_signer_can_use (algorithm, bits))
    add (verdict, SP_CHECK_STRENGTH, SP_SEVERITY_PROBLEM,
         "this server can not use a key of the kind %.*s: EC P-256, EC P-384, or RSA of %d to %d "
         "bits",
         length, (const char *) name, SP_RSA_BITS_MIN, SP_RSA_BITS_MAX);
  else if (algorithm == GNUTLS_PK_RSA && bits > RSA_BITS_FINE)
    add (verdict, SP_CHECK_STRENGTH, SP_SEVERITY_WARNING,
         "%.*s: each new connection costs this server far more than with EC P-256", length,
         (const char *) name);
  else
    add (verdict, SP_CHECK_STRENGTH, SP_SEVERITY_OK, "%.*s", length, (const char *) name);
}

/* --- what it is good for --- */

/* RFC 5280 4.2.1.12: without the extension everything is allowed. */
static gboolean
may_be_a_servers (SpCertificate *certificate)
{
  char purpose[128];

  for (unsigned i = 0;; i++)
    {
      gsize size = sizeof purpose;
      int code = gnutls_x509_crt_get_key_purpose_oid (certificate, i, purpose, &size, NULL);

      if (code == GNUTLS_E_REQUESTED_DATA_NOT_AVAILABLE)
        return i == 0;
      if (code >= 0 &&
          (g_str_equal (purpose, GNUTLS_KP_TLS_WWW_SERVER) || g_str_equal (purpose, GNUTLS_KP_ANY)))
        return TRUE;
      if (code < 0 && code != GNUTLS_E_SHORT_MEMORY_BUFFER)
        return FALSE;
    }
}

static void
judge_use (SpCertificateVerdict *verdict)
{
  unsigned usage = 0;

  if (gnutls_x509_crt_get_key_usage (verdict->leaf, &usage, NULL) >= 0 &&
      (usage & GNUTLS_KEY_DIGITAL_SIGNATURE) == 0)
    add (verdict, SP_CHECK_USE, SP_SEVERITY_PROBLEM,
         "the certificate does not allow its key to sign, as servers must");
  else if (!may_be_a_servers (verdict->leaf))
    add (verdict, SP_CHECK_USE, SP_SEVERITY_PROBLEM, "the certificate is not for servers");
  else if (gnutls_x509_crt_get_ca_status (verdict->leaf, NULL) == 1)
    add (verdict, SP_CHECK_USE, SP_SEVERITY_WARNING,
         "it is the certificate of an authority, which some clients refuse");
  else
    add (verdict, SP_CHECK_USE, SP_SEVERITY_OK, "it is good for servers");
}

static char *
show_date (gint64 seconds)
{
  g_autoptr (GDateTime) time = g_date_time_new_from_unix_utc (seconds);

  return time != NULL ? g_date_time_format (time, DATE_FORMAT) : g_strdup ("?");
}

static void
judge_dates (SpCertificateVerdict *verdict, gint64 now)
{
  gint64 begin = gnutls_x509_crt_get_activation_time (verdict->leaf);
  gint64 end = gnutls_x509_crt_get_expiration_time (verdict->leaf);
  g_autofree char *first = show_date (begin);
  g_autofree char *last = show_date (end);

  if (begin > now)
    add (verdict, SP_CHECK_DATES, SP_SEVERITY_PROBLEM, "it is not good before %s", first);
  else if (end <= now)
    add (verdict, SP_CHECK_DATES, SP_SEVERITY_PROBLEM, "it ended on %s", last);
  else if (end - now < SP_CERTIFICATE_SOON * SP_DAY)
    add (verdict, SP_CHECK_DATES, SP_SEVERITY_WARNING, "it ends on %s, in %d days", last,
         (int) ((end - now) / SP_DAY));
  else
    add (verdict, SP_CHECK_DATES, SP_SEVERITY_OK, "it is good until %s", last);
}

static char *
show_names (SpCertificate *certificate)
{
  g_auto (GStrv) names = sp_certificate_get_names (certificate);
  guint n_names = g_strv_length (names);
  g_autofree char *joined = NULL;
  g_autofree char *valid = NULL;

  if (n_names == 0)
    return g_strdup ("nothing");
  if (n_names > NAMES_SHOWN)
    g_clear_pointer (&names[NAMES_SHOWN], g_free);
  joined = g_strjoinv (", ", names);
  for (guint i = NAMES_SHOWN + 1; i < n_names; i++)
    g_free (names[i]);
  valid = g_utf8_make_valid (joined, -1);
  return n_names > NAMES_SHOWN ? g_strconcat (valid, ", …", NULL) : g_steal_pointer (&valid);
}

static void
judge_names (SpCertificateVerdict *verdict, const char *name)
{
  g_autofree char *names = show_names (verdict->leaf);

  if (name[0] == '\0')
    add (verdict, SP_CHECK_NAMES, SP_SEVERITY_OK,
         "the server has no name in its settings; the certificate is good for %s", names);
  else if (gnutls_x509_crt_check_hostname (verdict->leaf, name))
    add (verdict, SP_CHECK_NAMES, SP_SEVERITY_OK, "it is good for “%s”", name);
  else
    add (verdict, SP_CHECK_NAMES, SP_SEVERITY_WARNING,
         "it is not good for “%s”, the server's name in its settings, but for %s", name, names);
}

static void
judge_chain (SpCertificateVerdict *verdict, const SpBundle *bundle, GBytes *trust)
{
  g_auto (SpChain) chain = { 0 };
  g_autoptr (GError) error = NULL;
  char issuer[SP_CERTIFICATE_TEXT_MAX + 1] = "";
  gsize size = sizeof issuer;

  sp_chain_build (&chain, bundle->certificates, verdict->leaf, trust);
  (void) gnutls_x509_crt_get_issuer_dn (chain.certificates->pdata[chain.certificates->len - 1],
                                        issuer, &size);
  verdict->chain = sp_chain_write (&chain, &error);
  if (verdict->chain == NULL)
    {
      add (verdict, SP_CHECK_CHAIN, SP_SEVERITY_PROBLEM, "%s", error->message);
      return;
    }
  switch (chain.end)
    {
      case SP_CHAIN_TRUSTED:
        add (verdict, SP_CHECK_CHAIN, SP_SEVERITY_OK, "signed by an authority that is known: %s",
             issuer);
        break;
      case SP_CHAIN_OWN_ROOT:
        add (verdict, SP_CHECK_CHAIN, SP_SEVERITY_WARNING,
             "complete, but clients have to be told to trust %s", issuer);
        break;
      case SP_CHAIN_SELF_SIGNED:
        add (verdict, SP_CHECK_CHAIN, SP_SEVERITY_WARNING,
             "it is signed by itself: clients have to be told to trust it");
        break;
      case SP_CHAIN_INCOMPLETE:
        add (verdict, SP_CHECK_CHAIN, SP_SEVERITY_WARNING,
             "the certificate of who signed it is missing: %s", issuer);
        break;
    }
}

void
sp_certificate_verdict_make (SpCertificateVerdict *verdict,
                             SpBundle *bundle,
                             const SpBundleResult *results,
                             guint n_results,
                             const SpVerdictWishes *wishes)
{
  *verdict = (SpCertificateVerdict){ .findings = g_byte_array_new (), .usable = TRUE };
  judge_files (verdict, bundle, results, n_results);
  verdict->leaf = choose_leaf (bundle, wishes->pins);
  if (verdict->leaf == NULL)
    return;
  if (!wishes->token)
    judge_key (verdict, bundle, wishes->pins);
  judge_strength (verdict);
  judge_use (verdict);
  judge_dates (verdict, wishes->now);
  judge_names (verdict, wishes->name);
  judge_chain (verdict, bundle, wishes->trust);
}

void
sp_certificate_verdict_add_key (SpCertificateVerdict *verdict, gboolean good, const char *text)
{
  add (verdict, SP_CHECK_KEY, good ? SP_SEVERITY_OK : SP_SEVERITY_PROBLEM, "%s", text);
}

void
sp_certificate_verdict_clear (SpCertificateVerdict *verdict)
{
  g_clear_pointer (&verdict->findings, g_byte_array_unref);
  g_clear_pointer (&verdict->chain, g_bytes_unref);
}
