/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "connection-private.h"

#include "base/io.h"

#include <string.h>

/* A worker that has a tunnel goes on when main dies, if its holder keeps main's end of its wall.
 * What is on its way in or out is not kept: such a client comes back by itself. */

void
sp_connection_keep_numbers (SpConnection *self)
{
  if (self->holding == NULL)
    return;
  self->kept.current_channel = self->current_association;
  self->kept.last_channel = self->last_association;
  self->kept.last_stray = self->last_stray;
  sp_holding_keep_session (self->holding, &self->kept, NULL);
}

void
sp_connection_keep_association (SpConnection *self, const SpAssociation *association)
{
  SpKeepChannel channel = { .worker = self->facts.worker,
                            .number = association->number,
                            .peer_port = association->peer.port,
                            .on_trial = association->on_trial ? 1 : 0 };

  if (self->holding == NULL)
    return;
  memcpy (channel.peer_address, association->peer.address, SP_ADDRESS_SIZE);
  sp_holding_keep_channel (self->holding, &channel, association->fd);
}

void
sp_connection_let_association_go (SpConnection *self, guint32 number)
{
  if (self->holding != NULL)
    sp_holding_let_channel_go (self->holding, self->facts.worker, number);
}

void
sp_connection_let_go (SpConnection *self)
{
  if (self->holding != NULL)
    sp_holding_let_session_go (self->holding, self->facts.worker);
  self->holding = NULL;
}

static void
keep_all (SpConnection *self, int tun)
{
  int fds[SP_KEPT_DESCRIPTORS];

  fds[SP_KEPT_WALL] = sp_link_get_fd (self->link);
  fds[SP_KEPT_PROCESS] = self->pidfd;
  fds[SP_KEPT_STREAM] = self->stream;
  fds[SP_KEPT_TUN] = tun;
  sp_holding_keep_session (self->holding, &self->kept, fds);
  for (guint i = 0; i < SP_ASSOCIATIONS_MAX; i++)
    if (self->associations[i].fd >= 0)
      sp_connection_keep_association (self, &self->associations[i]);
}

static void
describe (SpConnection *self)
{
  const SpConnectionFacts *facts = &self->facts;
  SpKeepSession *kept = &self->kept;

  kept->worker = facts->worker;
  kept->turn = facts->turn;
  kept->pid = (guint32) facts->pid;
  kept->is_forwarded = facts->is_forwarded ? 1 : 0;
  kept->adopted_at = (guint64) facts->adopted_at;
  kept->signed_in = (guint64) facts->signed_in;
  kept->peer_port = facts->peer.port;
  kept->local_port = facts->local.port;
  memcpy (kept->peer_address, facts->peer.address, SP_ADDRESS_SIZE);
  memcpy (kept->local_address, facts->local.address, SP_ADDRESS_SIZE);
  memcpy (kept->signed_in_from, facts->signed_in_from, SP_ADDRESS_SIZE);
  memcpy (kept->session, facts->session, SP_ID_SIZE);
  memcpy (kept->user, facts->user, SP_ID_SIZE);
  memcpy (kept->device, facts->device, SP_ID_SIZE);
  kept->group_length = (guint16) strlen (facts->group);
  memcpy (kept->group, facts->group, kept->group_length);
  kept->current_channel = self->current_association;
  kept->last_channel = self->last_association;
  kept->last_stray = self->last_stray;
}

/* What the client said when it asked for the tunnel. */
static void
describe_request (SpConnection *self)
{
  const SpTunnelRequested *request = &self->facts.request;
  SpKeepSession *kept = &self->kept;

  kept->base_mtu = request->base_mtu;
  kept->cstp_mtu = request->cstp_mtu;
  kept->path_mtu = request->path_mtu;
  kept->flags = request->flags;
  kept->hostname_length = request->hostname_length;
  memcpy (kept->hostname, request->hostname, sizeof kept->hostname);
  kept->user_agent_length = request->user_agent_length;
  memcpy (kept->user_agent, request->user_agent, sizeof kept->user_agent);
  kept->tls_cipher_length = request->tls_cipher_length;
  memcpy (kept->tls_cipher, request->tls_cipher, sizeof kept->tls_cipher);
}

