/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "login-attempt.h"

G_BEGIN_DECLS

/* A worker's client tries a password: looked up, admitted, hashed, decided; told to main first and
 * then to the worker.  What it takes does not depend on whether there is such a user. */
void sp_password_login_try (SpWorkerPeer *peer, guint32 serial, const SpTryPassword *message);

/* What follows when the password is right, by this verifier; or, without one, by PAM or as that of
 * a program. */
void sp_password_login_decide (const SpLoginAttempt *attempt, const char *verifier);

G_END_DECLS
