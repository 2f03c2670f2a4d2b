/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "remote/own-key.h"

#include "remote/error.h"

#include <errno.h>
#include <glib/gstdio.h>
#include <string.h>

char *
sp_own_key_get_path (const char *folder)
{
  return g_build_filename (folder, "id_ed25519", NULL);
}

static void
return_failure (GTask *task, const char *what)
{
  g_task_return_new_error (task, SP_REMOTE_ERROR, SP_REMOTE_ERROR_NO_KEY,
                           "this app's key could not be made: %s", what);
}

static void
return_key (GTask *task)
{
  g_autofree char *path = g_strconcat (g_task_get_task_data (task), ".pub", NULL);
  g_autoptr (GError) error = NULL;
  char *text;

  if (!g_file_get_contents (path, &text, NULL, &error))
    {
      return_failure (task, error->message);
      return;
    }
  g_task_return_pointer (task, g_strchomp (text), g_free);
}

static void
on_made (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (GTask) task = data;
  g_autoptr (GError) error = NULL;
  g_autofree char *words = NULL;

  if (!g_subprocess_communicate_utf8_finish (G_SUBPROCESS (source), result, NULL, &words, &error))
    return_failure (task, error->message);
  else if (!g_subprocess_get_successful (G_SUBPROCESS (source)))
    return_failure (task, g_strstrip (words));
  else
    return_key (task);
}

static void
make (GTask *task, const char *path)
{
  g_autofree char *comment = g_strdup_printf ("sallyport@%s", g_get_host_name ());
  g_autoptr (GSubprocess) program = NULL;
  g_autoptr (GError) error = NULL;

  program = g_subprocess_new (G_SUBPROCESS_FLAGS_STDOUT_SILENCE | G_SUBPROCESS_FLAGS_STDERR_PIPE,
                              &error, "ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", comment,
                              "-f", path, NULL);
  if (program == NULL)
    {
      return_failure (task, error->message);
      g_object_unref (task);
    }
  else
    g_subprocess_communicate_utf8_async (program, NULL, g_task_get_cancellable (task), on_made,
                                         task);
}

void
sp_own_key_make (const char *folder,
                 GCancellable *cancellable,
                 GAsyncReadyCallback callback,
                 gpointer data)
{
  GTask *task = g_task_new (NULL, cancellable, callback, data);
  char *path = sp_own_key_get_path (folder);

  g_task_set_source_tag (task, sp_own_key_make);
  g_task_set_task_data (task, path, g_free);
  if (g_file_test (path, G_FILE_TEST_EXISTS))
    return_key (task);
  else if (g_mkdir_with_parents (folder, 0700) < 0)
    return_failure (task, g_strerror (errno));
  else
    {
      make (task, path);
      return;
    }
  g_object_unref (task);
}

char *
sp_own_key_make_finish (GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}
