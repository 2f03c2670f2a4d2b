/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "base/limits.h"

#include <glib.h>

G_BEGIN_DECLS

/* Verifiers: yescrypt as crypt(5) has it, with libxcrypt's own choice of cost.  Making and checking
 * one takes tens of milliseconds and 16 MiB, on purpose: call them from a thread of their own. */

/* Any bytes but zero, one to SP_PASSWORD_MAX of them. */
gboolean sp_password_is_acceptable (const guint8 *password, gsize length);

/* A new verifier with a fresh salt; free it with sp_secret_text_free.  The password must be
 * acceptable.  Errors: SP_ERROR_FAILED (no memory). */
char *sp_password_make_verifier (const guint8 *password, gsize length, GError **error);

/* Whether this password made that verifier.  An error is not an answer: SP_ERROR_FAILED. */
gboolean sp_password_check (const guint8 *password,
                            gsize length,
                            const char *verifier,
                            gboolean *ret_right,
                            GError **error);

G_END_DECLS
