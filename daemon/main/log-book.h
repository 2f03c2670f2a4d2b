/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "base/log.h"

G_BEGIN_DECLS

/* The newest lines of main's log in memory, and those who read along, each through a pipe of its
 * own.  A line has what sp_log was given and nothing else, so what must not be in the log cannot be
 * here: no message of a wall, no argument of the bus, no setting ever comes this way. */
typedef struct _SpLogBook SpLogBook;

#define SP_LOG_LINES_KEPT  512
#define SP_LOG_READERS_MAX 16
#define SP_LOG_TOPIC_MAX   32

typedef enum
{
  SP_LOG_JSON, /* an object a line */
  SP_LOG_TEXT  /* for people */
} SpLogFormat;

typedef struct
{
  SpLogLevel most;
  const char *topic; /* NULL: any; likewise the next two, in hexadecimal */
  const char *session;
  const char *user;
  guint backlog; /* so many of the lines that were */
  gboolean follow;
  SpLogFormat format;
} SpLogWishes;

/* Listens from now on. */
SpLogBook *sp_log_book_new (void);
void sp_log_book_free (SpLogBook *book);
/* The reading end of a pipe that is closed when there is no more to say; -1 with an error
 * (SP_ERROR_BUSY: too many read along). */
int sp_log_book_open (SpLogBook *book, const SpLogWishes *wishes, GError **error);
/* How many follow. */
guint sp_log_book_get_n (SpLogBook *book);

G_END_DECLS
