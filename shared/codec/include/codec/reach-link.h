/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "base/token.h"

G_BEGIN_DECLS

/* The link that shows whether a server is reached: SP_REACH_FOLDER and a token.  Nobody but who
 * made the link knows the token; main keeps a digest of it, and a worker tells main the digest of
 * what it was asked for. */
#define SP_REACH_FOLDER "/r/"

/* FALSE if the target (path and query) is no such link. */
gboolean sp_reach_link_read (const char *target, gsize length, guint8 ret_token[SP_TOKEN_SIZE]);

/* SHA-256 of the token. */
void sp_reach_link_digest (const guint8 token[SP_TOKEN_SIZE], guint8 ret_digest[SP_DIGEST_SIZE]);

G_END_DECLS
