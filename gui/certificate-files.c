/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "certificate-files.h"

#include "base/secret.h"
#include "client/sealed-bytes.h"

#include <glib/gi18n.h>
#include <string.h>

void
sp_certificate_file_free (SpCertificateFile *file)
{
  g_free (file->name);
  g_bytes_unref (file->bytes);
  g_free (file);
}

/* A private key is not left in memory that others get. */
static void
wipe (gpointer data)
{
  GByteArray *bytes = data;

  sp_secret_wipe (bytes->data, bytes->len);
  g_byte_array_unref (bytes);
}

static gboolean
read_bytes (GFile *file, GByteArray *bytes, GCancellable *cancellable, GError **error)
{
  g_autoptr (GFileInputStream) stream = g_file_read (file, cancellable, error);
  gsize got = 0;

  g_byte_array_set_size (bytes, SP_CERTIFICATE_FILE_SIZE_MAX + 1);
  if (stream == NULL || !g_input_stream_read_all (G_INPUT_STREAM (stream), bytes->data, bytes->len,
                                                  &got, cancellable, error))
    return FALSE;
  g_byte_array_set_size (bytes, (guint) got);
  return TRUE;
}

static SpCertificateFile *
read_file (GFile *from, GCancellable *cancellable, GError **error)
{
  g_autofree char *base = g_file_get_basename (from);
  g_autofree char *name = g_filename_display_name (base != NULL ? base : "");
  GByteArray *bytes = g_byte_array_new ();
  g_autoptr (GBytes) owned = NULL;
  SpCertificateFile *file;

  if (!read_bytes (from, bytes, cancellable, error))
    {
      wipe (bytes);
      g_prefix_error (error, "%s: ", name);
      return NULL;
    }
  owned = g_bytes_new_with_free_func (bytes->data, bytes->len, wipe, bytes);
  if (bytes->len == 0 || bytes->len > SP_CERTIFICATE_FILE_SIZE_MAX)
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA,
                   bytes->len == 0 ? _ ("%s is empty") : _ ("%s is too large for a certificate"),
                   name);
      return NULL;
    }
  file = g_new0 (SpCertificateFile, 1);
  file->name = g_steal_pointer (&name);
  file->bytes = g_steal_pointer (&owned);
  return file;
}

/* In a thread: a file may lie on a disk that sleeps, or on another computer. */
static void
read_all (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  GPtrArray *from = data;
  g_autoptr (GPtrArray) files =
      g_ptr_array_new_with_free_func ((GDestroyNotify) sp_certificate_file_free);
  GError *error = NULL;

  for (guint i = 0; i < from->len; i++)
    {
      SpCertificateFile *file = read_file (from->pdata[i], cancellable, &error);

      if (file == NULL)
        {
          g_task_return_error (task, error);
          return;
        }
      g_ptr_array_add (files, file);
    }
  g_task_return_pointer (task, g_steal_pointer (&files), (GDestroyNotify) g_ptr_array_unref);
}

void
sp_certificate_files_read (GListModel *files,
                           GCancellable *cancellable,
                           GAsyncReadyCallback callback,
                           gpointer data)
{
  g_autoptr (GTask) task = g_task_new (NULL, cancellable, callback, data);
  GPtrArray *from = g_ptr_array_new_with_free_func (g_object_unref);

  for (guint i = 0; i < g_list_model_get_n_items (files); i++)
    g_ptr_array_add (from, g_list_model_get_item (files, i));
  g_task_set_task_data (task, from, (GDestroyNotify) g_ptr_array_unref);
  if (from->len > SP_CERTIFICATE_FILES_MAX)
    g_task_return_new_error (task, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT,
                             _ ("these are %u files, and %d are enough for any certificate"),
                             from->len, SP_CERTIFICATE_FILES_MAX);
  else
    g_task_run_in_thread (task, read_all);
}

GPtrArray *
sp_certificate_files_read_finish (GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}

GUnixFDList *
sp_certificate_files_hand_over (GPtrArray *files,
                                const char *passphrase,
                                GVariant **ret_handles,
                                GVariant **ret_options,
                                GError **error)
{
  g_autoptr (GUnixFDList) descriptors = g_unix_fd_list_new ();
  g_auto (GVariantBuilder) handles = G_VARIANT_BUILDER_INIT (G_VARIANT_TYPE ("ah"));
  g_auto (GVariantBuilder) options = G_VARIANT_BUILDER_INIT (G_VARIANT_TYPE_VARDICT);
  int handle = 0;

  for (guint i = 0; i < files->len && handle >= 0; i++)
    {
      SpCertificateFile *file = files->pdata[i];
      gsize size;
      gconstpointer bytes = g_bytes_get_data (file->bytes, &size);

      handle = sp_sealed_bytes_append (descriptors, bytes, size, error);
      g_variant_builder_add (&handles, "h", handle);
    }
  if (handle >= 0 && passphrase[0] != '\0')
    {
      handle = sp_sealed_bytes_append (descriptors, passphrase, strlen (passphrase), error);
      g_variant_builder_add (&options, "{sv}", "passphrase", g_variant_new_handle (handle));
    }
  if (handle < 0)
    return NULL;
  *ret_handles = g_variant_builder_end (&handles);
  *ret_options = g_variant_builder_end (&options);
  return g_steal_pointer (&descriptors);
}
