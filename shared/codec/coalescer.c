/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "codec/coalescer.h"

#include "codec/checksum.h"

#include <netinet/in.h>
#include <string.h>

/* IPv4, RFC 791 3.1 */
#define IPV4_SIZE           20
#define IPV4_VERSION        0x45 /* and no options */
#define IPV4_LENGTH         2
#define IPV4_IDENTIFICATION 4
#define IPV4_FRAGMENT       6
#define IPV4_PROTOCOL       9
#define IPV4_CHECKSUM       10
#define IPV4_ADDRESSES      12
#define IPV4_DO_NOT         0x40 /* fragment */
/* IPv6, RFC 8200 3 */
#define IPV6_SIZE      40
#define IPV6_LENGTH    4
#define IPV6_PROTOCOL  6
#define IPV6_ADDRESSES 8
/* TCP, RFC 9293 3.1 */
#define TCP_SIZE          20
#define TCP_SEQUENCE      4
#define TCP_ACKNOWLEDGED  8
#define TCP_OFFSET        12
#define TCP_FLAGS         13
#define TCP_CHECKSUM      16
#define TCP_URGENT        18
#define TCP_FLAG_PUSH     0x08
#define TCP_FLAGS_TO_JOIN 0x58 /* ECE, ACK and PSH: a packet with others stays alone */
/* UDP, RFC 768 */
#define UDP_SIZE     8
#define UDP_LENGTH   4
#define UDP_CHECKSUM 6

#define PORTS_SIZE     4
#define WHOLE_SIZE_MAX 65535
#define NO_PACKET      G_MAXUINT16

/* What was read of a packet. */
typedef struct
{
  guint8 *bytes;
  guint32 size;
  SpSuperKind kind;  /* NONE: of no flow that could be joined */
  gboolean disturbs; /* perhaps of some flow between its addresses, nobody knows which */
  guint8 transport;
  guint16 headers_size;
} Packet;

static guint16
read_16 (const guint8 *bytes)
{
  return (guint16) (bytes[0] << 8 | bytes[1]);
}

static guint32
read_32 (const guint8 *bytes)
{
  return (guint32) read_16 (bytes) << 16 | read_16 (bytes + 2);
}

static void
write_16 (guint8 *bytes, guint16 number)
{
  bytes[0] = (guint8) (number >> 8);
  bytes[1] = (guint8) number;
}

static gboolean
is_tcp (SpSuperKind kind)
{
  return kind == SP_SUPER_TCP_IPV4 || kind == SP_SUPER_TCP_IPV6;
}

static gboolean
is_ipv4 (SpSuperKind kind)
{
  return kind == SP_SUPER_TCP_IPV4 || kind == SP_SUPER_UDP_IPV4;
}

static gboolean
read_tcp (Packet *packet)
{
  const guint8 *tcp = packet->bytes + packet->transport;
  guint size;

  if (packet->size - packet->transport < TCP_SIZE)
    return FALSE;
  size = (tcp[TCP_OFFSET] >> 4) * 4u;
  packet->headers_size = (guint16) (packet->transport + size);
  return size >= TCP_SIZE && packet->headers_size <= packet->size;
}

static gboolean
read_udp (Packet *packet)
{
  packet->headers_size = packet->transport + UDP_SIZE;
  return packet->size >= packet->headers_size &&
         read_16 (packet->bytes + packet->transport + UDP_LENGTH) ==
             packet->size - packet->transport;
}

static gboolean
read_transport (Packet *packet, guint8 protocol, SpSuperKind tcp, SpSuperKind udp)
{
  switch (protocol)
    {
      case IPPROTO_TCP:
        packet->kind = tcp;
        return read_tcp (packet);
      case IPPROTO_UDP:
        packet->kind = udp;
        return read_udp (packet);
      default:
        /* Extension headers may hide anything. */
        return tcp == SP_SUPER_TCP_IPV4 || protocol == IPPROTO_ICMPV6;
    }
}

static gboolean
read_ipv4 (Packet *packet)
{
  guint16 fragment;

  packet->transport = IPV4_SIZE;
  if (packet->size < IPV4_SIZE || packet->bytes[0] != IPV4_VERSION)
    return FALSE;
  fragment = read_16 (packet->bytes + IPV4_FRAGMENT);
  return (fragment & ~(IPV4_DO_NOT << 8)) == 0 &&
         read_transport (packet, packet->bytes[IPV4_PROTOCOL], SP_SUPER_TCP_IPV4,
                         SP_SUPER_UDP_IPV4);
}

