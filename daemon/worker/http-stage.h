/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "codec/http-head.h"

#include <glib.h>

G_BEGIN_DECLS

/* Gathers one HTTP request at a time from TLS records.  Everything is bounded, and wiped when the
 * request is done with, since it may hold a password or a cookie. */

typedef struct _SpHttpStage SpHttpStage;

typedef enum
{
  SP_REQUEST_MORE,     /* not complete yet */
  SP_REQUEST_COMPLETE, /* until sp_http_stage_next */
  SP_REQUEST_REFUSED   /* the connection is to be dropped */
} SpRequestProgress;

SpHttpStage *sp_http_stage_new (void);
void sp_http_stage_free (SpHttpStage *self);

/* Adds the bytes of a record.  More than one request's bytes are refused (request smuggling), as is
 * the request that exceeds SP_HTTP_REQUESTS_MAX.  `ret_cause` is set when refused. */
SpRequestProgress sp_http_stage_feed (SpHttpStage *self,
                                      const guint8 *bytes,
                                      gsize size,
                                      const char **ret_cause);

/* Whether the client was served already and has not begun another request: it thinks, or is done.
 */
gboolean sp_http_stage_rests (const SpHttpStage *self);

/* Of a complete request; who has no body has an empty one. */
const SpHttpHead *sp_http_stage_get_head (const SpHttpStage *self);
const char *sp_http_stage_get_body (const SpHttpStage *self, gsize *ret_size);

/* Forgets the request and waits for another one. */
void sp_http_stage_next (SpHttpStage *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (SpHttpStage, sp_http_stage_free)

G_END_DECLS
