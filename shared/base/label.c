/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/label.h"

#include "base/io.h"

#include <string.h>

static const char alphabet[] = "abcdefghijklmnopqrstuvwxyz234567";

G_STATIC_ASSERT (sizeof alphabet - 1 == 32);

void
sp_label_make (char *label)
{
  guint8 random[SP_LABEL_LENGTH];

  sp_random_bytes (random, sizeof random);
  for (guint i = 0; i < SP_LABEL_LENGTH; i++)
    label[i] = alphabet[random[i] % 32];
  label[SP_LABEL_LENGTH] = '\0';
}

gboolean
sp_label_is_valid (const char *text, gsize length)
{
  if (length != SP_LABEL_LENGTH)
    return FALSE;
  for (guint i = 0; i < SP_LABEL_LENGTH; i++)
    if (memchr (alphabet, text[i], sizeof alphabet - 1) == NULL)
      return FALSE;
  return TRUE;
}

void
sp_label_hash (const char *label, guint8 hash[SP_LABEL_HASH_SIZE])
{
  g_autoptr (GChecksum) sum = g_checksum_new (G_CHECKSUM_SHA256);
  guint8 whole[32];
  gsize size = sizeof whole;

  g_checksum_update (sum, (const guchar *) label, SP_LABEL_LENGTH);
  g_checksum_get_digest (sum, whole, &size);
  memcpy (hash, whole, SP_LABEL_HASH_SIZE);
}

char *
sp_label_insert (const char *url, const char *label)
{
  const char *place = strstr (url, SP_LABEL_PLACE);

  if (place == NULL)
    return g_strdup (url);
  return g_strdup_printf ("%.*s%s%s", (int) (place - url), url, label,
                          place + strlen (SP_LABEL_PLACE));
}
