/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <glib.h>
#include <sqlite3.h>

G_BEGIN_DECLS

/* A row of the history as a line of JSON, without its end.  Written here, not by SQLite's
 * json_object(): with a million rows that took most of the time. */

/* The columns that a statement must have, in this order. */
#define SP_HISTORY_LINE_COLUMNS                                                                    \
  "session, user, login, client_name, user_agent, remote_address, addresses, transport, started,"  \
  " ended, reason, device, device_name, group_name, rx_bytes, tx_bytes"

/* Appends the row that the statement stands on. */
void sp_history_line_append (GString *line, sqlite3_stmt *row);

/* Appends a text between quotation marks, escaped (RFC 8259, section 7). */
void sp_history_line_append_text (GString *line, const char *text, gsize length);

G_END_DECLS
