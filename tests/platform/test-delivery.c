/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "../unit/flow-packet.h"
#include "delivery.h"
#include "net-world.h"

#include "base/endpoint.h"
#include "base/io.h"
#include "platform/own-address.h"
#include "platform/tun.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

/* What the kernel makes of joined packets: they are written to one device, routed to another one
 * that can do nothing by itself, and read there. */

#define MTU         9000
#define PACKETS_MAX SP_COALESCER_PACKETS
#define HOSTS       3

typedef struct
{
  SpTun *from;
  SpTun *to;
  int in;
  int out;
  SpDelivery delivery;
  SpCoalescer coalescer; /* tells in which order they must come */
  guint8 sent[PACKETS_MAX][FLOW_PACKET_ROOM];
  gsize sizes[PACKETS_MAX];
  guint n;
} World;

static SpTun *
open_tun (const char *ipv4, const char *ipv6)
{
  g_autoptr (GError) error = NULL;
  SpTunPlan plan = { .mtu = MTU };
  SpTun *tun;

  g_assert_true (sp_address_from_text ("10.10.0.1", plan.server_ipv4));
  g_assert_true (sp_address_from_text ("fd12::1", plan.server_ipv6));
  g_assert_true (sp_address_from_text (ipv4, plan.client_ipv4));
  g_assert_true (sp_address_from_text (ipv6, plan.client_ipv6));
  tun = sp_tun_open (NULL, &plan, &error);
  g_assert_no_error (error);
  return tun;
}

static void
add_own_address (const char *text)
{
  guint8 address[SP_ADDRESS_SIZE];
  g_autoptr (GError) error = NULL;

  g_assert_true (sp_address_from_text (text, address));
  g_assert_true (sp_own_address_add (address, &error));
}

static World *
open_world (void)
{
  World *world = g_new0 (World, 1);
  SpNetwork networks[2];

  world->from = open_tun ("10.0.0.2", "fd00::2");
  world->to = open_tun ("10.1.0.1", "fd00::1");
  g_assert_true (sp_network_from_text ("10.1.0.0/24", &networks[0]));
  g_assert_true (sp_network_from_text ("fd00::/120", &networks[1]));
  g_assert_true (sp_tun_set_networks (world->to, networks, 2, NULL));
  world->in = sp_tun_lend (world->from, NULL);
  world->out = sp_tun_lend (world->to, NULL);
  sp_delivery_init (&world->delivery);
  return world;
}

