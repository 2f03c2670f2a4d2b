/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "backup-stream.h"

#include "base/error.h"
#include "base/io.h"
#include "base/secret.h"

#include <errno.h>
#include <sodium.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define SEALING    crypto_secretstream_xchacha20poly1305_ABYTES
#define SEALED_MAX (SP_BACKUP_CHUNK + SEALING)
#define SIZES_SIZE (8 * SP_BACKUP_N_PARTS)
#define TAG_MORE   crypto_secretstream_xchacha20poly1305_TAG_MESSAGE
#define WRONG_KEY  "the passphrase is not that of this backup (or its first bytes are damaged)"
#define TAG_FINAL  crypto_secretstream_xchacha20poly1305_TAG_FINAL

G_STATIC_ASSERT (SP_BACKUP_KEY_SIZE == crypto_secretstream_xchacha20poly1305_KEYBYTES);
G_STATIC_ASSERT (SP_BACKUP_NONCE_SIZE == crypto_secretstream_xchacha20poly1305_HEADERBYTES);
G_STATIC_ASSERT (SP_BACKUP_SALT_SIZE == crypto_pwhash_argon2id_SALTBYTES);
G_STATIC_ASSERT (SP_BACKUP_MEMORY_MIN * 1024 >= crypto_pwhash_argon2id_MEMLIMIT_MIN);

typedef struct
{
  crypto_secretstream_xchacha20poly1305_state state;
  int fd;
  const int *stop;
  const guint8 *header; /* what the first message authenticates besides; NULL behind it */
  guint8 plain[SP_BACKUP_CHUNK];
  guint8 sealed[SEALED_MAX];
} Stream;

static void
stream_free (Stream *stream)
{
  sp_secret_wipe (stream, sizeof *stream);
  g_free (stream);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Stream, stream_free)

gboolean
sp_backup_begin (GError **error)
{
  if (sodium_init () >= 0)
    return TRUE;
  g_set_error_literal (error, SP_ERROR, SP_ERROR_FAILED, "libsodium cannot be used");
  return FALSE;
}

gboolean
sp_backup_derive_key (const guint8 *passphrase,
                      gsize length,
                      const SpBackupHeader *header,
                      guint8 key[SP_BACKUP_KEY_SIZE],
                      GError **error)
{
  if (crypto_pwhash (key, SP_BACKUP_KEY_SIZE, (const char *) passphrase, length, header->salt,
                     header->passes, (gsize) header->memory * 1024,
                     crypto_pwhash_ALG_ARGON2ID13) == 0)
    return TRUE;
  g_set_error (error, SP_ERROR, SP_ERROR_FAILED,
               "a passphrase takes %u MiB of memory, which are not there", header->memory / 1024);
  return FALSE;
}

static gboolean
is_stopped (Stream *stream, GError **error)
{
  if (stream->stop == NULL || g_atomic_int_get (stream->stop) == 0)
    return FALSE;
  g_set_error_literal (error, SP_ERROR, SP_ERROR_BUSY, "the work was broken off");
  return TRUE;
}

static gboolean
write_all (int fd, const guint8 *bytes, gsize size, GError **error)
{
  while (size > 0)
    {
      ssize_t written = write (fd, bytes, size);

      if (written < 0 && errno == EINTR)
        continue;
      if (written < 0)
        {
          sp_error_set_errno (error, errno, "writing");
          return FALSE;
        }
      bytes += written;
      size -= (gsize) written;
    }
  return TRUE;
}

/* As many bytes as there are, `size` at most; -1 on failure. */
static gssize
read_some (int fd, guint8 *bytes, gsize size, GError **error)
{
  gsize used = 0;

  while (used < size)
    {
      ssize_t got = read (fd, bytes + used, size - used);

      if (got < 0 && errno == EINTR)
        continue;
      if (got < 0)
        {
          sp_error_set_errno (error, errno, "reading");
          return -1;
        }
      if (got == 0)
        break;
      used += (gsize) got;
    }
  return (gssize) used;
}

static gboolean
flush (int fd, GError **error)
{
  /* memory files and the like have nothing to flush */
  if (fsync (fd) == 0 || errno == EINVAL || errno == EROFS)
    return TRUE;
  sp_error_set_errno (error, errno, "writing to the disk");
  return FALSE;
}

/* --- writing --- */

