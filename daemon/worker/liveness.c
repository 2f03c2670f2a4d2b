/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "worker/liveness.h"

#define PROBE_PERIODS 2
#define GONE_PERIODS  3

#define DOUBT_MICROSECONDS (SP_LIVENESS_DOUBT_MILLISECONDS * (gint64) 1000)
#define ASKING_EVERY       (DOUBT_MICROSECONDS / (SP_LIVENESS_DOUBT_ASKED + 1))

static gint64
microseconds (guint32 seconds)
{
  return (gint64) seconds * G_USEC_PER_SEC;
}

void
sp_liveness_init (SpLiveness *self, const SpLivenessLimits *limits, gint64 now)
{
  *self = (SpLiveness){
    .period = microseconds (limits->dpd),
    .idle = microseconds (limits->idle_timeout),
    .over_at =
        limits->session_timeout > 0 ? now + microseconds (limits->session_timeout) : G_MAXINT64,
    .carried = limits->used_at > 0 ? MIN (limits->used_at, now) : now,
    .stream = { .heard = now, .watched = TRUE },
  };
}

static void
hear (SpLivenessChannel *channel, gint64 now)
{
  channel->heard = now;
  channel->watched = TRUE;
  channel->probed = FALSE;
}

void
sp_liveness_stream_heard (SpLiveness *self, gint64 now)
{
  hear (&self->stream, now);
}

void
sp_liveness_datagram_heard (SpLiveness *self, gint64 now)
{
  hear (&self->datagram, now);
  if (self->doubt.since != 0)
    self->doubt = (SpLivenessDoubt){ .not_before = now + DOUBT_MICROSECONDS };
}

void
sp_liveness_datagram_gone (SpLiveness *self)
{
  self->datagram.watched = FALSE;
  self->doubt = (SpLivenessDoubt){ 0 };
}

gboolean
sp_liveness_datagram_doubted (SpLiveness *self, gint64 now)
{
  if (self->doubt.since != 0 || now < self->doubt.not_before)
    return FALSE;
  self->doubt = (SpLivenessDoubt){ .since = now };
  return TRUE;
}

void
sp_liveness_carried (SpLiveness *self, gint64 now)
{
  self->carried = now;
}

static gint64
get_channel_deadline (const SpLiveness *self, const SpLivenessChannel *channel)
{
  if (self->period == 0 || !channel->watched)
    return G_MAXINT64;
  return channel->heard + (channel->probed ? GONE_PERIODS : PROBE_PERIODS) * self->period;
}

static gint64
get_doubt_deadline (const SpLivenessDoubt *doubt)
{
  if (doubt->since == 0)
    return G_MAXINT64;
  return doubt->since + (doubt->asked < SP_LIVENESS_DOUBT_ASKED ? doubt->asked * ASKING_EVERY
                                                                : DOUBT_MICROSECONDS);
}

gint64
sp_liveness_get_deadline (const SpLiveness *self)
{
  gint64 channels = MIN (get_channel_deadline (self, &self->stream),
                         get_channel_deadline (self, &self->datagram));
  gint64 idle = self->idle > 0 ? self->carried + self->idle : G_MAXINT64;

  channels = MIN (channels, get_doubt_deadline (&self->doubt));
  return MIN (MIN (channels, idle), self->over_at);
}

/* Both steps of a channel in order, even if the time for both has come. */
static SpLivenessAction
judge_channel (const SpLiveness *self,
               SpLivenessChannel *channel,
               gint64 now,
               SpLivenessAction probe,
               SpLivenessAction gone)
{
  if (now < get_channel_deadline (self, channel))
    return SP_LIVENESS_NOTHING;
  if (!channel->probed)
    {
      channel->probed = TRUE;
      return probe;
    }
  channel->watched = FALSE;
  return gone;
}

static SpLivenessAction
judge_doubt (SpLiveness *self, gint64 now)
{
  if (now < get_doubt_deadline (&self->doubt))
    return SP_LIVENESS_NOTHING;
  if (self->doubt.asked++ < SP_LIVENESS_DOUBT_ASKED)
    return SP_LIVENESS_ASK_DATAGRAM;
  sp_liveness_datagram_gone (self);
  return SP_LIVENESS_DATAGRAM_OVER;
}

SpLivenessAction
sp_liveness_due (SpLiveness *self, gint64 now)
{
  SpLivenessAction action;

  if (now >= self->over_at)
    return SP_LIVENESS_OVER;
  if (self->idle > 0 && now >= self->carried + self->idle)
    {
      self->carried = now;
      return SP_LIVENESS_IDLE;
    }
  action = judge_channel (self, &self->stream, now, SP_LIVENESS_PROBE_STREAM, SP_LIVENESS_SILENT);
  if (action == SP_LIVENESS_NOTHING)
    action = judge_doubt (self, now);
  if (action != SP_LIVENESS_NOTHING)
    return action;
  return judge_channel (self, &self->datagram, now, SP_LIVENESS_PROBE_DATAGRAM,
                        SP_LIVENESS_DATAGRAM_LOST);
}
