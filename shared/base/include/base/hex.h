/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Lower-case hexadecimal.  `text` holds 2 * size + 1 bytes. */
void sp_hex_encode (const guint8 *bytes, gsize size, char *text);
/* FALSE unless the text is `size` bytes in hexadecimal, of either case, and nothing else. */
gboolean sp_hex_decode (const char *text, gsize text_length, guint8 *bytes, gsize size);

G_END_DECLS
