/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "poller.h"
#include "to-main.h"
#include "walls/main-door.h"

G_BEGIN_DECLS

/* Where programs of this computer fetch the server's metrics over HTTP (RFC 9112): one fixed
 * request, GET /metrics, is answered by what main writes then, anything else by 404.  A few at a
 * time, each within seconds. */

typedef struct _SpMetricsDesk SpMetricsDesk;

#define SP_METRICS_REQUEST_MAX 4096 /* bytes of a request's head */
#define SP_METRICS_PLACES      8    /* requests at one time; the oldest goes when there are more */
#define SP_METRICS_SECONDS     5    /* for all of one */

/* Borrows both. */
SpMetricsDesk *sp_metrics_desk_new (int poller, SpToMain *to_main);
void sp_metrics_desk_free (SpMetricsDesk *desk);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (SpMetricsDesk, sp_metrics_desk_free)

/* Takes a listening socket; FALSE if there are too many. */
gboolean sp_metrics_desk_listen (SpMetricsDesk *desk, int fd);

void sp_metrics_desk_accept (SpMetricsDesk *desk, const SpEvent *event);
void sp_metrics_desk_look (SpMetricsDesk *desk, const SpEvent *event);
/* Main's answer, for everybody who waits. */
void sp_metrics_desk_told (SpMetricsDesk *desk, const SpMetricsTold *metrics);
/* Does what is due; returns when something will be. */
gint64 sp_metrics_desk_tick (SpMetricsDesk *desk, gint64 now);

/* PURE: whether these bytes are a whole head of a request, and of ours. */
typedef enum
{
  SP_METRICS_REQUEST_INCOMPLETE,
  SP_METRICS_REQUEST_GOOD,
  SP_METRICS_REQUEST_OTHER
} SpMetricsRequest;
SpMetricsRequest sp_metrics_request_read (const guint8 *bytes, gsize size);

G_END_DECLS
