/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tun-queue.h"

#include <errno.h>
#include <linux/virtio_net.h>
#include <string.h>
#include <sys/uio.h>
#include <unistd.h>

G_STATIC_ASSERT (sizeof (struct virtio_net_hdr_v1) == SP_TUN_QUEUE_HEADER_SIZE);
G_STATIC_ASSERT (SP_SEGMENTER_HEADER_SIZE == SP_TUN_QUEUE_HEADER_SIZE);
G_STATIC_ASSERT (SP_PACKET_HEADROOM >= SP_TUN_QUEUE_HEADER_SIZE);

#define GSO_UDP_L4 5 /* VIRTIO_NET_HDR_GSO_UDP_L4, since Linux 6.2 */

SpTunQueueResult
sp_tun_queue_read (int fd, SpPacketBatch *batch)
{
  ssize_t got;

  do
    got =
        read (fd, sp_packet_batch_get_room (batch), SP_TUN_QUEUE_HEADER_SIZE + SP_PACKET_READ_MAX);
  while (got < 0 && errno == EINTR);
  if (got < 0 && errno == EAGAIN)
    return SP_TUN_QUEUE_EMPTY;
  if (got <= 0)
    return SP_TUN_QUEUE_GONE;
  return sp_packet_batch_fill (batch, (gsize) got) ? SP_TUN_QUEUE_OK : SP_TUN_QUEUE_MALFORMED;
}

gboolean
sp_tun_queue_write (int fd, guint8 *packet, gsize size)
{
  guint8 *header = packet - SP_TUN_QUEUE_HEADER_SIZE;

  memset (header, 0, SP_TUN_QUEUE_HEADER_SIZE);
  return write (fd, header, SP_TUN_QUEUE_HEADER_SIZE + size) >= 0;
}

static const guint8 gso_types[] = {
  [SP_SUPER_NONE] = VIRTIO_NET_HDR_GSO_NONE,
  [SP_SUPER_TCP_IPV4] = VIRTIO_NET_HDR_GSO_TCPV4,
  [SP_SUPER_TCP_IPV6] = VIRTIO_NET_HDR_GSO_TCPV6,
  [SP_SUPER_UDP_IPV4] = GSO_UDP_L4,
  [SP_SUPER_UDP_IPV6] = GSO_UDP_L4,
};

SpTunWrite
sp_tun_queue_write_super (int fd, const SpSuperPacket *packet)
{
  struct virtio_net_hdr_v1 header = {
    .flags = VIRTIO_NET_HDR_F_NEEDS_CSUM,
    .gso_type = gso_types[packet->kind],
    .hdr_len = GUINT16_TO_LE (packet->headers_size),
    .gso_size = GUINT16_TO_LE (packet->segment_size),
    .csum_start = GUINT16_TO_LE (packet->checksum_start),
    .csum_offset = GUINT16_TO_LE (packet->checksum_offset),
  };
  struct iovec pieces[2 + SP_SUPER_PACKETS] = {
    { .iov_base = &header, .iov_len = sizeof header },
    { .iov_base = (guint8 *) packet->headers, .iov_len = packet->headers_size },
  };

  for (guint i = 0; i < packet->n_packets; i++)
    pieces[2 + i] = (struct iovec){ .iov_base = packet->packets[i].bytes + packet->headers_size,
                                    .iov_len = packet->packets[i].size - packet->headers_size };
  if (writev (fd, pieces, 2 + (int) packet->n_packets) >= 0)
    return SP_TUN_WRITE_TAKEN;
  return errno == EINVAL ? SP_TUN_WRITE_UNKNOWN : SP_TUN_WRITE_FAILED;
}
