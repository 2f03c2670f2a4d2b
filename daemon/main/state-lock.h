/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Makes the state folder and locks it: nobody else gets the lock while the descriptor that this
 * returns, or a duplicate of it, is open (flock(2)).  `kept`: a descriptor that this returned to a
 * main before, which is duplicated by the holder since then, or -1; it is taken when it locks this
 * folder, and closed otherwise.  -1: not locked, with SP_ERROR_BUSY when somebody else has it. */
int sp_state_lock_take (const char *folder, int kept, GError **error);

G_END_DECLS
