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
void sp_log_set_level (SpLogLevel most); /* from now on */
SpLogLevel sp_log_get_level (void);
void sp_log (SpLogLevel level, const char *topic, const char *format, ...) G_GNUC_PRINTF (3, 4);
const char *sp_log_level_name (SpLogLevel level);

/* What a line is about, as public ids in hexadecimal; NULL where it is not known. */
typedef struct
{
  const char *session;
  const char *user;
} SpLogAbout;

void sp_log_about (const SpLogAbout *about,
                   SpLogLevel level,
                   const char *topic,
                   const char *format,
                   ...) G_GNUC_PRINTF (4, 5);

/* For a room that shows its own log to somebody: called with each line, which is one line without
 * control characters, in whichever thread it was said.  There is one listener, or none (NULL).  It
 * hears lines down to a level of its own, SP_LOG_NOTICE at first. */
typedef struct
{
  SpLogLevel level;
  const char *topic;
  const char *text;
  const char *session; /* or NULL */
  const char *user;    /* or NULL */
} SpLogLine;

typedef void (*SpLogTap) (gpointer user_data, const SpLogLine *line);
void sp_log_set_tap (SpLogTap tap, gpointer user_data);
void sp_log_set_tap_level (SpLogLevel most);

/* One line a minute for a cause that an outsider can provoke, with how often it happened.
 * The caller owns the struct (all zero at first) and passes the time in microseconds. */
typedef struct
{
  gint64 last_line;
  guint suppressed;
} SpLogThrottle;

gboolean sp_log_throttle (SpLogThrottle *throttle, gint64 now, guint *ret_suppressed);

G_END_DECLS
