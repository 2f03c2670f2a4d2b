/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "codec/backup-header.h"

G_BEGIN_DECLS

/* What stands behind a backup's header (codec/backup-header.h): libsodium's secretstream.  Its
 * first message holds the sizes of the parts and authenticates the header; the others are the
 * parts, one after the other.  All of this runs in a thread of its own, with the memory of one
 * message. */

typedef enum
{
  SP_BACKUP_SETTINGS,  /* the owner's file */
  SP_BACKUP_MAIN,      /* main's database */
  SP_BACKUP_KEYHOLDER, /* ours */
  SP_BACKUP_N_PARTS
} SpBackupPart;

#define SP_BACKUP_KEY_SIZE 32

/* Once, before anything else here.  Errors: SP_ERROR_FAILED. */
gboolean sp_backup_begin (GError **error);

/* Argon2id over a passphrase, by the header's salt and cost.  Errors: SP_ERROR_FAILED (no memory).
 */
gboolean sp_backup_derive_key (const guint8 *passphrase,
                               gsize length,
                               const SpBackupHeader *header,
                               guint8 key[SP_BACKUP_KEY_SIZE],
                               GError **error);

/* Reads from where the descriptor stands.  Errors: SP_ERROR_INVALID_ARGUMENTS with words for a
 * person. */
gboolean sp_backup_read_header (int fd,
                                SpBackupHeader *ret_header,
                                guint8 ret_bytes[SP_BACKUP_HEADER_SIZE],
                                GError **error);

/* Both give up with SP_ERROR_BUSY when *stop (may be NULL) becomes non-zero. */

/* Makes the nonce, writes header and parts, flushes the file to the disk.  `parts`: regular files,
 * each from its beginning to its end. */
gboolean sp_backup_write (int fd,
                          SpBackupHeader *header,
                          const guint8 *key,
                          const int parts[SP_BACKUP_N_PARTS],
                          const int *stop,
                          GError **error);

/* Reads and verifies everything behind the header, and that nothing follows it; the parts go to
 * `sinks` (-1: nowhere), flushed to the disk.  What a sink got before an error is worth nothing.
 * Errors: SP_ERROR_INVALID_ARGUMENTS (the key is not this file's; damaged, cut off, or something
 * follows the end), SP_ERROR_FAILED. */
gboolean sp_backup_read (int fd,
                         const guint8 header_bytes[SP_BACKUP_HEADER_SIZE],
                         const guint8 *key,
                         const int sinks[SP_BACKUP_N_PARTS],
                         const int *stop,
                         GError **error);

G_END_DECLS
