/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "fuzz.h"

#include "../unit/flow-packet.h"
#include "codec/ip-packet.h"

#include <string.h>

/* The input is a turn's packets: each is new (what its header says, then the header) or follows the
 * one before, with a byte changed; its checksums are made right or left. */

#define PACKETS_MAX  64
#define PACKET_ROOM  2048
#define HEADER_BYTES 80
#define NEW          0x01
#define LEFT         0x02

typedef struct
{
  guint8 bytes[PACKETS_MAX][PACKET_ROOM];
  gsize sizes[PACKETS_MAX];
  guint n;
  gboolean seen[PACKETS_MAX];
} Turn;

typedef struct
{
  const uint8_t *data;
  size_t size;
} Input;

static guint8
take (Input *input)
{
  if (input->size == 0)
    return 0;
  input->size--;
  return *input->data++;
}

static gsize
get_transport (const guint8 *packet)
{
  return packet[0] >> 4 == 6 ? FLOW_IPV6_SIZE : FLOW_IPV4_SIZE;
}

static void
put_size (guint8 *packet, gsize size)
{
  gsize length = packet[0] >> 4 == 6 ? size - FLOW_IPV6_SIZE : size;
  guint at = packet[0] >> 4 == 6 ? 4 : 2;

  packet[at] = (guint8) (length >> 8);
  packet[at + 1] = (guint8) length;
}

static gsize
make_new (Input *input, guint8 *packet)
{
  gsize size = (gsize) (take (input) << 8 | take (input)) % PACKET_ROOM;

  for (guint i = 0; i < HEADER_BYTES; i++)
    packet[i] = take (input);
  return CLAMP (size, FLOW_IPV6_SIZE, PACKET_ROOM);
}

static void
add_to (guint8 *field, guint n_bytes, gsize number)
{
  for (guint i = n_bytes; i-- > 0; number >>= 8)
    {
      number += field[i];
      field[i] = (guint8) number;
    }
}

static void
make_next (Input *input, const guint8 *before, gsize size, guint8 *packet)
{
  gsize at = get_transport (before);
  gsize headers = at + (at + 20 <= size ? (before[at + 12] >> 4) * 4u : 0);
  guint8 place = take (input);

  memcpy (packet, before, size);
  if (at == FLOW_IPV4_SIZE)
    add_to (packet + 4, 2, 1);
  if (at + 20 <= size && headers < size)
    add_to (packet + at + 4, 4, size - headers);
  if (place < size)
    packet[place] ^= take (input);
}

static void
add (Turn *turn, Input *input)
{
  guint8 *packet = turn->bytes[turn->n];
  guint8 how = take (input);
  gsize size;
  SpIpPacket read;

  if ((how & NEW) != 0 || turn->n == 0)
    size = make_new (input, packet);
  else
    {
      size = turn->sizes[turn->n - 1];
      make_next (input, turn->bytes[turn->n - 1], size, packet);
    }
  if ((how & LEFT) == 0 && size >= get_transport (packet) + 20)
    flow_packet_complete (packet, size);
  else if (packet[0] >> 4 == 4 || size >= FLOW_IPV6_SIZE)
    put_size (packet, size);
  turn->sizes[turn->n] = size;
  if (sp_ip_packet_read (packet, size, &read) && read.total_length == size)
    turn->n++;
}

static void
check (Turn *turn, const SpSuperPacket *super)
{
  static guint8 segment[65536];
  gsize last = 0;

  g_assert_cmpuint (super->n_packets, >, 0);
  for (guint i = 0; i < super->n_packets; i++)
    {
      gsize index = (gsize) (super->packets[i].bytes - turn->bytes[0]) / PACKET_ROOM;

      g_assert_cmpuint (index, <, turn->n);
      g_assert_false (turn->seen[index]);
      g_assert_true (i == 0 || index > last);
      turn->seen[index] = TRUE;
      last = index;
      g_assert_cmpuint (super->packets[i].size, ==, turn->sizes[index]);
      if (super->kind != SP_SUPER_NONE)
        g_assert_true (flow_packet_equals (segment, flow_segment (super, i, segment),
                                           turn->bytes[index], turn->sizes[index]));
    }
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  static Turn turn;
  static SpCoalescer coalescer;
  Input input = { data, size };
  SpSuperPacket super;

  memset (&turn, 0, sizeof turn);
  for (guint i = 0; i < PACKETS_MAX && input.size > 0; i++)
    add (&turn, &input);
  sp_coalescer_reset (&coalescer, size % 4 != 0);
  for (guint i = 0; i < turn.n; i++)
    sp_coalescer_add (&coalescer, turn.bytes[i], turn.sizes[i]);
  while (sp_coalescer_take (&coalescer, &super))
    check (&turn, &super);
  for (guint i = 0; i < turn.n; i++)
    g_assert_true (turn.seen[i]);
  return 0;
}
