/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "text.h"

#define COLUMN_GAP 2

char *
sp_text_printable (const char *text)
{
  GString *printable = g_string_new (NULL);

  for (const char *next = text; *next != '\0'; next = g_utf8_next_char (next))
    {
      gunichar character = g_utf8_get_char (next);

      g_string_append_unichar (printable, g_unichar_isprint (character) ? character : '?');
    }
  return g_string_free (printable, FALSE);
}

char *
sp_text_time (guint64 microseconds)
{
  g_autoptr (GDateTime) local =
      g_date_time_new_from_unix_local ((gint64) (microseconds / G_USEC_PER_SEC));

  if (microseconds == 0 || local == NULL)
    return g_strdup ("");
  return g_date_time_format (local, "%F %T");
}

struct _SpTable
{
  GPtrArray *rows; /* of char **, the head first */
  guint n_columns;
};

SpTable *
sp_table_new (const char *const *head)
{
  SpTable *table = g_new0 (SpTable, 1);

  table->rows = g_ptr_array_new_with_free_func ((GDestroyNotify) g_strfreev);
  table->n_columns = g_strv_length ((char **) head);
  g_ptr_array_add (table->rows, g_strdupv ((char **) head));
  return table;
}

void
sp_table_take_row (SpTable *table, char **cells)
{
  g_assert (g_strv_length (cells) == table->n_columns);
  g_ptr_array_add (table->rows, cells);
}

static glong
column_width (const SpTable *table, guint column)
{
  glong width = 0;

  for (guint i = 0; i < table->rows->len; i++)
    {
      char *const *cells = table->rows->pdata[i];

      width = MAX (width, g_utf8_strlen (cells[column], -1));
    }
  return width;
}

static char *
format_row (const SpTable *table, char *const *cells, const glong *widths)
{
  GString *line = g_string_new (NULL);

  for (guint column = 0; column < table->n_columns; column++)
    {
      glong gap = widths[column] - g_utf8_strlen (cells[column], -1) + COLUMN_GAP;

      g_string_append (line, cells[column]);
      for (; column + 1 < table->n_columns && gap > 0; gap--)
        g_string_append_c (line, ' ');
    }
  return g_strchomp (g_string_free (line, FALSE));
}

void
sp_table_print (SpTable *table)
{
  g_autofree glong *widths = g_new0 (glong, table->n_columns);

  for (guint column = 0; column < table->n_columns; column++)
    widths[column] = column_width (table, column);
  for (guint i = 0; i < table->rows->len; i++)
    {
      g_autofree char *line = format_row (table, table->rows->pdata[i], widths);

      g_print ("%s\n", line);
    }
  g_ptr_array_unref (table->rows);
  g_free (table);
}
