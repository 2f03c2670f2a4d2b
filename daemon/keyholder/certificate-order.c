/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "certificate-order.h"

#include "base/error.h"
#include "base/secret.h"
#include "certificate-facts.h"
#include "certificate-request.h"
#include "token-key.h"

#include <string.h>

static void
tell_own (SpKeyholder *keyholder, guint8 number, guint8 kind, SpCertificate *certificate)
{
  g_autofree SpCertificateKnown *known = g_new0 (SpCertificateKnown, 1);

  known->id[SP_ID_SIZE - 1] = number;
  known->kind = kind;
  known->origin = SP_CERTIFICATE_OWN;
  known->active = kind == SP_CERTIFICATE_AUTHORITY ||
                  sp_certificate_store_get_active (keyholder->certificates) == NULL;
  sp_certificate_facts_read (certificate, known);
  sp_link_send (keyholder->main, SP_MESSAGE_CERTIFICATE_KNOWN, known, NULL, 0);
}

void
sp_certificate_order_tell (SpKeyholder *keyholder, const SpStoredCertificate *stored)
{
  g_autofree SpCertificateKnown *known = g_new0 (SpCertificateKnown, 1);
  g_autoptr (GError) error = NULL;
  g_autoptr (SpCertificate) first = sp_chain_read_first (stored->chain, &error);

  memcpy (known->id, stored->id, SP_ID_SIZE);
  known->kind = SP_CERTIFICATE_SERVER;
  known->origin = SP_CERTIFICATE_IMPORTED;
  known->active = stored == sp_certificate_store_get_active (keyholder->certificates);
  if (stored->token != NULL)
    known->token_length = sp_text_copy (stored->token, known->token, sizeof known->token);
  if (first != NULL)
    sp_certificate_facts_read (first, known);
  else
    sp_log (SP_LOG_ERROR, "keys", "an imported certificate: %s", error->message);
  sp_link_send (keyholder->main, SP_MESSAGE_CERTIFICATE_KNOWN, known, NULL, 0);
}

static void
tell_request (SpKeyholder *keyholder, const SpStoredRequest *stored)
{
  g_autofree SpCertificateKnown *known = g_new0 (SpCertificateKnown, 1);
  g_autofree char *subject = sp_certificate_request_get_subject (stored->request);
  g_autofree char *key = sp_certificate_request_get_key (stored->request);

  memcpy (known->id, stored->id, SP_ID_SIZE);
  known->kind = SP_CERTIFICATE_REQUEST;
  known->origin = SP_CERTIFICATE_OWN;
  memcpy (known->pin, stored->pin, SP_PIN_SIZE);
  known->subject_length = sp_text_copy (subject, known->subject, sizeof known->subject);
  known->key_length = sp_text_copy (key, known->key, sizeof known->key);
  known->names_length = (guint16) MIN (g_bytes_get_size (stored->names), sizeof known->names);
  memcpy (known->names, g_bytes_get_data (stored->names, NULL), known->names_length);
  sp_link_send (keyholder->main, SP_MESSAGE_CERTIFICATE_KNOWN, known, NULL, 0);
}

static void
tell_certificates (SpKeyholder *keyholder)
{
  SpCertificateStore *certificates = keyholder->certificates;

  tell_own (keyholder, SP_CERTIFICATE_ID_AUTHORITY, SP_CERTIFICATE_AUTHORITY,
            sp_key_store_get_authority_certificate (keyholder->keys));
  tell_own (keyholder, SP_CERTIFICATE_ID_SERVER, SP_CERTIFICATE_SERVER,
            sp_key_store_get_server_certificate (keyholder->keys));
  for (guint i = 0; i < sp_certificate_store_get_n (certificates); i++)
    sp_certificate_order_tell (keyholder, sp_certificate_store_get (certificates, i));
  for (guint i = 0; i < sp_request_store_get_n (keyholder->requests); i++)
    tell_request (keyholder, sp_request_store_get (keyholder->requests, i));
}

