/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "half-open.h"

#include <string.h>

#define SLOTS 16 /* of which strangers may have 12 */

static SpSlot *
insert (SpHalfOpen *half_open, const char *address, gboolean known, gint64 now)
{
  SpEndpoint peer = { .port = 4242 };
  SpSlot *slot;

  g_assert_true (sp_address_from_text (address, peer.address));
  slot = sp_half_open_insert (half_open, 1000 + (int) now, &peer, known, now);
  if (slot != NULL)
    sp_half_open_set (half_open, slot, SP_SLOT_LISTENING, now + 5000);
  return slot;
}

static void
test_lanes (void)
{
  g_autoptr (SpHalfOpen) half_open = sp_half_open_new (SLOTS);

  for (guint i = 0; i < 12; i++)
    g_assert_nonnull (insert (half_open, "198.51.100.7", FALSE, 1 + i));
  g_assert_null (insert (half_open, "203.0.113.1", FALSE, 20));
  for (guint i = 0; i < 4; i++)
    g_assert_nonnull (insert (half_open, "192.0.2.55", TRUE, 30 + i));
  g_assert_null (insert (half_open, "192.0.2.55", TRUE, 40));
}

/* The oldest of the busiest narrow prefix in the busiest wide one, strangers before known. */
static void
test_victims (void)
{
  static const struct
  {
    const char *address;
    gboolean known;
  } arrivals[] = {
    { "192.0.2.55", TRUE },     { "192.0.2.55", TRUE },     { "192.0.2.55", TRUE },
    { "203.0.113.1", FALSE }, /* a quiet one, and the oldest stranger */
    { "198.51.100.1", FALSE },  { "198.51.100.7", FALSE },  { "198.51.100.7", FALSE },
    { "2001:db8:1::1", FALSE }, { "2001:db8:2::1", FALSE },
  };
  static const guint expected_strangers[] = { 5, 4, 3, 6, 7, 8 };
  g_autoptr (SpHalfOpen) half_open = sp_half_open_new (SLOTS);
  SpSlot *victim;

  for (guint i = 0; i < G_N_ELEMENTS (arrivals); i++)
    (void) insert (half_open, arrivals[i].address, arrivals[i].known, i);
  for (guint i = 0; i < G_N_ELEMENTS (expected_strangers); i++)
    {
      victim = sp_half_open_pick_victim (half_open, i % 2 == 1);
      g_assert_cmpint (victim->since, ==, expected_strangers[i]);
      sp_half_open_remove (half_open, victim);
    }
  g_assert_null (sp_half_open_pick_victim (half_open, FALSE));
  victim = sp_half_open_pick_victim (half_open, TRUE);
  g_assert_cmpint (victim->since, ==, 0);
}

static void
check_crowds (SpHalfOpen *half_open, SpSlot **slots, guint n_slots)
{
  for (guint i = 0; i < n_slots; i++)
    {
      guint narrow = 0;
      guint wide = 0;

      for (guint j = 0; j < n_slots; j++)
        {
          narrow += slots[j]->known == slots[i]->known && slots[j]->narrow == slots[i]->narrow;
          wide += slots[j]->known == slots[i]->known && slots[j]->wide == slots[i]->wide;
        }
      g_assert_cmpuint (slots[i]->narrow_crowd, ==, narrow);
      g_assert_cmpuint (slots[i]->wide_crowd, ==, wide);
    }
}

/* Whoever comes and goes, everybody's crowds are what counting anew would say. */
static void
test_crowds (void)
{
  g_autoptr (SpHalfOpen) half_open = sp_half_open_new (SLOTS);
  g_autoptr (GRand) chance = g_rand_new_with_seed (7);
  SpSlot *slots[SLOTS];
  guint n_slots = 0;

  for (guint step = 0; step < 5000; step++)
    {
      g_autofree char *address = g_strdup_printf ("10.0.%d.%d", g_rand_int_range (chance, 0, 3),
                                                  g_rand_int_range (chance, 0, 3));
      if (g_rand_boolean (chance) && n_slots > 0)
        {
          guint gone = (guint) g_rand_int_range (chance, 0, (gint32) n_slots);
          sp_half_open_remove (half_open, slots[gone]);
          slots[gone] = slots[--n_slots];
        }
      else
        {
          SpSlot *slot = insert (half_open, address, g_rand_int_range (chance, 0, 4) == 0, step);
          if (slot != NULL)
            slots[n_slots++] = slot;
        }
      check_crowds (half_open, slots, n_slots);
    }
}

