/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Whether a datagram channel that a client begins becomes the one in use.  A pure state machine: it
 * is told facts and the time (microseconds, monotonic), and answers with a deadline and actions.
 *
 * The newest hello wins, until one has shown that it has the key: then others wait until that one
 * has sent a record, or has not for too long. */

#define SP_CANDIDACY_SECONDS 30 /* from the hello to the first authenticated record */
/* … once the client said another hello at the candidate's own port, where nobody else hears it */
#define SP_CANDIDACY_HURRY_SECONDS 2

typedef enum
{
  SP_CANDIDACY_NONE,
  SP_CANDIDACY_SHAKING, /* there is a candidate; nobody knows whether it has the key */
  SP_CANDIDACY_KEYED,   /* it does: its Finished was right */
  SP_CANDIDACY_SHUT,    /* no channels here, or none any more */
  SP_CANDIDACY_STATES
} SpCandidacyState;

typedef enum
{
  SP_CANDIDACY_HELLO,    /* another client begins; the door verified where it is */
  SP_CANDIDACY_FINISHED, /* the candidate's handshake is done */
  SP_CANDIDACY_RECORD,   /* its first authenticated record */
  SP_CANDIDACY_OVER,     /* it failed, or said goodbye */
  SP_CANDIDACY_LATE,     /* its time is over */
  SP_CANDIDACY_CLOSED,   /* the tunnel is over */
  SP_CANDIDACY_EVENTS
} SpCandidacyEvent;

typedef enum
{
  SP_CANDIDACY_DO_NOTHING,
  SP_CANDIDACY_DO_BEGIN,   /* make a candidate of the hello */
  SP_CANDIDACY_DO_REPLACE, /* drop the one there is, and do that */
  SP_CANDIDACY_DO_REFUSE,  /* close the hello's socket */
  SP_CANDIDACY_DO_PROMOTE, /* the candidate becomes the channel in use */
  SP_CANDIDACY_DO_DROP     /* it goes */
} SpCandidacyAction;

typedef struct
{
  SpCandidacyState state;
  gint64 until; /* of the candidate that is there */
} SpCandidacy;

/* `takes`: channels were agreed on. */
void sp_candidacy_init (SpCandidacy *candidacy, gboolean takes);
/* What makes no sense in its state changes nothing. */
SpCandidacyAction sp_candidacy_step (SpCandidacy *candidacy, SpCandidacyEvent event, gint64 now);
/* The candidate seems to be given up by its client. */
void sp_candidacy_hurry (SpCandidacy *candidacy, gint64 now);
gint64 sp_candidacy_get_deadline (const SpCandidacy *candidacy); /* G_MAXINT64 = never */
/* LATE, if it is. */
SpCandidacyAction sp_candidacy_due (SpCandidacy *candidacy, gint64 now);

G_END_DECLS
