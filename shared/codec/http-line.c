/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "http-line.h"

#include <string.h>

/* RFC 9110 5.6.2 */
static gboolean
is_token_byte (char byte)
{
  return g_ascii_isalnum (byte) || (byte != '\0' && strchr ("!#$%&'*+-.^_`|~", byte) != NULL);
}

static gboolean
is_token (const char *text, gsize length)
{
  for (gsize i = 0; i < length; i++)
    if (!is_token_byte (text[i]))
      return FALSE;
  return length > 0;
}

static SpHttpVerdict
check_version (const char *text, gsize length)
{
  if (length != strlen ("HTTP/1.1") || memcmp (text, "HTTP/", 5) != 0)
    return SP_HTTP_BAD_SYNTAX;
  if (memcmp (text + 5, "1.1", 3) != 0 && memcmp (text + 5, "1.0", 3) != 0)
    return SP_HTTP_BAD_VERSION;
  return SP_HTTP_COMPLETE;
}

/* method SP target SP version (RFC 9112 3), each blank exactly one */
static SpHttpVerdict
check_request_line (const char *line, gsize length)
{
  const char *end = line + length;
  const char *method_end = memchr (line, ' ', length);
  const char *target, *target_end;

  if (method_end == NULL || !is_token (line, method_end - line))
    return SP_HTTP_BAD_SYNTAX;
  target = method_end + 1;
  target_end = memchr (target, ' ', end - target);
  if (target_end == NULL || target_end == target)
    return SP_HTTP_BAD_SYNTAX;
  for (const char *at = target; at < target_end; at++)
    if (!g_ascii_isgraph (*at))
      return SP_HTTP_BAD_SYNTAX;
  if (target_end - target > SP_HTTP_TARGET_MAX)
    return SP_HTTP_TARGET_TOO_LONG;
  return check_version (target_end + 1, end - (target_end + 1));
}

/* name ":" value (RFC 9112 5), no folding, value without control characters */
static SpHttpVerdict
check_field_line (const char *line, gsize length)
{
  const char *colon = memchr (line, ':', length);

  if (line[0] == ' ' || line[0] == '\t')
    return SP_HTTP_FOLDED;
  if (colon == NULL || colon == line)
    return SP_HTTP_BAD_SYNTAX;
  if (colon[-1] == ' ' || colon[-1] == '\t')
    return SP_HTTP_BLANK_BEFORE_COLON;
  if (!is_token (line, colon - line))
    return SP_HTTP_BAD_SYNTAX;
  for (const char *at = colon + 1; at < line + length; at++)
    if (g_ascii_iscntrl (*at) && *at != '\t')
      return SP_HTTP_BAD_SYNTAX;
  return SP_HTTP_COMPLETE;
}

/* All fields of a complete head. */
static SpHttpVerdict
check_fields (const char *bytes, const char *end)
{
  SpHttpVerdict verdict = SP_HTTP_COMPLETE;
  const char *line = (const char *) memchr (bytes, '\n', end - bytes) + 1;

  while (verdict == SP_HTTP_COMPLETE && line < end - 2)
    {
      const char *line_feed = memchr (line, '\n', end - line);

      verdict = check_field_line (line, line_feed - 1 - line);
      line = line_feed + 1;
    }
  return verdict;
}

/* What can be said of line `number` when it is seen.  Fields are looked at only when the head is
 * complete: a client that sends it byte by byte must not make us read it all each time. */
static SpHttpVerdict
check_line (const char *line, gsize length, guint number)
{
  if (length == 0 || line[length - 1] != '\r')
    return SP_HTTP_BARE_LF;
  if (number == 0)
    return check_request_line (line, length - 1);
  return number > SP_HTTP_HEADERS_MAX && length > 1 ? SP_HTTP_TOO_MANY_FIELDS : SP_HTTP_COMPLETE;
}

SpHttpVerdict
sp_http_lines_check (const char *bytes, gsize size, gsize *ret_head_size)
{
  const char *line = bytes;
  const char *end = bytes + MIN (size, SP_HTTP_HEAD_MAX);

  for (guint number = 0; line < end; number++)
    {
      const char *line_feed = memchr (line, '\n', end - line);
      SpHttpVerdict verdict;

      if (line_feed == NULL)
        break;
      verdict = check_line (line, line_feed - line, number);
      if (verdict != SP_HTTP_COMPLETE)
        return verdict;
      if (number > 0 && line_feed - line == 1)
        {
          *ret_head_size = line_feed + 1 - bytes;
          return check_fields (bytes, line_feed + 1);
        }
      line = line_feed + 1;
    }
  return size >= SP_HTTP_HEAD_MAX ? SP_HTTP_HEAD_TOO_LONG : SP_HTTP_INCOMPLETE;
}
