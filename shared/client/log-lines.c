/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "client/log-lines.h"

#include <gio/gunixfdlist.h>
#include <gio/gunixinputstream.h>

#define BACKLOG 512  /* lines; the most that the service gives */
#define MOST    5000 /* lines that are kept */
#define DROPPED 1000 /* the oldest of them, at a time, when there are more */

struct _SpLogLine
{
  GObject parent_instance;
  char *text;
};

enum
{
  PROP_TEXT = 1,
};

G_DEFINE_FINAL_TYPE (SpLogLine, sp_log_line, G_TYPE_OBJECT)

struct _SpLogLines
{
  GObject parent_instance;
  SpServerConnection *connection;
  GListStore *store;
  char *level;
  gboolean following;
  GCancellable *reading; /* of the log that is followed, or NULL */
  GError *error;
};

enum
{
  PROP_ERROR = 1,
};

G_DEFINE_FINAL_TYPE (SpLogLines, sp_log_lines, G_TYPE_OBJECT)

const char *
sp_log_line_get_text (SpLogLine *line)
{
  return line->text;
}

static void
sp_log_line_get_property (GObject *object, guint id, GValue *value, GParamSpec *spec)
{
  if (id == PROP_TEXT)
    g_value_set_string (value, SP_LOG_LINE (object)->text);
  else
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, spec);
}

static void
sp_log_line_finalize (GObject *object)
{
  g_free (SP_LOG_LINE (object)->text);
  G_OBJECT_CLASS (sp_log_line_parent_class)->finalize (object);
}

static void
sp_log_line_class_init (SpLogLineClass *class)
{
  G_OBJECT_CLASS (class)->get_property = sp_log_line_get_property;
  G_OBJECT_CLASS (class)->finalize = sp_log_line_finalize;
  g_object_class_install_property (
      G_OBJECT_CLASS (class), PROP_TEXT,
      g_param_spec_string ("text", NULL, NULL, NULL, G_PARAM_READABLE | G_PARAM_STATIC_STRINGS));
}

static void
sp_log_line_init (SpLogLine *line)
{
}

static void
set_error (SpLogLines *lines, GError *error)
{
  g_clear_error (&lines->error);
  lines->error = error;
  g_object_notify (G_OBJECT (lines), "error");
}

static void
append (SpLogLines *lines, const char *text)
{
  g_autoptr (SpLogLine) line = g_object_new (SP_TYPE_LOG_LINE, NULL);

  line->text = g_utf8_make_valid (text, -1);
  g_list_store_append (lines->store, line);
  if (g_list_model_get_n_items (G_LIST_MODEL (lines->store)) > MOST)
    g_list_store_splice (lines->store, 0, DROPPED, NULL, 0);
}

static void read_line (SpLogLines *lines, GDataInputStream *stream);

static void
on_line (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (SpLogLines) lines = data;
  g_autoptr (GError) error = NULL;
  g_autofree char *text =
      g_data_input_stream_read_line_finish (G_DATA_INPUT_STREAM (source), result, NULL, &error);

  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return;
  if (text == NULL)
    {
      /* The service ended it; the connection's state tells why, and READY begins anew. */
      g_clear_object (&lines->reading);
      if (error != NULL)
        set_error (lines, g_steal_pointer (&error));
      return;
    }
  append (lines, text);
  read_line (lines, G_DATA_INPUT_STREAM (source));
}

static void
read_line (SpLogLines *lines, GDataInputStream *stream)
{
  g_data_input_stream_read_line_async (stream, G_PRIORITY_DEFAULT_IDLE, lines->reading, on_line,
                                       g_object_ref (lines));
}

static void
on_opened (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (SpLogLines) lines = data;
  g_autoptr (GVariant) handle = NULL;
  g_autoptr (GUnixFDList) descriptors = NULL;
  g_autoptr (GInputStream) pipe = NULL;
  g_autoptr (GDataInputStream) stream = NULL;
  GError *error = NULL;
  int descriptor = -1;

  if (sp_bus_server_call_open_log_finish (SP_BUS_SERVER (source), &handle, &descriptors, result,
                                          &error))
    descriptor = g_unix_fd_list_get (descriptors, 0, &error);
  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    {
      g_error_free (error);
      return;
    }
  set_error (lines, error);
  if (descriptor < 0)
    {
      g_clear_object (&lines->reading);
      return;
    }
  g_list_store_remove_all (lines->store);
  pipe = g_unix_input_stream_new (descriptor, TRUE);
  stream = g_data_input_stream_new (pipe);
  read_line (lines, stream);
}

