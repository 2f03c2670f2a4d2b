/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "keyholder.h"

G_BEGIN_DECLS

/* Main sets up somebody's second step, or takes it away: done and answered at once.  What is secret
 * goes into the descriptor that came along, which must be an empty file. */
void sp_two_step_change_enroll (SpKeyholder *keyholder,
                                guint32 serial,
                                const SpEnrollTotp *message,
                                int fd);
void sp_two_step_change_confirm (SpKeyholder *keyholder,
                                 guint32 serial,
                                 const SpConfirmTotp *message,
                                 int fd);
void sp_two_step_change_remove (SpKeyholder *keyholder,
                                guint32 serial,
                                const SpRemoveTotp *message);

/* The password of a new device, likewise. */
void sp_two_step_change_add_app_password (SpKeyholder *keyholder,
                                          guint32 serial,
                                          const SpAddAppPassword *message,
                                          int fd);

/* Tells main how it stands with this user, or with all who have a second step. */
void sp_two_step_change_tell (SpKeyholder *keyholder, const guint8 *user);
gboolean sp_two_step_change_tell_all (SpKeyholder *keyholder, GError **error);

G_END_DECLS
