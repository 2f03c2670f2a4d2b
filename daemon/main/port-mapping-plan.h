/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "base/endpoint.h"
#include "walls/main-courier.h"

G_BEGIN_DECLS

/* When a router is asked to forward ports, asked again, or told that it need not any more.  Of IPv6
 * it shall let them in, which here is the same.  Pure: all times are given, in microseconds since
 * the epoch. */

#define SP_MAPPING_SECONDS     3600 /* that are asked for: what is left by a death ends by itself */
#define SP_MAPPING_LEAST       (30 * (gint64) G_USEC_PER_SEC) /* however short a router's lease is */
#define SP_MAPPING_AGAIN_FIRST (60 * (gint64) G_USEC_PER_SEC)
#define SP_MAPPING_AGAIN_MOST  (60 * SP_MAPPING_AGAIN_FIRST)

/* Which router shall forward what. */
typedef struct
{
  guint8 router[SP_ADDRESS_SIZE]; /* unset: nothing is wanted */
  guint8 own[SP_ADDRESS_SIZE];
  guint16 tcp_port;
  guint16 udp_port; /* 0: none */
} SpMappingWish;

typedef struct
{
  SpMappingWish wish; /* of the last time, or of what is held */
  gboolean holds;     /* a router may forward it still */
  gint64 tried_at;    /* 0: it was not asked for this */
  guint32 seconds;    /* that it does */
  guint32 failures;   /* since it did, in whole */
  guint8 tcp;         /* an SpMappingOutcome of each port; without UDP the same */
  guint8 udp;
  gint64 parted_at;                    /* since when it forwards one alone; 0: it does not */
  guint8 way;                          /* an SpMappingWay: by which it answered last */
  guint8 address[SP_ADDRESS_SIZE];     /* that it says it has outside, or unset */
  guint8 nonce[SP_MAPPING_NONCE_SIZE]; /* that goes with what is held; all zero: none yet */
} SpMappingRecord;

typedef enum
{
  SP_MAPPING_STEP_REST,
  SP_MAPPING_STEP_ASK,
  SP_MAPPING_STEP_END /* what is held */
} SpMappingStep;

gboolean sp_mapping_wish_is_set (const SpMappingWish *wish);
/* Whether the last answer is one to this wish. */
gboolean sp_mapping_is_of (const SpMappingRecord *record, const SpMappingWish *wish);

/* What it is about, if it is not all DONE: TCP first, without which nobody connects. */
SpMappingOutcome sp_mapping_get_outcome (const SpMappingRecord *record);
/* It forwards one port and, by its own word, not the other. */
gboolean sp_mapping_is_parted (const SpMappingRecord *record);

/* What to do now; of REST `ret_next` says until when, G_MAXINT64: for ever. */
SpMappingStep sp_mapping_plan (const SpMappingRecord *record,
                               const SpMappingWish *wish,
                               gint64 now,
                               gint64 *ret_next);

/* What came back of asking is written into the record; `done` NULL: nobody waited for it. */
void sp_mapping_note_asked (SpMappingRecord *record,
                            const SpMappingWish *wish,
                            const SpPortsMapped *done,
                            gint64 now);
/* It was told that it need not: whether it heard of it or not, the lease ends. */
void sp_mapping_note_ended (SpMappingRecord *record);

G_END_DECLS
