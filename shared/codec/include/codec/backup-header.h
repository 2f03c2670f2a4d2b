/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* The beginning of a backup file, readable before anybody gave a passphrase.  Our own format.
 *
 *   8   "SPBACKUP"
 *   2   format, from 1
 *   2   size of this header, in format 1 always SP_BACKUP_HEADER_SIZE
 *   8   created, microseconds since the epoch
 *   4   passes of Argon2id
 *   4   KiB of memory of Argon2id
 *   16  salt of Argon2id
 *   24  nonce of the stream (XChaCha20-Poly1305, libsodium's secretstream)
 *   4   schema of main's database
 *   4   schema of the keyholder's database
 *   32  version of the program, UTF-8 padded with zeros
 *   16  the first bytes of SHA-256 over all before them
 *
 * Numbers are big-endian.  The checksum tells a damaged file from a wrong passphrase and keeps
 * nobody out; that is what the stream does, whose first message authenticates the whole header.
 *
 * Behind it follow the stream's messages of SP_BACKUP_CHUNK bytes before encryption (the first and
 * the last are shorter), the last one tagged as final. */

#define SP_BACKUP_FORMAT       1
#define SP_BACKUP_HEADER_SIZE  124
#define SP_BACKUP_SALT_SIZE    16
#define SP_BACKUP_NONCE_SIZE   24
#define SP_BACKUP_PROGRAM_SIZE 32
#define SP_BACKUP_CHUNK        (64 * 1024)

/* What a file may ask of the reader. */
#define SP_BACKUP_PASSES_MAX 16
#define SP_BACKUP_MEMORY_MIN 8             /* KiB */
#define SP_BACKUP_MEMORY_MAX (1024 * 1024) /* KiB */

typedef struct
{
  guint64 created; /* microseconds since the epoch */
  guint32 passes;
  guint32 memory; /* KiB */
  guint8 salt[SP_BACKUP_SALT_SIZE];
  guint8 nonce[SP_BACKUP_NONCE_SIZE];
  guint32 main_schema;
  guint32 keyholder_schema;
  char program[SP_BACKUP_PROGRAM_SIZE]; /* ends with a zero, so it is one byte shorter */
} SpBackupHeader;

typedef enum
{
  SP_BACKUP_OK,
  SP_BACKUP_FOREIGN, /* not a backup of this program, or the file is shorter than a header */
  SP_BACKUP_NEWER,   /* of a format that this version does not know */
  SP_BACKUP_DAMAGED  /* the checksum does not fit, or a number is out of its range */
} SpBackupVerdict;

void sp_backup_header_write (const SpBackupHeader *header, guint8 bytes[SP_BACKUP_HEADER_SIZE]);
/* `ret_header` is filled in when the verdict is OK. */
SpBackupVerdict sp_backup_header_read (const guint8 *bytes, gsize size, SpBackupHeader *ret_header);

G_END_DECLS
