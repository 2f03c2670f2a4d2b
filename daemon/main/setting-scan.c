/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "setting-row.h"

#include <string.h>

/* The next line without its end; FALSE behind the last one. */
static gboolean
take_line (SpSettingScan *scan, const char **ret_line, gsize *ret_length)
{
  const char *line_end;

  if (scan->next == scan->end)
    return FALSE;
  line_end = memchr (scan->next, '\n', scan->end - scan->next);
  if (line_end == NULL)
    line_end = scan->end;
  *ret_line = scan->next;
  *ret_length = line_end - scan->next;
  scan->next = line_end == scan->end ? line_end : line_end + 1;
  scan->line++;
  return TRUE;
}

/* Blanks are stripped first, so a carriage return at the end of a line does not matter. */
static gboolean
has_control_character (const char *line)
{
  for (; *line != '\0'; line++)
    if (g_ascii_iscntrl (*line) && *line != '\t')
      return TRUE;
  return FALSE;
}

static SpSettingScanned
bad (const char *what, char **ret_first)
{
  *ret_first = g_strdup (what);
  return SP_SCAN_BAD;
}

static SpSettingScanned
split_group (const char *line, char **ret_first)
{
  gsize length = strlen (line);

  if (line[length - 1] != ']' || length < 3)
    return bad ("a group is written as [name]", ret_first);
  *ret_first = g_strndup (line + 1, length - 2);
  return SP_SCAN_GROUP;
}

static SpSettingScanned
split_pair (const char *line, char **ret_first, char **ret_second)
{
  const char *equals = strchr (line, '=');

  if (equals == NULL || equals == line)
    return bad ("a setting is written as key = value", ret_first);
  *ret_first = g_strchomp (g_strndup (line, equals - line));
  *ret_second = g_strchug (g_strdup (equals + 1));
  return SP_SCAN_PAIR;
}

SpSettingScanned
sp_setting_scan (SpSettingScan *scan, char **ret_first, char **ret_second)
{
  const char *start;
  gsize length;

  while (take_line (scan, &start, &length))
    {
      g_autofree char *line = NULL;

      if (memchr (start, '\0', length) != NULL || !g_utf8_validate (start, length, NULL))
        return bad ("this line is not UTF-8 text", ret_first);
      line = g_strstrip (g_strndup (start, length));
      if (has_control_character (line))
        return bad ("this line has a control character in it", ret_first);
      if (line[0] == '\0' || line[0] == '#')
        continue;
      return line[0] == '[' ? split_group (line, ret_first)
                            : split_pair (line, ret_first, ret_second);
    }
  return SP_SCAN_END;
}
