/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "store-history.h"

G_BEGIN_DECLS

/* The history for those who want all of it: a thread reads, over a connection of its own to the
 * database, and writes JSON lines into a socket as fast as its reader takes them.  A line is a row;
 * its keys are those of ListHistory() in kebab case, times in microseconds since the epoch end in
 * "-usec".  The last line is {"rows": N}; one that begins with {"error": is the last, too, and
 * where both are missing the stream was cut off. */
typedef struct _SpHistoryStreams SpHistoryStreams;

#define SP_HISTORY_STREAMS_MAX  4
#define SP_HISTORY_STREAM_QUIET 30 /* seconds that a reader may take nothing */

SpHistoryStreams *sp_history_streams_new (void);
/* Cuts off those that run. */
void sp_history_streams_free (SpHistoryStreams *streams);

/* The reader's end, which the caller closes, or -1.  Errors: SP_ERROR_BUSY, SP_ERROR_FAILED. */
int sp_history_streams_open (SpHistoryStreams *streams,
                             SpStore *store,
                             const SpHistoryFilter *filter,
                             GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (SpHistoryStreams, sp_history_streams_free)

G_END_DECLS
