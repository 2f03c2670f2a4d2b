/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

#define SP_HOLDER_GAVE_UP 70 /* exit status: main cannot be started */

/* Runs main (`arguments`: the holder's own program, main's and its arguments, NULL at the end)
 * until it ends in order, and starts it anew when it is killed, ends with SP_HOLDER_AGAIN, or
 * cannot go on with what is kept. Signals that ask it to end or to read its settings go to main;
 * the service manager is told what becomes of it (sd_notify(3)).  A main that knows another wall
 * asks it to renew itself: it lets all go and executes its own program, as it is installed now. Has
 * the network put back when main did not end in order.  Returns main's exit status, or
 * SP_HOLDER_GAVE_UP. */
int sp_holder_run (char *const *arguments);

G_END_DECLS
