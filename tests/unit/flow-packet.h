/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "codec/coalescer.h"

G_BEGIN_DECLS

/* IP packets that are made for a test, and super-packets taken apart by the book, slowly and by
 * other means than those of the product. */

#define FLOW_PACKET_ROOM 9000
#define FLOW_IPV4_SIZE   20
#define FLOW_IPV6_SIZE   40

typedef struct
{
  gboolean ipv6;
  guint8 protocol;    /* 6 TCP, 17 UDP, others: just bytes */
  guint8 host;        /* last byte of the destination; the source is 10.0.0.2 or fd00::2 */
  guint16 port;       /* of the source; the destination's is 9 */
  guint8 tos;         /* DSCP and ECN */
  guint8 ttl;         /* 0 = 64 */
  guint16 id;         /* IPv4 */
  guint16 fragment;   /* IPv4: flags and offset as they stand in the header */
  guint32 flow_label; /* IPv6 */
  guint32 sequence;
  guint32 acknowledged;
  guint8 flags;
  guint16 window;
  guint32 timestamp; /* 0 = no options */
  guint16 payload;   /* bytes */
} FlowPacket;

#define FLOW_FIN 0x01
#define FLOW_SYN 0x02
#define FLOW_RST 0x04
#define FLOW_PSH 0x08
#define FLOW_ACK 0x10
#define FLOW_URG 0x20
#define FLOW_ECE 0x40
#define FLOW_CWR 0x80
#define FLOW_DF  0x4000
#define FLOW_MF  0x2000

/* With right checksums.  `bytes` holds FLOW_PACKET_ROOM; returns the size. */
gsize flow_packet_write (const FlowPacket *packet, guint8 *bytes);
/* Lengths and checksums of a packet whose other fields stand; its transport's header must be whole.
 */
void flow_packet_complete (guint8 *bytes, gsize size);
/* What has to stay in order: addresses and, if there are, ports, as a text. */
char *flow_packet_describe (const guint8 *bytes, gsize size);

/* The `i`-th packet that the kernel makes of it; `bytes` holds a packet of 64 KiB. */
gsize flow_segment (const SpSuperPacket *packet, guint i, guint8 *bytes);
/* Whether it is the same packet; identifications do not count where fragmenting is forbidden. */
gboolean flow_packet_equals (const guint8 *a, gsize a_size, const guint8 *b, gsize b_size);

G_END_DECLS
