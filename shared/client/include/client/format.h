/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Figures in words, in the reader's language; new texts. */

/* "1.2 MB/s"; nothing at all is "0".  Unit: bytes a second. */
char *sp_format_rate (double rate);
/* Both directions as a device sees them: "↓ 1.2 MB/s  ↑ 80 kB/s". */
char *sp_format_rates (double down, double up);
/* Roughly how long: "14 min", "2 h", "12 days".  Unit: seconds. */
char *sp_format_duration (guint64 seconds);
/* How long ago that was, as a duration.  Unit: microseconds since 1970. */
char *sp_format_since (guint64 time);
/* The day and the time of day here.  Unit: microseconds since 1970. */
char *sp_format_time (guint64 time);
/* The time of day here alone. */
char *sp_format_clock (guint64 time);

G_END_DECLS
