/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Wakes at a moment of the wall clock: also when the machine slept until then, and at once when the
 * clock was set, since that moment may have come or gone by it. */
typedef struct _SpWallTimer SpWallTimer;

/* `woken` is called in the main loop, possibly too early; the timer has no moment then. */
SpWallTimer *sp_wall_timer_new (void (*woken) (gpointer user_data),
                                gpointer user_data,
                                GError **error);
void sp_wall_timer_free (SpWallTimer *timer);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (SpWallTimer, sp_wall_timer_free)

/* µs since the epoch; another one before is forgotten. */
void sp_wall_timer_set (SpWallTimer *timer, gint64 when);

/* Whether somebody who knows keeps this computer's clock (ntp and the like), as the kernel was
 * told. */
gboolean sp_wall_clock_is_synchronised (void);

G_END_DECLS
