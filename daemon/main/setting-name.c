/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "setting-row.h"

#include <string.h>

#define NAME_MAX_BYTES        40 /* a longer one resembles nothing we have */
#define QUOTED_MAX_CHARACTERS 60

char *
sp_setting_quote (const char *text)
{
  g_autofree char *start = NULL;

  if (g_utf8_strlen (text, -1) <= QUOTED_MAX_CHARACTERS)
    return g_strdup (text);
  start = g_utf8_substring (text, 0, QUOTED_MAX_CHARACTERS);
  return g_strconcat (start, "…", NULL);
}

/* How many letters must be put in, left out or changed to turn one name into the other. */
static guint
measure_distance (const char *a, const char *b)
{
  guint row[NAME_MAX_BYTES + 1];
  guint b_length = strlen (b);

  for (guint j = 0; j <= b_length; j++)
    row[j] = j;
  for (guint i = 0; a[i] != '\0'; i++)
    {
      guint diagonal = row[0];
      row[0] = i + 1;
      for (guint j = 0; j < b_length; j++)
        {
          guint change = diagonal + (g_ascii_tolower (a[i]) != b[j]);
          diagonal = row[j + 1];
          row[j + 1] = MIN (change, 1 + MIN (row[j], row[j + 1]));
        }
    }
  return row[b_length];
}

static gboolean
is_nearer (const char *name, const char *known, guint *nearest)
{
  guint distance = measure_distance (name, known);

  if (distance > MAX (2, strlen (known) / 3) || distance >= *nearest)
    return FALSE;
  *nearest = distance;
  return TRUE;
}

const char *
sp_setting_nearest_group (const char *name)
{
  const char *found = NULL;
  guint nearest = G_MAXUINT;

  if (strlen (name) > NAME_MAX_BYTES)
    return NULL;
  for (guint i = 0; i < sp_setting_rows_n; i++)
    if (is_nearer (name, sp_setting_rows[i].group, &nearest))
      found = sp_setting_rows[i].group;
  return found;
}

const char *
sp_setting_nearest_key (const char *group, const char *name)
{
  const char *found = NULL;
  guint nearest = G_MAXUINT;

  if (strlen (name) > NAME_MAX_BYTES)
    return NULL;
  for (guint i = 0; i < sp_setting_rows_n; i++)
    if (strcmp (sp_setting_rows[i].group, group) == 0 &&
        is_nearer (name, sp_setting_rows[i].key, &nearest))
      found = sp_setting_rows[i].key;
  return found;
}
