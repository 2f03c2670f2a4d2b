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
  SpStranger strangers[8];

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

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/crowd/whoever-crowds-pays", test_whoever_crowds_pays);
  g_test_add_func ("/crowd/ipv6-neighbours-are-one", test_ipv6_neighbours_are_one);
  g_test_add_func ("/crowd/alone", test_alone);
  g_test_add_func ("/crowd/equals", test_equals);
  return g_test_run ();
}
