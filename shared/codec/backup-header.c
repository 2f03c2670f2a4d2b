/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "codec/backup-header.h"

#include "cursor.h"

#include <string.h>

#define MAGIC         "SPBACKUP"
#define MAGIC_SIZE    8
#define CHECKSUM_SIZE 16
#define CHECKED_SIZE  (SP_BACKUP_HEADER_SIZE - CHECKSUM_SIZE)

G_STATIC_ASSERT (MAGIC_SIZE + 2 + 2 + 8 + 4 + 4 + SP_BACKUP_SALT_SIZE + SP_BACKUP_NONCE_SIZE + 4 +
                     4 + SP_BACKUP_PROGRAM_SIZE + CHECKSUM_SIZE ==
                 SP_BACKUP_HEADER_SIZE);

static void
compute_checksum (const guint8 *bytes, guint8 *ret_checksum)
{
  GChecksum *checksum = g_checksum_new (G_CHECKSUM_SHA256);
  guint8 digest[32];
  gsize size = sizeof digest;

  g_checksum_update (checksum, bytes, CHECKED_SIZE);
  g_checksum_get_digest (checksum, digest, &size);
  g_checksum_free (checksum);
  memcpy (ret_checksum, digest, CHECKSUM_SIZE);
}

static guint8 *
put_number (guint8 *at, guint64 number, guint size)
{
  for (guint i = 0; i < size; i++)
    at[i] = (guint8) (number >> 8 * (size - 1 - i));
  return at + size;
}

static guint8 *
put_bytes (guint8 *at, gconstpointer bytes, gsize size)
{
  memcpy (at, bytes, size);
  return at + size;
}

void
sp_backup_header_write (const SpBackupHeader *header, guint8 bytes[SP_BACKUP_HEADER_SIZE])
{
  char program[SP_BACKUP_PROGRAM_SIZE] = { 0 };
  guint8 *at = put_bytes (bytes, MAGIC, MAGIC_SIZE);

  (void) g_strlcpy (program, header->program, sizeof program);
  at = put_number (at, SP_BACKUP_FORMAT, 2);
  at = put_number (at, SP_BACKUP_HEADER_SIZE, 2);
  at = put_number (at, header->created, 8);
  at = put_number (at, header->passes, 4);
  at = put_number (at, header->memory, 4);
  at = put_bytes (at, header->salt, sizeof header->salt);
  at = put_bytes (at, header->nonce, sizeof header->nonce);
  at = put_number (at, header->main_schema, 4);
  at = put_number (at, header->keyholder_schema, 4);
  at = put_bytes (at, program, sizeof program);
  compute_checksum (bytes, at);
}

static gboolean
copy_program (const guint8 *bytes, char *program)
{
  const guint8 *end = memchr (bytes, 0, SP_BACKUP_PROGRAM_SIZE);

  memcpy (program, bytes, SP_BACKUP_PROGRAM_SIZE);
  if (end == NULL || !g_utf8_validate (program, -1, NULL))
    return FALSE;
  for (const guint8 *rest = end; rest < bytes + SP_BACKUP_PROGRAM_SIZE; rest++)
    if (*rest != 0)
      return FALSE;
  return TRUE;
}

static gboolean
read_fields (SpCursor *cursor, SpBackupHeader *header)
{
  guint64 high = sp_cursor_number (cursor, 4);

  header->created = high << 32 | sp_cursor_number (cursor, 4);
  header->passes = sp_cursor_number (cursor, 4);
  header->memory = sp_cursor_number (cursor, 4);
  memcpy (header->salt, sp_cursor_bytes (cursor, SP_BACKUP_SALT_SIZE), SP_BACKUP_SALT_SIZE);
  memcpy (header->nonce, sp_cursor_bytes (cursor, SP_BACKUP_NONCE_SIZE), SP_BACKUP_NONCE_SIZE);
  header->main_schema = sp_cursor_number (cursor, 4);
  header->keyholder_schema = sp_cursor_number (cursor, 4);
  return copy_program (sp_cursor_bytes (cursor, SP_BACKUP_PROGRAM_SIZE), header->program) &&
         header->created <= G_MAXINT64 && header->passes >= 1 &&
         header->passes <= SP_BACKUP_PASSES_MAX && header->memory >= SP_BACKUP_MEMORY_MIN &&
         header->memory <= SP_BACKUP_MEMORY_MAX;
}

SpBackupVerdict
sp_backup_header_read (const guint8 *bytes, gsize size, SpBackupHeader *ret_header)
{
  guint8 checksum[CHECKSUM_SIZE];
  SpCursor cursor = sp_cursor (bytes, size);
  guint format;
  guint header_size;

  if (size < SP_BACKUP_HEADER_SIZE || memcmp (bytes, MAGIC, MAGIC_SIZE) != 0)
    return SP_BACKUP_FOREIGN;
  (void) sp_cursor_bytes (&cursor, MAGIC_SIZE);
  format = sp_cursor_number (&cursor, 2);
  header_size = sp_cursor_number (&cursor, 2);
  if (format > SP_BACKUP_FORMAT)
    return SP_BACKUP_NEWER;
  compute_checksum (bytes, checksum);
  if (format != SP_BACKUP_FORMAT || header_size != SP_BACKUP_HEADER_SIZE ||
      memcmp (checksum, bytes + CHECKED_SIZE, CHECKSUM_SIZE) != 0 ||
      !read_fields (&cursor, ret_header))
    return SP_BACKUP_DAMAGED;
  return SP_BACKUP_OK;
}
