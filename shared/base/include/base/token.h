/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "base/limits.h"

#include <glib.h>

G_BEGIN_DECLS

/* A random number that opens something, as it stands in an address: base64 with the alphabet for
 * addresses, without padding (RFC 4648 5).  Each token has one spelling. */
#define SP_TOKEN_TEXT_LENGTH 43

/* `text` holds SP_TOKEN_TEXT_LENGTH + 1 bytes. */
void sp_token_write (const guint8 token[SP_TOKEN_SIZE], char *text);
/* FALSE unless the text is a token and nothing else. */
gboolean sp_token_read (const char *text, gsize length, guint8 token[SP_TOKEN_SIZE]);

G_END_DECLS
