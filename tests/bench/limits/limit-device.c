/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "limit-device.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/if_tun.h>
#include <linux/virtio_net.h>
#include <net/if.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/uio.h>
#include <unistd.h>

#define OFFLOADS_TCP (TUN_F_CSUM | TUN_F_TSO4 | TUN_F_TSO6 | TUN_F_TSO_ECN)
#define OFFLOADS_UDP (0x20 | 0x40) /* TUN_F_USO4 and TUN_F_USO6, since Linux 6.2 */
#define GSO_UDP_L4   5             /* VIRTIO_NET_HDR_GSO_UDP_L4, likewise */

int
limit_device_open (guint number)
{
  struct ifreq request = { .ifr_flags = IFF_TUN | IFF_NO_PI | IFF_VNET_HDR };
  int fd = open ("/dev/net/tun", O_RDWR | O_NONBLOCK | O_CLOEXEC);
  int size = sizeof (struct virtio_net_hdr_v1), on = 1;

  (void) g_snprintf (request.ifr_name, sizeof request.ifr_name, "limit%u", number);
  if (fd < 0 || ioctl (fd, TUNSETIFF, &request) != 0 || ioctl (fd, TUNSETVNETHDRSZ, &size) != 0 ||
      ioctl (fd, TUNSETVNETLE, &on) != 0 ||
      ioctl (fd, TUNSETOFFLOAD, (unsigned long) (OFFLOADS_TCP | OFFLOADS_UDP)) != 0)
    g_error ("no device %s: %m", request.ifr_name);
  return fd;
}

static const guint8 gso_types[] = {
  [SP_SUPER_NONE] = VIRTIO_NET_HDR_GSO_NONE,
  [SP_SUPER_TCP_IPV4] = VIRTIO_NET_HDR_GSO_TCPV4,
  [SP_SUPER_TCP_IPV6] = VIRTIO_NET_HDR_GSO_TCPV6,
  [SP_SUPER_UDP_IPV4] = GSO_UDP_L4,
  [SP_SUPER_UDP_IPV6] = GSO_UDP_L4,
};

void
limit_device_write (int fd, const SpSuperPacket *packet)
{
  struct virtio_net_hdr_v1 header = { 0 };
  struct iovec pieces[2 + SP_SUPER_PACKETS] = {
    { &header, sizeof header },
    { (guint8 *) packet->headers, packet->headers_size },
  };

  if (packet->kind != SP_SUPER_NONE)
    header = (struct virtio_net_hdr_v1){
      .flags = VIRTIO_NET_HDR_F_NEEDS_CSUM,
      .gso_type = gso_types[packet->kind],
      .hdr_len = GUINT16_TO_LE (packet->headers_size),
      .gso_size = GUINT16_TO_LE (packet->segment_size),
      .csum_start = GUINT16_TO_LE (packet->checksum_start),
      .csum_offset = GUINT16_TO_LE (packet->checksum_offset),
    };
  for (guint i = 0; i < packet->n_packets; i++)
    pieces[2 + i] = (struct iovec){ packet->packets[i].bytes + packet->headers_size,
                                    packet->packets[i].size - packet->headers_size };
  (void) !writev (fd, pieces, 2 + (int) packet->n_packets);
}
