/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "session-registry.h"

G_BEGIN_DECLS

/* Holds users to what they may: at the very moment at which something begins or ceases to keep one
 * out, its status follows and its sessions are over. */
typedef struct _SpUserWatch SpUserWatch;

/* Borrows all of them, which must outlive it. */
SpUserWatch *sp_user_watch_new (SpUserRegistry *users,
                                SpSessionRegistry *sessions,
                                SpTrafficLedger *ledger,
                                GError **error);
void sp_user_watch_free (SpUserWatch *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (SpUserWatch, sp_user_watch_free)

G_END_DECLS
