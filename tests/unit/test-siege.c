/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "siege.h"

#include <math.h>

#define SECOND ((gint64) G_USEC_PER_SEC)
#define START  (1000 * SECOND)
#define SEED   G_GUINT64_CONSTANT (0x1badcafe5eedf00d)

/* So many a second for so long, told ten times a second; the time after it. */
static gint64
suffer (SpSiege *siege, guint connections, guint datagrams, guint seconds, gint64 now)
{
  for (guint i = 0; i < seconds * 10; i++)
    {
      sp_siege_tell (siege, connections / 10, datagrams / 10, now);
      now += SECOND / 10;
    }
  return now;
}

static void
test_begins (void)
{
  static const struct
  {
    guint connections, datagrams, seconds;
    gboolean on;
  } cases[] = {
    { 0, 0, 100, FALSE },   { SP_SIEGE_LEAK, 0, 10000, FALSE },
    { 20, 0, 25, FALSE },   { 20, 0, 35, TRUE },
    { 400, 0, 1, TRUE },    { 0, SP_SIEGE_LEAK * SP_SIEGE_DATAGRAMS, 1000, FALSE },
    { 0, 100000, 1, TRUE }, { 0, 20000, 3, FALSE },
    { 0, 20000, 4, TRUE },  { 10, 2000, 25, FALSE },
    { 10, 2000, 35, TRUE }, { 100000, 0, 1, TRUE },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree SpSiege *siege = g_new0 (SpSiege, 1);

      sp_siege_init (siege, SEED);
      (void) suffer (siege, cases[i].connections, cases[i].datagrams, cases[i].seconds, START);
      g_test_message ("case %u", i);
      g_assert_cmpint (siege->on, ==, cases[i].on);
    }
}

/* A pause does not end it, also one after which not much comes; and then it does end by itself, at
 * the moment that was told. */
static void
test_ends (void)
{
  g_autofree SpSiege *siege = g_new0 (SpSiege, 1);
  gint64 now;

  sp_siege_init (siege, SEED);
  g_assert_cmpint (sp_siege_get_end (siege), ==, G_MAXINT64);
  now = suffer (siege, 1000, 0, 60, START);
  g_assert_true (siege->on);
  g_assert_cmpint (siege->since, ==, START);
  g_assert_cmpuint (siege->connections, ==, 60000);
  now = suffer (siege, 0, 0, 50, now);
  sp_siege_tell (siege, 0, 0, now);
  g_assert_true (siege->on);
  now = suffer (siege, 10, 0, 300, now);
  g_assert_true (siege->on);
  now = sp_siege_get_end (siege);
  g_assert_cmpint (now, <, START + (60 + 50 + 300 + 60) * SECOND);
  sp_siege_tell (siege, 0, 0, now - 1000);
  g_assert_true (siege->on);
  sp_siege_tell (siege, 0, 0, now);
  g_assert_false (siege->on);
  g_assert_cmpint (siege->since, ==, 0);
  g_assert_cmpuint (siege->connections + siege->datagrams + sp_siege_count_networks (siege), ==, 0);
  g_assert_cmpint (sp_siege_get_end (siege), ==, G_MAXINT64);
}

/* However long or hard, it is over a minute after it. */
static void
test_is_bounded (void)
{
  g_autofree SpSiege *siege = g_new0 (SpSiege, 1);
  gint64 end;

  sp_siege_init (siege, SEED);
  sp_siege_tell (siege, G_MAXUINT64 / 2, G_MAXUINT64 / 2, START);
  g_assert_true (siege->on);
  end = sp_siege_get_end (siege);
  g_assert_cmpint (end - START, <=, (SP_SIEGE_MOST / SP_SIEGE_LEAK + 1) * SECOND);
  sp_siege_tell (siege, 0, 0, end);
  g_assert_false (siege->on);
  /* A clock that goes backwards changes nothing. */
  sp_siege_tell (siege, 1, 0, START - SECOND);
  g_assert_cmpuint (siege->connections, ==, 1);
}

/* What begins after a pause is something else. */
static void
test_begins_anew (void)
{
  g_autofree SpSiege *siege = g_new0 (SpSiege, 1);

  sp_siege_init (siege, SEED);
  sp_siege_tell (siege, 5, 0, START);
  sp_siege_tell (siege, 5, 0, START + 100 * SECOND);
  g_assert_cmpint (siege->since, ==, START + 100 * SECOND);
  g_assert_cmpuint (siege->connections, ==, 5);
}