void
sp_certificate_order_tell_gone (SpKeyholder *keyholder, const guint8 *id)
{
  SpCertificateGone gone;

  memcpy (gone.id, id, SP_ID_SIZE);
  sp_link_send (keyholder->main, SP_MESSAGE_CERTIFICATE_GONE, &gone, NULL, 0);
}

static GBytes *
join (GBytes *first, GBytes *second)
{
  GByteArray *both = g_byte_array_new ();

  g_byte_array_append (both, g_bytes_get_data (first, NULL), (guint) g_bytes_get_size (first));
  g_byte_array_append (both, g_bytes_get_data (second, NULL), (guint) g_bytes_get_size (second));
  return g_byte_array_free_to_bytes (both);
}

static gboolean
serve_own (SpKeyholder *keyholder, GError **error)
{
  SpKeyStore *keys = keyholder->keys;
  g_autoptr (GBytes) chain =
      join (sp_key_store_get_server (keys), sp_key_store_get_authority (keys));

  return sp_serving_change (keyholder->serving, sp_key_store_get_server_key (keys), chain,
                            sp_key_store_get_pin (keys), error);
}

static void
tell_token (SpKeyholder *keyholder, SpTokenState state, const char *text)
{
  SpTokenHealth health = { .state = (guint8) state };

  health.text_length = sp_text_copy (text, health.text, sizeof health.text);
  sp_link_send (keyholder->main, SP_MESSAGE_TOKEN_HEALTH, &health, NULL, 0);
}

/* A PIN that was wrong must not be tried again when this process is started the next time. */
static void
token_cb (gpointer user_data, const SpSigner *signer, SpTokenState state, const char *text)
{
  SpKeyholder *keyholder = user_data;
  const SpStoredCertificate *active = sp_certificate_store_get_active (keyholder->certificates);
  g_autoptr (GError) error = NULL;

  if (!sp_serving_is_shown (keyholder->serving, signer))
    return;
  tell_token (keyholder, state, text);
  if (state == SP_TOKEN_WRONG_PIN && active != NULL && active->token != NULL &&
      !sp_certificate_store_forget_pin (keyholder->certificates, active->id, &error))
    sp_log (SP_LOG_ERROR, "token", "forgetting a PIN: %s", error->message);
}

/* Workers that wait have the signer that is shown; they shall have what is said of it now. */
static SpSigner *
find_or_make_signer (SpKeyholder *keyholder, const SpStoredCertificate *stored, GError **error)
{
  SpSigner *signer = sp_serving_find_signer (keyholder->serving, stored->pin);
  g_autoptr (SpCertificate) first = sp_chain_read_first (stored->chain, error);

  if (signer != NULL && sp_signer_get_token (signer) != NULL)
    return signer;
  sp_signer_unref (signer);
  return first != NULL ? sp_signer_new_for_token (first, error) : NULL;
}

static gboolean
serve_token (SpKeyholder *keyholder, const SpStoredCertificate *stored, GError **error)
{
  g_autoptr (SpSecretText) pin =
      sp_certificate_store_load_pin (keyholder->certificates, stored->id, error);
  SpSigner *signer = NULL;

  if (pin != NULL)
    signer = find_or_make_signer (keyholder, stored, error);
  if (signer == NULL)
    return FALSE;
  sp_token_key_new (keyholder, signer, stored->token, pin, token_cb, keyholder);
  sp_serving_change_signer (keyholder->serving, signer, stored->chain, stored->pin);
  return TRUE;
}

static gboolean
serve_stored (SpKeyholder *keyholder, const SpStoredCertificate *stored, GError **error)
{
  g_autoptr (SpPrivateKey) key =
      sp_certificate_store_load_key (keyholder->certificates, stored->id, error);

  return key != NULL &&
         sp_serving_change (keyholder->serving, key, stored->chain, stored->pin, error);
}

gboolean
sp_certificate_order_serve (SpKeyholder *keyholder, GError **error)
{
  const SpStoredCertificate *active = sp_certificate_store_get_active (keyholder->certificates);

  if (active == NULL)
    return serve_own (keyholder, error);
  return active->token != NULL ? serve_token (keyholder, active, error)
                               : serve_stored (keyholder, active, error);
}