static void
close_world (World *world)
{
  sp_delivery_clear (&world->delivery);
  sp_fd_clear (&world->in);
  sp_fd_clear (&world->out);
  sp_tun_close (world->from);
  sp_tun_close (world->to);
  g_free (world);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (World, close_world)

/* What forwarding itself changes. */
static void
age (guint8 *packet)
{
  guint words;

  if (packet[0] >> 4 == 6)
    {
      packet[7]--;
      return;
    }
  packet[8]--;
  words = (guint) (packet[10] << 8 | packet[11]) + 0x100;
  words = (words & 0xffff) + (words >> 16);
  packet[10] = (guint8) (words >> 8);
  packet[11] = (guint8) words;
}

/* A router says of itself to which groups it belongs (RFC 3810); that is no packet of ours. */
static gboolean
is_multicast (const guint8 *packet)
{
  return packet[0] >> 4 == 6 && packet[24] == 0xff;
}

static void
expect (World *world, guint8 *packet, gsize size)
{
  guint8 bytes[SP_TUN_HEADER_SIZE + FLOW_PACKET_ROOM];
  gssize got;

  do
    got = net_world_receive (world->out, bytes, sizeof bytes);
  while (got > SP_TUN_HEADER_SIZE && is_multicast (bytes + SP_TUN_HEADER_SIZE));
  age (packet);
  g_assert_cmpint (got, ==, SP_TUN_HEADER_SIZE + (gssize) size);
  if (!flow_packet_equals (bytes + SP_TUN_HEADER_SIZE, size, packet, size))
    g_assert_cmpmem (bytes + SP_TUN_HEADER_SIZE, size, packet, size);
}

/* Each write counts as one packet received. */
static guint
count_writes (World *world)
{
  g_autofree char *text = net_world_run ("cat /proc/net/dev");
  g_autofree char *label = g_strdup_printf ("%s:", sp_tun_get_name (world->from));
  const char *line = strstr (text, label);
  guint64 bytes, packets;

  g_assert_nonnull (line);
  g_assert_cmpint (
      sscanf (line + strlen (label), "%" G_GUINT64_FORMAT " %" G_GUINT64_FORMAT, &bytes, &packets),
      ==, 2);
  return (guint) packets;
}

/* Returns how many packets the kernel was given. */
static guint
carry (World *world)
{
  guint before = count_writes (world);
  SpDeliveryLoss loss = { 0 };
  SpSuperPacket super;
  guint n = 0;

  for (guint first = 0; first < world->n; first = n)
    {
      sp_coalescer_reset (&world->coalescer, TRUE);
      for (; n < world->n && !sp_delivery_is_full (&world->delivery); n++)
        {
          memcpy (sp_delivery_get_place (&world->delivery) + SP_PACKET_HEADROOM, world->sent[n],
                  world->sizes[n]);
          sp_delivery_add (&world->delivery, world->sizes[n]);
          sp_coalescer_add (&world->coalescer, world->sent[n], world->sizes[n]);
        }
      loss = sp_delivery_flush (&world->delivery, world->in);
      g_assert_cmpuint (loss.packets, ==, 0);
      while (sp_coalescer_take (&world->coalescer, &super))
        for (guint i = 0; i < super.n_packets; i++)
          expect (world, super.packets[i].bytes, super.packets[i].size);
    }
  world->n = 0;
  return count_writes (world) - before;
}

static void
add (World *world, const FlowPacket *packet)
{
  world->sizes[world->n] = flow_packet_write (packet, world->sent[world->n]);
  world->n++;
}

static FlowPacket
segment_of (guint i, guint16 payload)
{
  return (FlowPacket){ .protocol = 6,
                       .host = 1,
                       .port = 4000,
                       .id = (guint16) (65500 + i),
                       .fragment = FLOW_DF,
                       .sequence = 0xfffff000u + i * payload,
                       .acknowledged = 7,
                       .flags = FLOW_ACK,
                       .window = 500,
                       .payload = payload };
}

/* Each kind alone, from tiny segments to jumbo ones. */
static void
test_runs (void)
{
  static const guint16 payloads[] = { 1, 7, 8, 9, 100, 536, 1220, 1348, 1448, 4000, 8900 };
  g_autoptr (World) world = open_world ();

  for (guint row = 0; row < 8 * G_N_ELEMENTS (payloads); row++)
    {
      guint16 payload = payloads[row / 8];
      guint n_writes;

      for (guint i = 0; i < 28; i++)
        {
          FlowPacket packet = segment_of (i, payload);

          packet.ipv6 = (row & 1) != 0;
          packet.protocol = (row & 2) != 0 ? 17 : 6;
          packet.timestamp = (row & 4) != 0 ? 77 : 0;
          packet.tos = 2;
          packet.flow_label = 0x54321;
          if (i == 27) /* the last is shorter, and pushes */
            {
              packet.payload = (guint16) MAX (1, payload / 2);
              packet.flags |= FLOW_PSH;
            }
          add (world, &packet);
        }
      n_writes = carry (world);
      g_test_message ("%u bytes, %x: %u writes", payload, row & 7, n_writes);
      g_assert_cmpuint (n_writes, <=, payload > 4000 ? 5 : 2);
    }
}

static gboolean
once_in (gint n)
{
  return g_test_rand_int_range (0, n) == 0;
}

static void
disturb (FlowPacket *packet)
{
  static const guint8 protocols[][3] = { { 1, 47, 50 }, { 58, 44, 59 } };

  if (once_in (10))
    packet->flags |= (guint8) (1 << g_test_rand_int_range (0, 8));
  if (once_in (20))
    packet->tos = (guint8) g_test_rand_int_range (0, 256);
  if (once_in (20))
    packet->ttl = (guint8) g_test_rand_int_range (30, 32);
  if (once_in (15))
    packet->payload = (guint16) g_test_rand_int_range (0, packet->payload + 1);
  if (once_in (30))
    packet->sequence -= (guint32) g_test_rand_int_range (0, 5000);
  if (once_in (40))
    packet->fragment = once_in (2) ? FLOW_MF : (guint16) g_test_rand_int_range (1, 100);
  if (once_in (40))
    packet->flow_label++;
  if (once_in (40) && packet->payload >= 8)
    packet->protocol = protocols[packet->ipv6][g_test_rand_int_range (0, 3)];
}

static void
go_on (FlowPacket *flow, const FlowPacket *sent)
{
  static const guint16 payloads[] = { 1, 40, 536, 1200, 1348, 1448, 8900 };

  flow->sequence = sent->sequence + sent->payload;
  flow->id += (guint16) (flow->fragment == 0 || !once_in (10));
  if (once_in (50))
    flow->payload = payloads[g_test_rand_int_range (0, G_N_ELEMENTS (payloads))];
  if (once_in (30))
    flow->timestamp += flow->timestamp != 0;
}

static void
begin (FlowPacket *flow, guint i)
{
  *flow = segment_of (0, 1200);
  flow->ipv6 = once_in (2);
  flow->protocol = once_in (4) ? 17 : 6;
  flow->port = (guint16) (1000 + i / 2);
  flow->host = once_in (2) ? 1 : HOSTS;
  flow->timestamp = once_in (2) ? 5 : 0;
  flow->fragment = once_in (3) ? 0 : FLOW_DF;
}

static void
test_mixes (void)
{
  g_autoptr (World) world = open_world ();
  guint n_packets = 0, n_writes = 0;

  for (guint round = 0; round < 200; round++)
    {
      FlowPacket flows[20];
      guint n_flows = (guint) g_test_rand_int_range (1, G_N_ELEMENTS (flows) + 1);

      for (guint i = 0; i < n_flows; i++)
        begin (&flows[i], i);
      while (world->n < PACKETS_MAX)
        {
          FlowPacket *flow = &flows[g_test_rand_int_range (0, (gint) n_flows)];
          FlowPacket packet = *flow;

          disturb (&packet);
          add (world, &packet);
          if (once_in (20)) /* changed on its way */
            world->sent[world->n - 1][world->sizes[world->n - 1] - 1] ^= 1;
          go_on (flow, &packet);
        }
      n_packets += world->n;
      n_writes += carry (world);
    }
  g_test_message ("%u packets in %u writes", n_packets, n_writes);
  g_assert_cmpuint (n_writes * 5, <, n_packets * 4);
}

/* A device that is gone takes nothing, and each packet of a super-packet counts. */
static void
test_loss (void)
{
  g_autoptr (World) world = open_world ();
  SpDeliveryLoss loss;

  sp_tun_close (g_steal_pointer (&world->from));
  sp_tun_close_wait ();
  for (guint i = 0; i < 5; i++)
    {
      FlowPacket packet = segment_of (i < 4 ? i : 9, 1000);
      guint8 *place = sp_delivery_get_place (&world->delivery) + SP_PACKET_HEADROOM;

      sp_delivery_add (&world->delivery, flow_packet_write (&packet, place));
    }
  loss = sp_delivery_flush (&world->delivery, world->in);
  g_assert_cmpuint (loss.packets, ==, 5);
  g_assert_cmpuint (loss.bytes, ==, 5 * 1040);
}

/* What an older kernel says of super-packets of UDP, a signalfd says of everything: after that they
 * are tried one by one, and joined no more; TCP is still joined. */
static void
test_unknown (void)
{
  g_autoptr (World) world = open_world ();
  sigset_t none;
  sp_autofd int refusing = -1;

  (void) sigemptyset (&none);
  refusing = signalfd (-1, &none, SFD_CLOEXEC);
  for (guint i = 0; i < 6; i++)
    {
      FlowPacket packet = segment_of (i % 3, 100);
      guint8 *place = sp_delivery_get_place (&world->delivery) + SP_PACKET_HEADROOM;

      packet.protocol = i < 3 ? 17 : 6;
      sp_delivery_add (&world->delivery, flow_packet_write (&packet, place));
    }
  g_assert_cmpuint (sp_delivery_flush (&world->delivery, refusing).packets, ==, 6);
  for (guint round = 0; round < 2; round++)
    {
      for (guint i = 0; i < 3; i++)
        {
          FlowPacket packet = segment_of (i, 100);

          packet.protocol = round == 0 ? 17 : 6;
          add (world, &packet);
        }
      g_assert_true (world->delivery.without_udp);
      g_assert_cmpuint (carry (world), ==, round == 0 ? 3 : 1);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  net_world_enter ();
  net_world_do ("sysctl -qw net.ipv6.conf.all.forwarding=1");
  add_own_address ("10.10.0.1");
  add_own_address ("fd12::1");
  g_test_add_func ("/delivery/runs", test_runs);
  g_test_add_func ("/delivery/mixes", test_mixes);
  g_test_add_func ("/delivery/loss", test_loss);
  g_test_add_func ("/delivery/unknown", test_unknown);
  return g_test_run ();
}
