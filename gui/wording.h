/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* How facts of a server are said to people; figures are said by client/format.h.
 * Moments are microseconds since 1970 UTC.  Everything with char * is new. */

/* When it was or will be: the time alone for today, "Yesterday", "Tomorrow" or the date with it
 * otherwise. */
char *sp_wording_moment (guint64 moment);

/* The day alone: "Today", "Yesterday", "Tuesday, 3 March". */
char *sp_wording_day (guint64 moment);

/* "41,000 connections turned away since 14:02"; "since 14:02" where it is none. */
char *sp_wording_turned_away (guint64 connections, guint64 since);

/* Why a session ended, for a reason of SessionClosed; unknown ones as they are.  Lent. */
const char *sp_wording_end (const char *reason);

/* What carries a session's packets, for its Transport.  Lent. */
const char *sp_wording_transport (const char *transport);

/* A remote address without its port; "[2001:db8::1]:443" becomes "2001:db8::1". */
char *sp_wording_address (const char *remote_address);

G_END_DECLS
