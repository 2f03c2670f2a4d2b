/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "login-attempt.h"

G_BEGIN_DECLS

/* Signing in by PAM.  A room is asked in place of a verifier; what else it asks becomes another
 * form, whose ticket finds the room again.  The charge of the try stays until PAM is content.  A
 * login that nobody has is asked for as well, under a name that is nobody's: whoever knocks never
 * chooses the name that PAM hears. */

/* Main's number of the room → the sign-in. */
GHashTable *sp_pam_login_new_table (void);

/* A password was typed.  Takes the attempt, or returns FALSE when no room is left. */
gboolean sp_pam_login_try (SpLoginAttempt *attempt, const guint8 *password, gsize length);
/* Somebody answered what that room asked.  Takes the attempt. */
void sp_pam_login_answer (SpLoginAttempt *attempt,
                          guint64 number,
                          const guint8 *answer,
                          gsize length);
/* Takes `wall`. */
void sp_pam_login_started (SpKeyholder *keyholder, guint64 number, int wall);

G_END_DECLS