static void
test_get_crowd (void)
{
  g_autoptr (SpHalfOpen) half_open = sp_half_open_new (SLOTS);
  guint8 address[SP_ADDRESS_SIZE];
  SpCrowd crowd;

  for (guint i = 0; i < 3; i++)
    (void) insert (half_open, "198.51.100.7", FALSE, i);
  (void) insert (half_open, "203.0.113.1", FALSE, 4);
  for (guint i = 0; i < 4; i++)
    (void) insert (half_open, "192.0.2.55", TRUE, 5);
  (void) sp_address_from_text ("203.0.113.99", address);
  sp_half_open_get_crowd (half_open, address, &crowd);
  g_assert_cmpuint (crowd.strangers, ==, 4);
  g_assert_cmpuint (crowd.room, ==, 12);
  g_assert_cmpuint (crowd.own_crowd, ==, 1);
  g_assert_cmpuint (crowd.busiest_crowd, ==, 3);
}

static void
test_due (void)
{
  g_autoptr (SpHalfOpen) half_open = sp_half_open_new (SLOTS);
  SpSlot *slot;

  g_assert_cmpint (sp_half_open_get_due (half_open), ==, G_MAXINT64);
  for (guint i = 0; i < 10; i++)
    (void) insert (half_open, "198.51.100.7", FALSE, 10 - i);
  g_assert_cmpint (sp_half_open_get_due (half_open), ==, 5001);
  g_assert_null (sp_half_open_next_due (half_open, 5000));
  for (gint64 now = 5001; now <= 5010; now++)
    {
      slot = sp_half_open_next_due (half_open, now);
      g_assert_nonnull (slot);
      g_assert_cmpint (slot->due, ==, now);
      sp_half_open_remove (half_open, slot);
      g_assert_null (sp_half_open_next_due (half_open, now));
      g_assert_cmpint (sp_half_open_get_due (half_open), >, now);
    }
  g_assert_cmpint (sp_half_open_get_due (half_open), ==, G_MAXINT64);
}

/* An event made for somebody who left does not hit who came after. */
static void
test_generations (void)
{
  g_autoptr (SpHalfOpen) half_open = sp_half_open_new (SLOTS);
  SpSlot *slot = insert (half_open, "198.51.100.7", FALSE, 1);
  guint index = slot->index;
  guint32 generation = slot->generation;

  g_assert_true (sp_half_open_find (half_open, index, generation) == slot);
  sp_half_open_remove (half_open, slot);
  g_assert_null (sp_half_open_find (half_open, index, generation));
  g_assert_true (insert (half_open, "198.51.100.8", FALSE, 2) == slot);
  g_assert_null (sp_half_open_find (half_open, index, generation));
  g_assert_null (sp_half_open_find (half_open, SLOTS, generation));
}

static void
test_ready (void)
{
  static const guint expected[] = { 3, 6, 2, 5 };
  g_autoptr (SpHalfOpen) half_open = sp_half_open_new (SLOTS);

  for (guint i = 1; i < 8; i++)
    {
      SpSlot *slot = insert (half_open, i % 3 == 0 ? "192.0.2.55" : "198.51.100.7", i % 3 == 0, i);
      if (i % 3 != 1)
        sp_half_open_set (half_open, slot, SP_SLOT_READY, G_MAXINT64);
    }
  for (guint i = 0; i < G_N_ELEMENTS (expected); i++)
    {
      SpSlot *slot = sp_half_open_next_ready (half_open);
      g_assert_cmpint (slot->since, ==, expected[i]);
      sp_half_open_remove (half_open, slot);
    }
  g_assert_null (sp_half_open_next_ready (half_open));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/half-open/lanes", test_lanes);
  g_test_add_func ("/half-open/victims", test_victims);
  g_test_add_func ("/half-open/crowds", test_crowds);
  g_test_add_func ("/half-open/get-crowd", test_get_crowd);
  g_test_add_func ("/half-open/due", test_due);
  g_test_add_func ("/half-open/generations", test_generations);
  g_test_add_func ("/half-open/ready", test_ready);
  return g_test_run ();
}