static Packet
read_packet (guint8 *bytes, gsize size)
{
  Packet packet = { .bytes = bytes, .size = (guint32) size };

  if (bytes[0] >> 4 == 4)
    packet.disturbs = !read_ipv4 (&packet);
  else
    {
      packet.transport = IPV6_SIZE;
      packet.disturbs = size < IPV6_SIZE || !read_transport (&packet, bytes[IPV6_PROTOCOL],
                                                             SP_SUPER_TCP_IPV6, SP_SUPER_UDP_IPV6);
    }
  if (packet.disturbs)
    packet.kind = SP_SUPER_NONE;
  return packet;
}

/* Written as 0 and as ones the sum of nothing is the same, but only one of them is what the kernel
 * writes: with the other the packet would not come out as it was. */
static gboolean
is_usual (const guint8 *field, guint16 unusual)
{
  return read_16 (field) != unusual;
}

/* Whether the packet's checksums are right, and are written as the kernel writes them. */
static gboolean
is_intact (const guint8 *bytes, gsize size, SpSuperKind kind, guint8 transport)
{
  guint8 protocol = is_tcp (kind) ? IPPROTO_TCP : IPPROTO_UDP;
  guint64 sum = sp_checksum_pseudo_header (bytes, protocol, (guint32) size - transport);

  if (is_ipv4 (kind) && (!is_usual (bytes + IPV4_CHECKSUM, G_MAXUINT16) ||
                         !sp_checksum_is_right (sp_checksum_add (0, bytes, IPV4_SIZE))))
    return FALSE;
  return is_usual (bytes + transport + (is_tcp (kind) ? TCP_CHECKSUM : UDP_CHECKSUM),
                   is_tcp (kind) ? G_MAXUINT16 : 0) &&
         sp_checksum_is_right (sp_checksum_add (sum, bytes + transport, size - transport));
}

void
sp_coalescer_reset (SpCoalescer *self, gboolean joins_udp)
{
  self->joins_udp = joins_udp;
  self->n_packets = self->n_runs = self->n_flows = self->taken = 0;
}

gboolean
sp_coalescer_is_full (const SpCoalescer *self)
{
  return self->n_packets == SP_COALESCER_PACKETS;
}

static const guint8 *
get_first (const SpCoalescer *self, const SpCoalescerRun *run)
{
  return self->packets[run->first].bytes;
}

static void
close_flow (SpCoalescer *self, guint flow)
{
  self->flows[flow] = self->flows[--self->n_flows];
}

static gboolean
have_same_addresses (const guint8 *a, const guint8 *b)
{
  if (a[0] >> 4 != b[0] >> 4)
    return FALSE;
  return a[0] >> 4 == 4
             ? memcmp (a + IPV4_ADDRESSES, b + IPV4_ADDRESSES, IPV4_SIZE - IPV4_ADDRESSES) == 0
             : memcmp (a + IPV6_ADDRESSES, b + IPV6_ADDRESSES, IPV6_SIZE - IPV6_ADDRESSES) == 0;
}

/* What comes after a packet that could be of any of these flows must stay behind it. */
static void
close_between (SpCoalescer *self, const Packet *packet)
{
  for (guint i = self->n_flows; i-- > 0;)
    if (have_same_addresses (packet->bytes, get_first (self, &self->runs[self->flows[i]])))
      close_flow (self, i);
}

static gboolean
find_flow (const SpCoalescer *self, const Packet *packet, guint *ret_flow)
{
  for (guint i = 0; i < self->n_flows; i++)
    {
      const SpCoalescerRun *run = &self->runs[self->flows[i]];
      const guint8 *first = get_first (self, run);

      *ret_flow = i;
      if (run->kind == packet->kind &&
          memcmp (first + run->transport, packet->bytes + run->transport, PORTS_SIZE) == 0 &&
          have_same_addresses (first, packet->bytes))
        return TRUE;
    }
  return FALSE;
}

static gboolean
have_same_ip (const guint8 *a, const guint8 *b, SpSuperKind kind)
{
  if (is_ipv4 (kind))
    return a[1] == b[1] && memcmp (a + IPV4_FRAGMENT, b + IPV4_FRAGMENT, 4) == 0;
  return memcmp (a, b, IPV6_LENGTH) == 0 && memcmp (a + IPV6_PROTOCOL, b + IPV6_PROTOCOL, 2) == 0;
}

