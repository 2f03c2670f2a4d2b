/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "packet-batch.h"

G_BEGIN_DECLS

/* The borrowed queue of the session's TUN.  Every packet has a virtio_net_hdr of
 * SP_TUN_QUEUE_HEADER_SIZE bytes before it; without offloads it says nothing. */
#define SP_TUN_QUEUE_HEADER_SIZE 12

typedef enum
{
  SP_TUN_QUEUE_OK,
  SP_TUN_QUEUE_GONE /* the device is no more */
} SpTunQueueResult;

/* Reads until the queue is empty or the batch is full.  `ret_malformed` counts what was no plain
 * packet. */
SpTunQueueResult sp_tun_queue_read (int fd, SpPacketBatch *batch, guint32 *ret_malformed);

/* Writes one packet, which has SP_TUN_QUEUE_HEADER_SIZE writable bytes before it.  FALSE if the
 * device does not take it. */
gboolean sp_tun_queue_write (int fd, guint8 *packet, gsize size);

G_END_DECLS
