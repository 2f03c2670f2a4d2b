/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "records.h"

#include "fields.h"
#include "json.h"
#include "text.h"

#include <stdio.h>
#include <string.h>

struct _SpRecords
{
  gboolean json;
  gboolean terse;
  gboolean escape;
  char **columns;
  char *list;           /* the list's key, NULL: there is none */
  GPtrArray *things;    /* of GHashTable: key → GVariant or NULL */
  GHashTable *document; /* the same, of what stands outside of things */
  GHashTable *current;  /* one of those */
};

/* --- filling --- */

static void
free_value (gpointer value)
{
  if (value != NULL)
    g_variant_unref (value);
}

static GHashTable *
thing_new (void)
{
  return g_hash_table_new_full (g_str_hash, g_str_equal, g_free, free_value);
}

SpRecords *
sp_records_new (const SpControl *control, const SpCommand *command)
{
  SpRecords *records = g_new0 (SpRecords, 1);

  records->json = control->json;
  records->terse = control->terse;
  records->escape = control->terse && g_strcmp0 (control->escape, "no") != 0;
  records->columns = sp_fields_choose (control, command);
  records->things = g_ptr_array_new_with_free_func ((GDestroyNotify) g_hash_table_unref);
  records->document = records->current = thing_new ();
  return records;
}

void
sp_records_open (SpRecords *records, const char *key, char bracket)
{
  if (bracket == '[')
    {
      g_assert (records->list == NULL && key != NULL);
      records->list = g_strdup (key);
      return;
    }
  g_assert (records->list != NULL && records->current == records->document);
  records->current = thing_new ();
  g_ptr_array_add (records->things, records->current);
}

void
sp_records_close (SpRecords *records, char bracket)
{
  if (bracket == '}')
    records->current = records->document;
}

void
sp_records_take (SpRecords *records, const char *key, GVariant *value)
{
  (void) g_hash_table_replace (records->current, g_strdup (key),
                               value != NULL ? g_variant_ref_sink (value) : NULL);
}

/* --- values as text --- */

static void
append_part (GString *text, const char *part, const char *special)
{
  g_autofree char *printable = sp_text_printable (part);

  for (const char *next = printable; *next != '\0'; next++)
    {
      if (strchr (special, *next) != NULL)
        g_string_append_c (text, '\\');
      g_string_append_c (text, *next);
    }
}

static void append_value (GString *text, GVariant *value, gboolean escape, gboolean inside);

static void
append_container (GString *text, GVariant *container, gboolean escape)
{
  gboolean is_pair = g_variant_is_of_type (container, G_VARIANT_TYPE_DICT_ENTRY);
  gsize n_children = g_variant_n_children (container);

  for (gsize i = 0; i < n_children; i++)
    {
      g_autoptr (GVariant) child = g_variant_get_child_value (container, i);
      gsize before;

      if (i > 0)
        g_string_append_c (text, is_pair ? '=' : ',');
      before = text->len;
      append_value (text, child, escape, TRUE);
      /* Nothing inside: no part. */
      if (i > 0 && text->len == before && g_variant_is_container (child))
        g_string_truncate (text, before - 1);
    }
}

static void
append_value (GString *text, GVariant *value, gboolean escape, gboolean inside)
{
  if (g_variant_is_of_type (value, G_VARIANT_TYPE_VARIANT))
    {
      g_autoptr (GVariant) inner = g_variant_get_variant (value);

      append_value (text, inner, escape, inside);
    }
  else if (g_variant_is_of_type (value, G_VARIANT_TYPE ("(ssa{sv})")))
    {
      const char *name;

      g_variant_get_child (value, 0, "&s", &name);
      if (name[0] != '\0')
        append_container (text, value, escape);
    }
  else if (g_variant_is_container (value))
    append_container (text, value, escape);
  else if (g_variant_is_of_type (value, G_VARIANT_TYPE_STRING) ||
           g_variant_is_of_type (value, G_VARIANT_TYPE_OBJECT_PATH))
    append_part (text, g_variant_get_string (value, NULL), !escape ? "" : inside ? "\\:," : "\\:");
  else
    {
      g_autofree char *plain = g_variant_print (value, FALSE);

      g_string_append (text, plain);
    }
}

char *
sp_record_text (GVariant *value, gboolean escape)
{
  GString *text = g_string_new (NULL);

  append_value (text, value, escape, FALSE);
  return g_string_free (text, FALSE);
}

/* --- printing --- */

static char **
format_cells (const SpRecords *records, GHashTable *thing)
{
  guint n_columns = g_strv_length (records->columns);
  char **cells = g_new0 (char *, n_columns + 1);

  for (guint i = 0; i < n_columns; i++)
    {
      GVariant *value = g_hash_table_lookup (thing, records->columns[i]);

      cells[i] = value != NULL ? sp_record_text (value, records->escape) : g_strdup ("");
    }
  return cells;
}

static void
print_terse (const SpRecords *records)
{
  for (guint i = 0; i < records->things->len; i++)
    {
      g_auto (GStrv) cells = format_cells (records, records->things->pdata[i]);
      g_autofree char *line = g_strjoinv (":", cells);

      /* Not g_print(): a program gets UTF-8 everywhere, as from JSON. */
      (void) fprintf (stdout, "%s\n", line);
    }
  (void) fflush (stdout);
}

static void
print_table (const SpRecords *records)
{
  guint n_columns = g_strv_length (records->columns);
  g_auto (GStrv) head = g_new0 (char *, n_columns + 1);
  SpTable *table;

  for (guint i = 0; i < n_columns; i++)
    head[i] = g_ascii_strup (records->columns[i], -1);
  table = sp_table_new ((const char *const *) head);
  for (guint i = 0; i < records->things->len; i++)
    sp_table_take_row (table, format_cells (records, records->things->pdata[i]));
  sp_table_print (table);
}

static void
write_members (SpJson *json, const SpRecords *records, GHashTable *thing)
{
  for (guint i = 0; records->columns[i] != NULL; i++)
    {
      gpointer value;

      if (g_hash_table_lookup_extended (thing, records->columns[i], NULL, &value))
        sp_json_value (json, records->columns[i], value);
    }
}

static void
print_json (const SpRecords *records)
{
  SpJson json;

  sp_json_init (&json);
  if (records->list == NULL)
    write_members (&json, records, records->document);
  else
    {
      sp_json_open (&json, records->list, '[');
      for (guint i = 0; i < records->things->len; i++)
        {
          sp_json_open (&json, NULL, '{');
          write_members (&json, records, records->things->pdata[i]);
          sp_json_close (&json, '}');
        }
      sp_json_close (&json, ']');
    }
  sp_json_print (&json);
}

void
sp_records_print (SpRecords *records)
{
  if (records->json)
    print_json (records);
  else
    {
      if (records->list == NULL)
        g_ptr_array_add (records->things, g_hash_table_ref (records->document));
      if (records->terse)
        print_terse (records);
      else
        print_table (records);
    }
  g_strfreev (records->columns);
  g_free (records->list);
  g_ptr_array_unref (records->things);
  g_hash_table_unref (records->document);
  g_free (records);
}
