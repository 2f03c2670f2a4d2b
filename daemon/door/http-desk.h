/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "poller.h"
#include "to-main.h"
#include "walls/main-door.h"

G_BEGIN_DECLS

/* What the door answers over HTTP itself (RFC 9112), each at listeners of its own: GET of one path
 * is answered by a text, anything else by 404.  A few requests at a time, each within seconds. */

typedef struct _SpHttpDesk SpHttpDesk;

#define SP_HTTP_REQUEST_MAX 4096 /* bytes of a request's head */
#define SP_HTTP_PATH_MAX    (sizeof SP_ACME_PATH + SP_ACME_TOKEN_MAX)
#define SP_HTTP_SECONDS     5 /* for all of one */

typedef struct
{
  SpWatchKind listener; /* what its listeners, and its requests, are to the poller */
  SpWatchKind request;
  guint places; /* requests at one time; the oldest goes when there are more */
  const char *type;
  /* Somebody waits for sp_http_desk_tell, which may be called at once; FALSE: nobody can say. */
  gboolean (*wanted) (SpHttpDesk *desk, gpointer user_data);
} SpHttpDeskKind;

SpHttpDesk *sp_http_desk_new (int poller, const SpHttpDeskKind *kind, gpointer user_data);
void sp_http_desk_free (SpHttpDesk *desk);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (SpHttpDesk, sp_http_desk_free)

/* From now on, instead of another; at first there is none. */
void sp_http_desk_set_path (SpHttpDesk *desk, const char *path);
/* Takes a listening socket; FALSE if there are too many, or there is no path. */
gboolean sp_http_desk_listen (SpHttpDesk *desk, int fd);
/* Its listeners and requests are gone. */
void sp_http_desk_close (SpHttpDesk *desk);

void sp_http_desk_accept (SpHttpDesk *desk, const SpEvent *event);
void sp_http_desk_look (SpHttpDesk *desk, const SpEvent *event);
/* The text, for everybody who waits. */
void sp_http_desk_tell (SpHttpDesk *desk, const guint8 *text, gsize size);
/* Does what is due; returns when something will be. */
gint64 sp_http_desk_tick (SpHttpDesk *desk, gint64 now);

/* PURE: whether these bytes are a whole head of a request, and a GET of this path. */
typedef enum
{
  SP_HTTP_REQUEST_INCOMPLETE,
  SP_HTTP_REQUEST_GOOD,
  SP_HTTP_REQUEST_OTHER
} SpHttpRequest;
SpHttpRequest sp_http_request_read (const guint8 *bytes, gsize size, const char *path);

G_END_DECLS
