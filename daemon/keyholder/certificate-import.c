/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "certificate-import.h"

#include "base/error.h"
#include "base/io.h"
#include "base/secret.h"
#include "certificate-facts.h"
#include "certificate-order.h"
#include "examination.h"
#include "token-key.h"

#include <string.h>

/* Descriptors of CHECK_CERTIFICATE */
enum
{
  PASSPHRASE = SP_BUNDLE_FILES_MAX,
  TRUST,
  N_DESCRIPTORS
};

G_STATIC_ASSERT (N_DESCRIPTORS == SP_CHECK_CERTIFICATE_FDS);

struct _SpCertificateImport
{
  SpKeyholder *keyholder;
  guint32 serial;
  gboolean keep;
  char *token; /* the URI of the key; NULL: it is not in a token */
  SpExamination *examination;
  SpSigner *signer; /* of the token, while it is asked */
};

void
sp_certificate_import_free (SpCertificateImport *import)
{
  if (import == NULL)
    return;
  sp_signer_unref (import->signer);
  sp_examination_free (import->examination);
  g_free (import->token);
  g_free (import);
}

/* The key that is not in the files is here: of a request, or of a certificate that was imported
 * before. */
static SpPrivateKey *
find_key (SpKeyholder *keyholder, SpCertificate *leaf, GError **error)
{
  SpCertificateStore *certificates = keyholder->certificates;
  guint8 pin[SP_PIN_SIZE];

  if (!sp_certificate_get_pin (leaf, pin))
    {
      g_set_error (error, SP_ERROR, SP_ERROR_FAILED, "the certificate's key cannot be read");
      return NULL;
    }
  if (sp_request_store_find_pin (keyholder->requests, pin) != NULL)
    return sp_request_store_load_key (
        keyholder->requests, sp_request_store_find_pin (keyholder->requests, pin)->id, error);
  for (guint i = 0; i < sp_certificate_store_get_n (certificates); i++)
    {
      const SpStoredCertificate *stored = sp_certificate_store_get (certificates, i);

      if (memcmp (stored->pin, pin, SP_PIN_SIZE) == 0 && stored->token == NULL)
        return sp_certificate_store_load_key (certificates, stored->id, error);
    }
  g_set_error (error, SP_ERROR, SP_ERROR_NOT_FOUND, "the key is no longer here");
  return NULL;
}

/* A request that was answered is of no more use.  What fails is only logged: the certificate is
 * kept, and the owner may remove the request. */
static void
drop_request (SpKeyholder *keyholder, SpCertificate *leaf)
{
  g_autoptr (GError) error = NULL;
  const SpStoredRequest *request;
  guint8 pin[SP_PIN_SIZE];
  guint8 id[SP_ID_SIZE];

  if (!sp_certificate_get_pin (leaf, pin))
    return;
  request = sp_request_store_find_pin (keyholder->requests, pin);
  if (request == NULL)
    return;
  memcpy (id, request->id, SP_ID_SIZE);
  if (sp_request_store_remove (keyholder->requests, id, &error))
    sp_certificate_order_tell_gone (keyholder, id);
  else
    sp_log (SP_LOG_WARNING, "keys", "an answered request stays: %s", error->message);
}

/* One that was imported before, with its key in a token. */
static const SpStoredCertificate *
find_token (SpKeyholder *keyholder, SpCertificate *leaf)
{
  guint8 pin[SP_PIN_SIZE];

  for (guint i = 0; sp_certificate_get_pin (leaf, pin) &&
                    i < sp_certificate_store_get_n (keyholder->certificates);
       i++)
    {
      const SpStoredCertificate *stored = sp_certificate_store_get (keyholder->certificates, i);

      if (memcmp (stored->pin, pin, SP_PIN_SIZE) == 0 && stored->token != NULL)
        return stored;
    }
  return NULL;
}

static gboolean
store_token (SpCertificateImport *import,
             const SpCertificateVerdict *verdict,
             const SpStoredCertificate *before,
             guint8 *ret_id,
             GError **error)
{
  SpCertificateStore *certificates = import->keyholder->certificates;
  g_autoptr (SpSecretText) pin =
      before != NULL ? sp_certificate_store_load_pin (certificates, before->id, error)
                     : g_strdup (sp_examination_get_pin (import->examination));
  g_autofree char *uri = g_strdup (before != NULL ? before->token : import->token);

  return pin != NULL &&
         sp_certificate_store_add_token (certificates, uri, pin, verdict->chain,
                                         g_get_real_time () / G_USEC_PER_SEC, ret_id, error);
}

