/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "base/endpoint.h"
#include "codec/client-kind.h"
#include "codec/compression.h"
#include "dtls-set-up.h"
#include "walls/main-worker.h"
#include "worker/worker.h"

G_BEGIN_DECLS

/* Packets between the lent TUN and the client, over TLS and, when it is up, over DTLS.  Each call
 * does a bounded amount of work and never waits. */

typedef struct _SpTunnel SpTunnel;

/* How a frame goes: over TLS, or as a datagram. */
typedef enum
{
  SP_WAY_STREAM,
  SP_WAY_DATAGRAM,
  SP_WAYS
} SpTunnelWay;

typedef struct
{
  guint8 ipv4[SP_ADDRESS_SIZE]; /* the lease; all zero = none */
  guint8 ipv6[SP_ADDRESS_SIZE];
  guint n_behind;
  SpNetwork behind[SP_NETWORKS_BEHIND_MAX]; /* with the lease the only sources a client may use */
  guint32 link_mtu;                         /* outer */
  guint32 mtu;                              /* inner, as told to the client */
  gboolean dtls;
  SpCompression compression[SP_WAYS]; /* as agreed on with the client */
  SpDtlsKeys keys;                    /* if there is DTLS */
  guint32 dpd;
  guint32 idle_timeout;
  guint32 session_timeout;
  guint32 rekey;      /* seconds: keys are renewed within the connection; 0 = they are not */
  guint32 dtls_rekey; /* likewise within the datagram channel */
  guint64 rx_bytes;   /* where the session's counters stand */
  guint64 tx_bytes;
  guint64 allowance; /* of both together; 0 = there is none */
  gint64 used_at;    /* when the session was used last, monotonic µs; 0 = now */
} SpTunnelPlan;

/* Takes `tun_fd`. */
SpTunnel *sp_tunnel_new (SpWorker *worker, const SpTunnelPlan *plan, int tun_fd);
void sp_tunnel_free (SpTunnel *self);

/* Told by main */
void sp_tunnel_add_candidate (SpTunnel *self, const SpCandidate *message, int fd); /* takes `fd` */
void sp_tunnel_hear_stray (SpTunnel *self, const SpStrayOffered *message);
void sp_tunnel_try_address (SpTunnel *self, const SpRoam *message, int fd); /* takes `fd` */
void sp_tunnel_recall (SpTunnel *self);
void sp_tunnel_pause (SpTunnel *self, gboolean on);
void sp_tunnel_allow (SpTunnel *self, guint64 allowance);
/* Queues the last frame for the client: it will not come back by itself. */
void sp_tunnel_disconnect (SpTunnel *self, const char *text, gsize length);

/* Gives everything back and tells the last figures; the TLS session stays.  May be repeated. */
void sp_tunnel_close (SpTunnel *self);

/* What the loop waits for: -1 = nothing. */
int sp_tunnel_get_tun_fd (const SpTunnel *self);
typedef enum
{
  SP_TUNNEL_CURRENT,
  SP_TUNNEL_CANDIDATE,
  SP_TUNNEL_SLOTS
} SpTunnelSlot;
int sp_tunnel_get_datagram_fd (const SpTunnel *self, SpTunnelSlot slot);
int sp_tunnel_get_trial_fd (const SpTunnel *self); /* where the client seems to have moved to */
/* The socket was full. */
gboolean sp_tunnel_waits_to_write (const SpTunnel *self, SpTunnelSlot slot);
/* Whether bytes of the client may be read, or some wait in memory. */
gboolean sp_tunnel_takes_stream (const SpTunnel *self);

/* What the loop calls when something is ready. */
void sp_tunnel_serve_stream (SpTunnel *self);
void sp_tunnel_serve_datagrams (SpTunnel *self, SpTunnelSlot slot);
void sp_tunnel_serve_trial (SpTunnel *self);
void sp_tunnel_serve_tun (SpTunnel *self);
void sp_tunnel_flush (SpTunnel *self);

/* µs by which the next turn is to be put off, so that more comes with it. */
guint sp_tunnel_get_pause (const SpTunnel *self);
/* What answers at once, as the server itself does, has answered by the time it was delivered to;
 * that is read in the same turn if the next one is put off, and in quiet times. */
gboolean sp_tunnel_reads_answers (const SpTunnel *self);

gint64 sp_tunnel_get_deadline (const SpTunnel *self);
void sp_tunnel_expire (SpTunnel *self);

G_END_DECLS
