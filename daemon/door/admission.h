/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "walls/main-door.h"

#include <glib.h>

G_BEGIN_DECLS

/* Who may come in now.  PURE arithmetic on tables of fixed size: the time is told, in microseconds
 * of a clock that starts above 0, and so is chance.
 *
 * Strangers have a token bucket per narrow and per wide prefix.  What goes wrong costs a prefix
 * seconds of penalty, which pass by themselves; it is refused while it owes a lot.  Prefixes that
 * logged in lately are known: they are delayed a little when they hurry, and never refused. */

typedef struct _SpAdmission SpAdmission;

typedef enum
{
  SP_ADMISSION_WELCOME,
  SP_ADMISSION_DELAYED, /* known, but in a hurry: look at it after `delay` */
  SP_ADMISSION_PENALTY, /* refused: misbehaved lately */
  SP_ADMISSION_RATE     /* refused: too many in a short time */
} SpAdmissionVerdict;

typedef struct
{
  SpAdmissionVerdict verdict;
  gboolean known;
  gint64 delay; /* microseconds, at most SP_ADMISSION_DELAY_MAX */
} SpArrival;

/* What the door itself can hold against somebody. */
typedef enum
{
  SP_OFFENCE_GARBAGE,    /* bytes that are no ClientHello */
  SP_OFFENCE_SILENT,     /* no complete ClientHello in time */
  SP_OFFENCE_CROWDING,   /* lost its place as one of the busiest prefix */
  SP_OFFENCE_FAILED,     /* wrong password or cookie */
  SP_OFFENCE_UNFINISHED, /* never got as far as signing in */
  SP_OFFENCE_NAMELESS,   /* does not know the name that it has to */
  SP_OFFENCE_LAST = SP_OFFENCE_NAMELESS
} SpOffence;

#define SP_ADMISSION_DELAY_MAX   (1 * G_USEC_PER_SEC)
#define SP_ADMISSION_PENALTY_MIN (10 * G_USEC_PER_SEC) /* less than this is not enforced */
#define SP_ADMISSION_PENALTY_MAX (120 * G_USEC_PER_SEC)
#define SP_ADMISSION_KNOWN_FOR   (24 * 3600 * (gint64) G_USEC_PER_SEC)

SpAdmission *sp_admission_new (const guint64 seed[2]);
void sp_admission_free (SpAdmission *admission);

/* A connection arrived. */
void sp_admission_arrive (SpAdmission *admission,
                          const guint8 *address,
                          gint64 now,
                          SpArrival *ret);
void sp_admission_offend (SpAdmission *admission,
                          const guint8 *address,
                          SpOffence offence,
                          gint64 now);
/* Main tells how a connection ended. */
void sp_admission_ended (SpAdmission *admission,
                         const guint8 *address,
                         SpOutcome outcome,
                         gint64 now);
/* Until when strangers from there are refused; 0 or past: they are not. */
gint64 sp_admission_get_end (SpAdmission *admission, const guint8 *address);

/* How full the room for strangers' unfinished hellos is, seen by a newcomer. */
typedef struct
{
  guint strangers; /* in it now */
  guint room;
  guint own_crowd; /* of them, how many of the newcomer's wide prefix */
  guint busiest_crowd;
} SpCrowd;

/* Random early drop: nobody is turned away while half the room is free; then the more the fuller,
 * up to three of four.  `chance` is uniform over all 32-bit numbers.  A newcomer whose prefix has
 * nobody in the room is let in as long as another prefix takes several places. */
gboolean sp_admission_may_wait (const SpCrowd *crowd, guint32 chance);

gsize sp_admission_get_size (const SpAdmission *admission); /* bytes; constant */

G_DEFINE_AUTOPTR_CLEANUP_FUNC (SpAdmission, sp_admission_free)

G_END_DECLS
