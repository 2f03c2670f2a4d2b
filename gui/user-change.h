/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "bus/interfaces.h"

#include <adwaita.h>

G_BEGIN_DECLS

/* Changing what the server has of a user.  Refusals are told in a toast of the window around
 * `near`, which stays until the answer is there. */

/* The answer: whether it was done. */
typedef void (*SpUserChangeDone) (GtkWidget *near, gboolean done);

/* One value of the user, as User.Update() knows it; takes a floating `value`.  `done` may be
 * NULL. */
void sp_user_change (
    GtkWidget *near, SpBusUser *user, const char *key, GVariant *value, SpUserChangeDone done);
/* Several: takes an a{sv}. */
void sp_user_change_many (GtkWidget *near,
                          SpBusUser *user,
                          GVariant *changes,
                          SpUserChangeDone done);

/* Lets the user in, or not, and offers to undo the latter. */
void sp_user_enable (GtkWidget *near, SpBusUser *user, gboolean enabled, SpUserChangeDone done);
/* Puts the user into the bin, and offers to undo that. */
void sp_user_remove (GtkWidget *near, SpBusUser *user);
/* Out of the bin. */
void sp_user_restore (GtkWidget *near, SpBusUser *user);

/* No options, for a call. */
GVariant *sp_no_options (void);

G_END_DECLS
