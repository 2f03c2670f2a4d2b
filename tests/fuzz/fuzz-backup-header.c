/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "fuzz.h"

#include "codec/backup-header.h"

#include <string.h>

/* What is read is written back to the same bytes; and since a fuzzer does not find checksums by
 * itself, whatever it says also goes through with the right one. */
static void
read_and_write (const guint8 *bytes, gsize size)
{
  guint8 again[SP_BACKUP_HEADER_SIZE];
  SpBackupHeader header;

  if (sp_backup_header_read (bytes, size, &header) != SP_BACKUP_OK)
    return;
  g_assert_cmpuint (header.passes, >=, 1);
  g_assert_cmpuint (header.passes, <=, SP_BACKUP_PASSES_MAX);
  g_assert_cmpuint (header.memory, >=, SP_BACKUP_MEMORY_MIN);
  g_assert_cmpuint (header.memory, <=, SP_BACKUP_MEMORY_MAX);
  g_assert_true (g_utf8_validate (header.program, -1, NULL));
  sp_backup_header_write (&header, again);
  g_assert_cmpmem (again, sizeof again, bytes, SP_BACKUP_HEADER_SIZE);
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  guint8 mended[SP_BACKUP_HEADER_SIZE];
  g_autoptr (GChecksum) checksum = g_checksum_new (G_CHECKSUM_SHA256);
  guint8 digest[32];
  gsize digest_size = sizeof digest;

  read_and_write (data, size);
  if (size < sizeof mended)
    return 0;
  memcpy (mended, data, sizeof mended);
  g_checksum_update (checksum, mended, sizeof mended - 16);
  g_checksum_get_digest (checksum, digest, &digest_size);
  memcpy (mended + sizeof mended - 16, digest, 16);
  read_and_write (mended, sizeof mended);
  return 0;
}
