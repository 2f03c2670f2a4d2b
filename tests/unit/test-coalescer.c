/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "flow-packet.h"

#include <string.h>

#define TCP 6
#define UDP 17

/* Packets of a turn, and how many of them each super-packet must have. */
typedef struct
{
  guint8 bytes[SP_COALESCER_PACKETS][FLOW_PACKET_ROOM];
  gsize sizes[SP_COALESCER_PACKETS];
  guint n;
  SpCoalescer coalescer;
  GString *shape; /* "3 1": a super-packet of three, then a packet */
} Turn;

static Turn *
begin_turn (void)
{
  Turn *turn = g_new0 (Turn, 1);

  turn->shape = g_string_new (NULL);
  sp_coalescer_reset (&turn->coalescer, TRUE);
  return turn;
}

static void
free_turn (Turn *turn)
{
  g_string_free (turn->shape, TRUE);
  g_free (turn);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Turn, free_turn)

static guint8 *
add (Turn *turn, const FlowPacket *packet)
{
  guint8 *bytes = turn->bytes[turn->n];

  turn->sizes[turn->n] = flow_packet_write (packet, bytes);
  sp_coalescer_add (&turn->coalescer, bytes, turn->sizes[turn->n++]);
  return bytes;
}

static guint
find_index (const Turn *turn, const guint8 *bytes)
{
  return (guint) ((gsize) (bytes - turn->bytes[0]) / FLOW_PACKET_ROOM);
}

/* Each packet comes out once, behind those of its flow that came before, and the kernel would make
 * the same bytes of it. */
static void
check (Turn *turn)
{
  g_autoptr (GHashTable) newest = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  g_autofree guint8 *segment = g_malloc (65536);
  SpSuperPacket super;
  guint n = 0;

  g_string_truncate (turn->shape, 0);
  while (sp_coalescer_take (&turn->coalescer, &super))
    {
      g_string_append_printf (turn->shape, turn->shape->len > 0 ? " %u" : "%u", super.n_packets);
      g_assert_cmpint (super.kind != SP_SUPER_NONE, ==, super.n_packets > 1);
      for (guint i = 0; i < super.n_packets; i++, n++)
        {
          guint index = find_index (turn, super.packets[i].bytes);
          char *flow = flow_packet_describe (turn->bytes[index], turn->sizes[index]);

          g_assert_cmpuint (super.packets[i].size, ==, turn->sizes[index]);
          g_assert_cmpuint (GPOINTER_TO_UINT (g_hash_table_lookup (newest, flow)), <=, index);
          g_hash_table_replace (newest, flow, GUINT_TO_POINTER (index + 1));
          if (super.kind != SP_SUPER_NONE)
            g_assert_true (flow_packet_equals (segment, flow_segment (&super, i, segment),
                                               turn->bytes[index], turn->sizes[index]));
        }
    }
  g_assert_cmpuint (n, ==, turn->n);
}

static FlowPacket
segment_of (guint i, guint16 payload)
{
  return (FlowPacket){ .protocol = TCP,
                       .host = 1,
                       .port = 4000,
                       .id = (guint16) (70 + i),
                       .fragment = FLOW_DF,
                       .sequence = 0xffffff00u + i * payload,
                       .acknowledged = 7,
                       .flags = FLOW_ACK,
                       .window = 500,
                       .payload = payload };
}

/* Three segments, of which the second is another than expected. */
typedef struct
{
  const char *name;
  void (*change) (FlowPacket *packet);
  const char *shape;
} Case;

#define CHANGE(name, statement)                                                                    \
  static void name (FlowPacket *packet)                                                            \
  {                                                                                                \
    packet->statement;                                                                             \
  }

CHANGE (change_nothing, ttl = 64)
CHANGE (push, flags |= FLOW_PSH)
CHANGE (finish, flags |= FLOW_FIN)
CHANGE (reset, flags |= FLOW_RST)
CHANGE (synchronise, flags |= FLOW_SYN)
CHANGE (point, flags |= FLOW_URG)
CHANGE (reduce, flags |= FLOW_CWR)
CHANGE (echo, flags |= FLOW_ECE)
CHANGE (mark, tos = 3)
CHANGE (prefer, tos = 0xb8)
CHANGE (travel, ttl = 63)
CHANGE (label, flow_label = 5)
CHANGE (acknowledge, acknowledged++)
CHANGE (open, window++)
CHANGE (tick, timestamp += 1)
CHANGE (repeat, sequence -= packet->payload)
CHANGE (skip, sequence += 1)
CHANGE (shorten, payload -= 1)
CHANGE (lengthen, payload += 1)
CHANGE (empty, payload = 0)
CHANGE (fragment, fragment = FLOW_MF)
CHANGE (allow, fragment = 0)
CHANGE (jump, id += 3)
CHANGE (stay, id -= 1)
CHANGE (move, port++)
CHANGE (go, host++)

