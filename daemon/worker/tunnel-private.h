/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "compressor.h"
#include "delivery.h"
#include "dtls-channel.h"
#include "packet-batch.h"
#include "traffic.h"
#include "tunnel.h"
#include "turn-pace.h"
#include "worker-private.h"
#include "worker/candidacy.h"
#include "worker/liveness.h"
#include "worker/path-choice.h"
#include "worker/rekey.h"
#include "worker/roaming.h"

G_BEGIN_DECLS

#define SP_TUNNEL_RECORD_SIZE (SP_PACKET_HEADROOM + SP_TLS_RECORD_MAX)

struct _SpTunnel
{
  SpWorker *worker;
  SpTunnelPlan plan;
  int tun_fd;
  gboolean device_is_gone;
  gboolean paused;
  gboolean closed;
  guint64 allowance; /* of all bytes; G_MAXUINT64 = there is none */

  guint32 mtu;      /* inner, that the path carries now */
  guint32 link_mtu; /* outer, likewise */
  gint64 mtu_checked_at;

  SpDtlsChannel *channels[SP_TUNNEL_SLOTS];
  SpCandidacy candidacy;
  guint32 discarded_before; /* by channels that are gone */

  SpRoaming roaming;
  int trial_fd; /* another way to the client of the current channel, perhaps; -1 = none */
  guint32 trial_association;

  SpLiveness liveness;
  SpRekey rekey;                /* of the stream */
  gint64 renegotiation_ends_at; /* at the latest; G_MAXINT64 = none runs */
  SpPathChoice path;
  guint8 transport_told; /* in the last report */

  SpTraffic traffic;
  SpTurnPace pace;
  guint64 paced_packets;    /* carried, that it knows of */
  gboolean expects_answers; /* something was delivered since the TUN was read */
  SpReporter reporter;
  gint64 rest_at; /* when to look whether the buffers can be given back; G_MAXINT64 = resting */
  guint64 rest_packets;

  SpCompressor compressor;
  SpInbox inbox;
  SpDelivery delivery;
  SpPacketBatch batch;
  guint8 record[SP_TUNNEL_RECORD_SIZE]; /* one of our own to the client; last, and not zeroed */
};

/* tunnel-down.c: to the client */

/* One frame of its own: type and payload on the given channel; FALSE if it was not taken. */
gboolean sp_tunnel_send_stream_frame (SpTunnel *self,
                                      guint8 type,
                                      gconstpointer payload,
                                      gsize size);
void sp_tunnel_send_datagram_probe (SpTunnel *self, gsize size);

/* tunnel-channels.c */

/* What the candidate did: worker/candidacy.h decides what becomes of it. */
void sp_tunnel_note_candidate (SpTunnel *self, SpCandidacyEvent event);
void sp_tunnel_expire_candidate (SpTunnel *self);
void sp_tunnel_retire (SpTunnel *self, SpTunnelSlot slot);
/* Drops channels that came to their end. */
void sp_tunnel_drop_ended (SpTunnel *self);
void sp_tunnel_flush_channel (SpTunnel *self, SpTunnelSlot slot);
/* The association's socket is closed on this side. */
void sp_tunnel_tell_closed (SpTunnel *self, guint32 association);

/* tunnel-up.c: from the client */

/* Of a datagram */
typedef enum
{
  SP_ORIGIN_KNOWN, /* from where ours go to */
  SP_ORIGIN_TRIAL, /* from the address on trial */
  SP_ORIGIN_STRAY  /* from an address that has no socket */
} SpOrigin;

/* Feeds it to the channel; returns how many records in it authenticated.  Their packets wait. */
guint sp_tunnel_take_datagram (
    SpTunnel *self, SpDtlsChannel *channel, SpOrigin origin, const guint8 *datagram, gsize size);
/* Writes the packets that wait to the TUN. */
void sp_tunnel_deliver (SpTunnel *self);

/* tunnel-roaming.c */
void sp_tunnel_hear_trial_answer (SpTunnel *self);
void sp_tunnel_expire_trial (SpTunnel *self);
/* The current channel goes. */
void sp_tunnel_end_trial (SpTunnel *self);

/* tunnel-mtu.c */
void sp_tunnel_fit_mtu (SpTunnel *self, guint32 mtu); /* inner: not more than that */
void sp_tunnel_raise_mtu (SpTunnel *self, guint32 mtu);
void sp_tunnel_learn_link (SpTunnel *self, guint32 link_mtu);
void sp_tunnel_check_path (SpTunnel *self);
guint32 sp_tunnel_get_payload (const SpTunnel *self); /* UDP payload that fits the link */

/* tunnel-rekey.c: renewing keys within the connection */
void sp_tunnel_begin_rekeying (SpTunnel *self);
void sp_tunnel_note_rekeying (SpTunnel *self); /* what the client did meanwhile */
void sp_tunnel_answer_hello (SpTunnel *self);  /* it wants to renegotiate */
/* Nothing more is received: `result` is why. */
void sp_tunnel_lose_stream (SpTunnel *self, SpTlsResult result);
void sp_tunnel_rekey_if_due (SpTunnel *self);
gint64 sp_tunnel_get_rekey_deadline (const SpTunnel *self);

/* Nothing more may be carried. */
static inline gboolean
sp_tunnel_is_spent (const SpTunnel *self)
{
  return self->traffic.rx_bytes + self->traffic.tx_bytes >= self->allowance;
}

/* tunnel-report.c */
void sp_tunnel_report (SpTunnel *self, gboolean must);

G_END_DECLS
