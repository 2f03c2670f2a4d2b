/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "codec/base64url.h"

#include <string.h>

char *
sp_base64url_encode (gconstpointer bytes, gsize size)
{
  char *text = g_base64_encode (bytes, size);

  for (char *at = text; *at != '\0'; at++)
    switch (*at)
      {
        case '+':
          *at = '-';
          break;
        case '/':
          *at = '_';
          break;
        case '=':
          *at = '\0';
          return text;
        default:
          break;
      }
  return text;
}

gboolean
sp_base64url_is_text (gconstpointer bytes, gsize size)
{
  const char *text = bytes;

  for (gsize i = 0; i < size; i++)
    if (!g_ascii_isalnum (text[i]) && text[i] != '-' && text[i] != '_')
      return FALSE;
  return size > 0;
}