static const Case both[] = {
  { "nothing", change_nothing, "3" },
  { "PSH ends", push, "2 1" },
  { "FIN", finish, "1 1 1" },
  { "RST", reset, "1 1 1" },
  { "SYN", synchronise, "1 1 1" },
  { "URG", point, "1 1 1" },
  { "CWR", reduce, "1 1 1" },
  { "ECE", echo, "1 1 1" },
  { "ECN", mark, "1 1 1" },
  { "DSCP", prefer, "1 1 1" },
  { "TTL", travel, "1 1 1" },
  { "acknowledgement", acknowledge, "1 1 1" },
  { "window", open, "1 1 1" },
  { "sent again", repeat, "1 1 1" },
  { "one byte missing", skip, "1 1 1" },
  { "shorter ends", shorten, "2 1" },
  { "longer", lengthen, "1 1 1" },
  { "an acknowledgement alone", empty, "1 1 1" },
  { "another port", move, "1 1 1" },
  { "another host", go, "1 1 1" },
};

static const Case ipv4_alone[] = {
  { "fragment", fragment, "1 1 1" },
  { "fragmenting allowed", allow, "1 1 1" },
  { "an identification too far", jump, "1 1 1" },
  { "one that stays", stay, "2 1" },
};

static const Case ipv6_alone[] = {
  { "flow label", label, "1 1 1" },
};

static void
try_case (const Case *one, gboolean ipv6, guint32 timestamp)
{
  g_autoptr (Turn) turn = begin_turn ();

  g_test_message ("%s, IPv%u, %u", one->name, ipv6 ? 6 : 4, timestamp);
  for (guint i = 0; i < 3; i++)
    {
      FlowPacket packet = segment_of (i, 1000);

      packet.ipv6 = ipv6;
      packet.timestamp = timestamp;
      if (i == 1)
        one->change (&packet);
      add (turn, &packet);
    }
  check (turn);
  g_assert_cmpstr (turn->shape->str, ==, one->shape);
}

static void
try_cases (const Case *cases, guint n, gboolean ipv6)
{
  for (guint i = 0; i < n; i++)
    {
      try_case (&cases[i], ipv6, 0);
      try_case (&cases[i], ipv6, 99);
    }
}

static void
test_headers (void)
{
  static const Case ticking = { "timestamp", tick, "1 1 1" };

  try_cases (ipv4_alone, G_N_ELEMENTS (ipv4_alone), FALSE);
  try_cases (ipv6_alone, G_N_ELEMENTS (ipv6_alone), TRUE);
  for (guint ipv6 = 0; ipv6 < 2; ipv6++)
    {
      try_cases (both, G_N_ELEMENTS (both), ipv6 == 1);
      try_case (&ticking, ipv6 == 1, 99);
    }
}

/* What is wrong is not made right by being joined. */
static void
test_checksums (void)
{
  for (guint wrong = 0; wrong < 3; wrong++)
    for (guint where = 0; where < 3; where++)
      {
        static const gsize places[] = { 1020, 36, 11 }; /* data, TCP's and IP's checksum */
        static const char *shapes[] = { "1 2", "1 1 1", "2 1" };
        g_autoptr (Turn) turn = begin_turn ();

        for (guint i = 0; i < 3; i++)
          {
            FlowPacket packet = segment_of (i, 1000);

            turn->sizes[i] = flow_packet_write (&packet, turn->bytes[i]);
            if (i == wrong)
              turn->bytes[i][places[where]] ^= 4;
            sp_coalescer_add (&turn->coalescer, turn->bytes[i], turn->sizes[i]);
            turn->n++;
          }
        check (turn);
        g_assert_cmpstr (turn->shape->str, ==, shapes[wrong]);
      }
}

/* The sum of a segment may be written in two ways; the kernel knows one of them. */
static void
test_unusual_checksum (void)
{
  g_autoptr (Turn) turn = begin_turn ();

  for (guint i = 0; i < 3; i++)
    {
      FlowPacket packet = segment_of (i, 1000);
      guint8 *bytes = turn->bytes[i];
      guint word;

      turn->sizes[i] = flow_packet_write (&packet, bytes);
      if (i == 1) /* add to the data what makes the checksum 0, and write 0xffff */
        {
          word = (guint) (bytes[40] << 8 | bytes[41]) + (guint) (bytes[36] << 8 | bytes[37]);
          word = (word & 0xffff) + (word >> 16);
          bytes[40] = (guint8) (word >> 8);
          bytes[41] = (guint8) word;
          bytes[36] = bytes[37] = 0xff;
        }
      sp_coalescer_add (&turn->coalescer, bytes, turn->sizes[i]);
      turn->n++;
    }
  check (turn);
  g_assert_cmpstr (turn->shape->str, ==, "1 1 1");
}

