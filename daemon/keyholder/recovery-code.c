/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "recovery-code.h"

#include "base/io.h"
#include "base/secret.h"

#include <string.h>

/* Without characters that look alike; a power of two, so that every one is as likely. */
#define ALPHABET "abcdefghijkmnpqrstuvwxyz23456789"
#define GROUP    4
G_STATIC_ASSERT (sizeof ALPHABET - 1 == 32);
G_STATIC_ASSERT (SP_RECOVERY_TEXT_SIZE <= SP_CODE_MAX);

void
sp_recovery_code_make (char ret_text[SP_RECOVERY_TEXT_SIZE])
{
  guint8 random[SP_RECOVERY_CODE_SIZE];
  gsize used = 0;

  sp_random_bytes (random, sizeof random);
  for (guint i = 0; i < SP_RECOVERY_CODE_SIZE; i++)
    {
      if (i > 0 && i % GROUP == 0)
        ret_text[used++] = '-';
      ret_text[used++] = ALPHABET[random[i] % (sizeof ALPHABET - 1)];
    }
  ret_text[used] = '\0';
  sp_secret_wipe (random, sizeof random);
}

gsize
sp_recovery_code_normalise (const guint8 *typed, gsize length, guint8 *ret)
{
  gsize used = 0;

  for (gsize i = 0; i < MIN (length, SP_CODE_MAX); i++)
    if (typed[i] != '-' && typed[i] != ' ')
      ret[used++] = (guint8) g_ascii_tolower ((char) typed[i]);
  return used;
}

void
sp_recovery_code_hash (const guint8 *user,
                       const guint8 *code,
                       gsize length,
                       guint8 ret_hash[SP_RECOVERY_HASH_SIZE])
{
  g_autoptr (GChecksum) checksum = g_checksum_new (G_CHECKSUM_SHA256);
  gsize size = SP_RECOVERY_HASH_SIZE;

  g_checksum_update (checksum, user, SP_ID_SIZE);
  g_checksum_update (checksum, code, (gssize) length);
  g_checksum_get_digest (checksum, ret_hash, &size);
}
