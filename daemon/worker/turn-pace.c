/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "turn-pace.h"

#define WINDOW 2000 /* µs in which is counted */
/* Packets in a ms.  Below, so few of them would come in a turn's time that waiting costs more than
 * it gains. */
#define BEGIN 20
#define END   12
/* Packets in a turn: so many come together anyway, as in a download, whose acknowledgements are not
 * to wait; and so many that somebody else keeps the worker waiting. */
#define ENOUGH 8
#define PLENTY 70
#define LEAST  20 /* µs that are worth falling asleep for */
#define QUIET  2  /* packets in a turn: one and its answer */
/* Who waits cannot tell what would come together without: after so many windows it looks again. */
#define WINDOWS 250

static gboolean
gains (const SpTurnPace *self, guint64 elapsed)
{
  if (self->waiting)
    return self->windows < WINDOWS && self->packets * 1000 >= END * elapsed &&
           self->packets < PLENTY * self->turns;
  return self->packets * 1000 >= BEGIN * elapsed && self->packets < ENOUGH * self->turns;
}

void
sp_turn_pace_note (SpTurnPace *self, guint64 packets, gint64 now)
{
  self->last_at = now;
  self->last_packets = packets;
  self->packets += packets;
  self->turns += packets > 0;
  if (now - self->since < WINDOW)
    return;
  self->waiting = gains (self, (guint64) (now - self->since));
  self->windows = self->waiting ? self->windows + 1 : 0;
  self->since = now;
  self->packets = self->turns = 0;
}

guint
sp_turn_pace_ask (const SpTurnPace *self, gint64 now)
{
  gint64 left = self->last_at + SP_TURN_PACE - now;

  if (!self->waiting || self->last_packets == 0 || left < LEAST)
    return 0;
  return (guint) MIN (left, SP_TURN_PACE);
}

gboolean
sp_turn_pace_is_quiet (const SpTurnPace *self)
{
  return !self->waiting && self->last_packets <= QUIET;
}