static void
test_identifications (void)
{
  static const struct
  {
    guint16 fragment;
    gint ids[4];
    const char *shape;
  } rows[] = {
    { FLOW_DF, { 1, 2, 3, 4 }, "4" },         { 0, { 1, 2, 3, 4 }, "4" },
    { FLOW_DF, { 65534, 65535, 0, 1 }, "4" }, { FLOW_DF, { 0, 0, 0, 0 }, "4" },
    { 0, { 0, 0, 0, 0 }, "1 1 1 1" },         { FLOW_DF, { 5, 5, 6, 7 }, "2 2" },
    { FLOW_DF, { 5, 6, 6, 6 }, "2 2" },       { FLOW_DF, { 5, 7, 9, 11 }, "1 1 1 1" },
  };

  for (guint row = 0; row < G_N_ELEMENTS (rows); row++)
    {
      g_autoptr (Turn) turn = begin_turn ();

      for (guint i = 0; i < 4; i++)
        {
          FlowPacket packet = segment_of (i, 100);

          packet.id = (guint16) rows[row].ids[i];
          packet.fragment = rows[row].fragment;
          add (turn, &packet);
        }
      check (turn);
      g_assert_cmpstr (turn->shape->str, ==, rows[row].shape);
    }
}

static void
test_datagrams (void)
{
  static const struct
  {
    guint16 payloads[5];
    const char *shape;
  } rows[] = {
    { { 500, 500, 500, 500, 500 }, "5" }, { { 500, 500, 499, 500, 500 }, "3 2" },
    { { 500, 501, 501, 501, 1 }, "1 4" }, { { 500, 0, 500, 500, 500 }, "1 1 3" },
    { { 1, 1, 1, 1, 1 }, "5" },
  };

  for (guint row = 0; row < 2 * G_N_ELEMENTS (rows); row++)
    {
      g_autoptr (Turn) turn = begin_turn ();
      g_autoptr (Turn) without = begin_turn ();

      sp_coalescer_reset (&without->coalescer, FALSE);
      for (guint i = 0; i < 5; i++)
        {
          FlowPacket packet = segment_of (i, rows[row / 2].payloads[i]);

          packet.protocol = UDP;
          packet.ipv6 = row % 2 == 1;
          add (turn, &packet);
          add (without, &packet);
        }
      check (turn);
      g_assert_cmpstr (turn->shape->str, ==, rows[row / 2].shape);
      check (without);
      g_assert_cmpstr (without->shape->str, ==, "1 1 1 1 1");
    }
}

/* Who sends datagrams without a checksum gets them without one. */
static void
test_datagrams_without_checksum (void)
{
  g_autoptr (Turn) turn = begin_turn ();

  for (guint i = 0; i < 3; i++)
    {
      FlowPacket packet = segment_of (i, 500);

      packet.protocol = UDP;
      turn->sizes[i] = flow_packet_write (&packet, turn->bytes[i]);
      memset (turn->bytes[i] + 26, 0, 2);
      sp_coalescer_add (&turn->coalescer, turn->bytes[i], turn->sizes[i]);
      turn->n++;
    }
  check (turn);
  g_assert_cmpstr (turn->shape->str, ==, "1 1 1");
}

static void
test_flows (void)
{
  for (guint n_flows = 1; n_flows <= SP_COALESCER_FLOWS + 1; n_flows++)
    {
      g_autoptr (Turn) turn = begin_turn ();
      guint n_super = 0;

      for (guint i = 0; i < 5 * n_flows; i++)
        {
          FlowPacket packet = segment_of (i / n_flows, 1200);

          packet.port = (guint16) (4000 + i % n_flows);
          add (turn, &packet);
        }
      check (turn);
      for (const char *at = turn->shape->str; *at != '\0'; at++)
        n_super += *at == '5';
      if (n_flows <= SP_COALESCER_FLOWS)
        g_assert_cmpuint (n_super, ==, n_flows);
    }
}

/* A fragment or something behind an extension header may belong to any flow of its addresses, and
 * nothing passes it; a ping does not hold up anybody. */
