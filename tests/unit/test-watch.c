/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "link/watch.h"

#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define MANY 200

/* A watched end, and the one that makes it ready. */
typedef struct _Fixture Fixture;
typedef struct
{
  Fixture *fixture;
  int fds[2];
  SpWatch *watch;
  guint n_ready;
} Pair;

struct _Fixture
{
  Pair pairs[MANY];
  guint n_ready;
  void (*then) (Pair *pair);
};

static void
ready (gpointer user_data)
{
  Pair *pair = user_data;
  guint8 byte;

  g_assert_nonnull (pair->watch);
  pair->n_ready++;
  pair->fixture->n_ready++;
  (void) !recv (pair->fds[0], &byte, 1, MSG_DONTWAIT);
  if (pair->fixture->then != NULL)
    pair->fixture->then (pair);
}

static void
set_up (Fixture *fixture, gconstpointer data)
{
  for (guint i = 0; i < MANY; i++)
    {
      Pair *pair = &fixture->pairs[i];

      pair->fixture = fixture;
      g_assert_cmpint (socketpair (AF_UNIX, SOCK_STREAM, 0, pair->fds), ==, 0);
      pair->watch = sp_watch_new (pair->fds[0], G_IO_IN, G_PRIORITY_DEFAULT, ready, pair);
    }
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  for (guint i = 0; i < MANY; i++)
    {
      g_clear_pointer (&fixture->pairs[i].watch, sp_watch_free);
      (void) close (fixture->pairs[i].fds[0]);
      (void) close (fixture->pairs[i].fds[1]);
    }
}

static void
tell (Pair *pair)
{
  g_assert_cmpint (write (pair->fds[1], "x", 1), ==, 1);
}

static void
run (void)
{
  while (g_main_context_iteration (NULL, FALSE))
    ;
}

static void
test_all (Fixture *fixture, gconstpointer data)
{
  run ();
  g_assert_cmpuint (fixture->n_ready, ==, 0);
  for (guint i = 0; i < MANY; i++)
    tell (&fixture->pairs[i]);
  run ();
  g_assert_cmpuint (fixture->n_ready, ==, MANY);
  for (guint i = 0; i < MANY; i++)
    g_assert_cmpuint (fixture->pairs[i].n_ready, ==, 1);
}

static void
end_neighbours (Pair *pair)
{
  Fixture *fixture = pair->fixture;

  for (guint i = 0; i < MANY; i++)
    g_clear_pointer (&fixture->pairs[i].watch, sp_watch_free);
}

static Pair *late;

/* As poll(2) may see it: the urgent one became ready when it had been looked at, and before the end
 * the other did. */
static gint
poll_and_be_late (GPollFD *fds, guint n_fds, gint timeout)
{
  gint n = g_poll (fds, n_fds, timeout);

  if (n > 0 && late != NULL)
    tell (g_steal_pointer (&late));
  return n;
}

static void
expect_urgent_first (Pair *pair)
{
  if (pair != &pair->fixture->pairs[0])
    g_assert_cmpuint (pair->fixture->pairs[0].n_ready, ==, 1);
}

static void
test_urgent (Fixture *fixture, gconstpointer data)
{
  Pair *urgent = &fixture->pairs[0];

  sp_watch_set_priority (urgent->watch, G_PRIORITY_HIGH);
  fixture->then = expect_urgent_first;
  late = urgent;
  g_main_context_set_poll_func (NULL, poll_and_be_late);
  tell (&fixture->pairs[1]);
  run ();
  g_main_context_set_poll_func (NULL, NULL);
  g_assert_null (late);
  g_assert_cmpuint (fixture->n_ready, ==, 2);

  /* When there is none any more, nobody waits for it. */
  g_clear_pointer (&urgent->watch, sp_watch_free);
  tell (&fixture->pairs[2]);
  run ();
  g_assert_cmpuint (fixture->n_ready, ==, 3);
}