/* Flags but PSH, which the last may have; window and options, too. */
static gboolean
have_same_tcp (const guint8 *a, const guint8 *b, gsize size)
{
  return memcmp (a + TCP_ACKNOWLEDGED, b + TCP_ACKNOWLEDGED, 5) == 0 &&
         ((a[TCP_FLAGS] ^ b[TCP_FLAGS]) & ~TCP_FLAG_PUSH) == 0 &&
         memcmp (a + TCP_FLAGS + 1, b + TCP_FLAGS + 1, TCP_CHECKSUM - TCP_FLAGS - 1) == 0 &&
         memcmp (a + TCP_URGENT, b + TCP_URGENT, size - TCP_URGENT) == 0;
}

/* The kernel counts up.  Where there is nothing to count, it must not matter. */
static gboolean
goes_on_counting (const SpCoalescerRun *run, const guint8 *bytes)
{
  guint16 step = (guint16) (read_16 (bytes + IPV4_IDENTIFICATION) - run->identification);

  if (run->n_packets > 1)
    return step == run->identification_step;
  return step == 1 || (step == 0 && (bytes[IPV4_FRAGMENT] & IPV4_DO_NOT) != 0);
}

static gboolean
follows (const SpCoalescer *self, const SpCoalescerRun *run, const Packet *packet)
{
  const guint8 *first = get_first (self, run);
  const guint8 *transport = packet->bytes + packet->transport;
  guint32 payload = packet->size - packet->headers_size;

  if (packet->headers_size != run->headers_size || payload == 0 || payload > run->segment_size ||
      run->n_packets == SP_SUPER_PACKETS || run->size + payload > WHOLE_SIZE_MAX ||
      !have_same_ip (first, packet->bytes, run->kind) ||
      (is_ipv4 (run->kind) && !goes_on_counting (run, packet->bytes)))
    return FALSE;
  return !is_tcp (run->kind) ||
         (read_32 (transport + TCP_SEQUENCE) == run->sequence &&
          have_same_tcp (first + run->transport, transport, run->headers_size - run->transport));
}

/* Only now does anybody need to know: who stays alone is not looked at. */
static gboolean
verify (const SpCoalescer *self, SpCoalescerRun *run)
{
  const SpCoalescerPacket *first = &self->packets[run->first];

  if (!run->verified)
    run->verified = is_intact (first->bytes, first->size, run->kind, run->transport);
  return run->verified;
}

/* Whether a packet may be in a super-packet at all. */
static gboolean
can_be_joined (const SpCoalescer *self, const Packet *packet)
{
  guint8 flags;

  if (packet->size == packet->headers_size)
    return FALSE;
  if (!is_tcp (packet->kind))
    return self->joins_udp;
  flags = packet->bytes[packet->transport + TCP_FLAGS];
  return (flags & ~TCP_FLAGS_TO_JOIN) == 0;
}

/* Whether nothing can come behind it. */
static gboolean
ends_run (const SpCoalescerRun *run, const Packet *packet)
{
  return packet->size - packet->headers_size < run->segment_size ||
         (is_tcp (run->kind) &&
          (packet->bytes[packet->transport + TCP_FLAGS] & TCP_FLAG_PUSH) != 0);
}

static void
note_last (SpCoalescerRun *run, const Packet *packet)
{
  if (is_ipv4 (run->kind))
    run->identification = read_16 (packet->bytes + IPV4_IDENTIFICATION);
  run->sequence += packet->size - packet->headers_size;
}

static void
append (SpCoalescer *self, SpCoalescerRun *run, const Packet *packet)
{
  guint16 index = (guint16) (self->n_packets - 1);

  if (run->n_packets == 1 && is_ipv4 (run->kind))
    run->identification_step =
        (guint16) (read_16 (packet->bytes + IPV4_IDENTIFICATION) - run->identification);
  self->packets[run->last].next = index;
  run->last = index;
  run->n_packets++;
  run->size += packet->size - packet->headers_size;
  note_last (run, packet);
}

static SpCoalescerRun *
begin_run (SpCoalescer *self, const Packet *packet)
{
  SpCoalescerRun *run = &self->runs[self->n_runs++];

  *run = (SpCoalescerRun){
    .kind = (guint8) packet->kind,
    .transport = packet->transport,
    .headers_size = packet->headers_size,
    .first = (guint16) (self->n_packets - 1),
    .last = (guint16) (self->n_packets - 1),
    .n_packets = 1,
    .size = packet->size,
  };
  return run;
}

