/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* One line to standard error for each message: "room[pid] level topic: text".
 * A room's standard error is what main gave it, so no room needs a log service of its own.
 * Never pass a secret: passwords, cookies, keys, master secrets.  Sessions are named by public id.
 */

typedef enum
{
  SP_LOG_ERROR,   /* something that the owner must mend */
  SP_LOG_WARNING, /* something unexpected that we coped with */
  SP_LOG_NOTICE,  /* the life of the server: starts, stops, sessions */
  SP_LOG_DEBUG,   /* for developers; off unless asked for */
  SP_LOG_LAST = SP_LOG_DEBUG
} SpLogLevel;

/* Called once by a room's main function, before anything else.  Lines above `most` are dropped. */
void sp_log_open (const char *room, SpLogLevel most);
void sp_log (SpLogLevel level, const char *topic, const char *format, ...) G_GNUC_PRINTF (3, 4);

/* One line a minute for a cause that an outsider can provoke, with how often it happened.
 * The caller owns the struct (all zero at first) and passes the time in microseconds. */
typedef struct
{
  gint64 last_line;
  guint suppressed;
} SpLogThrottle;

gboolean sp_log_throttle (SpLogThrottle *throttle, gint64 now, guint *ret_suppressed);

G_END_DECLS