static void
test_disturbance (void)
{
  static const struct
  {
    gboolean ipv6;
    guint8 protocol;
    guint16 fragment;
    guint8 host;
    const char *shape;
  } rows[] = {
    { FALSE, TCP, FLOW_MF, 1, "2 1 2" },
    { FALSE, UDP, 100, 1, "2 1 2" },
    { FALSE, UDP, 100, 2, "4 1" },
    { FALSE, 1, 0, 1, "4 1" },
    { TRUE, 44, 0, 1, "2 1 2" },
    { TRUE, 0, 0, 1, "2 1 2" },
    { TRUE, 0, 0, 2, "4 1" },
    { TRUE, 58, 0, 1, "4 1" },
  };

  for (guint row = 0; row < G_N_ELEMENTS (rows); row++)
    {
      g_autoptr (Turn) turn = begin_turn ();

      for (guint i = 0; i < 5; i++)
        {
          FlowPacket packet = segment_of (i > 2 ? i - 1 : i, 100);

          packet.ipv6 = rows[row].ipv6;
          if (i == 2)
            {
              packet.protocol = rows[row].protocol;
              packet.fragment = rows[row].fragment;
              packet.host = rows[row].host;
            }
          add (turn, &packet);
        }
      check (turn);
      g_assert_cmpstr (turn->shape->str, ==, rows[row].shape);
    }
}

static void
test_limits (void)
{
  static const struct
  {
    guint16 payload;
    guint n;
    const char *shape;
  } rows[] = {
    { 1, 130, "64 64 2" },
    { 1348, 49, "48 1" },
    { 8900, 15, "7 7 1" },
  };

  for (guint row = 0; row < 2 * G_N_ELEMENTS (rows); row++)
    {
      g_autoptr (Turn) turn = begin_turn ();

      for (guint i = 0; i < rows[row / 2].n; i++)
        {
          FlowPacket packet = segment_of (i, rows[row / 2].payload);

          packet.ipv6 = row % 2 == 1;
          add (turn, &packet);
        }
      check (turn);
      g_assert_cmpstr (turn->shape->str, ==, rows[row / 2].shape);
    }
}

static gboolean
once_in (gint n)
{
  return g_test_rand_int_range (0, n) == 0;
}

/* Flows that go on, lose, repeat, push, and are cut. */
static void
write_random (FlowPacket *flow, FlowPacket *ret)
{
  static const guint16 payloads[] = { 1, 40, 536, 1200, 1348, 8900 };

  if (once_in (20))
    flow->payload = payloads[g_test_rand_int_range (0, G_N_ELEMENTS (payloads))];
  *ret = *flow;
  if (once_in (10))
    ret->flags |= (guint8) (1 << g_test_rand_int_range (0, 8));
  if (once_in (20))
    ret->tos = (guint8) g_test_rand_int_range (0, 256);
  if (once_in (15))
    ret->payload = (guint16) g_test_rand_int_range (0, flow->payload + 1);
  if (once_in (30))
    ret->sequence -= (guint32) g_test_rand_int_range (0, 5000);
  if (once_in (40))
    ret->fragment ^= (guint16) (1 << g_test_rand_int_range (0, 15));
  if (once_in (40))
    ret->protocol = (guint8) g_test_rand_int_range (0, 256);
  flow->sequence = ret->sequence + ret->payload;
  flow->id += (guint16) (flow->fragment == 0 || !once_in (10));
}

static void
test_mixes (void)
{
  for (guint round = 0; round < 300; round++)
    {
      g_autoptr (Turn) turn = begin_turn ();
      FlowPacket flows[20];
      gint n_flows = g_test_rand_int_range (1, G_N_ELEMENTS (flows) + 1);

      for (gint i = 0; i < n_flows; i++)
        {
          flows[i] = segment_of (0, 1200);
          flows[i].ipv6 = once_in (2);
          flows[i].protocol = once_in (4) ? UDP : TCP;
          flows[i].port = (guint16) (1000 + i / 2);
          flows[i].timestamp = once_in (2) ? 5 : 0;
        }
      while (!sp_coalescer_is_full (&turn->coalescer))
        {
          FlowPacket packet;

          write_random (&flows[g_test_rand_int_range (0, n_flows)], &packet);
          add (turn, &packet);
        }
      check (turn);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/coalescer/headers", test_headers);
  g_test_add_func ("/coalescer/checksums", test_checksums);
  g_test_add_func ("/coalescer/unusual-checksum", test_unusual_checksum);
  g_test_add_func ("/coalescer/identifications", test_identifications);
  g_test_add_func ("/coalescer/datagrams", test_datagrams);
  g_test_add_func ("/coalescer/datagrams-without-checksum", test_datagrams_without_checksum);
  g_test_add_func ("/coalescer/flows", test_flows);
  g_test_add_func ("/coalescer/disturbance", test_disturbance);
  g_test_add_func ("/coalescer/limits", test_limits);
  g_test_add_func ("/coalescer/mixes", test_mixes);
  return g_test_run ();
}
