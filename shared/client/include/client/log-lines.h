/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "client/server-connection.h"

G_BEGIN_DECLS

/* One line of the service's log.  Property "text" (read only). */
#define SP_TYPE_LOG_LINE (sp_log_line_get_type ())
G_DECLARE_FINAL_TYPE (SpLogLine, sp_log_line, SP, LOG_LINE, GObject)

const char *sp_log_line_get_text (SpLogLine *line);

/* The service's log as it grows: the last lines first, at most some thousands, then each new one.
 * Follows only while it is told to.  Property with notify: "error" (GError; NULL: none). */
#define SP_TYPE_LOG_LINES (sp_log_lines_get_type ())
G_DECLARE_FINAL_TYPE (SpLogLines, sp_log_lines, SP, LOG_LINES, GObject)

SpLogLines *sp_log_lines_new (SpServerConnection *connection);

/* "error", "warning", "notice" (at first) or "debug": these and the more important ones. */
void sp_log_lines_set_level (SpLogLines *lines, const char *level);
/* What was read stays until the log is followed again, which begins anew. */
void sp_log_lines_set_following (SpLogLines *lines, gboolean following);

/* Of SpLogLine; lent. */
GListModel *sp_log_lines_get_model (SpLogLines *lines);
const GError *sp_log_lines_get_error (SpLogLines *lines);

G_END_DECLS
