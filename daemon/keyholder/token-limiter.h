/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* How often tokens that open something may be guessed.  Nobody guesses one of 256 bits; this bounds
 * what guessing costs us.  PURE: memory of a fixed size, and the time is an argument (microseconds
 * of a clock that never goes back).  Counted are wrong ones: by place (base/prefix.h) and all
 * together. */

#define SP_TOKEN_TRIES_PLACE 20 /* in one go; one more each SP_TOKEN_PAUSE_PLACE */
#define SP_TOKEN_TRIES_TOTAL 400
#define SP_TOKEN_PAUSE_PLACE (30 * G_USEC_PER_SEC)
#define SP_TOKEN_PAUSE_TOTAL (G_USEC_PER_SEC / 4)

typedef struct _SpTokenLimiter SpTokenLimiter;

/* The random numbers keep outsiders from choosing whom they push out of the table. */
SpTokenLimiter *sp_token_limiter_new (const guint64 seed[2]);
void sp_token_limiter_free (SpTokenLimiter *limiter);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (SpTokenLimiter, sp_token_limiter_free)

/* Whether a token from there shall be looked at. */
gboolean sp_token_limiter_may_try (SpTokenLimiter *limiter, guint64 place, gint64 now);
/* It was wrong. */
void sp_token_limiter_charge (SpTokenLimiter *limiter, guint64 place, gint64 now);

G_END_DECLS
