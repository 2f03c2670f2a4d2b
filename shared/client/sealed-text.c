/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "client/sealed-text.h"

#include "base/io.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static void
set_errno_error (GError **error, const char *what)
{
  g_set_error (error, G_IO_ERROR, g_io_error_from_errno (errno), "%s: %s", what,
               g_strerror (errno));
}

GUnixFDList *
sp_sealed_text_write (const char *text, GError **error)
{
  sp_autofd int fd = memfd_create ("secret", MFD_CLOEXEC | MFD_ALLOW_SEALING);
  gsize size = strlen (text);
  int handed;

  if (fd < 0 || write (fd, text, size) != (ssize_t) size ||
      fcntl (fd, F_ADD_SEALS, F_SEAL_WRITE | F_SEAL_GROW | F_SEAL_SHRINK | F_SEAL_SEAL) < 0)
    {
      set_errno_error (error, "handing over a secret");
      return NULL;
    }
  handed = sp_fd_steal (&fd);
  return g_unix_fd_list_new_from_array (&handed, 1);
}

GByteArray *
sp_sealed_text_read_bytes (GUnixFDList *descriptors,
                           GVariant *handle,
                           gsize size_max,
                           GError **error)
{
  sp_autofd int fd = -1;
  g_autoptr (GByteArray) bytes = g_byte_array_new ();
  ssize_t got;

  if (descriptors == NULL)
    {
      g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA,
                           "the answer came without its descriptor");
      return NULL;
    }
  fd = g_unix_fd_list_get (descriptors, g_variant_get_handle (handle), error);
  if (fd < 0)
    return NULL;
  g_byte_array_set_size (bytes, (guint) size_max);
  got = pread (fd, bytes->data, size_max, 0);
  if (got < 0)
    {
      set_errno_error (error, "reading what the server made");
      return NULL;
    }
  g_byte_array_set_size (bytes, (guint) got);
  return g_steal_pointer (&bytes);
}

char *
sp_sealed_text_read (GUnixFDList *descriptors, GVariant *handle, gsize size_max, GError **error)
{
  g_autoptr (GByteArray) bytes = sp_sealed_text_read_bytes (descriptors, handle, size_max, error);
  char *text = NULL;

  if (bytes == NULL)
    return NULL;
  if (g_utf8_validate ((const char *) bytes->data, bytes->len, NULL))
    text = g_strndup ((const char *) bytes->data, bytes->len);
  else
    g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA,
                         "what the server made is no text");
  sp_secret_wipe (bytes->data, bytes->len);
  return text;
}
