/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "admission.h"
#include "base/endpoint.h"
#include "base/prefix.h"

#include <malloc.h>
#include <string.h>

#define SECOND ((gint64) G_USEC_PER_SEC)
#define START  (1000 * SECOND) /* of the fake clock */

static const guint64 seed[2] = { 0x1badcafe5eedf00dULL, 0x0123456789abcdefULL };

typedef struct
{
  guint welcome;
  guint delayed;
  guint penalty;
  guint rate;
  gint64 longest_delay;
} Outcome;

static void
set_address (guint8 *address, const char *text)
{
  g_assert_true (sp_address_from_text (text, address));
}

static SpAdmissionVerdict
arrive_at (SpAdmission *admission, const guint8 *address, gint64 now, Outcome *outcome)
{
  SpArrival arrival;

  sp_admission_arrive (admission, address, now, &arrival);
  outcome->welcome += arrival.verdict == SP_ADMISSION_WELCOME;
  outcome->delayed += arrival.verdict == SP_ADMISSION_DELAYED;
  outcome->penalty += arrival.verdict == SP_ADMISSION_PENALTY;
  outcome->rate += arrival.verdict == SP_ADMISSION_RATE;
  outcome->longest_delay = MAX (outcome->longest_delay, arrival.delay);
  return arrival.verdict;
}

static SpAdmissionVerdict
arrive (SpAdmission *admission, const char *text, gint64 now)
{
  guint8 address[SP_ADDRESS_SIZE];
  Outcome outcome = { 0 };

  set_address (address, text);
  return arrive_at (admission, address, now, &outcome);
}

static void
offend (SpAdmission *admission, const char *text, SpOffence offence, guint times, gint64 now)
{
  guint8 address[SP_ADDRESS_SIZE];

  set_address (address, text);
  for (guint i = 0; i < times; i++)
    sp_admission_offend (admission, address, offence, now);
}

static void
log_in (SpAdmission *admission, const char *text, gint64 now)
{
  guint8 address[SP_ADDRESS_SIZE];

  set_address (address, text);
  sp_admission_ended (admission, address, SP_OUTCOME_LOGGED_IN, now);
}

static void
test_prefixes (void)
{
  static const struct
  {
    const char *a;
    const char *b;
    gboolean same_narrow;
    gboolean same_wide;
  } rows[] = {
    { "192.0.2.1", "192.0.2.1", TRUE, TRUE },
    { "192.0.2.1", "192.0.2.2", FALSE, TRUE },
    { "192.0.2.1", "192.0.3.1", FALSE, FALSE },
    { "2001:db8:1:2::1", "2001:db8:1:2:ffff::9", TRUE, TRUE },
    { "2001:db8:1:2::1", "2001:db8:1:3::1", FALSE, TRUE },
    { "2001:db8:1:2::1", "2001:db8:2:2::1", FALSE, FALSE },
    { "192.0.2.1", "::ffff:192.0.2.1", TRUE, TRUE },
    { "192.0.2.1", "2001:db8::192.0.2.1", FALSE, FALSE },
    { "0.0.0.1", "::1", FALSE, FALSE },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      guint8 a[SP_ADDRESS_SIZE];
      guint8 b[SP_ADDRESS_SIZE];

      set_address (a, rows[i].a);
      set_address (b, rows[i].b);
      g_test_message ("%s and %s", rows[i].a, rows[i].b);
      g_assert_cmpint (sp_prefix_narrow (a) == sp_prefix_narrow (b), ==, rows[i].same_narrow);
      g_assert_cmpint (sp_prefix_wide (a) == sp_prefix_wide (b), ==, rows[i].same_wide);
    }
}

/* One machine, 10 000 connections a second for a minute: it gets its burst and its rate, and nobody
 * else notices, be it in the same network or elsewhere. */
static void
test_flood_from_one_machine (void)
{
  g_autoptr (SpAdmission) admission = sp_admission_new (seed);
  guint8 flood[SP_ADDRESS_SIZE];
  Outcome outcome = { 0 };

  set_address (flood, "198.51.100.7");
  for (gint64 step = 0; step < 600000; step++)
    {
      gint64 now = START + step * 100;
      (void) arrive_at (admission, flood, now, &outcome);
      if (step % 10000 == 0)
        {
          g_assert_cmpint (arrive (admission, "198.51.100.8", now), ==, SP_ADMISSION_WELCOME);
          g_assert_cmpint (arrive (admission, "203.0.113.1", now), ==, SP_ADMISSION_WELCOME);
          g_assert_cmpint (arrive (admission, "2001:db8::1", now), ==, SP_ADMISSION_WELCOME);
        }
    }
  g_assert_cmpuint (outcome.welcome, >=, 30 + 5 * 59);
  g_assert_cmpuint (outcome.welcome, <=, 30 + 5 * 61);
  g_assert_cmpuint (outcome.rate + outcome.welcome, ==, 600000);
}

