/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "bus/interfaces.h"

#include <adwaita.h>

G_BEGIN_DECLS

/* The same for several users, one after the other, so that a password is asked for once at most.
 * What was done is told in a toast of the window around `near` that offers to undo all of it; the
 * first refusal ends it.  `users`: of SpBusUser; taken. */

void sp_user_batch_turn_off (GtkWidget *near, GPtrArray *users);
/* Their access ends so many days later than it does, or than now where it has ended; 0: it has no
 * end. */
void sp_user_batch_extend (GtkWidget *near, GPtrArray *users, guint days);
void sp_user_batch_remove (GtkWidget *near, GPtrArray *users);

G_END_DECLS
