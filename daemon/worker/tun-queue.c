/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tun-queue.h"

#include <errno.h>
#include <linux/virtio_net.h>
#include <string.h>
#include <unistd.h>

G_STATIC_ASSERT (sizeof (struct virtio_net_hdr_v1) == SP_TUN_QUEUE_HEADER_SIZE);
G_STATIC_ASSERT (SP_PACKET_HEADROOM >= SP_TUN_QUEUE_HEADER_SIZE);

/* The header ends where the packet begins. */
#define HEADER_OFFSET (SP_PACKET_HEADROOM - SP_TUN_QUEUE_HEADER_SIZE)

static gboolean
is_plain (const guint8 *header)
{
  return header[G_STRUCT_OFFSET (struct virtio_net_hdr_v1, gso_type)] == VIRTIO_NET_HDR_GSO_NONE;
}

SpTunQueueResult
sp_tun_queue_read (int fd, SpPacketBatch *batch, guint32 *ret_malformed)
{
  guint8 *room;
  gsize size;

  *ret_malformed = 0;
  while ((room = sp_packet_batch_reserve (batch, &size)) != NULL)
    {
      ssize_t got = read (fd, room + HEADER_OFFSET, size - HEADER_OFFSET);

      if (got < 0 && errno == EINTR)
        continue;
      if (got < 0 && errno == EAGAIN)
        return SP_TUN_QUEUE_OK;
      if (got <= 0)
        return SP_TUN_QUEUE_GONE;
      if (got <= SP_TUN_QUEUE_HEADER_SIZE || !is_plain (room + HEADER_OFFSET))
        (*ret_malformed)++;
      else
        sp_packet_batch_add (batch, (gsize) got - SP_TUN_QUEUE_HEADER_SIZE);
    }
  return SP_TUN_QUEUE_OK;
}

gboolean
sp_tun_queue_write (int fd, guint8 *packet, gsize size)
{
  guint8 *header = packet - SP_TUN_QUEUE_HEADER_SIZE;

  memset (header, 0, SP_TUN_QUEUE_HEADER_SIZE);
  return write (fd, header, SP_TUN_QUEUE_HEADER_SIZE + size) >= 0;
}