/* A whole network floods from as many addresses as it has; another one is not touched. */
static void
flood_from_network (SpAdmission *admission, const char *network, guint first_byte, guint n_bytes)
{
  guint8 address[SP_ADDRESS_SIZE];
  Outcome outcome = { 0 };

  set_address (address, network);
  for (guint step = 0; step < 200000; step++)
    {
      gint64 now = START + (gint64) step * 100;
      for (guint i = 0; i < n_bytes; i++)
        address[first_byte + i] = (guint8) (step >> (8 * (n_bytes - 1 - i)));
      (void) arrive_at (admission, address, now, &outcome);
      if (step % 5000 == 0)
        {
          g_assert_cmpint (arrive (admission, "203.0.113.1", now), ==, SP_ADMISSION_WELCOME);
          g_assert_cmpint (arrive (admission, "2001:db8:7::1", now), ==, SP_ADMISSION_WELCOME);
        }
    }
  g_assert_cmpuint (outcome.welcome, >=, 160 + 40 * 19);
  g_assert_cmpuint (outcome.welcome, <=, 160 + 40 * 21);
}

static void
test_flood_from_one_network (void)
{
  g_autoptr (SpAdmission) four = sp_admission_new (seed);
  g_autoptr (SpAdmission) six = sp_admission_new (seed);

  flood_from_network (four, "198.51.100.0", 15, 1);
  flood_from_network (six, "2001:db8:bad::1", 6, 2);
}

/* A million addresses, each in a network of its own: the tables forget and do not grow, and a
 * newcomer is as welcome as ever. */
static void
test_flood_from_everywhere (void)
{
  g_autoptr (SpAdmission) admission = sp_admission_new (seed);
  gsize before = mallinfo2 ().uordblks + mallinfo2 ().hblkhd;
  gsize told = sp_admission_get_size (admission);
  guint8 address[SP_ADDRESS_SIZE];
  Outcome outcome = { 0 };

  log_in (admission, "192.0.2.55", START);
  for (guint32 i = 0; i < 1000000; i++)
    {
      sp_address_from_ipv4 (address, 0x0b000000 + i * 0x101);
      (void) arrive_at (admission, address, START + i, &outcome);
      sp_admission_offend (admission, address, SP_OFFENCE_GARBAGE, START + i);
    }
  g_assert_cmpuint (outcome.welcome, >, 900000);
  g_assert_cmpint (arrive (admission, "203.0.113.1", START + SECOND), ==, SP_ADMISSION_WELCOME);
  g_assert_cmpint (arrive (admission, "192.0.2.55", START + SECOND), ==, SP_ADMISSION_WELCOME);
  g_assert_cmpuint (mallinfo2 ().uordblks + mallinfo2 ().hblkhd, <=, before + 4096);
  g_assert_cmpuint (told, <, 1024 * 1024);
}

/* Whatever happens around or even in it, somebody known is let in within a second. */
static void
test_known_is_never_refused (void)
{
  g_autoptr (SpAdmission) admission = sp_admission_new (seed);
  guint8 known[SP_ADDRESS_SIZE];
  Outcome outcome = { 0 };

  set_address (known, "192.0.2.55");
  sp_admission_ended (admission, known, SP_OUTCOME_LOGGED_IN, START);
  offend (admission, "192.0.2.55", SP_OFFENCE_GARBAGE, 1000, START);
  for (guint i = 1; i < 255; i++)
    {
      g_autofree char *neighbour = g_strdup_printf ("192.0.2.%u", i);
      offend (admission, neighbour, SP_OFFENCE_GARBAGE, 100, START);
    }
  g_assert_cmpint (arrive (admission, "192.0.2.56", START), ==, SP_ADMISSION_PENALTY);
  for (guint i = 0; i < 100000; i++)
    (void) arrive_at (admission, known, START + i * 100, &outcome);
  g_assert_cmpuint (outcome.penalty + outcome.rate, ==, 0);
  g_assert_cmpint (outcome.longest_delay, <=, SP_ADMISSION_DELAY_MAX);
  g_assert_cmpuint (outcome.delayed, >, 0);
}

