/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "net-world.h"

#include "base/endpoint.h"
#include "base/io.h"
#include "codec/checksum.h"
#include "codec/segmenter.h"
#include "platform/tun.h"

#include <linux/if_tun.h>
#include <linux/virtio_net.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

/* The kernel divides a packet for a device without offloads, and hands the same one over whole
 * where there are some: what shared/codec/segmenter.h makes of it must be the same, byte by byte.
 */

#define SERVER_IPV4    "10.10.0.1"
#define SERVER_IPV6    "fd12::1"
#define CLIENT_IPV4    "10.10.0.2"
#define CLIENT_IPV6    "fd12::2"
#define ANOTHER_IPV4   "10.10.0.3"
#define ANOTHER_IPV6   "fd12::3"
#define MTU_MAX        9000
#define MTU_MIN        576
#define IPV6_MTU_MIN   1280
#define WHOLE_MAX      65535
#define PIECES_MAX     256 /* the queue holds more */
#define ROUNDS         1500
#define HEADERS_MAX    128
#define IPV4_HEADER    20
#define IPV6_HEADER    40
#define TCP_HEADER_MAX 60
#define PROTOCOL_TCP   6
#define PROTOCOL_UDP   17
#define DESTINATION    60 /* an extension header */
#define ALL_OFFLOADS   (TUN_F_CSUM | TUN_F_TSO4 | TUN_F_TSO6 | TUN_F_TSO_ECN)
#define UDP_OFFLOADS   (0x20 | 0x40) /* TUN_F_USO4, TUN_F_USO6 */
#define KIND_UDP       5             /* VIRTIO_NET_HDR_GSO_UDP_L4 */

typedef struct
{
  SpTun *from; /* packets come from here, */
  int from_queue;
  SpTun *to; /* and are for this one */
  int to_queue;
  gboolean udp; /* the kernel has that offload */
} Fixture;

typedef struct
{
  struct virtio_net_hdr_v1 header;
  guint8 packet[WHOLE_MAX + 1];
  gsize size;
  gsize transport;
  gboolean ipv6;
  gboolean tcp;
} Whole;

static guint
any (guint from, guint to)
{
  return (guint) g_test_rand_int_range ((gint32) from, (gint32) to + 1);
}

static void
put_16 (guint8 *bytes, guint number)
{
  bytes[0] = (guint8) (number >> 8);
  bytes[1] = (guint8) number;
}

static SpTun *
open_tun (const char *ipv4, const char *ipv6, int *ret_queue)
{
  SpTunPlan plan = { .mtu = MTU_MAX };
  g_autoptr (GError) error = NULL;
  SpTun *tun;

  g_assert_true (sp_address_from_text (SERVER_IPV4, plan.server_ipv4));
  g_assert_true (sp_address_from_text (SERVER_IPV6, plan.server_ipv6));
  g_assert_true (sp_address_from_text (ipv4, plan.client_ipv4));
  g_assert_true (sp_address_from_text (ipv6, plan.client_ipv6));
  tun = sp_tun_open (NULL, &plan, &error);
  g_assert_no_error (error);
  *ret_queue = sp_tun_lend (tun, &error);
  g_assert_no_error (error);
  return tun;
}

static void
set_up (Fixture *self, gconstpointer data)
{
  self->from = open_tun (ANOTHER_IPV4, ANOTHER_IPV6, &self->from_queue);
  self->to = open_tun (CLIENT_IPV4, CLIENT_IPV6, &self->to_queue);
  self->udp = ioctl (self->to_queue, TUNSETOFFLOAD, ALL_OFFLOADS | UDP_OFFLOADS) == 0;
}

static void
tear_down (Fixture *self, gconstpointer data)
{
  sp_fd_clear (&self->from_queue);
  sp_fd_clear (&self->to_queue);
  sp_tun_close (self->from);
  sp_tun_close (self->to);
  sp_tun_close_wait ();
}

/* --- A packet as a neighbour with offloads of its own would send it */

