/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "receive-pace.h"

#define WINDOW 2000 /* µs in which is counted */
/* Bytes in a µs: that few packets would come in a turn's time that waiting costs more than it
 * gains.  Acknowledgements of a download are far less. */
#define BEGIN 40
#define END   25
/* Bytes in a turn: so much comes together anyway, and so much that somebody else keeps the worker
 * waiting. */
#define ENOUGH 8192
#define PLENTY 49152
#define LEAST  20 /* µs that are worth falling asleep for */

static gboolean
gains (const SpReceivePace *self, guint64 elapsed)
{
  if (self->waiting)
    return self->bytes >= END * elapsed && self->bytes < PLENTY * self->turns;
  return self->bytes >= BEGIN * elapsed && self->bytes < ENOUGH * self->turns;
}

void
sp_receive_pace_note (SpReceivePace *self, gsize bytes, gint64 now)
{
  self->last_at = now;
  self->last_bytes = bytes;
  self->bytes += bytes;
  self->turns += bytes > 0;
  if (now - self->since < WINDOW)
    return;
  self->waiting = gains (self, (guint64) (now - self->since));
  self->since = now;
  self->bytes = self->turns = 0;
}

guint
sp_receive_pace_ask (const SpReceivePace *self, gint64 now)
{
  gint64 left = self->last_at + SP_RECEIVE_PACE_TURN - now;

  if (!self->waiting || self->last_bytes == 0 || left < LEAST)
    return 0;
  return (guint) MIN (left, SP_RECEIVE_PACE_TURN);
}
