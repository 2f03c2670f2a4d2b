/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "password.h"

#include "base/error.h"
#include "base/io.h"
#include "base/secret.h"

#include <crypt.h>
#include <errno.h>
#include <string.h>

#define METHOD        "$y$" /* yescrypt */
#define METHOD_COST   0     /* the library's own choice, which follows the times */
#define SALT_RANDOM   32    /* bytes */
#define PASSWORD_SIZE (SP_PASSWORD_MAX + 1)

G_STATIC_ASSERT (PASSWORD_SIZE <= CRYPT_MAX_PASSPHRASE_SIZE);

gboolean
sp_password_is_acceptable (const guint8 *password, gsize length)
{
  return length > 0 && length <= SP_PASSWORD_MAX && memchr (password, 0, length) == NULL;
}

static void
scratch_free (struct crypt_data *scratch)
{
  sp_secret_wipe (scratch, sizeof *scratch);
  g_free (scratch);
}

typedef struct crypt_data Scratch;
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Scratch, scratch_free)

/* The setting is a verifier, or what begins one.  NULL with an error if it cannot be done. */
static char *
hash_password (const guint8 *password, gsize length, const char *setting, GError **error)
{
  g_autoptr (Scratch) scratch = g_new0 (struct crypt_data, 1);
  char phrase[PASSWORD_SIZE] = { 0 };
  const char *hash;
  char *verifier = NULL;

  g_return_val_if_fail (sp_password_is_acceptable (password, length), NULL);
  memcpy (phrase, password, length);
  hash = crypt_rn (phrase, setting, scratch, sizeof *scratch);
  if (hash != NULL)
    verifier = g_strdup (hash);
  else
    sp_error_set_errno (error, errno, "hashing a password");
  sp_secret_wipe (phrase, sizeof phrase);
  return verifier;
}

char *
sp_password_make_verifier (const guint8 *password, gsize length, GError **error)
{
  char setting[CRYPT_GENSALT_OUTPUT_SIZE];
  char random[SALT_RANDOM];

  sp_random_bytes (random, sizeof random);
  if (crypt_gensalt_rn (METHOD, METHOD_COST, random, sizeof random, setting, sizeof setting) ==
      NULL)
    {
      sp_error_set_errno (error, errno, "choosing a salt");
      return NULL;
    }
  return hash_password (password, length, setting, error);
}

gboolean
sp_password_check (
    const guint8 *password, gsize length, const char *verifier, gboolean *ret_right, GError **error)
{
  g_autoptr (SpSecretText) hash = hash_password (password, length, verifier, error);
  gsize size = strlen (verifier);

  if (hash == NULL)
    return FALSE;
  *ret_right = strlen (hash) == size && sp_secret_equal (hash, verifier, size);
  return TRUE;
}
