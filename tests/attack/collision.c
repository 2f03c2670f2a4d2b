/* SPDX-License-Identifier: GPL-2.0-or-later */

/* collision [OPTION…] ADDRESS PORT <COOKIE: many connections that show one cookie at the same
 * moment.
 *
 * All have TLS up before the first asks for the tunnel.  A round is over when one of them has the
 * tunnel and no other is left, or it never will be.  Prints an object of JSON for each round, then
 * one for all: how many had no winner or several, how many losers were told nothing, microseconds
 * from the first request until the winner was alone.  The last winner signs out. */

#include "contender.h"

#include "base/io.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define HANDSHAKE_SECONDS 30
#define SETTLE_SECONDS    20
#define ANSWER_SECONDS    10
#define TURN_MS           50

typedef struct
{
  ContenderPlan plan;
  GPtrArray *all;      /* Contender, of this round */
  Contender *champion; /* winner of the round before; may be among none of them */
  int connections;
  int rounds;
  /* counted */
  guint n_without_winner;
  guint n_with_several;
  guint n_untold;
  guint n_unreached;
  guint n_dead; /* winners whose tunnel does not carry */
  GArray *times;
} Collision;

static void
turn (Collision *self)
{
  g_autofree struct pollfd *polled = g_new0 (struct pollfd, self->all->len + 1);
  g_autoptr (GPtrArray) watched = g_ptr_array_new ();

  for (guint i = 0; i <= self->all->len; i++)
    {
      Contender *each = i < self->all->len ? self->all->pdata[i] : self->champion;

      if (each == NULL || each->state == CONTENDER_OVER)
        continue;
      polled[watched->len] =
          (struct pollfd){ .fd = each->fd, .events = contender_get_events (each) };
      g_ptr_array_add (watched, each);
    }
  if (poll (polled, watched->len, TURN_MS) <= 0)
    return;
  for (guint i = 0; i < watched->len; i++)
    if (polled[i].revents != 0)
      contender_ready (watched->pdata[i]);
}

static guint
count (const Collision *self, ContenderState state)
{
  guint n = 0;

  for (guint i = 0; i < self->all->len; i++)
    n += ((Contender *) self->all->pdata[i])->state == state;
  return n;
}

typedef gboolean (*Done) (const Collision *self);

static gboolean
all_are_ready (const Collision *self)
{
  return count (self, CONTENDER_HANDSHAKE) == 0;
}

static gboolean
one_is_left (const Collision *self)
{
  gboolean old_one_left = self->champion == NULL || self->champion->state == CONTENDER_OVER;

  return old_one_left && count (self, CONTENDER_ASKED) == 0 && count (self, CONTENDER_TUNNEL) <= 1;
}

static Contender *
find_winner (const Collision *self)
{
  for (guint i = 0; i < self->all->len; i++)
    if (((Contender *) self->all->pdata[i])->state == CONTENDER_TUNNEL)
      return self->all->pdata[i];
  return NULL;
}

static gboolean
winner_answers (const Collision *self)
{
  const Contender *winner = find_winner (self);

  return winner == NULL || winner->answers;
}

static void
turn_until (Collision *self, Done done, guint seconds)
{
  gint64 until = g_get_monotonic_time () + (gint64) seconds * G_USEC_PER_SEC;

  while (!done (self) && g_get_monotonic_time () < until)
    turn (self);
}

/* Whoever asked and has no tunnel was refused with a reason, or had it until it was told. */
static gboolean
was_told (const Contender *contender)
{
  if (contender->status == 200)
    return contender->was_told;
  return contender->status != 0 && contender->reason[0] != '\0';
}

static void
judge (Collision *self)
{
  guint n_tunnels = count (self, CONTENDER_TUNNEL);
  const Contender *winner = find_winner (self);

  self->n_without_winner += n_tunnels == 0;
  self->n_with_several += n_tunnels > 1;
  self->n_dead += winner != NULL && !winner->answers;
  self->n_untold += self->champion != NULL && !was_told (self->champion);
  for (guint i = 0; i < self->all->len; i++)
    {
      const Contender *each = self->all->pdata[i];

      if (each->asked == 0)
        self->n_unreached++;
      else if (each->state != CONTENDER_TUNNEL && !was_told (each))
        self->n_untold++;
    }
}

static void
print_round (const Collision *self, guint round)
{
  (void) printf ("{\"round\": %u, \"before\": ", round);
  if (self->champion != NULL)
    contender_print (self->champion);
  else
    (void) printf ("null");
  (void) printf (", \"contenders\": [");
  for (guint i = 0; i < self->all->len; i++)
    {
      (void) printf (i > 0 ? ", " : "");
      contender_print (self->all->pdata[i]);
    }
  (void) printf ("]}\n");
  (void) fflush (stdout);
}