/* The first that is told ends all, itself too: nobody else hears anything. */
static void
test_ended_meanwhile (Fixture *fixture, gconstpointer data)
{
  fixture->then = end_neighbours;
  for (guint i = 0; i < MANY; i++)
    tell (&fixture->pairs[i]);
  run ();
  g_assert_cmpuint (fixture->n_ready, ==, 1);
}

/* What the peer says and that it is gone are told by the same. */
static void
test_conditions (Fixture *fixture, gconstpointer data)
{
  Pair *pair = &fixture->pairs[0];

  sp_watch_set_condition (pair->watch, G_IO_IN | G_IO_OUT);
  g_assert_true (g_main_context_iteration (NULL, FALSE));
  g_assert_cmpuint (pair->n_ready, ==, 1);
  sp_watch_set_condition (pair->watch, G_IO_IN);
  run ();
  g_assert_cmpuint (pair->n_ready, ==, 1);
  g_assert_cmpint (shutdown (pair->fds[1], SHUT_RDWR), ==, 0);
  g_assert_true (g_main_context_iteration (NULL, FALSE));
  g_assert_cmpuint (pair->n_ready, ==, 2);
}

static gint n_polled;

static gint
poll_and_note (GPollFD *fds, guint n_fds, gint timeout)
{
  n_polled = g_poll (fds, n_fds, timeout);
  return n_polled;
}

/* Who was told does not wake itself up to be told again. */
static void
test_no_waking (Fixture *fixture, gconstpointer data)
{
  run ();
  g_main_context_set_poll_func (NULL, poll_and_note);
  tell (&fixture->pairs[0]);
  g_assert_true (g_main_context_iteration (NULL, FALSE));
  g_assert_cmpint (n_polled, ==, 1);
  g_assert_false (g_main_context_iteration (NULL, FALSE));
  g_assert_cmpint (n_polled, ==, 0);
  g_main_context_set_poll_func (NULL, NULL);
}

static void
turn_loop (Pair *pair)
{
  tell (&pair->fixture->pairs[MANY - 1]);
  (void) g_main_context_iteration (NULL, FALSE);
  g_assert_cmpuint (pair->fixture->n_ready, ==, 1);
  pair->fixture->then = NULL;
}

/* Whose function turns the loop is told of nothing in there. */
static void
test_nested (Fixture *fixture, gconstpointer data)
{
  fixture->then = turn_loop;
  tell (&fixture->pairs[0]);
  g_assert_true (g_main_context_iteration (NULL, FALSE));
  g_assert_cmpuint (fixture->n_ready, ==, 1);
  run ();
  g_assert_cmpuint (fixture->n_ready, ==, 2);
}

static void
expect_first (Pair *pair)
{
  if (pair != &pair->fixture->pairs[MANY - 1])
    g_assert_cmpuint (pair->fixture->pairs[MANY - 1].n_ready, ==, 3);
}

/* One with a higher priority is served until it has nothing more, and then the others. */
static void
test_priority (Fixture *fixture, gconstpointer data)
{
  Pair *first = &fixture->pairs[MANY - 1];

  fixture->then = expect_first;
  sp_watch_set_priority (first->watch, G_PRIORITY_HIGH);
  for (guint i = 0; i < MANY; i++)
    tell (&fixture->pairs[i]);
  tell (first);
  tell (first);
  run ();
  g_assert_cmpuint (fixture->n_ready, ==, MANY + 2);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add ("/watch/all", Fixture, NULL, set_up, test_all, tear_down);
  g_test_add ("/watch/urgent", Fixture, NULL, set_up, test_urgent, tear_down);
  g_test_add ("/watch/ended-meanwhile", Fixture, NULL, set_up, test_ended_meanwhile, tear_down);
  g_test_add ("/watch/conditions", Fixture, NULL, set_up, test_conditions, tear_down);
  g_test_add ("/watch/no-waking", Fixture, NULL, set_up, test_no_waking, tear_down);
  g_test_add ("/watch/nested", Fixture, NULL, set_up, test_nested, tear_down);
  g_test_add ("/watch/priority", Fixture, NULL, set_up, test_priority, tear_down);
  return g_test_run ();
}