/* A thousand reconnects, ten a second, wait for nothing. */
static void
test_known_reconnects (void)
{
  g_autoptr (SpAdmission) admission = sp_admission_new (seed);

  log_in (admission, "2001:db8:1:1::5", START);
  for (guint i = 0; i < 1000; i++)
    g_assert_cmpint (arrive (admission, "2001:db8:1:1::99", START + i * SECOND / 10), ==,
                     SP_ADMISSION_WELCOME);
}

/* In a hurry it is delayed a little and more, up to a second, and then welcome again. */
static void
test_known_is_delayed (void)
{
  g_autoptr (SpAdmission) admission = sp_admission_new (seed);
  guint8 known[SP_ADDRESS_SIZE];
  SpArrival arrival;
  gint64 last = 0;

  set_address (known, "192.0.2.55");
  sp_admission_ended (admission, known, SP_OUTCOME_LOGGED_IN, START);
  for (guint i = 0; i < 60; i++)
    g_assert_cmpint (arrive (admission, "192.0.2.55", START), ==, SP_ADMISSION_WELCOME);
  for (guint i = 0; i < 100; i++)
    {
      sp_admission_arrive (admission, known, START, &arrival);
      g_assert_cmpint (arrival.verdict, ==, SP_ADMISSION_DELAYED);
      g_assert_cmpint (arrival.delay, >=, last);
      last = arrival.delay;
    }
  g_assert_cmpint (last, ==, SP_ADMISSION_DELAY_MAX);
  g_assert_cmpint (arrive (admission, "192.0.2.55", START + 2 * SECOND), ==, SP_ADMISSION_WELCOME);
}

static void
test_known_is_forgotten (void)
{
  g_autoptr (SpAdmission) admission = sp_admission_new (seed);
  guint8 address[SP_ADDRESS_SIZE];
  SpArrival arrival;

  set_address (address, "192.0.2.55");
  sp_admission_ended (admission, address, SP_OUTCOME_LOGGED_IN, START);
  sp_admission_arrive (admission, address, START + SP_ADMISSION_KNOWN_FOR - 1, &arrival);
  g_assert_true (arrival.known);
  sp_admission_arrive (admission, address, START + SP_ADMISSION_KNOWN_FOR, &arrival);
  g_assert_false (arrival.known);
}

