/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "penalty-book.h"

#include <string.h>

#define SECOND ((gint64) G_USEC_PER_SEC)
#define NOW    (5000 * SECOND)                                   /* monotonic */
#define TODAY  (G_GINT64_CONSTANT (1800000000) * G_USEC_PER_SEC) /* real */

static SpNetworkRefused
make (guint8 place, const char *text, guint64 count)
{
  SpNetworkRefused message = { .place = place,
                               .since = (guint64) (NOW - 60 * SECOND),
                               .last = (guint64) (NOW - SECOND),
                               .until = (guint64) (NOW + 30 * SECOND) };
  SpNetwork network;

  g_assert_true (sp_network_from_text (text, &network));
  memcpy (message.address, network.address, SP_ADDRESS_SIZE);
  message.length = network.length;
  count = GUINT64_TO_LE (count);
  memcpy (message.counts + SP_DOOR_RATE * sizeof count, &count, sizeof count);
  /* No refusal: must not be counted. */
  memcpy (message.counts + SP_DOOR_ADMITTED * sizeof count, &count, sizeof count);
  return message;
}

static void
note (SpPenaltyBook *book, guint8 place, const char *text, guint64 count)
{
  SpNetworkRefused message = make (place, text, count);

  sp_penalty_book_note_network (book, &message, NOW, TODAY);
}

static void
test_list (void)
{
  g_autoptr (SpPenaltyBook) book = sp_penalty_book_new ();
  g_autoptr (GArray) list = NULL;
  const SpPenalty *first;

  note (book, 3, "192.0.2.1/32", 7);
  note (book, 0, "198.51.100.0/24", 41000);
  note (book, 31, "203.0.113.0/24", 0);
  note (book, 5, "10.0.0.0/24", 1);
  note (book, 5, "2001:db8::/48", 2); /* takes the place */
  list = sp_penalty_book_list (book, TODAY);
  g_assert_cmpuint (list->len, ==, 3);
  first = &g_array_index (list, SpPenalty, 0);
  g_assert_cmpuint (first->refused, ==, 41000);
  g_assert_cmpint (first->since, ==, TODAY - 60 * SECOND);
  g_assert_cmpint (first->last, ==, TODAY - SECOND);
  g_assert_cmpint (first->until, ==, TODAY + 30 * SECOND);
  g_assert_cmpuint (first->counts[SP_DOOR_RATE], ==, 41000);
  g_assert_cmpuint (first->counts[SP_DOOR_ADMITTED], ==, 0);
  g_assert_cmpuint (g_array_index (list, SpPenalty, 2).refused, ==, 2);
}

/* They pass by themselves, and with the door. */
static void
test_forgets (void)
{
  g_autoptr (SpPenaltyBook) book = sp_penalty_book_new ();
  g_autoptr (GArray) before = NULL;
  g_autoptr (GArray) after = NULL;
  g_autoptr (GArray) without = NULL;
  gint64 end = TODAY - SECOND + SP_REFUSED_NETWORK_KEPT;

  note (book, 0, "192.0.2.1/32", 7);
  before = sp_penalty_book_list (book, end - 1);
  after = sp_penalty_book_list (book, end);
  sp_penalty_book_clear (book);
  without = sp_penalty_book_list (book, TODAY);
  g_assert_cmpuint (before->len, ==, 1);
  g_assert_cmpuint (after->len, ==, 0);
  g_assert_cmpuint (without->len, ==, 0);
}

/* What a door that was taken over might say changes nothing that it should not. */
static void
test_lies (void)
{
  g_autoptr (SpPenaltyBook) book = sp_penalty_book_new ();
  SpNetworkRefused message = make (0, "192.0.2.1/32", 1);
  g_autoptr (GArray) none = NULL;
  g_autoptr (GArray) list = NULL;
  const SpPenalty *penalty;

  message.place = SP_REFUSED_NETWORKS_MAX;
  sp_penalty_book_note_network (book, &message, NOW, TODAY);
  message.place = 0;
  message.length = 129;
  sp_penalty_book_note_network (book, &message, NOW, TODAY);
  none = sp_penalty_book_list (book, TODAY);
  g_assert_cmpuint (none->len, ==, 0);
  message.length = 128;
  message.since = message.last = message.until = G_MAXUINT64;
  memset (message.counts, 0xff, sizeof message.counts);
  sp_penalty_book_note_network (book, &message, NOW, TODAY);
  list = sp_penalty_book_list (book, TODAY);
  penalty = &g_array_index (list, SpPenalty, 0);
  g_assert_cmpint (penalty->since, ==, TODAY);
  g_assert_cmpint (penalty->last, ==, TODAY);
  g_assert_cmpint (penalty->until, <=, TODAY + 600 * SECOND);
}

