/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "readable-secret.h"

#include "base/io.h"
#include "base/limits.h"

/* A power of two, so that every one is as likely. */
#define ALPHABET "abcdefghijkmnpqrstuvwxyz23456789"
G_STATIC_ASSERT (sizeof ALPHABET - 1 == 32);

void
sp_readable_secret_make (guint characters, guint group, char *ret_text)
{
  for (guint i = 0; i < characters; i++)
    {
      guint8 random;

      sp_random_bytes (&random, sizeof random);
      if (i > 0 && i % group == 0)
        *ret_text++ = '-';
      *ret_text++ = ALPHABET[random % (sizeof ALPHABET - 1)];
    }
  *ret_text = '\0';
}

gsize
sp_readable_secret_normalise (const guint8 *typed, gsize length, guint8 *ret, gsize size)
{
  gsize used = 0;

  for (gsize i = 0; i < length && used < size; i++)
    if (typed[i] != '-' && typed[i] != ' ')
      ret[used++] = (guint8) g_ascii_tolower ((char) typed[i]);
  return used;
}

void
sp_readable_secret_hash (const guint8 *user,
                         const guint8 *normal,
                         gsize length,
                         guint8 ret_hash[SP_READABLE_HASH_SIZE])
{
  g_autoptr (GChecksum) checksum = g_checksum_new (G_CHECKSUM_SHA256);
  gsize size = SP_READABLE_HASH_SIZE;

  g_checksum_update (checksum, user, SP_ID_SIZE);
  g_checksum_update (checksum, normal, (gssize) length);
  g_checksum_get_digest (checksum, ret_hash, &size);
}
