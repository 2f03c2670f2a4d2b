/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "keyholder.h"

G_BEGIN_DECLS

/* Main sets a password: read from a descriptor, hashed, stored, answered. */
typedef struct _SpPasswordChange SpPasswordChange;

#define SP_PASSWORD_CHANGES_MAX 32 /* at one time */

/* Takes `fd`; lives in keyholder->changes until it has answered. */
void sp_password_change_start (SpKeyholder *keyholder,
                               guint32 serial,
                               const SpSetPassword *message,
                               int fd);
void sp_password_change_free (SpPasswordChange *change);

G_END_DECLS
