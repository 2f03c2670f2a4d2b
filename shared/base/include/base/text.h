/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Whether a text may stand where people read lines: no control character, no end of line, nothing
 * that turns the direction of what follows it.  `text` is valid UTF-8. */
gboolean sp_text_is_line (const char *text);

G_END_DECLS
