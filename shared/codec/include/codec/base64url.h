/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* RFC 4648 5, without padding, as RFC 7515 2 has it.  PURE. */

/* Free with g_free. */
char *sp_base64url_encode (gconstpointer bytes, gsize size);
/* Whether it is a text of that alphabet, of at least one character. */
gboolean sp_base64url_is_text (gconstpointer bytes, gsize size);

G_END_DECLS
