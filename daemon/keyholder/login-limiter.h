/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "base/limits.h"

#include <glib.h>

G_BEGIN_DECLS

/* How often passwords may be tried.  PURE: memory of a fixed size, and the time is an argument
 * (microseconds of a clock that starts above 0 and never goes back).
 *
 * Each try is charged in advance and given back if it was right or was not judged, so that many at
 * one time count like many in a row.  A charge is forgiven after a while.  Above a number of free
 * ones a wait is asked for, doubled by each further one up to a longest.
 *
 * Who tries from a place where the same user signed in before is charged for this pair alone:
 * neither failures from elsewhere nor failures with other names hinder them.  All others are
 * charged for their place and for the user that they try.
 *
 * Codes of a second step are charged for their user alone, wherever they come from, and forgiven
 * slowly: who tries them knows the password, and there are only a million of them.
 *
 * A place is a narrow prefix (base/prefix.h), a user is SP_ID_SIZE bytes; for a login that nobody
 * has, any that depend on it alone. */

typedef struct _SpLoginLimiter SpLoginLimiter;

typedef struct
{
  guint free;          /* charges that ask for no wait */
  gint64 forgiven;     /* one charge, after that time */
  gint64 first_wait;   /* asked for by the first that is not free */
  gint64 longest_wait; /* however many there are */
} SpLoginPolicy;

extern const SpLoginPolicy sp_login_policy_place;
extern const SpLoginPolicy sp_login_policy_user;
extern const SpLoginPolicy sp_login_policy_pair;
extern const SpLoginPolicy sp_login_policy_code;

typedef enum
{
  SP_TRY_KNOWN,    /* go on: the user signed in from there before */
  SP_TRY_STRANGER, /* go on */
  SP_TRY_REFUSED   /* too many failures lately; nothing was charged */
} SpTry;

#define SP_LOGIN_PAIRS_MAX 2048 /* known pairs that are remembered */

/* The random numbers keep outsiders from choosing whom they push out of the tables. */
SpLoginLimiter *sp_login_limiter_new (const guint64 seed[2]);
void sp_login_limiter_free (SpLoginLimiter *limiter);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (SpLoginLimiter, sp_login_limiter_free)

SpTry sp_login_limiter_admit (SpLoginLimiter *limiter,
                              const guint8 *user,
                              guint64 place,
                              gint64 now);
/* The charge of a try that was admitted so is given back. */
void sp_login_limiter_give_back (SpLoginLimiter *limiter,
                                 const guint8 *user,
                                 guint64 place,
                                 SpTry admitted);
/* The user signed in from there at that time. */
void sp_login_limiter_remember (SpLoginLimiter *limiter,
                                const guint8 *user,
                                guint64 place,
                                gint64 when);

/* The same for a code of a second step: whether it may be tried. */
gboolean sp_login_limiter_admit_code (SpLoginLimiter *limiter, const guint8 *user, gint64 now);
void sp_login_limiter_give_back_code (SpLoginLimiter *limiter, const guint8 *user);

gsize sp_login_limiter_get_size (const SpLoginLimiter *limiter); /* bytes; constant */

G_END_DECLS
