/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Runs main (`arguments`: its program and arguments, NULL at the end) until it ends in order, and
 * starts it anew when it is killed, or ends with SP_HOLDER_AGAIN.  Signals that ask it to end or to
 * read its settings go to main.  Returns main's exit status. */
int sp_holder_run (char *const *arguments);

G_END_DECLS