static gboolean
seal (Stream *stream, gsize size, guint8 tag, GError **error)
{
  unsigned long long sealed_size;

  if (is_stopped (stream, error))
    return FALSE;
  (void) crypto_secretstream_xchacha20poly1305_push (
      &stream->state, stream->sealed, &sealed_size, stream->plain, size, stream->header,
      stream->header != NULL ? SP_BACKUP_HEADER_SIZE : 0, tag);
  stream->header = NULL;
  return write_all (stream->fd, stream->sealed, sealed_size, error);
}

static gboolean
measure_parts (const int *parts, guint64 *sizes, GError **error)
{
  struct stat facts;

  for (guint i = 0; i < SP_BACKUP_N_PARTS; i++)
    {
      if (fstat (parts[i], &facts) != 0 || lseek (parts[i], 0, SEEK_SET) != 0)
        {
          sp_error_set_errno (error, errno, "measuring what is to be kept");
          return FALSE;
        }
      sizes[i] = (guint64) facts.st_size;
    }
  return TRUE;
}

static void
put_sizes (const guint64 *sizes, guint8 *bytes)
{
  for (guint i = 0; i < SP_BACKUP_N_PARTS; i++)
    {
      guint64 size = GUINT64_TO_BE (sizes[i]);

      memcpy (bytes + 8 * i, &size, sizeof size);
    }
}

/* Fills the plain buffer from the parts; `sizes` counts down what is left of each. */
static gssize
collect (Stream *stream, const int *parts, guint64 *sizes, GError **error)
{
  gsize used = 0;

  for (guint i = 0; i < SP_BACKUP_N_PARTS; i++)
    {
      gsize wanted = MIN (sizes[i], SP_BACKUP_CHUNK - used);
      gssize got = wanted > 0 ? read_some (parts[i], stream->plain + used, wanted, error) : 0;

      if (got < 0)
        return -1;
      if ((gsize) got != wanted)
        {
          g_set_error_literal (error, SP_ERROR, SP_ERROR_FAILED,
                               "what is to be kept changed meanwhile");
          return -1;
        }
      sizes[i] -= wanted;
      used += wanted;
    }
  return (gssize) used;
}

static gboolean
write_parts (Stream *stream, const int *parts, guint64 *sizes, GError **error)
{
  gboolean more = TRUE;

  while (more)
    {
      gssize used = collect (stream, parts, sizes, error);

      more = FALSE;
      for (guint i = 0; i < SP_BACKUP_N_PARTS; i++)
        more = more || sizes[i] > 0;
      if (used < 0 || !seal (stream, (gsize) used, more ? TAG_MORE : TAG_FINAL, error))
        return FALSE;
    }
  return TRUE;
}

gboolean
sp_backup_write (int fd,
                 SpBackupHeader *header,
                 const guint8 *key,
                 const int parts[SP_BACKUP_N_PARTS],
                 const int *stop,
                 GError **error)
{
  g_autoptr (Stream) stream = g_new0 (Stream, 1);
  guint8 bytes[SP_BACKUP_HEADER_SIZE];
  guint64 sizes[SP_BACKUP_N_PARTS];

  stream->fd = fd;
  stream->stop = stop;
  stream->header = bytes;
  (void) crypto_secretstream_xchacha20poly1305_init_push (&stream->state, header->nonce, key);
  sp_backup_header_write (header, bytes);
  if (!measure_parts (parts, sizes, error) || !write_all (fd, bytes, SP_BACKUP_HEADER_SIZE, error))
    return FALSE;
  put_sizes (sizes, stream->plain);
  return seal (stream, SIZES_SIZE, TAG_MORE, error) && write_parts (stream, parts, sizes, error) &&
         flush (fd, error);
}

/* --- reading --- */

static gboolean
refuse (GError **error, const char *text)
{
  g_set_error_literal (error, SP_ERROR, SP_ERROR_INVALID_ARGUMENTS, text);
  return FALSE;
}

gboolean
sp_backup_read_header (int fd,
                       SpBackupHeader *ret_header,
                       guint8 ret_bytes[SP_BACKUP_HEADER_SIZE],
                       GError **error)
{
  gssize size = read_some (fd, ret_bytes, SP_BACKUP_HEADER_SIZE, error);

  if (size < 0)
    return FALSE;
  switch (sp_backup_header_read (ret_bytes, (gsize) size, ret_header))
    {
      case SP_BACKUP_OK:
        return TRUE;
      case SP_BACKUP_FOREIGN:
        return refuse (error, "the file is not a backup of this program");
      case SP_BACKUP_NEWER:
        return refuse (error, "the backup was made by a newer version of this program");
      case SP_BACKUP_DAMAGED:
        break;
    }
  return refuse (error, "the backup is damaged at its beginning");
}

