/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "hello-budget.h"

#include <malloc.h>
#include <string.h>

#define SECOND ((gint64) G_USEC_PER_SEC)
#define START  (1000 * SECOND)
#define OWNER  7 /* attachment */

static const guint64 seed[2] = { 0x1badcafe5eedf00dULL, 0x0123456789abcdefULL };

static SpEndpoint
make_peer (const char *address, guint16 port)
{
  SpEndpoint peer = { .port = port };

  g_assert_true (sp_address_from_text (address, peer.address));
  return peer;
}

typedef struct
{
  guint8 random[SP_DTLS_RANDOM_SIZE];
  SpDtlsHello hello;
} Hello;

static void
make_hello (Hello *hello, guint8 number)
{
  memset (hello, 0, sizeof *hello);
  memset (hello->random, number, sizeof hello->random);
  hello->hello.random = hello->random;
}

static gboolean
forward_as (
    SpHelloBudget *budget, const SpEndpoint *peer, guint8 number, gboolean proved, gint64 now)
{
  Hello hello;

  make_hello (&hello, number);
  if (!sp_hello_budget_may_forward (budget, OWNER, peer, &hello.hello, proved, now))
    return FALSE;
  sp_hello_budget_forwarded (budget, OWNER, peer, &hello.hello, now);
  return TRUE;
}

static gboolean
forward (SpHelloBudget *budget, const SpEndpoint *peer, guint8 number, gint64 now)
{
  return forward_as (budget, peer, number, TRUE, now);
}

static void
test_one_handshake (void)
{
  g_autoptr (SpHelloBudget) budget = sp_hello_budget_new (seed);
  SpEndpoint owner = make_peer ("192.0.2.1", 5000);

  g_assert_true (sp_hello_budget_spend (budget, OWNER, &owner, FALSE, START));
  g_assert_true (sp_hello_budget_spend (budget, OWNER, &owner, FALSE, START));
  g_assert_true (forward (budget, &owner, 1, START));
}

/* The same hello again is a retransmission; another one waits for the second to be over. */
static void
test_repeats (void)
{
  static const struct
  {
    guint16 port;
    guint8 number;
    gint64 after; /* milliseconds */
    gboolean forwarded;
  } rows[] = {
    { 5000, 1, 0, FALSE },   { 5000, 1, 1500, FALSE }, { 5000, 1, 2999, FALSE },
    { 5000, 1, 3000, TRUE }, { 5000, 2, 999, FALSE },  { 5000, 2, 1000, TRUE },
    { 5001, 1, 999, FALSE }, { 5001, 1, 1000, TRUE },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autoptr (SpHelloBudget) budget = sp_hello_budget_new (seed);
      SpEndpoint owner = make_peer ("192.0.2.1", 5000);
      SpEndpoint again = make_peer ("192.0.2.1", rows[i].port);

      g_test_message ("row %u", i);
      g_assert_true (forward (budget, &owner, 1, START));
      g_assert_cmpint (forward (budget, &again, rows[i].number, START + rows[i].after * 1000), ==,
                       rows[i].forwarded);
    }
}

/* A hello that main could not be told is not a retransmission when it comes again. */
static void
test_unheard (void)
{
  g_autoptr (SpHelloBudget) budget = sp_hello_budget_new (seed);
  SpEndpoint owner = make_peer ("192.0.2.1", 5000);
  Hello hello;

  make_hello (&hello, 1);
  g_assert_true (sp_hello_budget_may_forward (budget, OWNER, &owner, &hello.hello, TRUE, START));
  g_assert_true (sp_hello_budget_may_forward (budget, OWNER, &owner, &hello.hello, TRUE, START));
}

/* 20 000 a second from everywhere for a minute, with and without valid cookies: the owner's hello
 * is always paid for and heard, and what the others cost is bounded. */
static void
test_replays_from_elsewhere (void)
{
  g_autoptr (SpHelloBudget) budget = sp_hello_budget_new (seed);
  SpEndpoint owner = make_peer ("192.0.2.1", 5000);
  guint spent = 0;
  guint forwarded = 0;

  g_assert_true (sp_hello_budget_spend (budget, OWNER, &owner, FALSE, START));
  g_assert_true (forward (budget, &owner, 1, START));
  for (guint i = 1; i <= 60 * 20000; i++)
    {
      gint64 now = START + i * SECOND / 20000;
      SpEndpoint stranger = { .port = (guint16) i };

      sp_address_from_ipv4 (stranger.address, 0x0b000000 + i * 0x101);
      spent += sp_hello_budget_spend (budget, OWNER, &stranger, FALSE, now);
      forwarded += forward (budget, &stranger, (guint8) i, now);
      if (i % 200000 == 0)
        {
          owner.port++;
          g_assert_true (sp_hello_budget_spend (budget, OWNER, &owner, FALSE, now));
          g_assert_true (sp_hello_budget_spend (budget, OWNER, &owner, FALSE, now));
          g_assert_true (forward (budget, &owner, (guint8) i, now));
        }
    }
  g_assert_cmpuint (spent, <=, 16 + 8 * 61);
  g_assert_cmpuint (forwarded, <=, 61);
}

