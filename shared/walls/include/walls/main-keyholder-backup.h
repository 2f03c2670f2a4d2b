/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "base/limits.h"
#include "walls/message.h"

G_BEGIN_DECLS

/* What wall C says of backups. */

/* SEAL_BACKUP: encrypt a backup. Descriptors: the file that is written, the passphrase as in
 * SET_PASSWORD, the settings, a copy of main's database. by_kept_key: by the key of SET_BACKUP_KEY,
 * and the second descriptor means nothing */
#define SP_SEAL_BACKUP_FIELDS(S, NUMBER, FIXED, BYTES)                                             \
  NUMBER (S, guint8, by_kept_key)                                                                  \
  NUMBER (S, guint64, created)                                                                     \
  NUMBER (S, guint32, main_schema)                                                                 \
  BYTES (S, program, SP_PROGRAM_VERSION_MAX)

/* BACKUP_SEALED: what its header says */
#define SP_BACKUP_SEALED_FIELDS(S, NUMBER, FIXED, BYTES)                                           \
  NUMBER (S, guint8, done)                                                                         \
  NUMBER (S, guint64, created)                                                                     \
  NUMBER (S, guint32, main_schema)                                                                 \
  BYTES (S, program, SP_PROGRAM_VERSION_MAX)                                                       \
  BYTES (S, text, SP_REASON_MAX)

/* OPEN_BACKUP: verify a backup to its last byte. Descriptors: the file, the passphrase, where the
 * settings go, where main's database goes. main_schema: the newest that main can read. keep: write
 * there, and leave our own database ready for PREPARE; otherwise nothing is written anywhere */
#define SP_OPEN_BACKUP_FIELDS(S, NUMBER, FIXED, BYTES)                                             \
  NUMBER (S, guint8, keep)                                                                         \
  NUMBER (S, guint32, main_schema)

/* BACKUP_OPENED: as BACKUP_SEALED */
#define SP_BACKUP_OPENED_FIELDS(S, NUMBER, FIXED, BYTES)                                           \
  SP_BACKUP_SEALED_FIELDS (S, NUMBER, FIXED, BYTES)

/* DROP_RESTORED: forget what OPEN_BACKUP left; created: as it said */
#define SP_DROP_RESTORED_FIELDS(S, NUMBER, FIXED, BYTES) NUMBER (S, guint64, created)

/* SET_BACKUP_KEY: derive a key from the passphrase and keep it, for SEAL_BACKUP; on 0: forget it,
 * and the descriptor means nothing */
#define SP_SET_BACKUP_KEY_FIELDS(S, NUMBER, FIXED, BYTES) NUMBER (S, guint8, on)

#define SP_BACKUP_KEY_SET_FIELDS(S, NUMBER, FIXED, BYTES) SP_DONE_FIELDS (S, NUMBER, BYTES)

G_END_DECLS
