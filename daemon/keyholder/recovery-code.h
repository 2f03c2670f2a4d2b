/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "base/limits.h"

#include <glib.h>

G_BEGIN_DECLS

/* Codes that stand in for a phone that was lost: each once.  They are random numbers of 80 bits, so
 * a plain hash keeps them as well as a slow one. */

#define SP_RECOVERY_CODES     10
#define SP_RECOVERY_CODE_SIZE 16                              /* characters of five bits */
#define SP_RECOVERY_TEXT_SIZE (SP_RECOVERY_CODE_SIZE + 3 + 1) /* "abcd-efgh-ijkl-mnop" */
#define SP_RECOVERY_HASH_SIZE 32

/* A new one, as people read it. */
void sp_recovery_code_make (char ret_text[SP_RECOVERY_TEXT_SIZE]);

/* What is left of what was typed without blanks and hyphens, in lower case; `ret` holds
 * SP_CODE_MAX bytes.  Returns how many they are. */
gsize sp_recovery_code_normalise (const guint8 *typed, gsize length, guint8 *ret);

/* SHA-256 of the user and the code, which is normal. */
void sp_recovery_code_hash (const guint8 *user,
                            const guint8 *code,
                            gsize length,
                            guint8 ret_hash[SP_RECOVERY_HASH_SIZE]);

G_END_DECLS
