/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/hex.h"

void
sp_hex_encode (const guint8 *bytes, gsize size, char *text)
{
  static const char digits[] = "0123456789abcdef";

  for (gsize i = 0; i < size; i++)
    {
      text[2 * i] = digits[bytes[i] >> 4];
      text[2 * i + 1] = digits[bytes[i] & 15];
    }
  text[2 * size] = '\0';
}

gboolean
sp_hex_decode (const char *text, gsize text_length, guint8 *bytes, gsize size)
{
  if (text_length != 2 * size)
    return FALSE;
  for (gsize i = 0; i < size; i++)
    {
      int high = g_ascii_xdigit_value (text[2 * i]);
      int low = g_ascii_xdigit_value (text[2 * i + 1]);
      if (high < 0 || low < 0)
        return FALSE;
      bytes[i] = (guint8) (high << 4 | low);
    }
  return TRUE;
}
