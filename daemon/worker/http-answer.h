/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* HTTP answers as text.  An answer may hold a cookie: it is allocated in one piece and must be
 * freed with sp_http_answer_free, which wipes it. */

typedef struct
{
  guint minor;          /* HTTP/1.minor, as the request said */
  guint status;         /* 200, 401, 404 or 503 */
  const char *reason;   /* the phrase; NULL for the usual one.  Shown to people by some clients */
  gboolean keep_alive;  /* FALSE: the connection is closed after it */
  const char *type;     /* Content-Type; NULL with an empty body */
  const char *x_reason; /* why a tunnel is refused: printable ASCII, NULL for none */
  gboolean only_head;   /* to HEAD: the body is counted, not sent */
  gboolean to_stranger; /* with nothing that tells what this is */
} SpHttpAnswer;

/* `fields`: more header lines, each ended by CRLF, or NULL. */
GString *sp_http_answer_new (const SpHttpAnswer *answer, const char *fields, const char *body);
/* The same with a body that is no text. */
GString *sp_http_answer_new_bytes (const SpHttpAnswer *answer,
                                   const char *fields,
                                   const guint8 *body,
                                   gsize size);
void sp_http_answer_free (GString *text);

/* Appends a Set-Cookie line. `attributes` may be NULL. */
void sp_http_answer_add_cookie (GString *fields,
                                const char *name,
                                const char *value,
                                const char *attributes);

G_END_DECLS