static guint16
copy (GBytes *bytes, guint8 *field)
{
  gsize size;
  gconstpointer data = g_bytes_get_data (bytes, &size);

  memcpy (field, data, size); /* whoever stores certificates keeps them short enough */
  return (guint16) size;
}

static void
tell_serving (SpKeyholder *keyholder)
{
  g_autofree SpServeWith *with = g_new0 (SpServeWith, 1);

  memcpy (with->pin, sp_serving_get_pin (keyholder->serving), SP_PIN_SIZE);
  with->chain_length = copy (sp_serving_get_chain (keyholder->serving), with->chain);
  with->authority_length = copy (sp_key_store_get_authority (keyholder->keys), with->authority);
  sp_link_send (keyholder->main, SP_MESSAGE_SERVE_WITH, with, NULL, 0);
}

/* Main hears of a change before it gets the answer to what made it. */
static gboolean
renew (SpKeyholder *keyholder, const char *const *names, SpRenew when, GError **error)
{
  gint64 now = g_get_real_time () / G_USEC_PER_SEC;
  gboolean renewed = FALSE;

  if (!sp_key_store_renew (keyholder->keys, names, when, now, &renewed, error))
    return FALSE;
  if (!renewed)
    return TRUE;
  if (!sp_certificate_order_serve (keyholder, error))
    return FALSE;
  tell_certificates (keyholder);
  tell_serving (keyholder); /* also of the authority, when another is active */
  return TRUE;
}

void
sp_certificate_order_list (gpointer user_data, guint32 serial, gconstpointer message, int *fds)
{
  SpKeyholder *keyholder = user_data;
  const SpCertificatesListed listed = { 0 };

  tell_certificates (keyholder);
  sp_link_answer (keyholder->main, SP_MESSAGE_CERTIFICATES_LISTED, serial, &listed, NULL, 0);
}

void
sp_certificate_order_renew (gpointer user_data, guint32 serial, gconstpointer message, int *fds)
{
  SpKeyholder *keyholder = user_data;
  const SpRenewCertificate *order = message;
  g_autoptr (GError) error = NULL;
  g_auto (GStrv) names = NULL;

  if (!order->always || sp_certificate_names_check (order->names, order->names_length, &error))
    names = sp_certificate_names_read (order->names, order->names_length, &error);
  if (names != NULL)
    (void) renew (keyholder, (const char *const *) names,
                  order->always ? SP_RENEW_ALWAYS : SP_RENEW_IF_NEEDED, &error);
  sp_keyholder_answer_done (keyholder, SP_MESSAGE_CERTIFICATE_RENEWED, serial, error);
}

void
sp_certificate_order_renew_in_time (SpKeyholder *keyholder)
{
  const char *const none[] = { NULL };
  g_autoptr (GError) error = NULL;

  if (!renew (keyholder, none, SP_RENEW_IF_NEEDED, &error))
    sp_log (SP_LOG_ERROR, "keys", "renewing the server's certificate: %s", error->message);
}

/* --- which one is shown --- */

static gboolean
is_own_server (const guint8 *id)
{
  static const guint8 own[SP_ID_SIZE] = { [SP_ID_SIZE - 1] = SP_CERTIFICATE_ID_SERVER };

  return memcmp (id, own, SP_ID_SIZE) == 0;
}

/* What has ended, or not begun, would only keep clients out. */
static gboolean
check_dates (const SpStoredCertificate *stored, GError **error)
{
  g_autoptr (SpCertificate) first = sp_chain_read_first (stored->chain, error);
  gint64 now = g_get_real_time () / G_USEC_PER_SEC;

  if (first == NULL)
    return FALSE;
  if (gnutls_x509_crt_get_activation_time (first) <= now &&
      gnutls_x509_crt_get_expiration_time (first) > now)
    return TRUE;
  g_set_error (error, SP_ERROR, SP_ERROR_INVALID_ARGUMENTS,
               "the certificate is not good now: it has ended, or not begun");
  return FALSE;
}