/* The owner's own old port goes on replaying two old hellos whose cookies are still good; its new
 * port gets through within a few seconds' retransmissions, every time. */
static void
test_replays_from_old_port (void)
{
  g_autoptr (SpHelloBudget) budget = sp_hello_budget_new (seed);
  SpEndpoint old_port = make_peer ("192.0.2.1", 5000);
  gint64 waiting_since = 0;
  gint64 last_try = 0;
  guint replayed = 0;
  guint heard = 0;
  SpEndpoint new_port = make_peer ("192.0.2.1", 6000);

  for (guint i = 0; i < 60 * 20000; i++)
    {
      gint64 now = START + i * SECOND / 20000;

      if (sp_hello_budget_spend (budget, OWNER, &old_port, FALSE, now))
        (void) forward (budget, &old_port, 1 + replayed++ % 2, now);
      if (i % 200000 == 0) /* a handshake every ten seconds, retransmitted every second */
        {
          new_port.port++;
          waiting_since = now;
        }
      if (waiting_since != 0 && (now == waiting_since || now - last_try >= SECOND))
        {
          last_try = now;
          if (sp_hello_budget_spend (budget, OWNER, &new_port, FALSE, now) &&
              forward (budget, &new_port, 100, now))
            {
              g_assert_cmpint (now - waiting_since, <=, 4 * SECOND);
              waiting_since = 0;
              heard++;
            }
        }
    }
  g_assert_cmpuint (heard, ==, 6);
}

/* Who is heard first owns the id only until somebody proves an address. */
static void
test_ownership (void)
{
  g_autoptr (SpHelloBudget) budget = sp_hello_budget_new (seed);
  SpEndpoint thief = make_peer ("198.51.100.7", 1);
  SpEndpoint owner = make_peer ("192.0.2.1", 5000);
  SpEndpoint late = make_peer ("203.0.113.9", 9);

  for (guint i = 0; i < 100; i++)
    (void) sp_hello_budget_spend (budget, OWNER, &thief, FALSE, START);
  g_assert_true (sp_hello_budget_spend (budget, OWNER, &owner, FALSE, START));
  g_assert_true (forward (budget, &owner, 1, START));
  g_assert_true (forward (budget, &late, 2, START)); /* another lane */
  g_assert_false (forward (budget, &thief, 3, START));
  g_assert_true (forward (budget, &owner, 4, START + SECOND));
}

/* All attachments' others together have a bound, too. */
static void
test_many_ids (void)
{
  g_autoptr (SpHelloBudget) budget = sp_hello_budget_new (seed);
  SpEndpoint owner = make_peer ("192.0.2.1", 5000);
  SpEndpoint stranger = make_peer ("198.51.100.7", 1);
  gsize before = mallinfo2 ().uordblks + mallinfo2 ().hblkhd;
  guint spent = 0;

  for (guint64 id = 1; id <= 2000; id++)
    g_assert_true (sp_hello_budget_spend (budget, id, &owner, FALSE, START));
  for (guint64 id = 1; id <= 2000; id++)
    spent += sp_hello_budget_spend (budget, id, &stranger, FALSE, START);
  g_assert_cmpuint (spent, ==, 500);
  for (guint64 id = 1; id <= 100000; id++)
    (void) sp_hello_budget_spend (budget, id, &stranger, FALSE, START + SECOND);
  g_assert_cmpuint (mallinfo2 ().uordblks + mallinfo2 ().hblkhd, <=, before + 4096);
  g_assert_cmpuint (sp_hello_budget_get_size (budget), <, 2 * 1024 * 1024);
}

/* Hellos that are not challenged, by somebody who read the id on the path: the owner, who was heard
 * first, begins a handshake every second, and they get one through in three. */
