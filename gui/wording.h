/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* How facts are said to people, in their language and their way of writing times and amounts.
 * Moments are microseconds since 1970 UTC.  Everything with char * is new. */

/* "14 min", "2 h 5 min", "3 days"; `seconds` of less than a minute: "a moment". */
char *sp_wording_duration (guint64 seconds);

/* When it was or will be: the time alone for today, "Yesterday", "Tomorrow" or the date with it
 * otherwise. */
char *sp_wording_moment (guint64 moment);

/* The day alone: "Today", "Yesterday", "Tuesday, 3 March". */
char *sp_wording_day (guint64 moment);

/* Date and time in full, for tooltips. */
char *sp_wording_full_moment (guint64 moment);

/* "1.2 MB/s"; nothing at all is "0". */
char *sp_wording_rate (guint64 bytes_a_second);

/* Why a session ended, for a reason of SessionClosed; unknown ones as they are.  Lent. */
const char *sp_wording_end (const char *reason);

/* What carries a session's packets, for its Transport.  Lent. */
const char *sp_wording_transport (const char *transport);

/* A remote address without its port; "[2001:db8::1]:443" becomes "2001:db8::1". */
char *sp_wording_address (const char *remote_address);

G_END_DECLS
