/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "base/limits.h"

#include <glib.h>

G_BEGIN_DECLS

/* Codes from a shared secret and the time (RFC 6238 with HMAC-SHA-1, six digits, steps of 30 s:
 * what every phone understands).  PURE: the time is an argument. */

#define SP_TOTP_SECRET_SIZE 20 /* bytes; RFC 4226 4, R6 */
#define SP_TOTP_PERIOD      30 /* seconds */
#define SP_TOTP_DRIFT       1  /* steps that a phone's clock may be wrong, either way */

/* To be called before the others.  Errors: SP_ERROR_NOT_SUPPORTED. */
gboolean sp_totp_prepare (GError **error);

/* Whether the code is one of the steps around `now` (seconds since the epoch), and of which; takes
 * the same time whichever it is. */
gboolean sp_totp_find_step (const guint8 secret[SP_TOTP_SECRET_SIZE],
                            gint64 now,
                            const guint8 *code,
                            gsize length,
                            gint64 *ret_step);

/* What a phone reads from a picture; free it with sp_secret_text_free.  Both texts are UTF-8. */
char *sp_totp_make_uri (const guint8 secret[SP_TOTP_SECRET_SIZE],
                        const char *label,
                        const char *issuer);

G_END_DECLS