static void
count_up (SpPenaltyBook *book, guint *n)
{
  (*n)++;
}

static void
test_attack (void)
{
  g_autoptr (SpPenaltyBook) book = sp_penalty_book_new ();
  SpUnderAttack message = { .on = 1,
                            .since = (guint64) (NOW - 5 * SECOND),
                            .connections = 1000,
                            .datagrams = 3,
                            .networks = 12 };
  guint began = 0, went_on = 0, ended = 0;
  SpPenalty culprit;

  g_signal_connect (book, "attack-began", G_CALLBACK (count_up), &began);
  g_signal_connect (book, "attack-goes-on", G_CALLBACK (count_up), &went_on);
  g_signal_connect (book, "attack-ended", G_CALLBACK (count_up), &ended);
  g_assert_null (sp_penalty_book_get_attack (book));
  note (book, 0, "192.0.2.1/32", 501);
  sp_penalty_book_note_attack (book, &message, NOW, TODAY);
  g_assert_cmpint (sp_penalty_book_get_attack (book)->since, ==, TODAY - 5 * SECOND);
  g_assert_true (sp_penalty_book_find_culprit (book, TODAY, &culprit));
  g_assert_cmpuint (culprit.refused, ==, 501);
  message.connections = 1002;
  sp_penalty_book_note_attack (book, &message, NOW + SECOND, TODAY + SECOND + 7);
  g_assert_cmpint (sp_penalty_book_get_attack (book)->since, ==, TODAY - 5 * SECOND);
  g_assert_false (sp_penalty_book_find_culprit (book, TODAY, &culprit));
  message = (SpUnderAttack){ 0 };
  sp_penalty_book_note_attack (book, &message, NOW, TODAY);
  sp_penalty_book_note_attack (book, &message, NOW, TODAY);
  g_assert_null (sp_penalty_book_get_attack (book));
  g_assert_cmpuint (sp_penalty_book_get_last_attack (book)->connections, ==, 1002);
  g_assert_cmpuint (began, ==, 1);
  g_assert_cmpuint (went_on, ==, 1);
  g_assert_cmpuint (ended, ==, 1);
}

static void
test_words (void)
{
  static const struct
  {
    const char *network;
    guint64 count;
    const char *text;
  } cases[] = {
    { "198.51.100.0/24", 41000, "refused 41 000 connections from 198.51.100.0/24 since 14:02" },
    { "198.51.100.7/32", 1, "refused 1 connection from 198.51.100.7 since 14:02" },
    { "2001:db8::/48", 1234567, "refused 1 234 567 connections from 2001:db8::/48 since 14:02" },
    { "2001:db8::/64", 999, "refused 999 connections from 2001:db8::/64 since 14:02" },
  };
  g_autoptr (GDateTime) then = g_date_time_new_local (2026, 7, 4, 14, 2, 59);
  gint64 since = g_date_time_to_unix (then) * SECOND;
  SpAttack attack = { .connections = 41000, .datagrams = 3000, .networks = 12 };
  g_autofree char *both = sp_attack_describe (&attack);
  g_autofree char *another_day = sp_penalty_write_moment (since, since + 30 * 3600 * SECOND);
  g_autofree char *datagrams = NULL;

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      SpPenalty penalty = { .refused = cases[i].count, .since = since };
      g_autofree char *text = NULL;

      g_assert_true (sp_network_from_text (cases[i].network, &penalty.network));
      text = sp_penalty_describe (&penalty, since + 60 * SECOND);
      g_assert_cmpstr (text, ==, cases[i].text);
    }
  g_assert_cmpstr (another_day, ==, "2026-07-04 14:02");
  g_assert_cmpstr (both, ==,
                   "refused 41 000 connections from about 12 networks and 3 000 datagrams");
  attack.connections = 0;
  datagrams = sp_attack_describe (&attack);
  g_assert_cmpstr (datagrams, ==, "refused 3 000 datagrams");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/penalty-book/list", test_list);
  g_test_add_func ("/penalty-book/forgets", test_forgets);
  g_test_add_func ("/penalty-book/lies", test_lies);
  g_test_add_func ("/penalty-book/attack", test_attack);
  g_test_add_func ("/penalty-book/words", test_words);
  return g_test_run ();
}