static gboolean
store_key (SpKeyholder *keyholder,
           const SpCertificateVerdict *verdict,
           guint8 *ret_id,
           GError **error)
{
  gint64 now = g_get_real_time () / G_USEC_PER_SEC;
  g_autoptr (SpPrivateKey) own = NULL;

  if (verdict->key == NULL)
    own = find_key (keyholder, verdict->leaf, error);
  if (verdict->key == NULL && own == NULL)
    return FALSE;
  return sp_certificate_store_add (keyholder->certificates,
                                   verdict->key != NULL ? verdict->key : own, verdict->chain, now,
                                   ret_id, error);
}

/* One that is shown already may have got another URI or PIN. */
static gboolean
serve_again (SpKeyholder *keyholder, const guint8 *id, GError **error)
{
  const SpStoredCertificate *active = sp_certificate_store_get_active (keyholder->certificates);

  return active == NULL || active->token == NULL || memcmp (active->id, id, SP_ID_SIZE) != 0 ||
         sp_certificate_order_serve (keyholder, error);
}

static gboolean
keep (SpCertificateImport *import,
      const SpCertificateVerdict *verdict,
      SpCertificateChecked *answer,
      GError **error)
{
  SpKeyholder *keyholder = import->keyholder;
  const SpStoredCertificate *before =
      import->token == NULL && verdict->key == NULL ? find_token (keyholder, verdict->leaf) : NULL;

  if (import->token != NULL || before != NULL
          ? !store_token (import, verdict, before, answer->id, error) ||
                !serve_again (keyholder, answer->id, error)
          : !store_key (keyholder, verdict, answer->id, error))
    return FALSE;
  answer->kept = 1;
  sp_certificate_order_tell (keyholder,
                             sp_certificate_store_find (keyholder->certificates, answer->id));
  drop_request (keyholder, verdict->leaf);
  return TRUE;
}

G_STATIC_ASSERT (sizeof (SpCertificateKnown) <= sizeof (SpCertificateChecked));

static void
fill_in_facts (SpCertificate *leaf, SpCertificateChecked *answer)
{
  g_autofree SpCertificateKnown *facts = g_new0 (SpCertificateKnown, 1);

  sp_certificate_facts_read (leaf, facts);
  answer->found = 1;
  answer->kind = SP_CERTIFICATE_SERVER;
  answer->origin = SP_CERTIFICATE_IMPORTED;
  answer->not_before = facts->not_before;
  answer->not_after = facts->not_after;
  memcpy (answer->fingerprint, facts->fingerprint, SP_FINGERPRINT_SIZE);
  memcpy (answer->pin, facts->pin, SP_PIN_SIZE);
  memcpy (answer->subject, facts->subject, answer->subject_length = facts->subject_length);
  memcpy (answer->issuer, facts->issuer, answer->issuer_length = facts->issuer_length);
  memcpy (answer->key, facts->key, answer->key_length = facts->key_length);
  memcpy (answer->names, facts->names, answer->names_length = facts->names_length);
}

static void
send_answer (SpKeyholder *keyholder,
             guint32 serial,
             SpCertificateChecked *answer,
             const GError *error)
{
  if (error != NULL)
    {
      answer->done = (guint8) sp_done_from_error (error);
      answer->text_length = sp_text_copy (error->message, answer->text, sizeof answer->text);
    }
  sp_link_answer (keyholder->main, SP_MESSAGE_CERTIFICATE_CHECKED, serial, answer, NULL, 0);
}