static void
write_ip (Whole *whole, guint8 protocol)
{
  guint8 *ip = whole->packet;
  guint8 source[SP_ADDRESS_SIZE], destination[SP_ADDRESS_SIZE];
  gboolean more = any (0, 2) == 0;

  sp_address_from_text (whole->ipv6 ? ANOTHER_IPV6 : ANOTHER_IPV4, source);
  sp_address_from_text (whole->ipv6 ? CLIENT_IPV6 : CLIENT_IPV4, destination);
  if (whole->ipv6)
    {
      whole->transport = IPV6_HEADER + (more ? 8U : 0);
      put_16 (ip, 0x6000 | any (0, 0xfff));
      ip[6] = more ? DESTINATION : protocol;
      memcpy (ip + 8, source, SP_ADDRESS_SIZE);
      memcpy (ip + 24, destination, SP_ADDRESS_SIZE);
      if (more)
        memcpy (ip + IPV6_HEADER, (guint8[]){ protocol, 0, 1, 4, 0, 0, 0, 0 }, 8);
    }
  else
    {
      whole->transport = IPV4_HEADER + (more ? 4U : 0);
      ip[0] = 0x40 | (guint8) (whole->transport / 4);
      ip[1] = (guint8) any (0, 255);
      put_16 (ip + 4, any (0, 1) == 0 ? any (0, 0xffff) : 0xfffe);
      put_16 (ip + 6, any (0, 1) == 0 ? 0x4000 : 0);
      ip[9] = protocol;
      memcpy (ip + 12, source + 12, 4);
      memcpy (ip + 16, destination + 12, 4);
      memset (ip + IPV4_HEADER, 1, whole->transport - IPV4_HEADER);
    }
  ip[whole->ipv6 ? 7 : 8] = 64;
}

static gsize
write_transport (Whole *whole)
{
  guint8 *bytes = whole->packet + whole->transport;
  gsize options = 4 * any (0, 10);

  put_16 (bytes, 40000);
  put_16 (bytes + 2, 80);
  if (!whole->tcp)
    return 8;
  for (guint i = 4; i < 12; i++)
    bytes[i] = (guint8) any (any (0, 1) * 255, 255);
  bytes[12] = (guint8) ((20 + options) / 4 << 4);
  bytes[13] = 0x10 | (any (0, 255) & 0xc9); /* CWR, ECE, PSH, FIN */
  put_16 (bytes + 14, any (0, 0xffff));
  memset (bytes + 20, 1, options);
  return 20 + options;
}

/* Lengths, and what stands for a checksum that is not made yet. */
static void
finish (Whole *whole)
{
  guint8 *transport = whole->packet + whole->transport;
  guint32 length = (guint32) (whole->size - whole->transport);
  guint8 protocol = whole->tcp ? PROTOCOL_TCP : PROTOCOL_UDP;
  guint16 sum;

  if (whole->ipv6)
    put_16 (whole->packet + 4, (guint) whole->size - IPV6_HEADER);
  else
    {
      put_16 (whole->packet + 2, (guint) whole->size);
      sp_checksum_complete_ipv4 (whole->packet, whole->transport);
    }
  if (!whole->tcp)
    put_16 (transport + 4, length);
  sum = sp_checksum_fold (sp_checksum_pseudo_header (whole->packet, protocol, length));
  memcpy (transport + (whole->tcp ? 16 : 6), &sum, sizeof sum);
}

static guint8
get_kind (const Whole *whole)
{
  if (!whole->tcp)
    return KIND_UDP;
  return (whole->ipv6 ? VIRTIO_NET_HDR_GSO_TCPV6 : VIRTIO_NET_HDR_GSO_TCPV4) |
         ((whole->packet[whole->transport + 13] & 0x80) != 0 ? VIRTIO_NET_HDR_GSO_ECN : 0);
}

static void
make (Whole *whole, gboolean udp, guint mtu)
{
  gsize headers, payload, most;
  guint segment, pieces;

  memset (whole, 0, sizeof *whole);
  whole->ipv6 = mtu >= IPV6_MTU_MIN && any (0, 1) == 0;
  whole->tcp = !udp || any (0, 2) != 0;
  write_ip (whole, whole->tcp ? PROTOCOL_TCP : PROTOCOL_UDP);
  headers = whole->transport + write_transport (whole);
  if (whole->ipv6 && whole->transport > IPV6_HEADER)
    mtu -= TCP_HEADER_MAX; /* the kernel takes the extension for TCP's header when it looks whether
                            * it fits */
  segment = any (0, 1) == 0 ? mtu - (guint) headers : any (200, mtu - (guint) headers);
  pieces = whole->tcp ? any (2, PIECES_MAX) : any (2, 60);
  most = MIN ((gsize) segment * pieces, WHOLE_MAX - headers);
  payload = any (0, 3) == 0 ? most : any (segment + 1, (guint) MAX (most, segment + 1));
  for (gsize i = 0; i < payload; i++)
    whole->packet[headers + i] = (guint8) g_test_rand_int ();
  whole->size = headers + payload;
  finish (whole);
  whole->header.flags = VIRTIO_NET_HDR_F_NEEDS_CSUM;
  whole->header.gso_type = get_kind (whole);
  whole->header.hdr_len = GUINT16_TO_LE ((guint16) headers);
  whole->header.gso_size = GUINT16_TO_LE ((guint16) segment);
  whole->header.csum_start = GUINT16_TO_LE ((guint16) whole->transport);
  whole->header.csum_offset = GUINT16_TO_LE (whole->tcp ? 16 : 6);
}

