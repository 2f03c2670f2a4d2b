/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "enrolment.h"

#include "base/error.h"
#include "base/io.h"
#include "base/prefix.h"
#include "base/secret.h"
#include "device-certificate.h"
#include "device-order.h"
#include "device-profile.h"
#include "invitation-order.h"

#include <string.h>

/* The error says why it is not accepted; strangers hear nothing of it. */
static SpLogin
judge (SpWorkerPeer *peer, const GError *error)
{
  SpKeyholder *keyholder = peer->keyholder;

  if (error == NULL)
    return SP_LOGIN_ACCEPTED;
  if (g_error_matches (error, SP_ERROR, SP_ERROR_NOT_FOUND))
    sp_token_limiter_charge (keyholder->tokens, sp_prefix_narrow (peer->address),
                             g_get_monotonic_time ());
  else if (!g_error_matches (error, SP_ERROR, SP_ERROR_BUSY))
    sp_log (SP_LOG_ERROR, "invitations", "%s", error->message);
  return SP_LOGIN_DENIED;
}

static gboolean
may_try (SpWorkerPeer *peer, GError **error)
{
  if (sp_token_limiter_may_try (peer->keyholder->tokens, sp_prefix_narrow (peer->address),
                                g_get_monotonic_time ()))
    return TRUE;
  g_set_error (error, SP_ERROR, SP_ERROR_BUSY, "too many wrong links lately");
  return FALSE;
}

static gboolean
find_open (SpWorkerPeer *peer, const guint8 *token, SpInvitationEntry *ret_entry, GError **error)
{
  guint8 hash[SP_TOKEN_HASH_SIZE];

  sp_token_hash (token, hash);
  return may_try (peer, error) &&
         sp_invitation_store_find_open (peer->keyholder->invitations, hash, g_get_real_time (),
                                        ret_entry, error);
}

void
sp_enrolment_look (gpointer user_data, guint32 serial, gconstpointer message, int *fds)
{
  SpWorkerPeer *peer = user_data;
  const SpLookAtInvitation *question = message;
  SpInvitationSeen answer = { 0 };
  SpInvitationEntry entry;
  g_autoptr (GError) error = NULL;

  if (find_open (peer, question->token, &entry, &error))
    {
      answer.name_length = entry.known.name_length;
      memcpy (answer.name, entry.known.name, entry.known.name_length);
      answer.url_length = sp_text_copy (entry.url, answer.url, sizeof answer.url);
    }
  answer.verdict = (guint8) judge (peer, error);
  sp_link_answer (peer->link, SP_MESSAGE_INVITATION_SEEN, serial, &answer, NULL, 0);
}

/* --- the button --- */

/* What is made for whoever was first. */
typedef struct
{
  guint8 claim[SP_TOKEN_SIZE];
  char passphrase[SP_PASSPHRASE_MAX + 1];
  char common_name[SP_COMMON_NAME_MAX + 1];
  SpCertificate *certificate;
  GByteArray *file;
  guint8 fingerprint[SP_FINGERPRINT_SIZE];
} Enrolment;

static void
enrolment_clear (Enrolment *enrolment)
{
  sp_certificate_free (enrolment->certificate);
  if (enrolment->file != NULL)
    sp_secret_bytes_free (enrolment->file);
  sp_secret_wipe (enrolment, sizeof *enrolment);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Enrolment, enrolment_clear)

static gboolean
take_facts (Enrolment *enrolment, GError **error)
{
  g_autoptr (GBytes) der = sp_certificate_write (enrolment->certificate, error);
  gsize size = sizeof enrolment->common_name;

  return der != NULL &&
         sp_device_store_fingerprint (g_bytes_get_data (der, NULL), g_bytes_get_size (der),
                                      enrolment->fingerprint) &&
         gnutls_x509_crt_get_dn_by_oid (enrolment->certificate, GNUTLS_OID_X520_COMMON_NAME, 0, 0,
                                        enrolment->common_name, &size) == 0;
}