/* Penalties below the minimum are not enforced; above it they are, and pass by themselves. */
static void
test_penalties_decay (void)
{
  static const struct
  {
    SpOffence offence;
    guint times;
    gint64 refused_for; /* seconds */
  } rows[] = {
    { SP_OFFENCE_GARBAGE, 4, 0 },    { SP_OFFENCE_GARBAGE, 5, 10 },
    { SP_OFFENCE_GARBAGE, 30, 60 },  { SP_OFFENCE_FAILED, 2, 0 },
    { SP_OFFENCE_FAILED, 3, 12 },    { SP_OFFENCE_SILENT, 6, 0 },
    { SP_OFFENCE_CROWDING, 39, 0 },  { SP_OFFENCE_UNFINISHED, 10, 10 },
    { SP_OFFENCE_FAILED, 500, 120 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autoptr (SpAdmission) admission = sp_admission_new (seed);
      gint64 end = START + rows[i].refused_for * SECOND;

      g_test_message ("offence %d, %u times", rows[i].offence, rows[i].times);
      offend (admission, "192.0.2.1", rows[i].offence, rows[i].times, START);
      if (rows[i].refused_for > 0)
        {
          g_assert_cmpint (arrive (admission, "192.0.2.1", START), ==, SP_ADMISSION_PENALTY);
          g_assert_cmpint (arrive (admission, "192.0.2.1", end - 1), ==, SP_ADMISSION_PENALTY);
        }
      g_assert_cmpint (arrive (admission, "192.0.2.1", end), ==, SP_ADMISSION_WELCOME);
    }
}

/* Who knocks while refused does not make it longer. */
static void
test_knocking_costs_nothing (void)
{
  g_autoptr (SpAdmission) admission = sp_admission_new (seed);

  offend (admission, "192.0.2.1", SP_OFFENCE_GARBAGE, 5, START);
  for (guint i = 0; i < 1000; i++)
    g_assert_cmpint (arrive (admission, "192.0.2.1", START + i * SECOND / 100), ==,
                     SP_ADMISSION_PENALTY);
  g_assert_cmpint (arrive (admission, "192.0.2.1", START + 10 * SECOND), ==, SP_ADMISSION_WELCOME);
}

static void
test_one_machine_spares_its_network (void)
{
  g_autoptr (SpAdmission) admission = sp_admission_new (seed);

  for (guint second = 0; second < 600; second++)
    {
      gint64 now = START + second * SECOND;
      offend (admission, "192.0.2.1", SP_OFFENCE_GARBAGE, 1000, now);
      g_assert_cmpint (arrive (admission, "192.0.2.2", now), ==, SP_ADMISSION_WELCOME);
    }
  for (guint i = 100; i < 120; i++)
    {
      g_autofree char *machine = g_strdup_printf ("192.0.2.%u", i);
      offend (admission, machine, SP_OFFENCE_GARBAGE, 10, START + 600 * SECOND);
    }
  g_assert_cmpint (arrive (admission, "192.0.2.2", START + 600 * SECOND), ==, SP_ADMISSION_PENALTY);
  g_assert_cmpint (arrive (admission, "192.0.3.2", START + 600 * SECOND), ==, SP_ADMISSION_WELCOME);
}

static void
test_login_clears_penalty (void)
{
  g_autoptr (SpAdmission) admission = sp_admission_new (seed);

  offend (admission, "192.0.2.1", SP_OFFENCE_FAILED, 3, START);
  g_assert_cmpint (arrive (admission, "192.0.2.1", START), ==, SP_ADMISSION_PENALTY);
  log_in (admission, "192.0.2.1", START);
  g_assert_cmpint (arrive (admission, "192.0.2.1", START), ==, SP_ADMISSION_WELCOME);
}

static void
test_early_drop (void)
{
  static const struct
  {
    SpCrowd crowd;
    guint32 chance;
    gboolean may_wait;
  } rows[] = {
    { { .strangers = 0, .room = 192 }, 0, TRUE },
    { { .strangers = 95, .room = 192, .own_crowd = 95, .busiest_crowd = 95 }, 0, TRUE },
    { { .strangers = 144, .room = 192, .own_crowd = 1, .busiest_crowd = 1 }, 0, FALSE },
    /* half full of the second half: 3 of 8 go */
    { { .strangers = 144, .room = 192, .own_crowd = 1, .busiest_crowd = 1 }, 0x5fffffff, FALSE },
    { { .strangers = 144, .room = 192, .own_crowd = 1, .busiest_crowd = 1 }, 0x60000000, TRUE },
    /* full: 3 of 4 go */
    { { .strangers = 192, .room = 192, .own_crowd = 1, .busiest_crowd = 1 }, 0xbfffffff, FALSE },
    { { .strangers = 192, .room = 192, .own_crowd = 1, .busiest_crowd = 1 }, 0xc0000000, TRUE },
    /* a quiet prefix is spared as long as another one takes several places */
    { { .strangers = 192, .room = 192, .own_crowd = 0, .busiest_crowd = 150 }, 0, TRUE },
    { { .strangers = 192, .room = 192, .own_crowd = 0, .busiest_crowd = 3 }, 0, FALSE },
    { { .strangers = 192, .room = 192, .own_crowd = 150, .busiest_crowd = 150 }, 0, FALSE },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_test_message ("row %u", i);
      g_assert_cmpint (sp_admission_may_wait (&rows[i].crowd, rows[i].chance), ==,
                       rows[i].may_wait);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/admission/prefixes", test_prefixes);
  g_test_add_func ("/admission/flood/one-machine", test_flood_from_one_machine);
  g_test_add_func ("/admission/flood/one-network", test_flood_from_one_network);
  g_test_add_func ("/admission/flood/everywhere", test_flood_from_everywhere);
  g_test_add_func ("/admission/known/never-refused", test_known_is_never_refused);
  g_test_add_func ("/admission/known/reconnects", test_known_reconnects);
  g_test_add_func ("/admission/known/delayed", test_known_is_delayed);
  g_test_add_func ("/admission/known/forgotten", test_known_is_forgotten);
  g_test_add_func ("/admission/penalties/decay", test_penalties_decay);
  g_test_add_func ("/admission/penalties/knocking", test_knocking_costs_nothing);
  g_test_add_func ("/admission/penalties/neighbours", test_one_machine_spares_its_network);
  g_test_add_func ("/admission/penalties/login", test_login_clears_penalty);
  g_test_add_func ("/admission/early-drop", test_early_drop);
  return g_test_run ();
}
