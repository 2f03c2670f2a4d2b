/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "codec/coalescer.h"
#include "packet-batch.h"

G_BEGIN_DECLS

/* The borrowed queue of the session's TUN.  Every packet has a virtio_net_hdr of
 * SP_TUN_QUEUE_HEADER_SIZE bytes before it, which says what the kernel left undone. */
#define SP_TUN_QUEUE_HEADER_SIZE 12

typedef enum
{
  SP_TUN_QUEUE_OK,
  SP_TUN_QUEUE_EMPTY,
  SP_TUN_QUEUE_MALFORMED, /* something came that is no packet */
  SP_TUN_QUEUE_GONE       /* the device is no more */
} SpTunQueueResult;

/* One read, of a packet or of several that the kernel left together. */
SpTunQueueResult sp_tun_queue_read (int fd, SpPacketBatch *batch);

/* Writes one packet, which has SP_TUN_QUEUE_HEADER_SIZE writable bytes before it.  FALSE if the
 * device does not take it. */
gboolean sp_tun_queue_write (int fd, guint8 *packet, gsize size);

typedef enum
{
  SP_TUN_WRITE_TAKEN,
  SP_TUN_WRITE_UNKNOWN, /* the kernel knows no such super-packets: nothing was taken */
  SP_TUN_WRITE_FAILED
} SpTunWrite;

/* Writes packets that were joined. */
SpTunWrite sp_tun_queue_write_super (int fd, const SpSuperPacket *packet);

G_END_DECLS
