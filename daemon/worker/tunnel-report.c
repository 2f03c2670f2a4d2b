/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tunnel-private.h"

#include "cipher-name.h"

#include <netinet/in.h>
#include <linux/tcp.h>
#include <string.h>
#include <sys/socket.h>

static guint32
measure_round_trip (const SpTunnel *self)
{
  struct tcp_info info;
  socklen_t size = sizeof info;

  memset (&info, 0, sizeof info);
  if (getsockopt (sp_tls_session_get_fd (self->worker->tls), IPPROTO_TCP, TCP_INFO, &info, &size) !=
      0)
    return 0;
  return info.tcpi_rtt;
}

static void
describe_transport (const SpTunnel *self, SpReport *report)
{
  SpDtlsChannel *channel = self->channels[SP_TUNNEL_CURRENT];
  char name[SP_CIPHER_MAX + 1];

  if (self->path.state == SP_PATH_ACTIVE && channel != NULL)
    {
      report->transport = SP_TRANSPORT_DTLS;
      sp_cipher_name (sp_dtls_channel_get_gnutls (channel), name);
    }
  else
    {
      report->transport = SP_TRANSPORT_TLS;
      sp_cipher_name (sp_tls_session_get_gnutls (self->worker->tls), name);
    }
  report->cipher_length = (guint16) strlen (name);
  memcpy (report->cipher, name, report->cipher_length);
}

void
sp_tunnel_report (SpTunnel *self, gboolean must)
{
  SpReport report = { 0 };

  sp_traffic_fill_report (&self->traffic, &report);
  describe_transport (self, &report);
  self->transport_told = report.transport;
  report.used_at = (guint64) self->liveness.carried;
  report.round_trip = measure_round_trip (self);
  if (must)
    sp_main_wall_tell (&self->worker->main, SP_MESSAGE_REPORT, &report);
  else if (!sp_main_wall_offer (&self->worker->main, SP_MESSAGE_REPORT, &report))
    {
      sp_reporter_delayed (&self->reporter, self->worker->now);
      return;
    }
  sp_reporter_told (&self->reporter, &self->traffic, self->worker->now);
}