static gboolean
make (SpKeyholder *keyholder, const SpInvitationEntry *entry, Enrolment *enrolment, GError **error)
{
  g_autofree char *name = g_strndup ((const char *) entry->known.name, entry->known.name_length);
  g_autoptr (SpPrivateKey) key = sp_private_key_make (error);

  if (key == NULL)
    return FALSE;
  sp_random_bytes (enrolment->claim, sizeof enrolment->claim);
  sp_device_order_make_passphrase (enrolment->passphrase);
  enrolment->certificate =
      sp_key_store_issue (keyholder->keys, key, entry->login, name, SP_DEVICE_DAYS,
                          g_get_real_time () / G_USEC_PER_SEC, error);
  if (enrolment->certificate == NULL || !take_facts (enrolment, error))
    return FALSE;
  enrolment->file = sp_device_certificate_export (
      key, enrolment->certificate, sp_key_store_get_authority_certificate (keyholder->keys), name,
      SP_DEVICE_PKCS12, enrolment->passphrase, error);
  return enrolment->file != NULL;
}

/* All of it or nothing: the device, its certificate, and that the link is used up. */
static gboolean
store (SpWorkerPeer *peer,
       const SpInvitationEntry *entry,
       const Enrolment *enrolment,
       GError **error)
{
  SpKeyholder *keyholder = peer->keyholder;
  SpInvitationKnown known = entry->known;
  gint64 now = g_get_real_time ();
  g_autoptr (SpTransaction) transaction =
      sp_transaction_begin (keyholder->database, SP_DURABLE, error);
  guint8 hash[SP_TOKEN_HASH_SIZE];

  sp_random_bytes (known.device, SP_ID_SIZE);
  known.opened = (guint64) now;
  known.expires = (guint64) (now + SP_ENROLMENT_SECONDS * (gint64) G_USEC_PER_SEC);
  known.not_after = (guint64) gnutls_x509_crt_get_expiration_time (enrolment->certificate) *
                    G_GUINT64_CONSTANT (1000000);
  memcpy (known.address, peer->address, SP_ADDRESS_SIZE);
  sp_token_hash (enrolment->claim, hash);
  return transaction != NULL &&
         sp_device_store_add (keyholder->devices, known.device, known.user, error) &&
         sp_device_store_add_certificate (keyholder->devices, known.device, enrolment->fingerprint,
                                          now, error) &&
         sp_invitation_store_claim (keyholder->invitations, &known, hash, enrolment->file->data,
                                    enrolment->file->len, error) &&
         sp_transaction_commit (&transaction, error);
}

static void
fill_in (SpWorkerPeer *peer,
         const SpInvitationEntry *entry,
         const Enrolment *enrolment,
         SpInvitationClaimed *ret_answer)
{
  memcpy (ret_answer->claim, enrolment->claim, SP_TOKEN_SIZE);
  memcpy (ret_answer->pin, sp_serving_get_pin (peer->keyholder->serving), SP_PIN_SIZE);
  ret_answer->passphrase_length =
      sp_text_copy (enrolment->passphrase, ret_answer->passphrase, sizeof ret_answer->passphrase);
  ret_answer->common_name_length = sp_text_copy (enrolment->common_name, ret_answer->common_name,
                                                 sizeof ret_answer->common_name);
  ret_answer->login_length = sp_text_copy (entry->login, ret_answer->login, SP_LOGIN_MAX);
  ret_answer->name_length = entry->known.name_length;
  memcpy (ret_answer->name, entry->known.name, entry->known.name_length);
  ret_answer->url_length = sp_text_copy (entry->url, ret_answer->url, sizeof ret_answer->url);
}