/* --- Both ways */

static void
send_whole (Fixture *self, const Whole *whole, unsigned long offloads)
{
  gsize size = sizeof whole->header + whole->size;
  g_autofree guint8 *bytes = g_malloc (size);

  g_assert_no_errno (ioctl (self->to_queue, TUNSETOFFLOAD, offloads));
  memcpy (bytes, &whole->header, sizeof whole->header);
  memcpy (bytes + sizeof whole->header, whole->packet, whole->size);
  g_assert_cmpint (write (self->from_queue, bytes, size), ==, (gssize) size);
}

/* A router tells its neighbours which groups it is in. */
static gboolean
is_of_the_kernel (const guint8 *packet)
{
  return packet[0] >> 4 == 6 && packet[24] == 0xff;
}

/* What one read yields, divided by us where that was left to us. */
static void
read_pieces (Fixture *self, GPtrArray *pieces)
{
  static guint8 bytes[SP_TUN_HEADER_SIZE + WHOLE_MAX + 1];
  gssize got = net_world_receive (self->to_queue, bytes, sizeof bytes);
  SpSegmenter segmenter;
  guint8 *packet;
  gsize size;

  g_assert_cmpint (got, >, SP_TUN_HEADER_SIZE);
  g_assert_true (sp_segmenter_begin (&segmenter, bytes, bytes + SP_TUN_HEADER_SIZE,
                                     (gsize) got - SP_TUN_HEADER_SIZE));
  while (sp_segmenter_next (&segmenter, &packet, &size))
    if (!is_of_the_kernel (packet))
      g_ptr_array_add (pieces, g_bytes_new (packet, size));
}

static GPtrArray *
pass (Fixture *self, const Whole *whole, unsigned long offloads, guint n)
{
  GPtrArray *pieces = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);
  guint reads = 0;

  send_whole (self, whole, offloads);
  for (; pieces->len < n; reads++)
    read_pieces (self, pieces);
  g_assert_cmpuint (pieces->len, ==, n);
  /* each was divided by whom it should be */
  if (offloads != 0)
    g_assert_cmpuint (reads, <, MAX (n, 3));
  else
    g_assert_cmpuint (reads, >=, n);
  return pieces;
}

static char *
describe (const Whole *whole, guint number, GBytes *kernel, GBytes *ours)
{
  gsize size, other;
  const guint8 *theirs = g_bytes_get_data (kernel, &size);
  const guint8 *bytes = g_bytes_get_data (ours, &other);
  gsize at = 0;

  while (at < size && at < other && theirs[at] == bytes[at])
    at++;
  return g_strdup_printf ("kind %u, %zu bytes in pieces of %u: piece %u differs at byte %zu "
                          "(%zu and %zu bytes)",
                          whole->header.gso_type, whole->size,
                          GUINT16_FROM_LE (whole->header.gso_size), number, at, size, other);
}

static void
compare (Fixture *self, const Whole *whole)
{
  gsize headers = GUINT16_FROM_LE (whole->header.hdr_len);
  gsize segment = GUINT16_FROM_LE (whole->header.gso_size);
  guint n = (guint) ((whole->size - headers + segment - 1) / segment);
  g_autoptr (GPtrArray) kernel = pass (self, whole, 0, n);
  g_autoptr (GPtrArray) ours = pass (self, whole, ALL_OFFLOADS | (self->udp ? UDP_OFFLOADS : 0), n);

  for (guint i = 0; i < n; i++)
    if (!g_bytes_equal (kernel->pdata[i], ours->pdata[i]))
      g_error ("%s", describe (whole, i, kernel->pdata[i], ours->pdata[i]));
}

static void
test_same (Fixture *self, gconstpointer data)
{
  static Whole whole;
  guint mtu = MTU_MAX;

  g_test_message ("UDP: %s", self->udp ? "yes" : "the kernel does not");
  for (guint i = 0; i < ROUNDS; i++)
    {
      g_autoptr (GError) error = NULL;

      if (i % 10 == 0)
        {
          mtu = i % 20 == 0 ? any (MTU_MIN, MTU_MAX) : any (IPV6_MTU_MIN, 1500);
          g_assert_true (sp_tun_set_mtu (self->to, MAX (mtu, IPV6_MTU_MIN), &error));
        }
      make (&whole, self->udp, mtu);
      compare (self, &whole);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  net_world_enter ();
  net_world_do ("ip addr add " SERVER_IPV4 "/32 dev lo");
  net_world_do ("ip addr add " SERVER_IPV6 "/128 dev lo");
  net_world_do ("sysctl -qw net.ipv6.conf.all.forwarding=1");
  g_test_add ("/segmenting/same-as-the-kernel", Fixture, NULL, set_up, test_same, tear_down);
  return g_test_run ();
}
