/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tunnel-private.h"

#include "base/io.h"
#include "base/log.h"

#include <netinet/in.h>
#include <sys/socket.h>

/* The current datagram channel and the candidate beside it. */

void
sp_tunnel_tell_closed (SpTunnel *self, guint32 association)
{
  const SpChannelClosed message = { .association = association };

  sp_main_wall_tell (&self->worker->main, SP_MESSAGE_CHANNEL_CLOSED, &message);
}

/* The socket is closed here before main hears of it, and then lingers in the door. */
static void
bury (SpTunnel *self, SpDtlsChannel *channel)
{
  guint32 association = sp_dtls_channel_get_association (channel);

  if (sp_dtls_channel_has_other_key (channel))
    sp_dtls_keys_failed (&self->plan.keys, sp_dtls_channel_get_key (channel));
  self->discarded_before += sp_dtls_channel_get_discarded (channel);
  sp_dtls_channel_free (channel);
  sp_tunnel_tell_closed (self, association);
}

void
sp_tunnel_retire (SpTunnel *self, SpTunnelSlot slot)
{
  SpDtlsChannel *channel = g_steal_pointer (&self->channels[slot]);

  if (channel == NULL)
    return;
  if (slot == SP_TUNNEL_CURRENT)
    {
      sp_path_choice_datagram_gone (&self->path);
      sp_liveness_datagram_gone (&self->liveness);
      sp_tunnel_end_trial (self);
    }
  bury (self, channel);
}

static gboolean
is_over (const SpTunnel *self, SpTunnelSlot slot)
{
  return self->channels[slot] != NULL &&
         sp_dtls_channel_get_state (self->channels[slot]) == SP_DTLS_OVER;
}

void
sp_tunnel_drop_ended (SpTunnel *self)
{
  SpDtlsChannel *current;

  if (is_over (self, SP_TUNNEL_CURRENT))
    sp_tunnel_retire (self, SP_TUNNEL_CURRENT);
  if (is_over (self, SP_TUNNEL_CANDIDATE))
    sp_tunnel_note_candidate (self, SP_CANDIDACY_OVER);
  current = self->channels[SP_TUNNEL_CURRENT];
  self->traffic.drops[SP_DROP_RECORD] =
      self->discarded_before + (current != NULL ? sp_dtls_channel_get_discarded (current) : 0);
}

static void
promote_candidate (SpTunnel *self)
{
  SpDtlsChannel *old = self->channels[SP_TUNNEL_CURRENT];
  SpDtlsChannel *channel = g_steal_pointer (&self->channels[SP_TUNNEL_CANDIDATE]);
  const SpChannelCurrent message = { .association = sp_dtls_channel_get_association (channel) };

  /* They were about the old one: what it asked nobody can answer with other keys. */
  sp_tunnel_end_trial (self);
  sp_roaming_init (&self->roaming);
  self->channels[SP_TUNNEL_CURRENT] = channel;
  sp_dtls_channel_settle (channel, self->plan.dtls_rekey, self->worker->now);
  sp_main_wall_tell (&self->worker->main, SP_MESSAGE_CHANNEL_CURRENT, &message);
  if (old != NULL)
    bury (self, old);
  self->reporter.urgent = TRUE;
  sp_tunnel_fit_mtu (self, (guint32) sp_dtls_channel_get_frame_max (channel) - 1);
  sp_log (SP_LOG_DEBUG, "dtls", "association %u is current", message.association);
}

static void
act (SpTunnel *self, SpCandidacyAction action)
{
  if (action == SP_CANDIDACY_DO_PROMOTE)
    promote_candidate (self);
  else if (action == SP_CANDIDACY_DO_DROP || action == SP_CANDIDACY_DO_REPLACE)
    sp_tunnel_retire (self, SP_TUNNEL_CANDIDATE);
}

void
sp_tunnel_note_candidate (SpTunnel *self, SpCandidacyEvent event)
{
  act (self, sp_candidacy_step (&self->candidacy, event, self->worker->now));
}

void
sp_tunnel_expire_candidate (SpTunnel *self)
{
  act (self, sp_candidacy_due (&self->candidacy, self->worker->now));
}

void
sp_tunnel_add_candidate (SpTunnel *self, const SpCandidate *message, int fd)
{
  SpCandidacyAction action =
      sp_candidacy_step (&self->candidacy, SP_CANDIDACY_HELLO, self->worker->now);

  if (action == SP_CANDIDACY_DO_REFUSE)
    {
      sp_fd_clear (&fd);
      sp_tunnel_tell_closed (self, message->association);
      return;
    }
  act (self, action);
  self->channels[SP_TUNNEL_CANDIDATE] =
      sp_dtls_channel_new (self->worker->equipment, message, fd, &self->plan.keys,
                           sp_tunnel_get_payload (self), self->worker->now);
  sp_tunnel_drop_ended (self);
}

static guint32
ask_path_mtu (const SpTunnel *self, int fd)
{
  gboolean ipv4 = sp_address_is_ipv4 (self->worker->peer.address);
  int mtu = 0;
  socklen_t size = sizeof mtu;

  if (getsockopt (fd, ipv4 ? IPPROTO_IP : IPPROTO_IPV6, ipv4 ? IP_MTU : IPV6_MTU, &mtu, &size) != 0)
    return 0;
  return mtu > 0 ? (guint32) mtu : 0;
}

void
sp_tunnel_flush_channel (SpTunnel *self, SpTunnelSlot slot)
{
  SpDtlsChannel *channel = self->channels[slot];
  guint32 dropped;
  SpOutboxResult result = sp_dtls_channel_flush (channel, &dropped);

  if (result != SP_OUTBOX_TOO_BIG)
    {
      self->traffic.drops[SP_DROP_QUEUE] += dropped;
      return;
    }
  self->traffic.drops[SP_DROP_TOO_BIG] += dropped;
  sp_tunnel_learn_link (self, ask_path_mtu (self, sp_dtls_channel_get_fd (channel)));
}