static void
test_unproved (void)
{
  g_autoptr (SpHelloBudget) budget = sp_hello_budget_new (seed);
  SpEndpoint owner = make_peer ("192.0.2.1", 5000);
  guint forwarded = 0;

  g_assert_true (sp_hello_budget_spend (budget, OWNER, &owner, FALSE, START));
  g_assert_true (forward_as (budget, &owner, 0, FALSE, START));
  for (guint i = 1; i <= 60 * 1000; i++)
    {
      gint64 now = START + i * SECOND / 1000;
      SpEndpoint stranger = { .port = (guint16) i };

      sp_address_from_ipv4 (stranger.address, 0x0b000000 + i * 0x101);
      if (sp_hello_budget_spend (budget, OWNER, &stranger, FALSE, now))
        forwarded += forward_as (budget, &stranger, (guint8) i, FALSE, now);
      if (i % 1000 == 0)
        {
          owner.port++;
          g_assert_true (sp_hello_budget_spend (budget, OWNER, &owner, FALSE, now));
          g_assert_true (forward_as (budget, &owner, (guint8) (i / 1000), FALSE, now));
        }
    }
  g_assert_cmpuint (forwarded, >=, 15);
  g_assert_cmpuint (forwarded, <=, 60 / SP_HELLO_REPEAT_SECONDS + 1);
}

/* Who gets one through without a proof does not own the attachment by that. */
static void
test_unproved_makes_no_owner (void)
{
  g_autoptr (SpHelloBudget) budget = sp_hello_budget_new (seed);
  SpEndpoint owner = make_peer ("192.0.2.1", 5000);
  SpEndpoint stranger = make_peer ("198.51.100.1", 5000);

  g_assert_true (sp_hello_budget_spend (budget, OWNER, &owner, FALSE, START));
  g_assert_true (forward_as (budget, &stranger, 1, FALSE, START));
  for (guint i = 0; i < 5; i++)
    g_assert_true (forward_as (budget, &owner, (guint8) (2 + i), FALSE, START + i * SECOND));
  g_assert_false (forward_as (budget, &stranger, 9, FALSE, START + 2 * SECOND));
}

/* Twenty old ports of the owner's address repeat the first hello of the attachment in use, and so
 * does whoever forges its own port: a new port is heard at once, and its second hello, too. */
static void
test_replays_from_old_ports (void)
{
  g_autoptr (SpHelloBudget) budget = sp_hello_budget_new (seed);
  SpEndpoint owner = make_peer ("192.0.2.1", 5000);

  g_assert_true (sp_hello_budget_spend (budget, OWNER, &owner, FALSE, START));
  for (guint i = 0; i < 20000; i++)
    {
      SpEndpoint old_port = make_peer ("192.0.2.1", (guint16) (6000 + i % 20));

      (void) sp_hello_budget_spend (budget, OWNER, &old_port, FALSE, START + i);
      (void) sp_hello_budget_spend (budget, OWNER, &owner, FALSE, START + i);
    }
  g_assert_true (sp_hello_budget_spend (budget, OWNER, &owner, TRUE, START + 20000));
  g_assert_true (forward (budget, &owner, 1, START + 20000));
  owner.port = 7000;
  g_assert_true (sp_hello_budget_spend (budget, OWNER, &owner, FALSE, START + 20000));
  g_assert_true (sp_hello_budget_spend (budget, OWNER, &owner, TRUE, START + 20000));
}

static void
test_over (void)
{
  g_autoptr (SpHelloBudget) budget = sp_hello_budget_new (seed);
  SpEndpoint owner = make_peer ("192.0.2.1", 5000);

  g_assert_true (sp_hello_budget_spend (budget, OWNER, &owner, FALSE, START));
  g_assert_false (sp_hello_budget_is_over (budget, OWNER));
  g_assert_false (sp_hello_budget_is_over (budget, OWNER + 1));
  sp_hello_budget_end (budget, OWNER, START);
  sp_hello_budget_end (budget, OWNER + 1, START);
  g_assert_true (sp_hello_budget_is_over (budget, OWNER));
  g_assert_true (sp_hello_budget_is_over (budget, OWNER + 1));
  g_assert_false (sp_hello_budget_is_over (budget, OWNER + 2));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/hello-budget/one-handshake", test_one_handshake);
  g_test_add_func ("/hello-budget/repeats", test_repeats);
  g_test_add_func ("/hello-budget/unheard", test_unheard);
  g_test_add_func ("/hello-budget/unproved", test_unproved);
  g_test_add_func ("/hello-budget/unproved/makes-no-owner", test_unproved_makes_no_owner);
  g_test_add_func ("/hello-budget/replays/elsewhere", test_replays_from_elsewhere);
  g_test_add_func ("/hello-budget/replays/old-port", test_replays_from_old_port);
  g_test_add_func ("/hello-budget/replays/old-ports", test_replays_from_old_ports);
  g_test_add_func ("/hello-budget/over", test_over);
  g_test_add_func ("/hello-budget/ownership", test_ownership);
  g_test_add_func ("/hello-budget/many-ids", test_many_ids);
  return g_test_run ();
}
