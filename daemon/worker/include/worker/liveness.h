/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* When to ask whether the client is still there, when to stop believing it, and how long a session
 * may be idle or last.  A pure state machine: it is told facts and the time (microseconds,
 * monotonic), and answers with a deadline and, at that time, with actions. */

typedef struct
{
  guint32 dpd;             /* seconds, 0 = off: the period P */
  guint32 idle_timeout;    /* seconds, 0 = off */
  guint32 session_timeout; /* seconds from now, 0 = off */
  gint64 used_at;          /* when this session was used last, perhaps by another; 0 = now */
} SpLivenessLimits;

typedef enum
{
  SP_LIVENESS_NOTHING,
  SP_LIVENESS_PROBE_STREAM,   /* silent for 2 P: ask */
  SP_LIVENESS_PROBE_DATAGRAM, /* likewise, with a packet of full size */
  SP_LIVENESS_DATAGRAM_LOST,  /* silent for 3 P: send nothing more there */
  SP_LIVENESS_ASK_DATAGRAM,   /* in doubt whether the client has it: ask, with a small packet */
  SP_LIVENESS_DATAGRAM_OVER,  /* the doubt was never answered: the client has it no more */
  SP_LIVENESS_SILENT,         /* the stream is silent for 3 P: the client is gone */
  SP_LIVENESS_IDLE,           /* no packet worth mentioning for the idle time, which begins anew */
  SP_LIVENESS_OVER            /* the session's time is over */
} SpLivenessAction;

typedef struct
{
  gint64 heard;
  gboolean watched;
  gboolean probed; /* since it was heard last */
} SpLivenessChannel;

/* The client said hello anew where its channel is: it may have lost that channel's keys, or
 * somebody repeats what it said once.  Whoever has the keys answers (RFC 6347 4.2.8: an association
 * ends by nobody's word but its own). */
#define SP_LIVENESS_DOUBT_MILLISECONDS 2000
#define SP_LIVENESS_DOUBT_ASKED        3 /* as often, in the first half and a bit */

typedef struct
{
  gint64 since; /* 0 = there is none */
  guint asked;
  gint64 not_before; /* the next one */
} SpLivenessDoubt;

typedef struct
{
  gint64 period;
  gint64 idle;
  gint64 over_at;
  gint64 carried; /* last packet that counts against idleness */
  SpLivenessChannel stream;
  SpLivenessChannel datagram;
  SpLivenessDoubt doubt;
} SpLiveness;

void sp_liveness_init (SpLiveness *liveness, const SpLivenessLimits *limits, gint64 now);

/* Facts */
void sp_liveness_stream_heard (SpLiveness *liveness, gint64 now);   /* any record */
void sp_liveness_datagram_heard (SpLiveness *liveness, gint64 now); /* any record */
void sp_liveness_datagram_gone (SpLiveness *liveness);              /* there is no such channel */
/* That there is a channel the caller knows.  FALSE: there is such a doubt already, or there was one
 * a moment ago. */
gboolean sp_liveness_datagram_doubted (SpLiveness *liveness, gint64 now);
void sp_liveness_carried (SpLiveness *liveness, gint64 now); /* not ICMP, not our own talk */

/* The time at which sp_liveness_due has something to say; G_MAXINT64 = never. */
gint64 sp_liveness_get_deadline (const SpLiveness *liveness);
/* To be called until it answers NOTHING. */
SpLivenessAction sp_liveness_due (SpLiveness *liveness, gint64 now);

G_END_DECLS
