/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/token.h"

#include "base/secret.h"

#include <string.h>

#define BASE64_LENGTH (SP_TOKEN_TEXT_LENGTH + 1) /* with its padding */

G_STATIC_ASSERT ((SP_TOKEN_SIZE + 2) / 3 * 4 == BASE64_LENGTH);

void
sp_token_write (const guint8 token[SP_TOKEN_SIZE], char *text)
{
  g_autoptr (SpSecretText) base64 = g_base64_encode (token, SP_TOKEN_SIZE);

  for (gsize i = 0; i < SP_TOKEN_TEXT_LENGTH; i++)
    text[i] = base64[i] == '+' ? '-' : base64[i] == '/' ? '_' : base64[i];
  text[SP_TOKEN_TEXT_LENGTH] = '\0';
}

/* GLib's reader skips what is no letter of the alphabet, so the letters are looked at here. */
static gboolean
copy_as_base64 (const char *text, char *base64)
{
  for (gsize i = 0; i < SP_TOKEN_TEXT_LENGTH; i++)
    {
      if (!g_ascii_isalnum (text[i]) && text[i] != '-' && text[i] != '_')
        return FALSE;
      base64[i] = text[i] == '-' ? '+' : text[i] == '_' ? '/' : text[i];
    }
  base64[SP_TOKEN_TEXT_LENGTH] = '=';
  base64[BASE64_LENGTH] = '\0';
  return TRUE;
}

gboolean
sp_token_read (const char *text, gsize length, guint8 token[SP_TOKEN_SIZE])
{
  char base64[BASE64_LENGTH + 1];
  char again[SP_TOKEN_TEXT_LENGTH + 1];
  gsize size;
  gboolean same;

  if (length != SP_TOKEN_TEXT_LENGTH || !copy_as_base64 (text, base64))
    return FALSE;
  (void) g_base64_decode_inplace (base64, &size);
  if (size == SP_TOKEN_SIZE)
    memcpy (token, base64, SP_TOKEN_SIZE);
  sp_secret_wipe (base64, sizeof base64);
  if (size != SP_TOKEN_SIZE)
    return FALSE;
  sp_token_write (token, again); /* the last letter has two bits to spare */
  same = memcmp (again, text, SP_TOKEN_TEXT_LENGTH) == 0;
  sp_secret_wipe (again, sizeof again);
  return same;
}
