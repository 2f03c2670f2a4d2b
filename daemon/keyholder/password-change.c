/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "password-change.h"

#include "base/error.h"
#include "base/io.h"
#include "base/secret.h"
#include "password-reader.h"
#include "verifier.h"

#include <string.h>

struct _SpPasswordChange
{
  SpKeyholder *keyholder;
  guint32 serial;
  guint8 user[SP_ID_SIZE];
  gboolean hashed;          /* what is read is a verifier */
  SpPasswordReader *reader; /* NULL once it is read */
};

void
sp_password_change_free (SpPasswordChange *change)
{
  sp_password_reader_free (change->reader);
  g_free (change);
}

/* Frees the change. */
static void
finish (SpPasswordChange *change, const GError *error)
{
  sp_keyholder_answer_done (change->keyholder, SP_MESSAGE_PASSWORD_SET, change->serial, error);
  (void) g_hash_table_remove (change->keyholder->changes, change);
}

static void
hashed_cb (gpointer user_data, SpHashOutcome outcome, const char *verifier)
{
  SpPasswordChange *change = user_data;
  g_autoptr (GError) error = NULL;

  if (outcome == SP_HASH_RIGHT)
    (void) sp_user_store_set_verifier (change->keyholder->users, change->user, verifier, &error);
  else
    error = g_error_new_literal (SP_ERROR, SP_ERROR_FAILED, "the password could not be hashed");
  finish (change, error);
}

/* A verifier that somebody else made. */
static void
store_hash (SpPasswordChange *change, const guint8 *hash, gsize length)
{
  g_autoptr (SpSecretText) verifier = g_strndup ((const char *) hash, length);
  g_autoptr (GError) error = NULL;

  if (sp_verifier_check (verifier, &error))
    (void) sp_user_store_set_verifier (change->keyholder->users, change->user, verifier, &error);
  finish (change, error);
}

static void
read_cb (gpointer user_data, const guint8 *password, gsize length, const GError *error)
{
  SpPasswordChange *change = user_data;
  g_autoptr (GError) full = NULL;

  if (error == NULL && change->hashed)
    {
      store_hash (change, password, length);
      return;
    }
  if (error == NULL && sp_hash_queue_make (change->keyholder->hashes, SP_HASH_OWNER, password,
                                           length, hashed_cb, change, NULL))
    {
      g_clear_pointer (&change->reader, sp_password_reader_free);
      return;
    }
  full = g_error_new_literal (SP_ERROR, SP_ERROR_BUSY, "too many passwords are set at one time");
  finish (change, error != NULL ? error : full);
}

void
sp_password_change_start (SpKeyholder *keyholder,
                          guint32 serial,
                          const SpSetPassword *message,
                          int fd)
{
  sp_autofd int owned_fd = fd;
  g_autoptr (GError) error = NULL;
  SpUserEntry record;
  SpPasswordChange *change;

  if (g_hash_table_size (keyholder->changes) >= SP_PASSWORD_CHANGES_MAX)
    error = g_error_new_literal (SP_ERROR, SP_ERROR_BUSY, "too many passwords are set at one time");
  else if (sp_user_store_find_by_id (keyholder->users, message->user, &record, &error))
    sp_user_entry_clear (&record);
  if (error != NULL)
    {
      sp_keyholder_answer_done (keyholder, SP_MESSAGE_PASSWORD_SET, serial, error);
      return;
    }
  change = g_new0 (SpPasswordChange, 1);
  change->keyholder = keyholder;
  change->serial = serial;
  change->hashed = message->hashed != 0;
  memcpy (change->user, message->user, SP_ID_SIZE);
  change->reader =
      sp_password_reader_new (sp_fd_steal (&owned_fd), SP_PASSWORD_READ_SECONDS, read_cb, change);
  (void) g_hash_table_add (keyholder->changes, change);
}