static void
stop (SpLogLines *lines)
{
  if (lines->reading != NULL)
    g_cancellable_cancel (lines->reading);
  g_clear_object (&lines->reading);
}

static void
begin (SpLogLines *lines)
{
  GVariantBuilder filter = G_VARIANT_BUILDER_INIT (G_VARIANT_TYPE_VARDICT);
  GVariantBuilder options = G_VARIANT_BUILDER_INIT (G_VARIANT_TYPE_VARDICT);

  stop (lines);
  if (!lines->following ||
      sp_server_connection_get_state (lines->connection) != SP_CONNECTION_READY)
    return;
  lines->reading = g_cancellable_new ();
  g_variant_builder_add (&filter, "{sv}", "Level", g_variant_new_string (lines->level));
  g_variant_builder_add (&options, "{sv}", "backlog", g_variant_new_uint32 (BACKLOG));
  g_variant_builder_add (&options, "{sv}", "format", g_variant_new_string ("text"));
  sp_bus_server_call_open_log (sp_server_connection_get_server (lines->connection),
                               g_variant_builder_end (&filter), g_variant_builder_end (&options),
                               SP_CALL_FLAGS, SP_CALL_TIMEOUT, NULL, lines->reading, on_opened,
                               g_object_ref (lines));
}

void
sp_log_lines_set_level (SpLogLines *lines, const char *level)
{
  if (g_strcmp0 (lines->level, level) == 0)
    return;
  g_free (lines->level);
  lines->level = g_strdup (level);
  begin (lines);
}

void
sp_log_lines_set_following (SpLogLines *lines, gboolean following)
{
  if (lines->following == following)
    return;
  lines->following = following;
  begin (lines);
}

GListModel *
sp_log_lines_get_model (SpLogLines *lines)
{
  return G_LIST_MODEL (lines->store);
}

const GError *
sp_log_lines_get_error (SpLogLines *lines)
{
  return lines->error;
}

static void
on_state (SpLogLines *lines)
{
  if (sp_server_connection_get_state (lines->connection) == SP_CONNECTION_READY)
    begin (lines);
}

SpLogLines *
sp_log_lines_new (SpServerConnection *connection)
{
  SpLogLines *lines = g_object_new (SP_TYPE_LOG_LINES, NULL);

  lines->connection = g_object_ref (connection);
  (void) g_signal_connect_object (connection, "notify::state", G_CALLBACK (on_state), lines,
                                  G_CONNECT_SWAPPED);
  return lines;
}

static void
sp_log_lines_get_property (GObject *object, guint id, GValue *value, GParamSpec *spec)
{
  if (id == PROP_ERROR)
    g_value_set_boxed (value, SP_LOG_LINES (object)->error);
  else
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, spec);
}

static void
sp_log_lines_dispose (GObject *object)
{
  SpLogLines *lines = SP_LOG_LINES (object);

  stop (lines);
  g_clear_object (&lines->store);
  g_clear_object (&lines->connection);
  G_OBJECT_CLASS (sp_log_lines_parent_class)->dispose (object);
}

static void
sp_log_lines_finalize (GObject *object)
{
  SpLogLines *lines = SP_LOG_LINES (object);

  g_clear_error (&lines->error);
  g_free (lines->level);
  G_OBJECT_CLASS (sp_log_lines_parent_class)->finalize (object);
}

static void
sp_log_lines_class_init (SpLogLinesClass *class)
{
  GObjectClass *object_class = G_OBJECT_CLASS (class);

  object_class->get_property = sp_log_lines_get_property;
  object_class->dispose = sp_log_lines_dispose;
  object_class->finalize = sp_log_lines_finalize;
  g_object_class_install_property (
      object_class, PROP_ERROR,
      g_param_spec_boxed ("error", NULL, NULL, G_TYPE_ERROR,
                          G_PARAM_READABLE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY));
}

static void
sp_log_lines_init (SpLogLines *lines)
{
  lines->store = g_list_store_new (SP_TYPE_LOG_LINE);
  lines->level = g_strdup ("notice");
}
