/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "server-backup.h"

#include "server-private.h"

#include "base/error.h"
#include "base/io.h"
#include "base/log.h"
#include "checkpoint.h"
#include "restore.h"
#include "setting-row.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

typedef struct
{
  char *state_folder;
  int file;
  int passphrase;
  SpRestoreFiles parts;   /* EXPORT: what is sealed; IMPORT: where it goes */
  gboolean with_settings; /* IMPORT: they are taken over, too */
  gboolean by_kept_key;   /* EXPORT: without a passphrase */
  SpBackupSealed *facts;  /* of what was imported */
} Job;

static void
job_free (Job *job)
{
  sp_fd_clear (&job->file);
  sp_fd_clear (&job->passphrase);
  sp_fd_clear (&job->parts.settings);
  sp_fd_clear (&job->parts.database);
  g_free (job->facts);
  g_free (job->state_folder);
  g_free (job);
}

static GTask *
task_new (
    SpServer *self, int file, int passphrase, GAsyncReadyCallback callback, gpointer user_data)
{
  GTask *task = g_task_new (self, NULL, callback, user_data);
  Job *job = g_new0 (Job, 1);

  job->state_folder = g_strdup (self->state_folder);
  job->file = file;
  job->passphrase = passphrase;
  job->parts = (SpRestoreFiles){ -1, -1 };
  g_task_set_task_data (task, job, (GDestroyNotify) job_free);
  return task;
}

SpBackupSealed *
sp_server_backup_finish (SpServer *self, GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}

gboolean
sp_server_backup_done_finish (SpServer *self, GAsyncResult *result, GError **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}

/* For what is asked in the same message, and means nothing there. */
static int
empty_file (GError **error)
{
  int fd = memfd_create ("nothing", MFD_CLOEXEC);

  if (fd < 0)
    sp_error_set_errno (error, errno, "making a memory file");
  return fd;
}

/* --- export --- */

static int
copy_settings (const char *path, GError **error)
{
  sp_autofd int fd = empty_file (error);
  g_autofree char *text = NULL;
  g_autoptr (GError) failure = NULL;
  gsize size = 0;

  if (fd < 0)
    return -1;
  if (!g_file_get_contents (path, &text, &size, &failure) &&
      !g_error_matches (failure, G_FILE_ERROR, G_FILE_ERROR_NOENT))
    {
      g_set_error (error, SP_ERROR, SP_ERROR_FAILED, "%s", failure->message);
      return -1;
    }
  if (size > 0 && write (fd, text, size) != (gssize) size)
    {
      sp_error_set_errno (error, errno, "copying %s", path);
      return -1;
    }
  return sp_fd_steal (&fd);
}

/* In a thread: the database may be large. */
static void
copy_store (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  GError *error = NULL;
  int fd = sp_store_copy (data, &error);

  if (error != NULL)
    g_task_return_error (task, error);
  else
    g_task_return_int (task, fd);
}

static void
seal (GTask *task)
{
  SpServer *self = g_task_get_source_object (task);
  Job *job = g_task_get_task_data (task);
  SpSealBackup message = { .created = (guint64) g_get_real_time (),
                           .main_schema = sp_store_get_schema () };
  const int fds[SP_BACKUP_FDS] = { job->file, job->passphrase, job->parts.settings,
                                   job->parts.database };

  message.by_kept_key = job->by_kept_key ? 1 : 0;
  message.program_length = (guint16) MIN (strlen (SP_VERSION), sizeof message.program);
  memcpy (message.program, SP_VERSION, message.program_length);
  sp_keyholder_client_seal_backup (self->keyholder, &message, fds, task);
}

static void
on_copied (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  Job *job = g_task_get_task_data (task);
  GError *error = NULL;

  job->parts.database = (int) g_task_propagate_int (G_TASK (result), &error);
  if (error == NULL)
    job->parts.settings =
        copy_settings (sp_configuration_get_path (SP_SERVER (source)->configuration), &error);
  if (error != NULL)
    g_task_return_error (task, error);
  else
    seal (task);
}

