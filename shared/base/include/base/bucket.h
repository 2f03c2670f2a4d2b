/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* A token bucket in one number: the time at which it will be full again (microseconds).  One that
 * is past, and so also 0, is a full bucket. */

typedef struct
{
  gint64 interval; /* microseconds in which one token drips in */
  guint burst;     /* tokens that fit in */
} SpBucketLimit;

/* Microseconds until a token is there; 0 = there is one now. */
static inline gint64
sp_bucket_wait (gint64 bucket, const SpBucketLimit *limit, gint64 now)
{
  gint64 wait = MAX (bucket, now) + limit->interval - limit->burst * limit->interval - now;

  return MAX (wait, 0);
}

/* Takes a token, also one that is not there yet. */
static inline void
sp_bucket_take (gint64 *bucket, const SpBucketLimit *limit, gint64 now)
{
  *bucket = MAX (*bucket, now) + limit->interval;
}

G_END_DECLS
