/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "checkpoint.h"

#include "base/error.h"
#include "base/log.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#define FILE_NAME     "checkpoint"
#define GROUP         "checkpoint"
#define RETRY_SECONDS 5 /* when the settings cannot be written back */

struct _SpCheckpoint
{
  GObject parent;
  SpServer *server;
  char *path;
  char *id;       /* NULL: none is open */
  char *settings; /* the file's text as it was */
  gboolean was_on;
  gint64 until;
  guint timer;
  gboolean rolling_back;
};

G_DEFINE_FINAL_TYPE (SpCheckpoint, sp_checkpoint, G_TYPE_OBJECT)

enum
{
  SIGNAL_CHANGED,
  SIGNAL_ENDED,
  N_SIGNALS
};
static guint signals[N_SIGNALS]; /* nocheck: set once by class_init */

static void
sp_checkpoint_finalize (GObject *object)
{
  SpCheckpoint *self = SP_CHECKPOINT (object);

  g_clear_handle_id (&self->timer, g_source_remove);
  g_free (self->path);
  g_free (self->id);
  g_free (self->settings);
  G_OBJECT_CLASS (sp_checkpoint_parent_class)->finalize (object);
}

static void
sp_checkpoint_class_init (SpCheckpointClass *class)
{
  GType type = G_OBJECT_CLASS_TYPE (class);

  G_OBJECT_CLASS (class)->finalize = sp_checkpoint_finalize;
  signals[SIGNAL_CHANGED] =
      g_signal_new ("changed", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
  signals[SIGNAL_ENDED] = g_signal_new ("ended", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                        G_TYPE_NONE, 2, G_TYPE_STRING, G_TYPE_STRING);
}

static void
sp_checkpoint_init (SpCheckpoint *self)
{
}

static SpConfiguration *
get_configuration (SpCheckpoint *self)
{
  return sp_server_get_configuration (self->server);
}

/* --- on the disk --- */

static gboolean
write_file (SpCheckpoint *self, GError **error)
{
  g_autoptr (GKeyFile) file = g_key_file_new ();
  g_autofree char *text =
      g_base64_encode ((const guchar *) self->settings, strlen (self->settings));
  g_autofree char *whole = NULL;
  g_autoptr (GError) why = NULL;

  g_key_file_set_string (file, GROUP, "id", self->id);
  g_key_file_set_int64 (file, GROUP, "until", self->until);
  g_key_file_set_boolean (file, GROUP, "was-on", self->was_on);
  g_key_file_set_string (file, GROUP, "settings", text);
  whole = g_key_file_to_data (file, NULL, NULL);
  if (g_file_set_contents_full (self->path, whole, -1,
                                G_FILE_SET_CONTENTS_CONSISTENT | G_FILE_SET_CONTENTS_DURABLE, 0600,
                                &why))
    return TRUE;
  g_set_error_literal (error, SP_ERROR, SP_ERROR_FAILED, why->message);
  return FALSE;
}

/* FALSE: there is none that can be read. */
static gboolean
read_file (SpCheckpoint *self)
{
  g_autoptr (GKeyFile) file = g_key_file_new ();
  g_autofree char *text = NULL;
  g_autofree guchar *bytes = NULL;
  g_autoptr (GError) error = NULL;
  gsize size;

  if (!g_key_file_load_from_file (file, self->path, G_KEY_FILE_NONE, &error))
    {
      if (!g_error_matches (error, G_FILE_ERROR, G_FILE_ERROR_NOENT))
        sp_log (SP_LOG_ERROR, "checkpoint", "%s: %s", self->path, error->message);
      return FALSE;
    }
  text = g_key_file_get_string (file, GROUP, "settings", NULL);
  self->id = g_key_file_get_string (file, GROUP, "id", NULL);
  self->until = g_key_file_get_int64 (file, GROUP, "until", NULL);
  self->was_on = g_key_file_get_boolean (file, GROUP, "was-on", NULL);
  if (self->id == NULL || text == NULL)
    {
      sp_log (SP_LOG_ERROR, "checkpoint", "%s is not one of this program", self->path);
      g_clear_pointer (&self->id, g_free);
      return FALSE;
    }
  bytes = g_base64_decode (text, &size);
  self->settings = g_strndup ((const char *) bytes, size);
  return TRUE;
}

static gboolean
remove_file (SpCheckpoint *self, GError **error)
{
  if (unlink (self->path) == 0 || errno == ENOENT)
    return TRUE;
  sp_error_set_errno (error, errno, "removing %s", self->path);
  return FALSE;
}

/* --- its end --- */

static void
forget (SpCheckpoint *self)
{
  g_clear_handle_id (&self->timer, g_source_remove);
  g_clear_pointer (&self->id, g_free);
  g_clear_pointer (&self->settings, g_free);
  self->until = 0;
  self->rolling_back = FALSE;
}

static void
end (SpCheckpoint *self, const char *outcome)
{
  g_autofree char *id = g_strdup (self->id);

  sp_log (SP_LOG_NOTICE, "checkpoint", "the change of the settings is over: %s", outcome);
  forget (self);
  g_signal_emit (self, signals[SIGNAL_CHANGED], 0);
  g_signal_emit (self, signals[SIGNAL_ENDED], 0, id, outcome);
}

static gboolean
check_id (SpCheckpoint *self, const char *id, GError **error)
{
  if (self->id != NULL && !self->rolling_back && strcmp (self->id, id) == 0)
    return TRUE;
  g_set_error (error, SP_ERROR, SP_ERROR_NOT_FOUND, "there is no such checkpoint, or it is over");
  return FALSE;
}

gboolean
sp_checkpoint_confirm (SpCheckpoint *self, const char *id, GError **error)
{
  if (!check_id (self, id, error) || !remove_file (self, error))
    return FALSE;
  end (self, "confirmed");
  return TRUE;
}

/* --- going back --- */

/* What a rollback waits for is over; takes `error`. */
static void
finish_rollback (GTask *task, GError *error)
{
  SpCheckpoint *self = g_task_get_source_object (task);
  g_autoptr (GError) failure = NULL;

  if (!remove_file (self, &failure))
    sp_log (SP_LOG_ERROR, "checkpoint", "%s", failure->message);
  if (error != NULL)
    sp_log (SP_LOG_ERROR, "checkpoint", "the server is not on again: %s", error->message);
  end (self, g_task_get_task_data (task));
  if (error != NULL)
    g_task_return_error (task, error);
  else
    g_task_return_boolean (task, TRUE);
}

static void settle (GTask *task);

static void
started_cb (GObject *server, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  GError *error = NULL;

  (void) sp_server_start_finish (SP_SERVER (server), result, &error);
  finish_rollback (task, error);
}

/* It was on its way when the settings came back. */
static void
arrived_cb (GObject *server, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  g_autoptr (GError) error = NULL;

  if (!sp_server_start_finish (SP_SERVER (server), result, &error))
    sp_log (SP_LOG_NOTICE, "checkpoint", "%s", error->message);
  settle (task);
}

static void
stopped_cb (GObject *server, GAsyncResult *result, gpointer user_data)
{
  GTask *task = user_data;
  g_autoptr (GError) error = NULL;

  if (!sp_server_stop_finish (SP_SERVER (server), result, &error))
    sp_log (SP_LOG_WARNING, "checkpoint", "%s", error->message);
  sp_server_start_async (SP_SERVER (server), NULL, started_cb, task);
}

/* The settings are back: the server is on with them, if it was on. */
static void
settle (GTask *task)
{
  SpCheckpoint *self = g_task_get_source_object (task);

  if (!self->was_on)
    {
      finish_rollback (task, NULL);
      return;
    }
  switch (sp_server_get_state (self->server))
    {
      case SP_SERVER_ON:
        finish_rollback (task, NULL);
        break;
      case SP_SERVER_STARTING:
        sp_server_start_async (self->server, NULL, arrived_cb, g_object_ref (task));
        break;
      case SP_SERVER_STOPPING:
        sp_server_stop_async (self->server, TRUE, NULL, stopped_cb, g_object_ref (task));
        break;
      case SP_SERVER_OFF:
      case SP_SERVER_FAILED:
        sp_server_start_async (self->server, NULL, started_cb, g_object_ref (task));
        break;
    }
}

static gboolean
begin_rollback (SpCheckpoint *self, GTask *task, GError **error)
{
  if (!sp_configuration_restore (get_configuration (self), self->settings, error))
    return FALSE;
  g_clear_handle_id (&self->timer, g_source_remove);
  self->rolling_back = TRUE;
  settle (task);
  return TRUE;
}

static gboolean
over_cb (gpointer user_data)
{
  SpCheckpoint *self = user_data;
  g_autoptr (GTask) task = g_task_new (self, NULL, NULL, NULL);
  g_autoptr (GError) error = NULL;

  g_task_set_task_data (task, (gpointer) "expired", NULL);
  self->timer = 0;
  if (!begin_rollback (self, task, &error))
    {
      sp_log (SP_LOG_ERROR, "checkpoint", "the settings of before do not come back yet: %s",
              error->message);
      self->timer = g_timeout_add_seconds (RETRY_SECONDS, over_cb, self);
      g_task_return_boolean (task, FALSE);
    }
  return G_SOURCE_REMOVE;
}

void
sp_checkpoint_rollback_async (SpCheckpoint *self,
                              const char *id,
                              GAsyncReadyCallback callback,
                              gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (self, NULL, callback, user_data);
  GError *error = NULL;

  g_task_set_task_data (task, (gpointer) "rolled-back", NULL);
  if (!check_id (self, id, &error) || !begin_rollback (self, task, &error))
    g_task_return_error (task, error);
}

gboolean
sp_checkpoint_rollback_finish (SpCheckpoint *self, GAsyncResult *result, GError **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}

/* --- its life --- */

static void
arm (SpCheckpoint *self)
{
  gint64 left = (self->until - g_get_real_time () + G_USEC_PER_SEC - 1) / G_USEC_PER_SEC;

  /* However wrong the clock is, nobody waits for longer than that. */
  self->timer =
      g_timeout_add_seconds ((guint) CLAMP (left, 0, SP_CHECKPOINT_SECONDS_MAX), over_cb, self);
}

/* Its time was over while nobody was there: the settings are read afterwards. */
static gboolean
restore_overdue (SpCheckpoint *self)
{
  g_autoptr (GError) error = NULL;

  if (self->until > g_get_real_time () ||
      !sp_configuration_write_back (get_configuration (self), self->settings, &error) ||
      !remove_file (self, &error))
    {
      if (error != NULL)
        sp_log (SP_LOG_ERROR, "checkpoint", "%s", error->message);
      return FALSE;
    }
  sp_log (SP_LOG_NOTICE, "checkpoint", "nobody confirmed the settings: those of before are back");
  forget (self);
  return TRUE;
}

SpCheckpoint *
sp_checkpoint_new (SpServer *server, const char *folder)
{
  SpCheckpoint *self = g_object_new (SP_TYPE_CHECKPOINT, NULL);

  self->server = server;
  self->path = g_build_filename (folder, FILE_NAME, NULL);
  if (read_file (self) && !restore_overdue (self))
    arm (self);
  return self;
}

gboolean
sp_checkpoint_create (SpCheckpoint *self, guint seconds, GError **error)
{
  SpServerState state = sp_server_get_state (self->server);

  if (self->id != NULL)
    {
      g_set_error (error, SP_ERROR, SP_ERROR_CHECKPOINT_ACTIVE,
                   "another change of the settings waits to be confirmed");
      return FALSE;
    }
  self->settings = sp_configuration_read (get_configuration (self), error);
  if (self->settings == NULL)
    return FALSE;
  self->id = g_uuid_string_random ();
  self->until = g_get_real_time () + (gint64) seconds * G_USEC_PER_SEC;
  self->was_on = state == SP_SERVER_ON || state == SP_SERVER_STARTING;
  if (!write_file (self, error))
    {
      forget (self);
      return FALSE;
    }
  arm (self);
  g_signal_emit (self, signals[SIGNAL_CHANGED], 0);
  return TRUE;
}

const char *
sp_checkpoint_get_id (SpCheckpoint *self)
{
  return self->rolling_back ? NULL : self->id;
}

gint64
sp_checkpoint_get_until (SpCheckpoint *self)
{
  return sp_checkpoint_get_id (self) != NULL ? self->until : 0;
}
