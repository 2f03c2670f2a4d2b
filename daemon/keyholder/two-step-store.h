/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "database.h"
#include "recovery-code.h"
#include "totp.h"

G_BEGIN_DECLS

/* The second step of signing in: a secret a user, from which a phone makes codes (totp.h), and
 * recovery codes for the day when there is no phone.  A code is taken once: that it was is on the
 * disk before anybody is let in.  Times are seconds since the epoch. */

typedef struct _SpTwoStepStore SpTwoStepStore;

SpTwoStepStore *sp_two_step_store_new (SpDatabase *database, GError **error);
void sp_two_step_store_free (SpTwoStepStore *store);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (SpTwoStepStore, sp_two_step_store_free)

/* Makes a new secret, which nobody is asked for until it is confirmed; one that was confirmed
 * before holds on.  The user must exist. */
gboolean sp_two_step_store_enroll (SpTwoStepStore *store,
                                   const guint8 *user,
                                   guint8 ret_secret[SP_TOTP_SECRET_SIZE],
                                   GError **error);

/* From now on the new secret counts, and no recovery codes but the new ones.  The code that
 * confirmed it is used up.  Errors: SP_ERROR_NOT_FOUND (nothing to confirm),
 * SP_ERROR_INVALID_ARGUMENTS (the code is wrong). */
typedef char SpRecoveryTexts[SP_RECOVERY_CODES][SP_RECOVERY_TEXT_SIZE];
gboolean sp_two_step_store_confirm (SpTwoStepStore *store,
                                    const guint8 *user,
                                    const guint8 *code,
                                    gsize length,
                                    gint64 now,
                                    SpRecoveryTexts ret_texts,
                                    GError **error);

/* Errors: SP_ERROR_NOT_FOUND (there is nothing, confirmed or not). */
gboolean sp_two_step_store_remove (SpTwoStepStore *store, const guint8 *user, GError **error);

typedef enum
{
  SP_TWO_STEP_OFF,
  SP_TWO_STEP_ON,
  SP_TWO_STEP_FAILED /* with an error */
} SpTwoStepState;

SpTwoStepState sp_two_step_store_look (SpTwoStepStore *store,
                                       const guint8 *user,
                                       guint *ret_recovery_codes, /* may be NULL */
                                       GError **error);

typedef enum
{
  SP_CODE_RIGHT,
  SP_CODE_RECOVERY, /* right, and one recovery code less */
  SP_CODE_WRONG,    /* also: used before, or of nobody */
  SP_CODE_FAILED    /* with an error; the code may be used up */
} SpCodeOutcome;

SpCodeOutcome sp_two_step_store_use (SpTwoStepStore *store,
                                     const guint8 *user,
                                     const guint8 *code,
                                     gsize length,
                                     gint64 now,
                                     GError **error);

/* Tells each user whose second step is on. */
typedef void (*SpTwoStepSeen) (gpointer user_data, const guint8 *user, guint recovery_codes);
gboolean sp_two_step_store_tell (SpTwoStepStore *store,
                                 SpTwoStepSeen seen,
                                 gpointer user_data,
                                 GError **error);

G_END_DECLS