void
sp_connection_keep (SpConnection *self, SpHolding *holding, SpKeepSession *record, int tun)
{
  gboolean is_kept = self->holding != NULL;

  if (!sp_connection_takes_datagrams (self) || self->pidfd < 0 || self->stream < 0 ||
      self->facts.is_killed)
    return;
  self->kept = *record;
  self->holding = holding;
  describe (self);
  describe_request (self);
  if (is_kept)
    sp_holding_keep_session (holding, &self->kept, NULL);
  else
    keep_all (self, tun);
}

/* --- the other way round --- */

static void
take_request (SpConnectionFacts *facts, const SpSessionKept *said)
{
  SpTunnelRequested *request = &facts->request;

  request->base_mtu = said->base_mtu;
  request->cstp_mtu = said->cstp_mtu;
  request->path_mtu = said->path_mtu;
  request->flags = said->flags;
  request->hostname_length = said->hostname_length;
  memcpy (request->hostname, said->hostname, sizeof request->hostname);
  request->user_agent_length = said->user_agent_length;
  memcpy (request->user_agent, said->user_agent, sizeof request->user_agent);
  request->tls_cipher_length = said->tls_cipher_length;
  memcpy (request->tls_cipher, said->tls_cipher, sizeof request->tls_cipher);
  facts->has_request = TRUE;
}

static void
take_facts (SpConnectionFacts *facts, const SpSessionKept *said)
{
  facts->turn = said->turn;
  facts->is_forwarded = said->is_forwarded != 0;
  facts->adopted_at = MAX ((gint64) said->adopted_at, 1);
  facts->signed_in = (gint64) said->signed_in;
  facts->peer.port = said->peer_port;
  facts->local.port = said->local_port;
  memcpy (facts->peer.address, said->peer_address, SP_ADDRESS_SIZE);
  memcpy (facts->local.address, said->local_address, SP_ADDRESS_SIZE);
  memcpy (facts->signed_in_from, said->signed_in_from, SP_ADDRESS_SIZE);
  memcpy (facts->session, said->session, SP_ID_SIZE);
  memcpy (facts->user, said->user, SP_ID_SIZE);
  memcpy (facts->device, said->device, SP_ID_SIZE);
  memcpy (facts->group, said->group, said->group_length);
  facts->group[said->group_length] = '\0';
  facts->attachment = said->attachment;
  facts->is_known = TRUE;
  facts->may_tunnel = TRUE;
}

static void
take_channels (SpConnection *self, SpKeptSession *kept)
{
  for (guint i = 0; i < kept->n_channels; i++)
    {
      const SpChannelKept *said = &kept->channels[i];
      SpAssociation *association = &self->associations[i];

      association->number = said->number;
      association->peer.port = said->peer_port;
      memcpy (association->peer.address, said->peer_address, SP_ADDRESS_SIZE);
      association->on_trial = said->on_trial != 0 && said->number != kept->said.current_channel;
      association->fd = sp_fd_steal (&kept->channel_fds[i]);
    }
  self->current_association = kept->said.current_channel;
  self->last_association = kept->said.last_channel;
  self->last_stray = kept->said.last_stray + G_MAXUINT16; /* more were offered than was said */
}

SpConnection *
sp_connection_resume (SpKeptSession *kept, const SpConnectionEvents *events, gpointer user_data)
{
  SpConnection *self = sp_connection_new (kept->said.worker, sp_fd_steal (&kept->fds[SP_KEPT_WALL]),
                                          events, user_data);

  G_STATIC_ASSERT (SP_ASSOCIATIONS_MAX == SP_HOLDER_CHANNELS_MAX);
  take_facts (&self->facts, &kept->said);
  take_request (&self->facts, &kept->said);
  take_channels (self, kept);
  self->stream = sp_fd_steal (&kept->fds[SP_KEPT_STREAM]);
  sp_link_enter (self->link, SP_MAIN_WORKER_TUNNEL);
  sp_connection_forked (self, (pid_t) kept->said.pid, sp_fd_steal (&kept->fds[SP_KEPT_PROCESS]));
  return self;
}