static void
crown (Collision *self, Contender *winner)
{
  g_clear_pointer (&self->champion, contender_free);
  if (winner != NULL)
    (void) g_ptr_array_remove (self->all, winner);
  self->champion = winner;
  g_ptr_array_foreach (self->all, (GFunc) (void *) contender_free, NULL);
  (void) g_ptr_array_set_size (self->all, 0);
}

/* Who asks first is another one each time. */
static void
play (Collision *self, guint round)
{
  guint n = (guint) self->connections;
  gint64 began;

  for (guint i = 0; i < n; i++)
    g_ptr_array_add (self->all, contender_new (&self->plan, i));
  turn_until (self, all_are_ready, HANDSHAKE_SECONDS);
  began = g_get_monotonic_time ();
  for (guint i = 0; i < n; i++)
    contender_connect (self->all->pdata[(i + round) % n]);
  turn_until (self, one_is_left, SETTLE_SECONDS);
  began = g_get_monotonic_time () - began;
  g_array_append_val (self->times, began);
  if (find_winner (self) != NULL)
    contender_ask (find_winner (self));
  turn_until (self, winner_answers, ANSWER_SECONDS);
  judge (self);
  print_round (self, round);
  crown (self, find_winner (self));
}

static int
compare_times (gconstpointer a, gconstpointer b)
{
  gint64 first = *(const gint64 *) a;
  gint64 second = *(const gint64 *) b;

  return (first > second) - (first < second);
}

static void
print_all (Collision *self)
{
  const gint64 *times = (const gint64 *) (void *) self->times->data;

  g_array_sort (self->times, compare_times);
  (void) printf (
      "{\"rounds\": %u, \"connections\": %d, \"without_winner\": %u, "
      "\"several_winners\": %u, \"dead_winners\": %u, \"untold\": %u, \"unreached\": %u, "
      "\"median\": %" G_GINT64_FORMAT ", \"longest\": %" G_GINT64_FORMAT "}\n",
      self->times->len, self->connections, self->n_without_winner, self->n_with_several,
      self->n_dead, self->n_untold, self->n_unreached, times[self->times->len / 2],
      times[self->times->len - 1]);
  (void) fflush (stdout);
}

static guint32
parse_address (const char *text)
{
  guint8 address[SP_ADDRESS_SIZE];

  if (!sp_address_from_text (text, address) || !sp_address_is_ipv4 (address))
    g_error ("%s is no IPv4 address", text);
  return sp_address_to_ipv4 (address);
}

static void
read_cookie (SwarmFacts *facts)
{
  if (fgets (facts->cookie, sizeof facts->cookie, stdin) == NULL)
    g_error ("no cookie on standard input");
  facts->cookie[strcspn (facts->cookie, "\n")] = '\0';
}

static void
read_arguments (Collision *self, int argc, char **argv)
{
  g_autofree char *source = NULL;
  g_autofree char *target = NULL;
  const GOptionEntry entries[] = {
    { "connections", 0, 0, G_OPTION_ARG_INT, &self->connections, "how many in a round (50)", "N" },
    { "rounds", 0, 0, G_OPTION_ARG_INT, &self->rounds, "how many rounds (200)", "N" },
    { "source", 0, 0, G_OPTION_ARG_STRING, &source,
      "first of their own addresses, each in a /24 of its own", "IPV4" },
    { "target", 0, 0, G_OPTION_ARG_STRING, &target,
      "who answers pings of the winners through the tunnel", "IPV4" },
    { NULL },
  };
  g_autoptr (GOptionContext) context =
      g_option_context_new ("ADDRESS PORT - shows one cookie from many connections at once");
  g_autoptr (GError) error = NULL;

  g_option_context_add_main_entries (context, entries, NULL);
  if (!g_option_context_parse (context, &argc, &argv, &error) || argc != 3 || self->rounds < 1 ||
      self->connections < 1)
    g_error ("%s", error != NULL ? error->message : "see --help");
  sp_address_from_ipv4 (self->plan.server.address, parse_address (argv[1]));
  self->plan.server.port = (guint16) strtoul (argv[2], NULL, 10);
  self->plan.first_source = source != NULL ? parse_address (source) : 0;
  self->plan.target = target != NULL ? parse_address (target) : 0;
}

int
main (int argc, char **argv)
{
  Collision self = { .connections = 50, .rounds = 200, .all = g_ptr_array_new () };

  read_arguments (&self, argc, argv);
  read_cookie (&self.plan.facts);
  self.times = g_array_new (FALSE, FALSE, sizeof (gint64));
  if (gnutls_certificate_allocate_credentials (&self.plan.credentials) != 0)
    g_error ("cannot begin");
  for (guint round = 0; round < (guint) self.rounds; round++)
    play (&self, round);
  print_all (&self);
  if (self.champion != NULL)
    contender_leave (self.champion);
  crown (&self, NULL);
  return EXIT_SUCCESS;
}
