/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Joins IP packets that came together into super-packets, as the kernel's own receive path does:
 * TCP segments that follow one another, and UDP datagrams of one size, of one flow and with the
 * same headers.  What the kernel makes of a super-packet when it sends it on are the packets as
 * they came, byte for byte; only the IPv4 identifications of packets that must not be fragmented
 * and all had the same one may differ, since they mean nothing (RFC 6864 4.1).
 *
 * A packet whose checksum is wrong, and whatever else cannot be joined, stays as it is.  Packets of
 * one flow come out in the order in which they went in.  Nothing is copied: packets must stay until
 * they were taken. */

#define SP_COALESCER_PACKETS 256
#define SP_COALESCER_FLOWS   16
#define SP_SUPER_PACKETS     64  /* of one super-packet; kernels take no more of UDP */
#define SP_SUPER_HEADERS     100 /* bytes: IPv6 and TCP with all options */

typedef enum
{
  SP_SUPER_NONE, /* one packet as it came */
  SP_SUPER_TCP_IPV4,
  SP_SUPER_TCP_IPV6,
  SP_SUPER_UDP_IPV4,
  SP_SUPER_UDP_IPV6
} SpSuperKind;

typedef struct
{
  SpSuperKind kind;
  guint8 headers[SP_SUPER_HEADERS]; /* those of the whole, before the payloads of all packets */
  guint16 headers_size;             /* also of the headers of each packet; 0 if there is one */
  guint16 segment_size;             /* payload of each packet but the last, which may have less */
  guint16 checksum_start;           /* where the transport's header begins; what stands there as */
  guint16 checksum_offset;          /* checksum, behind that, is the sum of the pseudo header */
  guint n_packets;
  struct
  {
    guint8 *bytes;
    gsize size;
  } packets[SP_SUPER_PACKETS]; /* as they came */
} SpSuperPacket;

typedef struct
{
  guint8 *bytes;
  guint32 size;
  guint16 next; /* of its run */
} SpCoalescerPacket;

/* Packets that will be one. */
typedef struct
{
  guint8 kind;
  guint8 transport;     /* offset of the transport's header */
  gboolean verified;    /* the checksums of the first packet were looked at, and are right */
  guint16 headers_size; /* of IP and transport */
  guint16 segment_size;
  guint16 first, last; /* indices of packets */
  guint16 n_packets;
  guint16 identification_step; /* IPv4: 1, or 0 if all have the same */
  guint16 identification;      /* IPv4: of the last */
  guint32 size;                /* of the whole, headers included */
  guint32 sequence;            /* TCP: of the next */
} SpCoalescerRun;

typedef struct
{
  gboolean joins_udp;
  guint n_packets, n_runs, n_flows;
  guint taken;                       /* runs */
  guint8 eldest;                     /* flow to be given up next */
  guint16 flows[SP_COALESCER_FLOWS]; /* runs that may still grow */
  SpCoalescerPacket packets[SP_COALESCER_PACKETS];
  SpCoalescerRun runs[SP_COALESCER_PACKETS];
} SpCoalescer;

/* Empty.  Not every kernel takes super-packets of UDP. */
void sp_coalescer_reset (SpCoalescer *self, gboolean joins_udp);
gboolean sp_coalescer_is_full (const SpCoalescer *self);
/* One whole packet, of exactly the length that stands in its header; there must be room. */
void sp_coalescer_add (SpCoalescer *self, guint8 *packet, gsize size);
/* The next; FALSE when all are taken, and then it has to be reset. */
gboolean sp_coalescer_take (SpCoalescer *self, SpSuperPacket *ret);

G_END_DECLS
