/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "certificate-login.h"

#include "base/error.h"
#include "login-attempt.h"

#include <string.h>

/* --- the certificate --- */

static gboolean
is_for_clients (SpCertificate *certificate)
{
  char purpose[64];
  unsigned critical;

  for (int i = 0;; i++)
    {
      gsize size = sizeof purpose;

      if (gnutls_x509_crt_get_key_purpose_oid (certificate, i, purpose, &size, &critical) < 0)
        return FALSE;
      if (strcmp (purpose, GNUTLS_KP_TLS_WWW_CLIENT) == 0)
        return TRUE;
    }
}

SpLogin
sp_certificate_login_judge (SpCertificate *authority, const guint8 *der, gsize size, gint64 now)
{
  g_autoptr (SpCertificate) certificate = sp_certificate_read (der, size, NULL);

  if (certificate == NULL || !sp_certificate_is_signed_by (certificate, authority))
    return SP_LOGIN_CERTIFICATE_FOREIGN;
  if ((gint64) gnutls_x509_crt_get_activation_time (certificate) > now ||
      (gint64) gnutls_x509_crt_get_expiration_time (certificate) <= now)
    return SP_LOGIN_CERTIFICATE_EXPIRED;
  return is_for_clients (certificate) ? SP_LOGIN_ACCEPTED : SP_LOGIN_CERTIFICATE_UNKNOWN;
}

/* --- its device --- */

static SpLogin
find_device (SpKeyholder *keyholder, const guint8 *fingerprint, SpDeviceEntry *ret_device)
{
  g_autoptr (GError) error = NULL;

  if (sp_device_store_find_certificate (keyholder->devices, fingerprint, ret_device, &error))
    {
      if (ret_device->revoked)
        return SP_LOGIN_CERTIFICATE_REVOKED;
      return sp_device_entry_is_barred (ret_device, g_get_real_time ()) ? SP_LOGIN_DEVICE_BLOCKED
                                                                        : SP_LOGIN_ACCEPTED;
    }
  if (g_error_matches (error, SP_ERROR, SP_ERROR_NOT_FOUND))
    return SP_LOGIN_CERTIFICATE_UNKNOWN;
  sp_log (SP_LOG_ERROR, "login", "looking for a certificate: %s", error->message);
  return SP_LOGIN_BUSY;
}

static gboolean
is_proved (SpWorkerPeer *peer, const guint8 *fingerprint)
{
  guint suppressed;

  if (peer->has_proved && memcmp (peer->proved, fingerprint, SP_FINGERPRINT_SIZE) == 0)
    return TRUE;
  if (sp_log_throttle (&peer->keyholder->rule_breakers, g_get_monotonic_time (), &suppressed))
    sp_log (SP_LOG_WARNING, "worker",
            "%" G_GUINT64_FORMAT
            " names a certificate whose key its client has not shown (%u more)",
            peer->number, suppressed);
  return FALSE;
}

static SpLogin
judge (SpLoginAttempt *attempt, const SpTryCertificate *message)
{
  SpKeyholder *keyholder = attempt->peer->keyholder;
  SpLogin verdict = sp_certificate_login_judge (
      sp_key_store_get_authority_certificate (keyholder->keys), message->certificate,
      message->certificate_length, g_get_real_time () / G_USEC_PER_SEC);
  guint8 fingerprint[SP_FINGERPRINT_SIZE];
  g_autoptr (GError) error = NULL;
  SpDeviceEntry device;

  if (verdict != SP_LOGIN_ACCEPTED)
    return verdict;
  if (!sp_device_store_fingerprint (message->certificate, message->certificate_length, fingerprint))
    return SP_LOGIN_BUSY;
  if (!is_proved (attempt->peer, fingerprint))
    return SP_LOGIN_CERTIFICATE_UNKNOWN;
  verdict = find_device (keyholder, fingerprint, &device);
  if (verdict != SP_LOGIN_ACCEPTED)
    return verdict;
  attempt->has_user = TRUE;
  memcpy (attempt->user, device.user, SP_ID_SIZE);
  if (!sp_device_store_use_certificate (keyholder->devices, fingerprint, &error))
    sp_log (SP_LOG_ERROR, "login", "dropping an older certificate: %s", error->message);
  sp_worker_peer_set_device (attempt->peer, &device);
  sp_login_attempt_set_group (attempt, message->group, message->group_length);
  return sp_login_attempt_judge_certificate (attempt, message->has_chosen != 0);
}

void
sp_certificate_login_try (SpWorkerPeer *peer, guint32 serial, const SpTryCertificate *message)
{
  g_autoptr (SpLoginAttempt) attempt =
      sp_login_attempt_new (peer, serial, SP_MESSAGE_CERTIFICATE_VERDICT);
  SpLogin verdict = judge (attempt, message);

  if (verdict == SP_LOGIN_ACCEPTED)
    sp_login_attempt_accept (attempt);
  else if (verdict == SP_LOGIN_PASSWORD_WANTED || verdict == SP_LOGIN_GROUP_WANTED ||
           verdict == SP_LOGIN_BUSY)
    sp_login_attempt_answer (attempt, verdict, NULL);
  else
    sp_login_attempt_fail (attempt, verdict);
}
