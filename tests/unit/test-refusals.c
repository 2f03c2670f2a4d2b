/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "refusals.h"

#include <string.h>

#define SECOND ((gint64) G_USEC_PER_SEC)
#define START  (1000 * SECOND)

static void
note (SpRefusals *refusals, const char *text, guint times, gint64 now)
{
  guint8 address[SP_ADDRESS_SIZE];

  g_assert_true (sp_address_from_text (text, address));
  for (guint i = 0; i < times; i++)
    sp_refusals_note (refusals, address, SP_DOOR_RATE, 0, now);
}

/* The place of a network, or NULL. */
static const SpRefusedNetwork *
find (const SpRefusals *refusals, const char *text)
{
  for (guint i = 0; i < SP_REFUSED_NETWORKS_MAX; i++)
    {
      char network[SP_ENDPOINT_TEXT_MAX];

      sp_network_to_text (&refusals->places[i].network, network);
      if (refusals->places[i].since != 0 && g_str_equal (network, text))
        return &refusals->places[i];
    }
  return NULL;
}

static guint64
count (const SpRefusals *refusals, const char *text)
{
  const SpRefusedNetwork *place = find (refusals, text);

  return place != NULL ? place->counts[SP_DOOR_RATE] : 0;
}

/* One machine is named itself, several by their network. */
static void
test_names (void)
{
  static const struct
  {
    const char *addresses; /* with spaces between */
    const char *network;
  } cases[] = {
    { "198.51.100.7 198.51.100.7", "198.51.100.7/32" },
    { "198.51.100.7 198.51.100.8", "198.51.100.0/24" },
    { "198.51.100.7 198.51.100.8 198.51.100.7", "198.51.100.0/24" },
    { "2001:db8:1:2::1 2001:db8:1:2:ffff::1", "2001:db8:1:2::/64" },
    { "2001:db8:1:2::1 2001:db8:1:3::1", "2001:db8:1::/48" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_auto (GStrv) addresses = g_strsplit (cases[i].addresses, " ", -1);
      SpRefusals refusals = { 0 };

      for (guint j = 0; addresses[j] != NULL; j++)
        note (&refusals, addresses[j], 1, START);
      g_assert_cmpuint (count (&refusals, cases[i].network), ==, g_strv_length (addresses));
    }
}

/* By cause, from when to when, and until when it is refused. */
static void
test_facts (void)
{
  SpRefusals refusals = { 0 };
  guint8 address[SP_ADDRESS_SIZE];
  const SpRefusedNetwork *place;

  g_assert_true (sp_address_from_text ("192.0.2.1", address));
  sp_refusals_note (&refusals, address, SP_DOOR_NOT_TLS, 0, START);
  sp_refusals_note (&refusals, address, SP_DOOR_PENALTY, START + 90 * SECOND, START + SECOND);
  sp_refusals_note (&refusals, address, SP_DOOR_PENALTY, START + 80 * SECOND, START + 2 * SECOND);
  place = find (&refusals, "192.0.2.1/32");
  g_assert_nonnull (place);
  g_assert_cmpint (place->since, ==, START);
  g_assert_cmpint (place->last, ==, START + 2 * SECOND);
  g_assert_cmpint (place->until, ==, START + 90 * SECOND);
  g_assert_cmpuint (place->counts[SP_DOOR_NOT_TLS], ==, 1);
  g_assert_cmpuint (place->counts[SP_DOOR_PENALTY], ==, 2);
}

/* Whoever sends most stays, however many others come once; no count is too high. */
static void
test_heaviest_stay (void)
{
  SpRefusals refusals = { 0 };
  guint64 all = 0;

  for (guint round = 0; round < 200; round++)
    {
      note (&refusals, "198.51.100.7", 20, START + round);
      for (guint i = 0; i < 100; i++)
        {
          g_autofree char *other = g_strdup_printf ("10.%u.%u.1", round, i);
          note (&refusals, other, 1, START + round);
        }
    }
  g_assert_cmpuint (count (&refusals, "198.51.100.7/32"), ==, 4000);
  for (guint i = 0; i < SP_REFUSED_NETWORKS_MAX; i++)
    all += refusals.places[i].counts[SP_DOOR_RATE];
  g_assert_cmpuint (all, <=, 4000 + SP_REFUSED_NETWORKS_MAX);
  /* A new heavy one gets in although all places are taken. */
  note (&refusals, "203.0.113.1", 5000, START + SECOND);
  g_assert_cmpuint (count (&refusals, "203.0.113.1/32"), ==, 5000);
  g_assert_cmpuint (count (&refusals, "198.51.100.7/32"), ==, 4000);
}

/* Who was silent for long begins anew, and goes first. */
static void
test_ages (void)
{
  SpRefusals refusals = { 0 };
  gint64 later = START + SP_REFUSED_NETWORK_KEPT;

  note (&refusals, "198.51.100.7", 1000, START);
  note (&refusals, "198.51.100.7", 1, later);
  g_assert_cmpuint (count (&refusals, "198.51.100.7/32"), ==, 1);
  g_assert_cmpint (find (&refusals, "198.51.100.7/32")->since, ==, later);
  note (&refusals, "203.0.113.1", 1000, START);
  for (guint i = 2; i <= SP_REFUSED_NETWORKS_MAX; i++)
    {
      g_autofree char *other = g_strdup_printf ("10.0.%u.1", i);
      note (&refusals, other, 1, later);
    }
  g_assert_null (find (&refusals, "203.0.113.1/32"));
  g_assert_nonnull (find (&refusals, "198.51.100.7/32"));
}

static void
test_news (void)
{
  SpRefusals refusals = { 0 };
  SpRefusedNetwork *news;
  guint place;

  g_assert_null (sp_refusals_next_news (&refusals, &place));
  note (&refusals, "198.51.100.7", 3, START);
  note (&refusals, "203.0.113.1", 3, START);
  for (guint i = 0; i < 2; i++)
    {
      news = sp_refusals_next_news (&refusals, &place);
      g_assert_nonnull (news);
      g_assert_true (news == &refusals.places[place]);
      news->is_news = FALSE;
    }
  g_assert_null (sp_refusals_next_news (&refusals, &place));
  note (&refusals, "203.0.113.1", 1, START);
  g_assert_nonnull (sp_refusals_next_news (&refusals, &place));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/refusals/names", test_names);
  g_test_add_func ("/refusals/facts", test_facts);
  g_test_add_func ("/refusals/heaviest-stay", test_heaviest_stay);
  g_test_add_func ("/refusals/ages", test_ages);
  g_test_add_func ("/refusals/news", test_news);
  return g_test_run ();
}
