/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tunnel-private.h"

#include "base/endpoint.h"
#include "codec/mtu.h"

#include <netinet/in.h>
#include <linux/tcp.h>
#include <string.h>
#include <sys/socket.h>

#define PATH_CHECK_SECONDS 30
#define HEADERS_IPV4       28 /* IP and UDP */
#define HEADERS_IPV6       48
#define MTU_MIN            500 /* less is no path worth adapting to */

guint32
sp_tunnel_get_payload (const SpTunnel *self)
{
  gboolean ipv4 = sp_address_is_ipv4 (self->worker->peer.address);

  return self->link_mtu - (ipv4 ? HEADERS_IPV4 : HEADERS_IPV6);
}

static void
apply (SpTunnel *self, guint32 mtu)
{
  const SpMtuChanged message = { .mtu = mtu };

  self->mtu = mtu;
  sp_main_wall_tell (&self->worker->main, SP_MESSAGE_MTU_CHANGED, &message);
}

static void
tell_channels (SpTunnel *self)
{
  for (guint slot = 0; slot < SP_TUNNEL_SLOTS; slot++)
    if (self->channels[slot] != NULL)
      sp_dtls_channel_set_payload (self->channels[slot], sp_tunnel_get_payload (self));
}

void
sp_tunnel_fit_mtu (SpTunnel *self, guint32 mtu)
{
  if (mtu < self->mtu && mtu >= MTU_MIN)
    apply (self, mtu);
}

/* The overhead between the two stays what it was when the tunnel was granted. */
void
sp_tunnel_learn_link (SpTunnel *self, guint32 link_mtu)
{
  guint32 overhead = self->plan.link_mtu - self->plan.mtu;

  if (link_mtu >= self->link_mtu || link_mtu < overhead + MTU_MIN)
    return;
  self->link_mtu = link_mtu;
  tell_channels (self);
  sp_tunnel_fit_mtu (self, link_mtu - overhead);
}

void
sp_tunnel_raise_mtu (SpTunnel *self, guint32 mtu)
{
  if (mtu <= self->mtu || mtu > self->plan.mtu)
    return;
  self->link_mtu = MIN (self->plan.link_mtu, mtu + self->plan.link_mtu - self->plan.mtu);
  tell_channels (self);
  apply (self, mtu);
}

/* What the kernel has learned about the path since. */
void
sp_tunnel_check_path (SpTunnel *self)
{
  gint64 now = self->worker->now;
  struct tcp_info info;
  socklen_t size = sizeof info;

  if (now < self->mtu_checked_at + PATH_CHECK_SECONDS * G_USEC_PER_SEC)
    return;
  self->mtu_checked_at = now;
  memset (&info, 0, sizeof info);
  if (getsockopt (sp_tls_session_get_fd (self->worker->tls), IPPROTO_TCP, TCP_INFO, &info, &size) ==
          0 &&
      info.tcpi_pmtu >= SP_MTU_PATH_MIN)
    sp_tunnel_learn_link (self, info.tcpi_pmtu);
}
