/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tunnel-private.h"

#include "base/io.h"
#include "base/log.h"
#include "codec/dtls-datagram.h"
#include "codec/dtls-frame.h"

/* The client's datagrams come from another address: worker/roaming.h decides, this acts.  There is
 * one DTLS session all the time; only the socket under it changes. */

/* While the client renegotiates, its channel is no place for questions or for strangers' records; a
 * moment later it sends others. */
static gboolean
can_roam (const SpTunnel *self)
{
  const SpDtlsChannel *channel = self->channels[SP_TUNNEL_CURRENT];

  return !self->closed && channel != NULL &&
         sp_dtls_channel_get_state (channel) == SP_DTLS_FINISHED &&
         !sp_dtls_channel_is_renewing (channel);
}

/* One record of application data, or GnuTLS does not see it: a handshake or an alert from an
 * address that is not known to be the client's is nobody's.  Returns whether it authenticated. */
static gboolean
take_foreign (SpTunnel *self, SpOrigin origin, const guint8 *datagram, gsize size)
{
  SpDtlsChannel *channel = self->channels[SP_TUNNEL_CURRENT];
  guint32 discarded;

  if (!can_roam (self) || !sp_dtls_datagram_can_prove (datagram, size))
    {
      self->traffic.drops[SP_DROP_STRAY]++;
      return FALSE;
    }
  discarded = sp_dtls_channel_get_discarded (channel);
  if (sp_tunnel_take_datagram (self, channel, origin, datagram, size) > 0)
    return TRUE;
  /* The channel's own count is of what came from the client's address. */
  self->discarded_before -= sp_dtls_channel_get_discarded (channel) - discarded;
  self->traffic.drops[SP_DROP_STRAY]++;
  return FALSE;
}

void
sp_tunnel_hear_stray (SpTunnel *self, const SpStrayOffered *message)
{
  const SpStrayProven answer = { .stray = message->stray };

  if (!take_foreign (self, SP_ORIGIN_STRAY, message->datagram, message->datagram_length) ||
      self->closed)
    return;
  sp_tunnel_deliver (self);
  if (sp_roaming_proven (&self->roaming, message->stray, self->worker->now))
    sp_main_wall_tell (&self->worker->main, SP_MESSAGE_STRAY_PROVEN, &answer);
  sp_tunnel_drop_ended (self);
}

void
sp_tunnel_try_address (SpTunnel *self, const SpRoam *message, int fd)
{
  if (!can_roam (self) || !sp_roaming_begin (&self->roaming, message->stray, self->worker->now))
    {
      sp_fd_clear (&fd);
      sp_tunnel_tell_closed (self, message->association);
      return;
    }
  self->trial_fd = fd;
  self->trial_association = message->association;
  /* The client has moved, or somebody repeats its record.  Until that is known the connection
   * carries what goes to it; a record from where it was says that it is still there. */
  sp_path_choice_datagram_lost (&self->path);
  sp_tunnel_expire_trial (self);
}

int
sp_tunnel_get_trial_fd (const SpTunnel *self)
{
  return self->trial_fd;
}

static void
close_trial (SpTunnel *self)
{
  if (self->trial_fd < 0)
    return;
  sp_fd_clear (&self->trial_fd);
  sp_tunnel_tell_closed (self, self->trial_association);
}

void
sp_tunnel_end_trial (SpTunnel *self)
{
  sp_roaming_end (&self->roaming, self->worker->now);
  close_trial (self);
}

static void
ask_on_trial (SpTunnel *self)
{
  guint8 frame[SP_DTLS_HEADER_SIZE];

  sp_dtls_frame_write_header (frame, SP_FRAME_DPD_REQUEST);
  for (guint i = 0; can_roam (self) && i < self->roaming.missing; i++)
    sp_dtls_channel_send_through (self->channels[SP_TUNNEL_CURRENT], self->trial_fd, frame,
                                  sizeof frame);
}

void
sp_tunnel_expire_trial (SpTunnel *self)
{
  switch (sp_roaming_due (&self->roaming, self->worker->now))
    {
      case SP_ROAMING_NOTHING:
        break;
      case SP_ROAMING_PROBE:
        ask_on_trial (self);
        break;
      case SP_ROAMING_GIVE_UP:
        close_trial (self);
        break;
    }
}

/* The new socket first, so that main is never told of a client that has none. */
static void
move (SpTunnel *self)
{
  SpDtlsChannel *channel = self->channels[SP_TUNNEL_CURRENT];
  const SpChannelCurrent message = { .association = self->trial_association };
  guint32 before = sp_dtls_channel_get_association (channel);
  int fd = sp_dtls_channel_move (channel, sp_fd_steal (&self->trial_fd), message.association);

  sp_fd_clear (&fd);
  sp_main_wall_tell (&self->worker->main, SP_MESSAGE_CHANNEL_CURRENT, &message);
  sp_tunnel_tell_closed (self, before);
  sp_liveness_datagram_heard (&self->liveness, self->worker->now);
  sp_path_choice_datagram_heard (&self->path, self->worker->now);
  self->reporter.urgent = TRUE;
  sp_log (SP_LOG_DEBUG, "dtls", "association %u goes on as %u", before, message.association);
}

void
sp_tunnel_hear_trial_answer (SpTunnel *self)
{
  if (sp_roaming_answered (&self->roaming, self->worker->now))
    move (self);
}

/* What is read together may come after the answer. */
void
sp_tunnel_serve_trial (SpTunnel *self)
{
  const guint8 *datagram;
  gsize size;

  if (!sp_inbox_fill (&self->inbox, self->trial_fd))
    return;
  while (!self->closed && sp_inbox_take (&self->inbox, &datagram, &size))
    {
      SpDtlsChannel *current = self->channels[SP_TUNNEL_CURRENT];

      if (self->trial_fd >= 0 || current == NULL)
        (void) take_foreign (self, SP_ORIGIN_TRIAL, datagram, size);
      else
        (void) sp_tunnel_take_datagram (self, current, SP_ORIGIN_KNOWN, datagram, size);
    }
  if (self->closed)
    return;
  sp_tunnel_deliver (self);
  sp_tunnel_drop_ended (self);
}
