/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Times and amounts as people type them.  Each sets SP_CTL_ERROR_USAGE, which begins with `what`.
 */

/* A date, a date with a time (local unless it says otherwise), or "7d", "12h": so long ago.
 * Microseconds since 1970. */
gboolean sp_moment_read_past (const char *what,
                              const char *text,
                              guint64 *ret_time,
                              GError **error);

/* An end: a date, which is over with its day, a date with a time, "+30d", "+12h", "+45m" from now
 * on, or "never", which is 0. */
gboolean sp_moment_read_end (const char *what, const char *text, guint64 *ret_time, GError **error);

/* "7d", "12h", "45m", or "forever", which is 0: seconds. */
gboolean sp_moment_read_duration (const char *what,
                                  const char *text,
                                  guint32 *ret_seconds,
                                  GError **error);

G_END_DECLS