/* The last step; frees the import. */
static void
finish (SpCertificateImport *import, const SpCertificateVerdict *verdict, const GError *error)
{
  SpKeyholder *keyholder = import->keyholder;
  g_autofree SpCertificateChecked *answer = g_new0 (SpCertificateChecked, 1);
  g_autoptr (GError) failure = NULL;

  if (verdict != NULL)
    {
      answer->usable = verdict->usable ? 1 : 0;
      answer->findings_length = (guint16) MIN (verdict->findings->len, SP_FINDINGS_MAX);
      memcpy (answer->findings, verdict->findings->data, answer->findings_length);
      if (verdict->leaf != NULL)
        fill_in_facts (verdict->leaf, answer);
      if (import->keep && verdict->usable)
        (void) keep (import, verdict, answer, &failure);
    }
  send_answer (keyholder, import->serial, answer, error != NULL ? error : failure);
  keyholder->import = NULL;
  sp_certificate_import_free (import);
}

/* Once is enough: whoever asks may ask again. */
static void
token_cb (gpointer user_data, const SpSigner *signer, SpTokenState state, const char *text)
{
  SpCertificateImport *import = user_data;
  SpCertificateVerdict *verdict = sp_examination_get_verdict (import->examination);
  g_autofree char *words = g_strdup_printf ("the token: %s", text);

  sp_certificate_verdict_add_key (
      verdict, state == SP_TOKEN_READY,
      state == SP_TOKEN_READY ? "the token has the key of the certificate" : words);
  finish (import, verdict, NULL);
}

static void
examined_cb (gpointer user_data,
             SpBundle *bundle,
             const SpCertificateVerdict *verdict,
             const GError *error)
{
  SpCertificateImport *import = user_data;

  /* a PIN is tried only for what could be used */
  if (import->token != NULL && verdict != NULL && verdict->usable)
    import->signer = sp_signer_new_for_token (verdict->leaf, NULL);
  if (import->signer != NULL)
    sp_token_key_new (import->keyholder, import->signer, import->token,
                      sp_examination_get_pin (import->examination), token_cb, import);
  else
    finish (import, verdict, error);
}

static GPtrArray *
list_pins (SpKeyholder *keyholder)
{
  GPtrArray *pins = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);

  for (guint i = 0; i < sp_certificate_store_get_n (keyholder->certificates); i++)
    g_ptr_array_add (pins, g_bytes_new (sp_certificate_store_get (keyholder->certificates, i)->pin,
                                        SP_PIN_SIZE));
  for (guint i = 0; i < sp_request_store_get_n (keyholder->requests); i++)
    g_ptr_array_add (pins,
                     g_bytes_new (sp_request_store_get (keyholder->requests, i)->pin, SP_PIN_SIZE));
  return pins;
}

static SpExaminationPlan
make_plan (SpKeyholder *keyholder, const SpCheckCertificate *order, int *fds)
{
  SpExaminationPlan plan = { .n_files = MIN (order->files, SP_BUNDLE_FILES_MAX),
                             .passphrase = -1,
                             .token = order->token_length > 0,
                             .pins = list_pins (keyholder) };

  for (guint i = 0; i < SP_BUNDLE_FILES_MAX; i++)
    plan.files[i] = sp_fd_steal (&fds[i]);
  if (order->has_passphrase)
    plan.passphrase = sp_fd_steal (&fds[PASSPHRASE]);
  plan.trust = sp_fd_steal (&fds[TRUST]);
  plan.name = g_strndup ((const char *) order->name, order->name_length);
  return plan;
}

void
sp_certificate_import_check (gpointer user_data, guint32 serial, gconstpointer message, int *fds)
{
  SpKeyholder *keyholder = user_data;
  const SpCheckCertificate *order = message;
  SpCertificateImport *import;
  SpExaminationPlan plan;

  if (keyholder->import != NULL)
    {
      g_autofree SpCertificateChecked *answer = g_new0 (SpCertificateChecked, 1);
      g_autoptr (GError) busy = g_error_new_literal (
          SP_ERROR, SP_ERROR_BUSY, "another certificate is being looked at; try again");

      send_answer (keyholder, serial, answer, busy);
      return;
    }
  import = g_new0 (SpCertificateImport, 1);
  import->keyholder = keyholder;
  import->serial = serial;
  import->keep = order->keep != 0;
  if (order->token_length > 0)
    import->token = g_strndup ((const char *) order->token, order->token_length);
  keyholder->import = import;
  plan = make_plan (keyholder, order, fds);
  import->examination = sp_examination_new (&plan, examined_cb, import);
}