void
sp_server_export_async (
    SpServer *self, int file, int passphrase, GAsyncReadyCallback callback, gpointer user_data)
{
  g_autoptr (GTask) task = task_new (self, file, passphrase, callback, user_data);
  g_autoptr (GTask) copying = NULL;
  Job *job = g_task_get_task_data (task);
  GError *error = NULL;

  job->by_kept_key = passphrase < 0;
  if (job->by_kept_key)
    job->passphrase = empty_file (&error);
  if (error != NULL)
    {
      g_task_return_error (task, error);
      return;
    }
  sp_user_registry_write_first_logins (self->users);
  copying = g_task_new (self, NULL, on_copied, g_object_ref (task));
  g_task_set_task_data (copying, g_strdup (self->state_folder), g_free);
  g_task_run_in_thread (copying, copy_store);
}

/* --- check and import --- */

static void
open_backup (SpServer *self, GTask *task, gboolean keep)
{
  Job *job = g_task_get_task_data (task);
  SpOpenBackup message = { .keep = keep ? 1 : 0, .main_schema = sp_store_get_schema () };
  const int fds[SP_BACKUP_FDS] = { job->file, job->passphrase, job->parts.settings,
                                   job->parts.database };

  sp_keyholder_client_open_backup (self->keyholder, &message, fds, task);
}

void
sp_server_check_backup_async (
    SpServer *self, int file, int passphrase, GAsyncReadyCallback callback, gpointer user_data)
{
  g_autoptr (GTask) task = task_new (self, file, passphrase, callback, user_data);
  Job *job = g_task_get_task_data (task);
  GError *error = NULL;

  job->parts.settings = empty_file (&error);
  if (error == NULL)
    job->parts.database = empty_file (&error);
  if (error != NULL)
    g_task_return_error (task, error);
  else
    open_backup (self, task, FALSE);
}

static gboolean
check_settings (SpServer *self, gboolean wanted, GError **error)
{
  g_autofree char *path = sp_restore_get_settings (sp_configuration_get_path (self->configuration));
  g_autoptr (SpSettings) settings = NULL;

  if (!wanted)
    {
      (void) unlink (path);
      return TRUE;
    }
  settings = sp_settings_load (path, error);
  return settings != NULL;
}

/* Brings the tables up to date. */
static gboolean
prepare_store (SpServer *self, gboolean wanted_on, GError **error)
{
  g_autofree char *folder = sp_restore_get_folder (self->state_folder);
  g_autoptr (SpStore) store = sp_store_open (folder, error);

  return store != NULL && sp_store_check (store, error) &&
         sp_store_set_wanted (store, wanted_on, error);
}

/* From its TRUE on the new state counts.  Nothing else of the program runs in between, so that the
 * keyholder is the one that has just verified the backup, or will be told what to begin with. */
static gboolean
commit (SpServer *self, gboolean with_settings, gboolean on, guint8 origin, GError **error)
{
  gboolean committed = FALSE;

  if (self->change != NULL)
    g_set_error (error, SP_ERROR, SP_ERROR_BUSY, "the server is %s",
                 sp_server_state_to_string (self->state));
  else
    committed = check_settings (self, with_settings, error) && prepare_store (self, on, error) &&
                sp_restore_commit (self->state_folder,
                                   sp_configuration_get_path (self->configuration), origin, error);
  if (!committed)
    {
      sp_restore_discard (self->state_folder, sp_configuration_get_path (self->configuration));
      return FALSE;
    }
  self->origin = origin;
  sp_keyholder_client_set_origin (self->keyholder, origin);
  return TRUE;
}

static void
on_import_stopped (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  Job *job = g_task_get_task_data (task);
  g_autoptr (GError) error = NULL;

  if (!sp_server_stop_finish (SP_SERVER (source), result, &error))
    sp_log (SP_LOG_WARNING, "restore", "%s", error->message);
  g_task_return_pointer (task, g_steal_pointer (&job->facts), g_free);
}

static void
on_opened (GObject *source, GAsyncResult *result, gpointer user_data)
{
  SpServer *self = SP_SERVER (source);
  g_autoptr (GTask) task = user_data;
  Job *job = g_task_get_task_data (task);
  GError *error = NULL;

  self->importing = FALSE;
  job->facts = sp_server_backup_finish (self, result, &error);
  if (job->facts == NULL)
    sp_restore_discard (self->state_folder, sp_configuration_get_path (self->configuration));
  else if (commit (self, job->with_settings, sp_server_is_wanted (self), SP_ORIGIN_RESTORED,
                   &error))
    {
      sp_server_stop_async (self, FALSE, NULL, on_import_stopped, g_steal_pointer (&task));
      return;
    }
  else
    sp_keyholder_client_drop_restored (self->keyholder, job->facts->created);
  g_task_return_error (task, error);
}