/* Main is told before the worker: when the device connects, main knows it. */
void
sp_enrolment_claim (gpointer user_data, guint32 serial, gconstpointer message, int *fds)
{
  SpWorkerPeer *peer = user_data;
  const SpClaimInvitation *question = message;
  SpInvitationClaimed answer = { 0 };
  SpInvitationEntry entry;
  g_auto (Enrolment) enrolment = { 0 };
  g_autoptr (GError) error = NULL;

  if (find_open (peer, question->token, &entry, &error) &&
      make (peer->keyholder, &entry, &enrolment, &error) &&
      store (peer, &entry, &enrolment, &error))
    {
      sp_invitation_order_tell (peer->keyholder, entry.known.invitation);
      fill_in (peer, &entry, &enrolment, &answer);
    }
  answer.verdict = (guint8) judge (peer, error);
  sp_link_answer (peer->link, SP_MESSAGE_INVITATION_CLAIMED, serial, &answer, NULL, 0);
  sp_secret_wipe (&answer, sizeof answer);
  sp_keyholder_watch_expiry (peer->keyholder);
}

/* --- its files --- */

static gboolean
note_download (SpWorkerPeer *peer, const SpInvitationEntry *entry, GError **error)
{
  if (entry->known.downloaded != 0)
    return TRUE;
  if (!sp_invitation_store_note_download (peer->keyholder->invitations, entry->known.invitation,
                                          peer->address, g_get_real_time (), error))
    return FALSE;
  sp_invitation_order_tell (peer->keyholder, entry->known.invitation);
  return TRUE;
}

static GByteArray *
make_profile (SpKeyholder *keyholder,
              const SpInvitationEntry *entry,
              GBytes *archive,
              GError **error)
{
  g_autofree char *name = g_strndup ((const char *) entry->known.name, entry->known.name_length);
  const SpAppleProfile profile = { .url = entry->url,
                                   .name = name,
                                   .device = entry->known.device,
                                   .archive = g_bytes_get_data (archive, NULL),
                                   .archive_size = g_bytes_get_size (archive) };

  return sp_device_profile_make (keyholder->keys, &profile, error);
}

static gboolean
answer_with (const guint8 *file, gsize size, SpEnrolmentFetched *ret_answer, GError **error)
{
  if (size <= sizeof ret_answer->file)
    {
      ret_answer->file_length = (guint16) size;
      memcpy (ret_answer->file, file, size);
      return TRUE;
    }
  g_set_error (error, SP_ERROR, SP_ERROR_FAILED, "a device's file is too long");
  return FALSE;
}

static gboolean
fetch (SpWorkerPeer *peer,
       const SpFetchEnrolment *question,
       SpEnrolmentFetched *ret_answer,
       GError **error)
{
  SpInvitationEntry entry;
  g_autoptr (GBytes) file = NULL;
  g_autoptr (GByteArray) profile = NULL;
  guint8 hash[SP_TOKEN_HASH_SIZE];
  gboolean answered = FALSE;

  sp_token_hash (question->claim, hash);
  if (!may_try (peer, error) ||
      !sp_invitation_store_find_claimed (peer->keyholder->invitations, hash, g_get_real_time (),
                                         &entry, &file, error))
    return FALSE;
  ret_answer->url_length = sp_text_copy (entry.url, ret_answer->url, sizeof ret_answer->url);
  if (question->what == SP_FETCH_NOTHING)
    return TRUE;
  if (question->what == SP_FETCH_PKCS12)
    answered =
        answer_with (g_bytes_get_data (file, NULL), g_bytes_get_size (file), ret_answer, error);
  else if (question->what == SP_FETCH_PROFILE)
    {
      profile = make_profile (peer->keyholder, &entry, file, error);
      answered = profile != NULL && answer_with (profile->data, profile->len, ret_answer, error);
    }
  else
    g_set_error (error, SP_ERROR, SP_ERROR_INVALID_ARGUMENTS, "a worker asks for no file we know");
  return answered && note_download (peer, &entry, error);
}

void
sp_enrolment_fetch (gpointer user_data, guint32 serial, gconstpointer message, int *fds)
{
  SpWorkerPeer *peer = user_data;
  g_autofree SpEnrolmentFetched *answer = g_new0 (SpEnrolmentFetched, 1);
  g_autoptr (GError) error = NULL;

  if (!fetch (peer, message, answer, &error))
    memset (answer, 0, sizeof *answer);
  answer->verdict = (guint8) judge (peer, error);
  sp_link_answer (peer->link, SP_MESSAGE_ENROLMENT_FETCHED, serial, answer, NULL, 0);
}
