/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "client/password-line.h"

#include "base/secret.h"

#include <string.h>

#define FIELDS     3
#define GROUPS_MAX 64 /* of one user */

SpPasswordLine *
sp_password_line_parse (const char *text)
{
  g_auto (GStrv) fields = g_strsplit (text, ":", FIELDS);
  SpPasswordLine *line = NULL;

  if (g_strv_length (fields) != FIELDS)
    return NULL;
  line = g_new0 (SpPasswordLine, 1);
  line->login = g_strdup (fields[0]);
  line->groups = g_strsplit (strcmp (fields[1], "*") != 0 ? fields[1] : "", ",", GROUPS_MAX);
  line->is_locked = fields[2][0] == '!';
  line->hash = g_strdup (fields[2] + (line->is_locked ? 1 : 0));
  sp_secret_wipe (fields[2], strlen (fields[2]));
  return line;
}

void
sp_password_line_free (SpPasswordLine *line)
{
  if (line == NULL)
    return;
  g_free (line->login);
  g_strfreev (line->groups);
  sp_secret_text_free (line->hash);
  g_free (line);
}
