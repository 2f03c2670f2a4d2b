/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "two-step-change.h"

#include "base/error.h"
#include "base/secret.h"
#include "handed-secret.h"

#include <string.h>

#define CODES_SIZE (SP_RECOVERY_CODES * SP_RECOVERY_TEXT_SIZE + 1)

G_STATIC_ASSERT (sizeof (SpTotpEnrolled) == sizeof (SpUserPut));
G_STATIC_ASSERT (sizeof (SpTotpConfirmed) == sizeof (SpUserPut));
G_STATIC_ASSERT (sizeof (SpTotpRemoved) == sizeof (SpUserPut));
G_STATIC_ASSERT (sizeof (SpAppPasswordAdded) == sizeof (SpUserPut));

static gboolean
find_user (SpKeyholder *keyholder, const guint8 *user, GError **error)
{
  SpUserEntry entry;

  if (!sp_user_store_find_by_id (keyholder->users, user, &entry, error))
    return FALSE;
  sp_user_entry_clear (&entry);
  return TRUE;
}

static gboolean
enroll (SpKeyholder *keyholder, const SpEnrollTotp *message, int fd, GError **error)
{
  guint8 secret[SP_TOTP_SECRET_SIZE];
  g_autoptr (SpSecretText) uri = NULL;
  g_autofree char *label = g_utf8_make_valid ((const char *) message->label, message->label_length);
  g_autofree char *issuer =
      g_utf8_make_valid ((const char *) message->issuer, message->issuer_length);

  if (!find_user (keyholder, message->user, error) ||
      !sp_two_step_store_enroll (keyholder->two_step, message->user, secret, error))
    return FALSE;
  uri = sp_totp_make_uri (secret, label, issuer);
  sp_secret_wipe (secret, sizeof secret);
  return sp_secret_hand_over (fd, uri, error);
}

void
sp_two_step_change_enroll (SpKeyholder *keyholder,
                           guint32 serial,
                           const SpEnrollTotp *message,
                           int fd)
{
  g_autoptr (GError) error = NULL;

  (void) enroll (keyholder, message, fd, &error);
  sp_keyholder_answer_done (keyholder, SP_MESSAGE_TOTP_ENROLLED, serial, error);
}

static gboolean
hand_over_codes (int fd, SpRecoveryTexts texts, GError **error)
{
  char lines[CODES_SIZE] = "";
  gboolean handed_over;

  for (guint i = 0; i < SP_RECOVERY_CODES; i++)
    {
      (void) g_strlcat (lines, texts[i], sizeof lines);
      (void) g_strlcat (lines, "\n", sizeof lines);
    }
  handed_over = sp_secret_hand_over (fd, lines, error);
  sp_secret_wipe (lines, sizeof lines);
  return handed_over;
}

void
sp_two_step_change_confirm (SpKeyholder *keyholder,
                            guint32 serial,
                            const SpConfirmTotp *message,
                            int fd)
{
  SpRecoveryTexts texts = { { 0 } };
  g_autoptr (GError) error = NULL;

  if (sp_two_step_store_confirm (keyholder->two_step, message->user, message->code,
                                 message->code_length, g_get_real_time () / G_USEC_PER_SEC, texts,
                                 &error))
    {
      (void) hand_over_codes (fd, texts, &error);
      sp_two_step_change_tell (keyholder, message->user);
    }
  sp_secret_wipe (texts, sizeof texts);
  sp_keyholder_answer_done (keyholder, SP_MESSAGE_TOTP_CONFIRMED, serial, error);
}

void
sp_two_step_change_remove (SpKeyholder *keyholder, guint32 serial, const SpRemoveTotp *message)
{
  g_autoptr (GError) error = NULL;

  (void) sp_two_step_store_remove (keyholder->two_step, message->user, &error);
  /* also when there was none: main may not have heard the end of an earlier question */
  sp_two_step_change_tell (keyholder, message->user);
  sp_keyholder_answer_done (keyholder, SP_MESSAGE_TOTP_REMOVED, serial, error);
}

void
sp_two_step_change_add_app_password (SpKeyholder *keyholder,
                                     guint32 serial,
                                     const SpAddAppPassword *message,
                                     int fd)
{
  char text[SP_APP_PASSWORD_TEXT_SIZE] = "";
  g_autoptr (GError) error = NULL;

  if (sp_app_password_store_add (keyholder->app_passwords, keyholder->devices, message->device,
                                 message->user, text, &error) &&
      !sp_secret_hand_over (fd, text, &error))
    (void) sp_device_store_remove (keyholder->devices, message->device, NULL);
  sp_secret_wipe (text, sizeof text);
  sp_keyholder_answer_done (keyholder, SP_MESSAGE_APP_PASSWORD_ADDED, serial, error);
}

static void
tell (gpointer user_data, const guint8 *user, gboolean on, guint recovery_codes)
{
  SpKeyholder *keyholder = user_data;
  SpTwoStepKnown known = { .on = on ? 1 : 0, .recovery_codes = (guint8) recovery_codes };

  memcpy (known.user, user, SP_ID_SIZE);
  sp_link_send (keyholder->main, SP_MESSAGE_TWO_STEP_KNOWN, &known, NULL, 0);
}

void
sp_two_step_change_tell (SpKeyholder *keyholder, const guint8 *user)
{
  g_autoptr (GError) error = NULL;
  guint recovery_codes = 0;
  SpTwoStepState state =
      sp_two_step_store_look (keyholder->two_step, user, &recovery_codes, &error);

  if (state == SP_TWO_STEP_FAILED)
    sp_log (SP_LOG_ERROR, "two-step", "looking for a second step: %s", error->message);
  else
    tell (keyholder, user, state == SP_TWO_STEP_ON, recovery_codes);
}

static void
seen_cb (gpointer user_data, const guint8 *user, guint recovery_codes)
{
  tell (user_data, user, TRUE, recovery_codes);
}

gboolean
sp_two_step_change_tell_all (SpKeyholder *keyholder, GError **error)
{
  return sp_two_step_store_tell (keyholder->two_step, seen_cb, keyholder, error);
}