static gboolean
activate (SpKeyholder *keyholder, const guint8 *id, GError **error)
{
  const SpStoredCertificate *stored = sp_certificate_store_find (keyholder->certificates, id);

  if (stored != NULL && !check_dates (stored, error))
    return FALSE;
  if (!sp_certificate_store_activate (keyholder->certificates, is_own_server (id) ? NULL : id,
                                      error) ||
      !sp_certificate_order_serve (keyholder, error))
    return FALSE;
  sp_log (SP_LOG_NOTICE, "keys", "another server certificate is in use");
  if (stored == NULL || stored->token == NULL)
    tell_token (keyholder, SP_TOKEN_READY, "");
  tell_certificates (keyholder);
  tell_serving (keyholder);
  return TRUE;
}

void
sp_certificate_order_activate (gpointer user_data, guint32 serial, gconstpointer message, int *fds)
{
  SpKeyholder *keyholder = user_data;
  const SpActivateCertificate *order = message;
  g_autoptr (GError) error = NULL;

  (void) activate (keyholder, order->id, &error);
  sp_keyholder_answer_done (keyholder, SP_MESSAGE_CERTIFICATE_ACTIVATED, serial, error);
}

/* No more workers get its key; those that have it keep it as long as they live. */
static gboolean
remove_stored (SpKeyholder *keyholder, const guint8 *id, GError **error)
{
  const SpStoredCertificate *stored = sp_certificate_store_find (keyholder->certificates, id);
  guint8 pin[SP_PIN_SIZE] = { 0 };
  gboolean removed;

  if (stored != NULL)
    memcpy (pin, stored->pin, SP_PIN_SIZE);
  if (sp_request_store_find (keyholder->requests, id) != NULL)
    removed = sp_request_store_remove (keyholder->requests, id, error);
  else
    removed = sp_certificate_store_remove (keyholder->certificates, id, error);
  if (!removed)
    return FALSE;
  sp_serving_forget (keyholder->serving, pin);
  sp_certificate_order_tell_gone (keyholder, id);
  return TRUE;
}

void
sp_certificate_order_remove (gpointer user_data, guint32 serial, gconstpointer message, int *fds)
{
  SpKeyholder *keyholder = user_data;
  const SpRemoveCertificate *order = message;
  g_autoptr (GError) error = NULL;

  (void) remove_stored (keyholder, order->id, &error);
  sp_keyholder_answer_done (keyholder, SP_MESSAGE_CERTIFICATE_REMOVED, serial, error);
}

/* --- requests --- */

static const SpStoredRequest *
find_or_make (SpKeyholder *keyholder, const SpRequestCertificate *order, GError **error)
{
  static const guint8 none[SP_ID_SIZE];
  const SpStoredRequest *stored = sp_request_store_find (keyholder->requests, order->id);
  g_autoptr (GBytes) names = g_bytes_new (order->names, order->names_length);

  if (stored != NULL)
    return stored;
  if (memcmp (order->id, none, SP_ID_SIZE) != 0)
    {
      g_set_error (error, SP_ERROR, SP_ERROR_NOT_FOUND, "there is no such request");
      return NULL;
    }
  stored = sp_request_store_make (keyholder->requests, names, g_get_real_time () / G_USEC_PER_SEC,
                                  error);
  if (stored != NULL)
    tell_request (keyholder, stored);
  return stored;
}

void
sp_certificate_order_request (gpointer user_data, guint32 serial, gconstpointer message, int *fds)
{
  SpKeyholder *keyholder = user_data;
  g_autoptr (GError) error = NULL;
  const SpStoredRequest *stored = find_or_make (keyholder, message, &error);
  g_autofree SpCertificateRequested *answer = g_new0 (SpCertificateRequested, 1);

  if (stored != NULL)
    {
      memcpy (answer->id, stored->id, SP_ID_SIZE);
      answer->request_length = copy (stored->request, answer->request);
    }
  else
    {
      answer->done = (guint8) sp_done_from_error (error);
      answer->text_length = sp_text_copy (error->message, answer->text, sizeof answer->text);
    }
  sp_link_answer (keyholder->main, SP_MESSAGE_CERTIFICATE_REQUESTED, serial, answer, NULL, 0);
}
