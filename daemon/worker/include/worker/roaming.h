/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Following a client whose address changed, one step at a time.  A pure state machine: it is told
 * facts and the time (microseconds, monotonic), and answers with a deadline and actions.
 *
 *   QUIET  a record from an unknown address authenticated → ASKED
 *   ASKED  main was told, and may make a socket for it    → TRIAL, or QUIET after a while
 *   TRIAL  the socket is there, the client is asked on it → QUIET: moved, or given up
 *
 * That a record is genuine does not say who sent it: whoever sees the client's datagrams can repeat
 * one from an address of his own before it arrives.  So the new address counts only when questions
 * (DPD requests) that were sent there are answered from there.  Answers carry nothing that tells
 * which question they are for; so as many are wanted as could be answers, repeated like that, to
 * questions that were sent elsewhere, and one more. */

#define SP_ROAMING_TRIAL_SECONDS 4
#define SP_ROAMING_PROBE_MILLISECONDS                                                              \
  400                                  /* until the first repetition, then twice as long each      \
                                        */
#define SP_ROAMING_OPEN_MAX         8  /* questions, with which a trial may begin */
#define SP_ROAMING_QUESTION_SECONDS 10 /* after that no answer comes any more */

typedef enum
{
  SP_ROAMING_QUIET,
  SP_ROAMING_ASKED,
  SP_ROAMING_TRIAL
} SpRoamingState;

typedef enum
{
  SP_ROAMING_NOTHING,
  SP_ROAMING_PROBE,  /* send `missing` questions to the new address */
  SP_ROAMING_GIVE_UP /* it is not the client's, or does not work */
} SpRoamingAction;

typedef struct
{
  SpRoamingState state;
  guint32 stray;     /* that was told to main */
  gint64 until;      /* end of ASKED or TRIAL */
  gint64 not_before; /* no other stray is told to main until then */
  gint64 probe_at;   /* in TRIAL, and the following: */
  gint64 probe_wait;
  guint asked;
  guint missing;     /* answers */
  guint open;        /* questions sent elsewhere than to the address on trial, not answered */
  gint64 open_since; /* the last of them */
} SpRoaming;

void sp_roaming_init (SpRoaming *roaming);

/* The record authenticated: TRUE if main shall be told. */
gboolean sp_roaming_proven (SpRoaming *roaming, guint32 stray, gint64 now);
/* Main made a socket: FALSE if it is not wanted (any more). */
gboolean sp_roaming_begin (SpRoaming *roaming, guint32 stray, gint64 now);
/* An answer came from the address on trial: TRUE if it is the client's now, and the trial over. */
gboolean sp_roaming_answered (SpRoaming *roaming, gint64 now);
/* The channel is gone, or its trial failed. */
void sp_roaming_end (SpRoaming *roaming, gint64 now);

/* On the address in use: a question was sent, an answer came. */
void sp_roaming_questioned (SpRoaming *roaming, gint64 now);
void sp_roaming_question_answered (SpRoaming *roaming);

gint64 sp_roaming_get_deadline (const SpRoaming *roaming); /* G_MAXINT64 = never */
SpRoamingAction sp_roaming_due (SpRoaming *roaming, gint64 now);

G_END_DECLS