/* Reads and opens the next message, which has `size` plain bytes. */
static gboolean
unseal (Stream *stream, gsize size, gboolean last, GError **error)
{
  gboolean first = stream->header != NULL;
  unsigned long long plain_size;
  guint8 tag;
  gssize got;

  if (is_stopped (stream, error))
    return FALSE;
  got = read_some (stream->fd, stream->sealed, size + SEALING, error);
  if (got < 0)
    return FALSE;
  if ((gsize) got < size + SEALING)
    return refuse (error, "the backup is cut off");
  if (crypto_secretstream_xchacha20poly1305_pull (&stream->state, stream->plain, &plain_size, &tag,
                                                  stream->sealed, size + SEALING, stream->header,
                                                  first ? SP_BACKUP_HEADER_SIZE : 0) != 0)
    return refuse (error, first ? WRONG_KEY : "the backup is damaged");
  stream->header = NULL;
  if (tag != (last ? TAG_FINAL : TAG_MORE))
    return refuse (error, "the backup is damaged");
  return TRUE;
}

static gboolean
get_sizes (const guint8 *bytes, guint64 *sizes, GError **error)
{
  guint64 sum = 0;

  for (guint i = 0; i < SP_BACKUP_N_PARTS; i++)
    {
      memcpy (&sizes[i], bytes + 8 * i, sizeof sizes[i]);
      sizes[i] = GUINT64_FROM_BE (sizes[i]);
      if (sizes[i] > G_MAXINT64 - sum)
        return refuse (error, "the backup is damaged");
      sum += sizes[i];
    }
  return TRUE;
}

/* Hands the plain buffer out to the parts' sinks. */
static gboolean
distribute (Stream *stream, const int *sinks, guint64 *sizes, GError **error)
{
  gsize used = 0;

  for (guint i = 0; i < SP_BACKUP_N_PARTS; i++)
    {
      gsize size = MIN (sizes[i], SP_BACKUP_CHUNK - used);

      if (size > 0 && sinks[i] >= 0 && !write_all (sinks[i], stream->plain + used, size, error))
        return FALSE;
      sizes[i] -= size;
      used += size;
    }
  return TRUE;
}

static guint64
count_left (const guint64 *sizes)
{
  guint64 left = 0;

  for (guint i = 0; i < SP_BACKUP_N_PARTS; i++)
    left += sizes[i];
  return left;
}

static gboolean
read_parts (Stream *stream, const int *sinks, guint64 *sizes, GError **error)
{
  guint64 left;

  do
    {
      gsize size;

      left = count_left (sizes);
      size = MIN (left, SP_BACKUP_CHUNK);
      if (!unseal (stream, size, size == left, error) || !distribute (stream, sinks, sizes, error))
        return FALSE;
      left -= size;
    }
  while (left > 0);
  return TRUE;
}

static gboolean
expect_end (Stream *stream, GError **error)
{
  gssize got = read_some (stream->fd, stream->sealed, 1, error);

  if (got > 0)
    return refuse (error, "something follows the end of the backup");
  return got == 0;
}

gboolean
sp_backup_read (int fd,
                const guint8 header_bytes[SP_BACKUP_HEADER_SIZE],
                const guint8 *key,
                const int sinks[SP_BACKUP_N_PARTS],
                const int *stop,
                GError **error)
{
  g_autoptr (Stream) stream = g_new0 (Stream, 1);
  guint64 sizes[SP_BACKUP_N_PARTS];
  SpBackupHeader header;

  stream->fd = fd;
  stream->stop = stop;
  stream->header = header_bytes;
  if (sp_backup_header_read (header_bytes, SP_BACKUP_HEADER_SIZE, &header) != SP_BACKUP_OK ||
      crypto_secretstream_xchacha20poly1305_init_pull (&stream->state, header.nonce, key) != 0)
    return refuse (error, "the backup is damaged at its beginning");
  if (!unseal (stream, SIZES_SIZE, FALSE, error) || !get_sizes (stream->plain, sizes, error) ||
      !read_parts (stream, sinks, sizes, error) || !expect_end (stream, error))
    return FALSE;
  for (guint i = 0; i < SP_BACKUP_N_PARTS; i++)
    if (sinks[i] >= 0 && !flush (sinks[i], error))
      return FALSE;
  return TRUE;
}
