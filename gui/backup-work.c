/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "backup-work.h"

#include "base/io.h"
#include "client/sealed-bytes.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>

#define FILE_MODE 0600
#define PART      ".part"

typedef struct
{
  char *part; /* of a backup that is written */
  char *path;
} Saving;

static void
saving_free (Saving *saving)
{
  if (saving->part != NULL)
    (void) g_unlink (saving->part);
  g_free (saving->part);
  g_free (saving->path);
  g_free (saving);
}

static GVariant *
no_options (void)
{
  return g_variant_new_array (G_VARIANT_TYPE ("{sv}"), NULL, 0);
}

/* A list with the open file at 0 and the passphrase at 1; NULL: the task has its error. */
static GUnixFDList *
hand_over (GTask *task, const char *path, int flags, const char *passphrase)
{
  g_autoptr (GUnixFDList) descriptors = g_unix_fd_list_new ();
  GError *error = NULL;
  sp_autofd int fd = path != NULL ? open (path, flags | O_CLOEXEC, FILE_MODE) : -1;

  if (path == NULL)
    g_set_error_literal (&error, G_IO_ERROR, G_IO_ERROR_NOT_SUPPORTED, "not a file of a disk");
  else if (fd < 0)
    g_set_error_literal (&error, G_IO_ERROR, g_io_error_from_errno (errno), g_strerror (errno));
  else if (g_unix_fd_list_append (descriptors, fd, &error) >= 0 &&
           sp_sealed_bytes_append (descriptors, passphrase, strlen (passphrase), &error) >= 0)
    return g_steal_pointer (&descriptors);
  g_task_return_error (task, error);
  return NULL;
}

/* --- saving --- */

static void
on_saved (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (GTask) task = data;
  Saving *saving = g_task_get_task_data (task);
  GError *error = NULL;

  if (!sp_bus_server_call_export_backup_finish (SP_BUS_SERVER (source), NULL, NULL, result, &error))
    {
      g_task_return_error (task, error);
      return;
    }
  if (g_rename (saving->part, saving->path) < 0)
    {
      g_task_return_new_error (task, G_IO_ERROR, g_io_error_from_errno (errno), "%s",
                               g_strerror (errno));
      return;
    }
  g_clear_pointer (&saving->part, g_free);
  g_task_return_boolean (task, TRUE);
}

void
sp_backup_work_save (SpServerConnection *connection,
                     GFile *file,
                     const char *passphrase,
                     GAsyncReadyCallback callback,
                     gpointer data)
{
  g_autoptr (GTask) task = g_task_new (connection, NULL, callback, data);
  Saving *saving = g_new0 (Saving, 1);
  g_autoptr (GUnixFDList) descriptors = NULL;

  saving->path = g_file_get_path (file);
  saving->part = saving->path != NULL ? g_strconcat (saving->path, PART, NULL) : NULL;
  g_task_set_task_data (task, saving, (GDestroyNotify) saving_free);
  descriptors = hand_over (task, saving->part, O_WRONLY | O_CREAT | O_TRUNC, passphrase);
  if (descriptors == NULL)
    return;
  sp_bus_server_call_export_backup (sp_server_connection_get_server (connection),
                                    g_variant_new_handle (0), g_variant_new_handle (1),
                                    no_options (), SP_CALL_FLAGS, SP_CALL_TIMEOUT, descriptors,
                                    NULL, on_saved, g_steal_pointer (&task));
}

gboolean
sp_backup_work_save_finish (GAsyncResult *result, GError **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}

/* --- looking --- */

static void
on_checked (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (GTask) task = data;
  GVariant *facts = NULL;
  GError *error = NULL;

  if (sp_bus_server_call_check_backup_finish (SP_BUS_SERVER (source), &facts, NULL, result, &error))
    g_task_return_pointer (task, facts, (GDestroyNotify) g_variant_unref);
  else
    g_task_return_error (task, error);
}

void
sp_backup_work_check (SpServerConnection *connection,
                      GFile *file,
                      const char *passphrase,
                      GAsyncReadyCallback callback,
                      gpointer data)
{
  g_autoptr (GTask) task = g_task_new (connection, NULL, callback, data);
  g_autofree char *path = g_file_get_path (file);
  g_autoptr (GUnixFDList) descriptors = hand_over (task, path, O_RDONLY, passphrase);

  if (descriptors == NULL)
    return;
  sp_bus_server_call_check_backup (sp_server_connection_get_server (connection),
                                   g_variant_new_handle (0), g_variant_new_handle (1),
                                   no_options (), SP_CALL_FLAGS, SP_CALL_TIMEOUT, descriptors, NULL,
                                   on_checked, g_steal_pointer (&task));
}

GVariant *
sp_backup_work_check_finish (GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}

/* --- restoring --- */

static void
on_restored (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (GTask) task = data;
  GError *error = NULL;

  if (sp_bus_server_call_import_backup_finish (SP_BUS_SERVER (source), NULL, NULL, result, &error))
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_error (task, error);
}

void
sp_backup_work_restore (SpServerConnection *connection,
                        GFile *file,
                        const char *passphrase,
                        gboolean settings,
                        GAsyncReadyCallback callback,
                        gpointer data)
{
  g_autoptr (GTask) task = g_task_new (connection, NULL, callback, data);
  g_autofree char *path = g_file_get_path (file);
  g_autoptr (GUnixFDList) descriptors = hand_over (task, path, O_RDONLY, passphrase);
  GVariantDict options;

  if (descriptors == NULL)
    return;
  g_variant_dict_init (&options, NULL);
  g_variant_dict_insert (&options, "settings", "b", settings);
  sp_bus_server_call_import_backup (sp_server_connection_get_server (connection),
                                    g_variant_new_handle (0), g_variant_new_handle (1),
                                    g_variant_dict_end (&options), SP_CALL_FLAGS, SP_CALL_TIMEOUT,
                                    descriptors, NULL, on_restored, g_steal_pointer (&task));
}

gboolean
sp_backup_work_restore_finish (GAsyncResult *result, GError **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}

/* --- weekly backups --- */

static void
on_set (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (GTask) task = data;
  GError *error = NULL;

  if (sp_bus_server_call_set_backup_passphrase_finish (SP_BUS_SERVER (source), NULL, result,
                                                       &error))
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_error (task, error);
}

void
sp_backup_work_set_passphrase (SpServerConnection *connection,
                               const char *passphrase,
                               GAsyncReadyCallback callback,
                               gpointer data)
{
  g_autoptr (GTask) task = g_task_new (connection, NULL, callback, data);
  g_autoptr (GUnixFDList) descriptors = g_unix_fd_list_new ();
  GError *error = NULL;

  if (sp_sealed_bytes_append (descriptors, passphrase, strlen (passphrase), &error) < 0)
    {
      g_task_return_error (task, error);
      return;
    }
  sp_bus_server_call_set_backup_passphrase (
      sp_server_connection_get_server (connection), g_variant_new_handle (0), no_options (),
      SP_CALL_FLAGS, SP_CALL_TIMEOUT, descriptors, NULL, on_set, g_steal_pointer (&task));
}

gboolean
sp_backup_work_set_passphrase_finish (GAsyncResult *result, GError **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}