/* Told in the smallest steps it leaks as much. */
static void
test_leaks_evenly (void)
{
  g_autofree SpSiege *siege = g_new0 (SpSiege, 1);
  gint64 end;

  sp_siege_init (siege, SEED);
  sp_siege_tell (siege, 100, 0, START);
  end = sp_siege_get_end (siege);
  for (gint64 now = START; now < end; now += 7)
    sp_siege_tell (siege, 0, 0, now);
  g_assert_cmpint (siege->since, ==, START);
  sp_siege_tell (siege, 0, 0, end);
  g_assert_cmpint (siege->since, ==, 0);
}

static void
test_networks (void)
{
  static const guint sizes[] = { 0, 1, 2, 10, 250, 4096, 65536 };

  for (guint i = 0; i < G_N_ELEMENTS (sizes); i++)
    {
      g_autofree SpSiege *siege = g_new0 (SpSiege, 1);
      guint counted;

      sp_siege_init (siege, SEED + i);
      for (guint round = 0; round < 3; round++)
        for (guint j = 0; j < sizes[i]; j++)
          sp_siege_note_network (siege, (2ULL << 32) | j << 8, START);
      counted = sp_siege_count_networks (siege);
      g_test_message ("%u networks: %u", sizes[i], counted);
      g_assert_cmpfloat (fabs ((double) counted - sizes[i]), <=, 1 + sizes[i] * 0.05);
    }
}

/* Networks are noted as they come and counts are told later: who comes first after a quiet time
 * belongs to what begins, not to what is forgotten. */
static void
test_networks_after_quiet (void)
{
  g_autofree SpSiege *siege = g_new0 (SpSiege, 1);

  sp_siege_init (siege, SEED);
  sp_siege_note_network (siege, 1, START);
  sp_siege_tell (siege, 1, 0, START);
  for (guint i = 0; i < SP_SIEGE_BEGIN; i++)
    sp_siege_note_network (siege, 2 + i % 3, START + 3600 * SECOND);
  sp_siege_tell (siege, SP_SIEGE_BEGIN, 0, START + 3600 * SECOND);
  g_assert_true (siege->on);
  g_assert_cmpuint (siege->connections, ==, SP_SIEGE_BEGIN);
  g_assert_cmpuint (sp_siege_count_networks (siege), ==, 3);
}

/* The first refusal, and the rest before anybody is told, late. */
static void
test_networks_told_late (void)
{
  g_autofree SpSiege *siege = g_new0 (SpSiege, 1);

  sp_siege_init (siege, SEED);
  sp_siege_note_network (siege, 1, START);
  sp_siege_tell (siege, 1, 0, START);
  for (guint i = 0; i < 400; i++)
    sp_siege_note_network (siege, 1, START + SECOND / 20);
  sp_siege_tell (siege, 400, 0, START + SECOND);
  g_assert_true (siege->on);
  g_assert_cmpuint (sp_siege_count_networks (siege), ==, 1);
  /* And when it is over, it is. */
  sp_siege_tell (siege, 0, 0, sp_siege_get_end (siege));
  g_assert_false (siege->on);
  g_assert_cmpuint (sp_siege_count_networks (siege), ==, 0);
}

static void
test_patience (void)
{
  g_autofree SpSiege *siege = g_new0 (SpSiege, 1);

  sp_siege_init (siege, SEED);
  g_assert_cmpint (sp_siege_get_patience (siege, 5 * SECOND), ==, 5 * SECOND);
  sp_siege_tell (siege, SP_SIEGE_BEGIN, 0, START);
  g_assert_cmpint (sp_siege_get_patience (siege, 5 * SECOND), ==, SP_SIEGE_PATIENCE);
  g_assert_cmpint (sp_siege_get_patience (siege, SECOND / 2), ==, SECOND / 2);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/siege/begins", test_begins);
  g_test_add_func ("/siege/ends", test_ends);
  g_test_add_func ("/siege/is-bounded", test_is_bounded);
  g_test_add_func ("/siege/begins-anew", test_begins_anew);
  g_test_add_func ("/siege/leaks-evenly", test_leaks_evenly);
  g_test_add_func ("/siege/networks", test_networks);
  g_test_add_func ("/siege/networks-after-quiet", test_networks_after_quiet);
  g_test_add_func ("/siege/networks-told-late", test_networks_told_late);
  g_test_add_func ("/siege/patience", test_patience);
  return g_test_run ();
}