static void
open_flow (SpCoalescer *self, SpCoalescerRun *run, const Packet *packet)
{
  guint flow = self->n_flows;

  run->segment_size = (guint16) (packet->size - packet->headers_size);
  if (is_tcp (run->kind))
    run->sequence = read_32 (packet->bytes + packet->transport + TCP_SEQUENCE);
  note_last (run, packet);
  if (ends_run (run, packet))
    return;
  if (flow == SP_COALESCER_FLOWS)
    flow = self->eldest++ % SP_COALESCER_FLOWS;
  else
    self->n_flows++;
  self->flows[flow] = (guint16) (run - self->runs);
}

/* Joins the packet to the run of its flow, or lets that run end before it. */
static gboolean
join (SpCoalescer *self, const Packet *packet)
{
  SpCoalescerRun *run;
  guint flow;

  if (!find_flow (self, packet, &flow))
    return FALSE;
  run = &self->runs[self->flows[flow]];
  if (!can_be_joined (self, packet) || !follows (self, run, packet) || !verify (self, run) ||
      !is_intact (packet->bytes, packet->size, packet->kind, packet->transport))
    {
      close_flow (self, flow);
      return FALSE;
    }
  append (self, run, packet);
  if (ends_run (run, packet))
    close_flow (self, flow);
  return TRUE;
}

void
sp_coalescer_add (SpCoalescer *self, guint8 *bytes, gsize size)
{
  Packet packet = read_packet (bytes, size);
  SpCoalescerRun *run;

  self->packets[self->n_packets++] =
      (SpCoalescerPacket){ .bytes = bytes, .size = (guint32) size, .next = NO_PACKET };
  if (packet.disturbs)
    close_between (self, &packet);
  if (packet.kind != SP_SUPER_NONE && join (self, &packet))
    return;
  run = begin_run (self, &packet);
  if (packet.kind != SP_SUPER_NONE && can_be_joined (self, &packet))
    open_flow (self, run, &packet);
}

/* The headers of the first packet with the lengths of the whole, and the last one's PSH. */
static void
write_headers (const SpCoalescer *self, const SpCoalescerRun *run, SpSuperPacket *ret)
{
  guint8 *ip = ret->headers;
  guint8 *transport = ret->headers + run->transport;
  guint16 size = (guint16) (run->size - run->transport);
  guint16 sum;

  memcpy (ret->headers, get_first (self, run), run->headers_size);
  if (is_ipv4 (run->kind))
    {
      write_16 (ip + IPV4_LENGTH, (guint16) run->size);
      sp_checksum_complete_ipv4 (ip, IPV4_SIZE);
    }
  else
    write_16 (ip + IPV6_LENGTH, size);
  if (is_tcp (run->kind))
    transport[TCP_FLAGS] |=
        self->packets[run->last].bytes[run->transport + TCP_FLAGS] & TCP_FLAG_PUSH;
  else
    write_16 (transport + UDP_LENGTH, size);
  sum = sp_checksum_fold (
      sp_checksum_pseudo_header (ip, is_tcp (run->kind) ? IPPROTO_TCP : IPPROTO_UDP, size));
  memcpy (transport + ret->checksum_offset, &sum, sizeof sum);
}

gboolean
sp_coalescer_take (SpCoalescer *self, SpSuperPacket *ret)
{
  const SpCoalescerRun *run;
  guint index;

  if (self->taken == self->n_runs)
    return FALSE;
  run = &self->runs[self->taken++];
  index = run->first;
  ret->kind = run->n_packets > 1 ? (SpSuperKind) run->kind : SP_SUPER_NONE;
  ret->n_packets = run->n_packets;
  for (guint i = 0; i < run->n_packets; i++, index = self->packets[index].next)
    {
      ret->packets[i].bytes = self->packets[index].bytes;
      ret->packets[i].size = self->packets[index].size;
    }
  ret->headers_size = ret->kind != SP_SUPER_NONE ? run->headers_size : 0;
  ret->segment_size = run->segment_size;
  ret->checksum_start = run->transport;
  ret->checksum_offset = is_tcp (ret->kind) ? TCP_CHECKSUM : UDP_CHECKSUM;
  if (ret->kind != SP_SUPER_NONE)
    write_headers (self, run, ret);
  return TRUE;
}
