/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "setting-edit.h"

#include <string.h>

#define NOWHERE (-1)

/* Where a setting stands, and where it could. */
typedef struct
{
  int pair;      /* the line that sets it */
  int shown;     /* the comment that shows its default */
  int group_end; /* the last line of its group that is not blank */
} Place;

/* "#udp-port = same" */
static gboolean
shows (const char *line, const char *key)
{
  gsize length = strlen (key);

  return line[0] == '#' && strncmp (line + 1, key, length) == 0 &&
         line[1 + length + strspn (line + 1 + length, " ")] == '=';
}

static SpSettingScanned
scan_line (const char *line, char **ret_first)
{
  SpSettingScan scan = { .next = line, .end = line + strlen (line) };
  g_autofree char *value = NULL;

  return sp_setting_scan (&scan, ret_first, &value);
}

static Place
find_place (const GPtrArray *lines, const SpSettingRow *row)
{
  Place place = { NOWHERE, NOWHERE, NOWHERE };
  gboolean inside = FALSE;

  for (guint i = 0; i < lines->len; i++)
    {
      const char *line = lines->pdata[i];
      g_autofree char *first = NULL;
      SpSettingScanned found = scan_line (line, &first);

      if (found == SP_SCAN_GROUP)
        inside = strcmp (first, row->group) == 0;
      if (!inside)
        continue;
      if (found == SP_SCAN_PAIR && strcmp (first, row->key) == 0)
        place.pair = (int) i;
      if (shows (line, row->key))
        place.shown = (int) i;
      if (line[strspn (line, " \t\r")] != '\0')
        place.group_end = (int) i;
    }
  return place;
}

static void
add_group (GPtrArray *lines, const SpSettingRow *row, char *line)
{
  if (lines->len > 0)
    g_ptr_array_add (lines, g_strdup (""));
  g_ptr_array_add (lines, g_strdup_printf ("[%s]", row->group));
  g_ptr_array_add (lines, line);
}

static void
apply (GPtrArray *lines, const SpSettingEdit *edit)
{
  Place place = find_place (lines, edit->row);
  char *line;

  if (place.pair != NOWHERE)
    g_ptr_array_remove_index (lines, (guint) place.pair);
  if (edit->text == NULL)
    return;
  line = g_strdup_printf ("%s =%s%s", edit->row->key, edit->text[0] != '\0' ? " " : "", edit->text);
  if (place.pair != NOWHERE)
    g_ptr_array_insert (lines, place.pair, line);
  else if (place.shown != NOWHERE)
    g_ptr_array_insert (lines, place.shown + 1, line);
  else if (place.group_end != NOWHERE)
    g_ptr_array_insert (lines, place.group_end + 1, line);
  else
    add_group (lines, edit->row, line);
}

/* The last line ends like the others. */
static GPtrArray *
split_lines (const char *file)
{
  GPtrArray *lines = g_ptr_array_new_with_free_func (g_free);
  g_auto (GStrv) parts = g_strsplit (file, "\n", -1);
  guint n = g_strv_length (parts);

  for (guint i = 0; i < n; i++)
    if (i + 1 < n || parts[i][0] != '\0')
      g_ptr_array_add (lines, g_strdup (parts[i]));
  return lines;
}

char *
sp_setting_edit (const char *file, const SpSettingEdit *edits, gsize n_edits)
{
  g_autoptr (GPtrArray) lines = split_lines (file);
  GString *result = g_string_new (NULL);

  for (gsize i = 0; i < n_edits; i++)
    apply (lines, &edits[i]);
  for (guint i = 0; i < lines->len; i++)
    g_string_append_printf (result, "%s\n", (const char *) lines->pdata[i]);
  return g_string_free (result, FALSE);
}