/* One at a time, and none while the one before is not through. */
static gboolean
check_idle (SpServer *self, GError **error)
{
  if (sp_checkpoint_get_until (self->checkpoint) != 0)
    {
      g_set_error (error, SP_ERROR, SP_ERROR_CHECKPOINT_ACTIVE,
                   "a change of the settings waits to be confirmed");
      return FALSE;
    }
  if (!self->importing && self->origin == SP_ORIGIN_KEPT && self->change == NULL)
    return TRUE;
  g_set_error (error, SP_ERROR, SP_ERROR_BUSY,
               "the server is being started, stopped or restored; try again");
  return FALSE;
}

void
sp_server_import_async (SpServer *self,
                        int file,
                        int passphrase,
                        gboolean with_settings,
                        GAsyncReadyCallback callback,
                        gpointer user_data)
{
  g_autoptr (GTask) task = task_new (self, file, passphrase, callback, user_data);
  g_autoptr (GTask) opening = NULL;
  Job *job = g_task_get_task_data (task);
  GError *error = NULL;

  job->with_settings = with_settings;
  if (!check_idle (self, &error) ||
      !sp_restore_stage (self->state_folder, sp_configuration_get_path (self->configuration),
                         &job->parts, &error))
    {
      g_task_return_error (task, error);
      return;
    }
  self->importing = TRUE;
  opening = g_task_new (self, NULL, on_opened, g_object_ref (task));
  g_task_set_task_data (opening, job, NULL); /* the other task's, which lives longer */
  open_backup (self, opening, TRUE);
}

void
sp_server_finish_restore (SpServer *self)
{
  if (self->origin == SP_ORIGIN_KEPT)
    return;
  sp_restore_finish (self->state_folder);
  self->origin = SP_ORIGIN_KEPT;
  sp_keyholder_client_set_origin (self->keyholder, SP_ORIGIN_KEPT);
  sp_log (SP_LOG_NOTICE, "restore", "the new state is in its place");
}

/* --- the kept key, and reset --- */

static void
on_key_set (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  GError *error = NULL;

  if (!sp_server_backup_done_finish (SP_SERVER (source), result, &error))
    {
      g_task_return_error (task, error);
      return;
    }
  g_task_return_boolean (task, TRUE);
  sp_backup_schedule_look (SP_SERVER (source)->backups);
}

void
sp_server_set_backup_key_async (SpServer *self,
                                int passphrase,
                                GAsyncReadyCallback callback,
                                gpointer user_data)
{
  g_autoptr (GTask) task = task_new (self, -1, passphrase, callback, user_data);
  g_autoptr (GTask) setting = NULL;
  Job *job = g_task_get_task_data (task);
  GError *error = NULL;

  if (passphrase < 0)
    job->passphrase = empty_file (&error);
  if (error != NULL)
    {
      g_task_return_error (task, error);
      return;
    }
  setting = g_task_new (self, NULL, on_key_set, g_object_ref (task));
  sp_keyholder_client_set_backup_key (self->keyholder, passphrase >= 0, job->passphrase, setting);
}

static void
on_reset_stopped (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  g_autoptr (GError) error = NULL;

  if (!sp_server_stop_finish (SP_SERVER (source), result, &error))
    sp_log (SP_LOG_WARNING, "restore", "%s", error->message);
  g_task_return_boolean (task, TRUE);
}

static gboolean
write_default_settings (int fd, GError **error)
{
  g_autofree char *text = sp_setting_write_file ();
  gsize size = strlen (text);

  if (write (fd, text, size) == (gssize) size && fsync (fd) == 0)
    return TRUE;
  sp_error_set_errno (error, errno, "writing the settings");
  return FALSE;
}

void
sp_server_reset_async (SpServer *self, GAsyncReadyCallback callback, gpointer user_data)
{
  g_autoptr (GTask) task = task_new (self, -1, -1, callback, user_data);
  Job *job = g_task_get_task_data (task);
  GError *error = NULL;

  if (check_idle (self, &error) &&
      sp_restore_stage (self->state_folder, sp_configuration_get_path (self->configuration),
                        &job->parts, &error) &&
      write_default_settings (job->parts.settings, &error) &&
      commit (self, TRUE, FALSE, SP_ORIGIN_NOTHING, &error))
    sp_server_stop_async (self, FALSE, NULL, on_reset_stopped, g_steal_pointer (&task));
  else
    g_task_return_error (task, error);
}
