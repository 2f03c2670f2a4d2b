/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/endpoint.h"
#include "crowd.h"

typedef struct
{
  const char *address;
  gint64 since;
} Guest;

static guint
choose (const Guest *guests, guint n)
{
  SpStranger strangers[8] = { 0 };

  for (guint i = 0; i < n; i++)
    {
      g_assert_true (sp_address_from_text (guests[i].address, strangers[i].address));
      strangers[i].since = guests[i].since;
    }
  return sp_crowd_choose (strangers, n);
}

static void
test_whoever_crowds_pays (void)
{
  static const Guest guests[] = {
    { "192.0.2.1", 1 },                           /* alone, and the oldest */
    { "198.51.100.7", 5 },                        /* three of one network */
    { "198.51.100.8", 3 },                        /* its oldest */
    { "198.51.100.9", 4 }, { "198.51.101.1", 2 }, /* the next network */
  };

  g_assert_cmpuint (choose (guests, G_N_ELEMENTS (guests)), ==, 2);
}

static void
test_ipv6_neighbours_are_one (void)
{
  static const Guest guests[] = {
    { "2001:db8:0:1::1", 9 },
    { "2001:db8:0:1ff::1", 8 }, /* another /56 */
    { "2001:db8:0:2::5", 7 },   /* the same /56 as the first */
  };

  g_assert_cmpuint (choose (guests, G_N_ELEMENTS (guests)), ==, 2);
}

static void
test_alone (void)
{
  static const Guest guests[] = { { "192.0.2.1", 1 } };

  g_assert_cmpuint (choose (guests, 1), ==, 0);
}

static void
test_equals (void)
{
  static const Guest guests[] = { { "192.0.2.1", 5 }, { "198.51.100.7", 4 }, { "203.0.113.1", 6 } };

  g_assert_cmpuint (choose (guests, G_N_ELEMENTS (guests)), ==, 1);
}

/* One who rotates through a /48 is a crowd, whoever else has that provider. */
static void
test_a_rotating_network_is_one (void)
{
  static const Guest guests[] = {
    { "2001:db8:1:7::1", 1 },
    { "2001:db8:2:1::1", 2 },
    { "2001:db8:2:4711::1", 3 },
    { "2001:db8:2:ffff::1", 4 },
  };

  g_assert_cmpuint (choose (guests, G_N_ELEMENTS (guests)), ==, 1);
}

static void
test_within_a_network_the_busiest_machine_pays (void)
{
  static const Guest guests[] = { { "192.0.2.1", 1 }, { "192.0.2.2", 2 }, { "192.0.2.2", 3 } };

  g_assert_cmpuint (choose (guests, G_N_ELEMENTS (guests)), ==, 1);
}

static guint
choose_for_last (const Guest *guests, guint n, gint64 now)
{
  SpStranger strangers[8] = { 0 };

  for (guint i = 0; i < n; i++)
    {
      g_assert_true (sp_address_from_text (guests[i].address, strangers[i].address));
      strangers[i].since = guests[i].since;
    }
  return sp_crowd_choose_for_last (strangers, n, now);
}

static void
test_a_newcomer (void)
{
  static const Guest alone[] = { { "198.51.100.7", 5 }, { "198.51.100.8", 3 }, { "192.0.2.1", 9 } };
  static const Guest equal[] = { { "198.51.100.7", 5 }, { "203.0.113.1", 3 }, { "192.0.2.1", 9 } };
  static const Guest crowd[] = { { "198.51.100.7", 5 }, { "192.0.2.1", 3 }, { "192.0.2.1", 9 } };

  g_assert_cmpuint (choose_for_last (alone, 3, 9), ==, 1);
  g_assert_cmpuint (choose_for_last (equal, 3, 9), ==, 2);
  g_assert_cmpuint (choose_for_last (equal, 3, 3 + SP_CROWD_PATIENCE), ==, 1);
  g_assert_cmpuint (choose_for_last (crowd, 3, 9), ==, 2);
  g_assert_cmpuint (choose_for_last (crowd, 3, 3 + SP_CROWD_PATIENCE), ==, 1);
}

static void
test_the_met_go_last_and_come_first (void)
{
  SpStranger strangers[3] = { 0 };

  for (guint i = 0; i < 3; i++)
    {
      g_assert_true (
          sp_address_from_text (i < 2 ? "192.0.2.1" : "203.0.113.1", strangers[i].address));
      strangers[i].since = i;
      strangers[i].is_met = i < 2;
    }
  g_assert_cmpuint (sp_crowd_choose (strangers, 3), ==, 2);
  g_assert_cmpuint (sp_crowd_choose_next (strangers, 3), ==, 0);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/crowd/whoever-crowds-pays", test_whoever_crowds_pays);
  g_test_add_func ("/crowd/ipv6-neighbours-are-one", test_ipv6_neighbours_are_one);
  g_test_add_func ("/crowd/alone", test_alone);
  g_test_add_func ("/crowd/equals", test_equals);
  g_test_add_func ("/crowd/a-rotating-network-is-one", test_a_rotating_network_is_one);
  g_test_add_func ("/crowd/busiest-machine", test_within_a_network_the_busiest_machine_pays);
  g_test_add_func ("/crowd/a-newcomer", test_a_newcomer);
  g_test_add_func ("/crowd/the-met", test_the_met_go_last_and_come_first);
  return g_test_run ();
}
