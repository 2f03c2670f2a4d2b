/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/text.h"

/* Embeddings, overrides and isolates of Unicode's bidirectional algorithm: a name with one of them
 * could pass for another, and turns what stands behind it in a list. */
static gboolean
turns_direction (gunichar character)
{
  return (character >= 0x202a && character <= 0x202e) ||
         (character >= 0x2066 && character <= 0x2069);
}

gboolean
sp_text_is_line (const char *text)
{
  for (const char *next = text; *next != '\0'; next = g_utf8_next_char (next))
    {
      gunichar character = g_utf8_get_char (next);
      GUnicodeType type = g_unichar_type (character);

      if (type == G_UNICODE_CONTROL || type == G_UNICODE_LINE_SEPARATOR ||
          type == G_UNICODE_PARAGRAPH_SEPARATOR || turns_direction (character))
        return FALSE;
    }
  return TRUE;
}
