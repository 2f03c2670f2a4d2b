/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Asks the person at the controlling terminal for one line that is not shown.  Returns its bytes,
 * without a terminator; more than `size` are cut off.  -1 with an error, also when the person gave
 * up (Ctrl-C, Ctrl-D). */
gssize sp_terminal_read_secret (const char *prompt, char *buffer, gsize size, GError **error);

G_END_DECLS
