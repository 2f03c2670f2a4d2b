/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Whether a text is a verifier that crypt(3) of another program made, by a method that is still
 * good, complete, and not so expensive that signing in would keep everybody waiting: yescrypt,
 * bcrypt, SHA-512 and SHA-256 (crypt(5) describes them).  Errors: SP_ERROR_INVALID_ARGUMENTS, with
 * words for a person and nothing of the text. */
gboolean sp_verifier_check (const char *text, GError **error);

G_END_DECLS
