/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "remote/greeting.h"

#include <string.h>

#define GUID                                                                                       \
  "5a11790027d04a07a5a117900c11e47e" /* of a server that is nobody's but this client's             \
                                      */

static void
answer_line (SpGreeting *greeting, const char *line, GString *answer)
{
  gboolean named = greeting->asked && g_str_has_prefix (line, "DATA");

  greeting->asked = g_str_equal (line, "AUTH EXTERNAL") || g_str_equal (line, "AUTH ANONYMOUS");
  if (greeting->asked)
    g_string_append (answer, "DATA\r\n");
  else if (named || g_str_has_prefix (line, "AUTH EXTERNAL ") ||
           g_str_has_prefix (line, "AUTH ANONYMOUS "))
    {
      greeting->authenticated = TRUE;
      g_string_append (answer, "OK " GUID "\r\n");
    }
  else if (g_str_equal (line, "BEGIN") && greeting->authenticated)
    greeting->done = TRUE;
  else if (g_str_equal (line, "NEGOTIATE_UNIX_FD") && greeting->authenticated &&
           greeting->with_descriptors)
    g_string_append (answer, "AGREE_UNIX_FD\r\n");
  else if (g_str_has_prefix (line, "AUTH") || g_str_equal (line, "CANCEL") ||
           g_str_has_prefix (line, "ERROR"))
    {
      greeting->authenticated = FALSE;
      g_string_append (answer, "REJECTED EXTERNAL ANONYMOUS\r\n");
    }
  else
    g_string_append (answer, "ERROR\r\n");
}

gssize
sp_greeting_read (SpGreeting *greeting, const guint8 *bytes, gsize size, GString *answer)
{
  gsize used = 0;

  if (!greeting->began && size > 0)
    {
      if (bytes[0] != 0)
        return -1;
      greeting->began = TRUE;
      used = 1;
    }
  while (!greeting->done && used < size)
    {
      const guint8 *end = memchr (bytes + used, '\n', size - used);
      g_autofree char *line = NULL;

      if (end == NULL)
        return size - used < SP_GREETING_LINE_MAX ? (gssize) used : -1;
      if (end == bytes + used || end[-1] != '\r' || end - (bytes + used) >= SP_GREETING_LINE_MAX)
        return -1;
      line = g_strndup ((const char *) bytes + used, (gsize) (end - (bytes + used)) - 1);
      used = (gsize) (end - bytes) + 1;
      answer_line (greeting, line, answer);
    }
  return (gssize) used;
}
