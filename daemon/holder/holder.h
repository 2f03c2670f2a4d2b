/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

#define SP_HOLDER_GAVE_UP 70 /* exit status: main cannot be started */

/* Runs main (`arguments`: its program and arguments, NULL at the end) until it ends in order, and
 * starts it anew when it is killed, ends with SP_HOLDER_AGAIN, or cannot go on with what is kept.
 * Signals that ask it to end or to read its settings go to main; the service manager is told what
 * becomes of it (sd_notify(3)).  Has the network put back when main did not end in order.  Returns
 * main's exit status, or SP_HOLDER_GAVE_UP. */
int sp_holder_run (char *const *arguments);

G_END_DECLS
