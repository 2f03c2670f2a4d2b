/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "html-text.h"

#include <string.h>

static void
append_character (GString *html, char byte)
{
  switch (byte)
    {
      case '&':
        g_string_append (html, "&amp;");
        break;
      case '<':
        g_string_append (html, "&lt;");
        break;
      case '>':
        g_string_append (html, "&gt;");
        break;
      case '"':
        g_string_append (html, "&quot;");
        break;
      default:
        if (!g_ascii_iscntrl (byte))
          g_string_append_c (html, byte);
        break;
    }
}

static void
append_escaped (GString *html, const char *text, gsize length)
{
  const char *end = text + length;

  while (text < end)
    {
      gunichar character = g_utf8_get_char_validated (text, end - text);
      gsize size;

      if (character == (gunichar) -1 || character == (gunichar) -2)
        {
          text++;
          continue;
        }
      size = (gsize) g_unichar_to_utf8 (character, NULL);
      if (size == 1)
        append_character (html, *text);
      else if (!g_unichar_iscntrl (character) && (character & 0xfffe) != 0xfffe)
        g_string_append_len (html, text, (gssize) size);
      text += size;
    }
}

void
sp_html_append_escaped (GString *html, const char *text)
{
  append_escaped (html, text, strlen (text));
}

void
sp_html_append_text (GString *html, const char *text, const char *value)
{
  const char *place = strstr (text, "%s");

  if (place == NULL || value == NULL)
    {
      sp_html_append_escaped (html, text);
      return;
    }
  append_escaped (html, text, (gsize) (place - text));
  sp_html_append_escaped (html, value);
  sp_html_append_escaped (html, place + 2);
}
