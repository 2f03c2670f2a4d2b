/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "history-export.h"

#include <string.h>

#define PAGE 500 /* the most that the service gives at a time */

typedef struct
{
  GFile *file;
  SpBusServer *server;
  GString *text;
  guint rows;
} Export;

static const char *const columns[] = {
  "StartedAt",     "EndedAt",   "Login",  "DeviceName", "ClientName", "UserAgent",
  "RemoteAddress", "Transport", "Reason", "RxBytes",    "TxBytes",
};

static void
free_export (gpointer data)
{
  Export *export = data;

  g_clear_object (&export->file);
  g_clear_object (&export->server);
  g_string_free (export->text, TRUE);
  g_free (export);
}

/* What a client calls itself may begin like a formula; an apostrophe makes a text of it. */
static void
append_text (GString *line, const char *text)
{
  g_auto (GStrv) parts = g_strsplit (text, "\"", -1);
  g_autofree char *doubled = g_strjoinv ("\"\"", parts);

  g_string_append_printf (line, "\"%s%s\"",
                          strchr ("=+-@\t\r", text[0]) != NULL && text[0] != '\0' ? "'" : "",
                          doubled);
}

static void
append_moment (GString *line, guint64 moment)
{
  g_autoptr (GDateTime) then = g_date_time_new_from_unix_utc ((gint64) (moment / G_USEC_PER_SEC));
  g_autofree char *text = moment != 0 ? g_date_time_format_iso8601 (then) : g_strdup ("");

  g_string_append (line, text);
}

static void
append_value (GString *line, GVariant *row, const char *column)
{
  g_autoptr (GVariant) value = g_variant_lookup_value (row, column, NULL);

  if (value == NULL)
    return;
  if (g_variant_is_of_type (value, G_VARIANT_TYPE_STRING))
    append_text (line, g_variant_get_string (value, NULL));
  else if (g_variant_is_of_type (value, G_VARIANT_TYPE_UINT64) && g_str_has_suffix (column, "At"))
    append_moment (line, g_variant_get_uint64 (value));
  else if (g_variant_is_of_type (value, G_VARIANT_TYPE_UINT64))
    g_string_append_printf (line, "%" G_GUINT64_FORMAT, g_variant_get_uint64 (value));
}

static void
append_row (Export *export, GVariant *row)
{
  for (guint i = 0; i < G_N_ELEMENTS (columns); i++)
    {
      if (i > 0)
        g_string_append_c (export->text, ',');
      append_value (export->text, row, columns[i]);
    }
  g_string_append (export->text, "\r\n");
  export->rows++;
}

static void
on_written (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (GTask) task = data;
  Export *export = g_task_get_task_data (task);
  GError *error = NULL;

  if (g_file_replace_contents_finish (G_FILE (source), result, NULL, &error))
    g_task_return_int (task, export->rows);
  else
    g_task_return_error (task, error);
}

static void ask_for_page (GTask *task, const char *cursor);

static void
on_page (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (GTask) task = data;
  Export *export = g_task_get_task_data (task);
  g_autoptr (GVariant) rows = NULL;
  g_autofree char *next = NULL;
  GError *error = NULL;
  GVariantIter iter;
  GVariant *row;

  if (!sp_bus_server_call_list_history_finish (export->server, &rows, &next, result, &error))
    {
      g_task_return_error (task, error);
      return;
    }
  g_variant_iter_init (&iter, rows);
  while ((row = g_variant_iter_next_value (&iter)) != NULL)
    {
      append_row (export, row);
      g_variant_unref (row);
    }
  if (next[0] != '\0')
    ask_for_page (task, next);
  else
    {
      g_autoptr (GBytes) bytes = g_bytes_new (export->text->str, export->text->len);

      g_file_replace_contents_bytes_async (export->file, bytes, NULL, FALSE, G_FILE_CREATE_PRIVATE,
                                           g_task_get_cancellable (task), on_written,
                                           g_object_ref (task));
    }
}

static void
ask_for_page (GTask *task, const char *cursor)
{
  Export *export = g_task_get_task_data (task);

  sp_bus_server_call_list_history (
      export->server, g_variant_new_array (G_VARIANT_TYPE ("{sv}"), NULL, 0), cursor, PAGE,
      g_variant_new_array (G_VARIANT_TYPE ("{sv}"), NULL, 0), SP_CALL_FLAGS, SP_CALL_TIMEOUT,
      g_task_get_cancellable (task), on_page, g_object_ref (task));
}

void
sp_history_export (SpServerConnection *connection,
                   GFile *file,
                   GAsyncReadyCallback callback,
                   gpointer data)
{
  g_autoptr (GTask) task = g_task_new (connection, NULL, callback, data);
  Export *export = g_new0 (Export, 1);

  export->file = g_object_ref (file);
  export->server = g_object_ref (sp_server_connection_get_server (connection));
  export->text = g_string_new (NULL);
  g_task_set_task_data (task, export, free_export);
  for (guint i = 0; i < G_N_ELEMENTS (columns); i++)
    g_string_append_printf (export->text, "%s%s", i > 0 ? "," : "", columns[i]);
  g_string_append (export->text, "\r\n");
  ask_for_page (task, "");
}

gboolean
sp_history_export_finish (GAsyncResult *result, guint *rows, GError **error)
{
  gssize written = g_task_propagate_int (G_TASK (result), error);

  if (written < 0)
    return FALSE;
  *rows = (guint) written;
  return TRUE;
}
