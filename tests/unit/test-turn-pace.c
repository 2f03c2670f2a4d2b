/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "turn-pace.h"

#define MS 1000 /* µs */

/* A worker and somebody who sends packets at a steady rate.  A turn takes a while for
 * itself and for each packet, and begins when there is something to take. */
typedef struct
{
  guint gap;      /* µs between packets */
  guint together; /* packets that come at once */
} Load;

#define TURN_COST   8 /* µs */
#define PACKET_COST 1
#define PLENTY      90 /* packets */

typedef struct
{
  SpTurnPace pace;
  gint64 now;
  guint turns;
  guint waited; /* µs */
} Play;

static void
play (Play *self, const Load *load, gint64 duration)
{
  gint64 next = self->now, end = self->now + duration;

  self->turns = self->waited = 0;
  while (self->now < end)
    {
      guint pause = sp_turn_pace_ask (&self->pace, self->now);
      gint64 began;
      guint n = 0;

      self->waited += pause;
      self->now = MAX (self->now + pause, next);
      began = self->now;
      for (; next <= began; next += (gint64) load->gap * load->together)
        n += load->together;
      self->now += TURN_COST + n * PACKET_COST;
      sp_turn_pace_note (&self->pace, n, began);
      self->turns++;
    }
}

static const struct
{
  const char *name;
  Load load;
  gboolean waits;
} rows[] = {
  { "ping", { 1000, 1 }, FALSE },        { "fast-ping", { 100, 1 }, FALSE },
  { "call", { 20000, 1 }, FALSE },       { "video", { 250, 1 }, FALSE },
  { "100-megabits", { 112, 1 }, FALSE }, { "300-megabits", { 37, 1 }, TRUE },
  { "a-gigabit", { 11, 1 }, TRUE },      { "as-fast-as-one-can", { 4, 1 }, TRUE },
  { "pairs", { 20, 2 }, TRUE },          { "a-download", { 12, 16 }, FALSE },
  { "super-packets", { 4, 46 }, FALSE },
};

static void
test_loads (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      Play self = { .now = 5000 * MS };
      const Load busy = { 11, 1 };

      g_test_message ("%s", rows[i].name);
      play (&self, &rows[i].load, 100 * MS);
      g_assert_cmpint (self.waited > 0, ==, rows[i].waits);
      /* and what came before is forgotten soon */
      play (&self, &busy, 90 * MS);
      g_assert_cmpuint (self.waited, >, 45 * MS);
      play (&self, &rows[i].load, 520 * MS);
      play (&self, &rows[i].load, 100 * MS);
      g_assert_cmpint (self.waited > 0, ==, rows[i].waits);
    }
}

/* That is what it is for. */
static void
test_fewer_turns (void)
{
  Play self = { .now = 5000 * MS };
  const Load load = { 11, 1 };

  play (&self, &load, 10 * MS);
  play (&self, &load, 80 * MS);
  g_assert_cmpuint (self.turns, <=, 80 * MS / SP_TURN_PACE + 1);
  g_assert_cmpuint (self.turns, >=, 80 * MS / SP_TURN_PACE * 9 / 10);
  play (&self, &load, 2000 * MS); /* looking again now and then costs little */
  g_assert_cmpuint (self.turns, <=, 2000 * MS / SP_TURN_PACE * 11 / 10 + 1);
}

/* Neither the first after a silence nor the one behind it. */
static void
test_silence (void)
{
  Play self = { .now = 5000 * MS };
  const Load load = { 11, 1 };

  play (&self, &load, 50 * MS);
  g_assert_cmpint (self.pace.waiting, ==, TRUE);
  self.now += 20 * MS;
  g_assert_cmpuint (sp_turn_pace_ask (&self.pace, self.now), ==, 0);
  sp_turn_pace_note (&self.pace, 1, self.now);
  g_assert_cmpuint (sp_turn_pace_ask (&self.pace, self.now), ==, 0);
}

/* A turn that carried nothing, as one for a message of main, is followed by the next. */
static void
test_other_turns (void)
{
  Play self = { .now = 5000 * MS };
  const Load load = { 11, 1 };

  play (&self, &load, 50 * MS);
  sp_turn_pace_note (&self.pace, 1, self.now);
  g_assert_cmpuint (sp_turn_pace_ask (&self.pace, self.now), ==, SP_TURN_PACE);
  g_assert_cmpuint (sp_turn_pace_ask (&self.pace, self.now + 60), ==, SP_TURN_PACE - 60);
  g_assert_cmpuint (sp_turn_pace_ask (&self.pace, self.now + SP_TURN_PACE - 10), ==, 0);
  sp_turn_pace_note (&self.pace, 0, self.now);
  g_assert_cmpuint (sp_turn_pace_ask (&self.pace, self.now), ==, 0);
}

/* Whoever wakes up late anyway finds much, and need not wait for more. */
static void
test_late_worker (void)
{
  Play self = { .now = 5000 * MS };
  const Load load = { 11, 1 };

  play (&self, &load, 50 * MS);
  g_assert_cmpint (self.pace.waiting, ==, TRUE);
  for (guint i = 0; i < 10; i++)
    sp_turn_pace_note (&self.pace, PLENTY, self.now += 1 * MS);
  g_assert_cmpint (self.pace.waiting, ==, FALSE);
}

/* A ping and its answer; more than that, or who waits for more, is not. */
static void
test_quiet (void)
{
  const Load ping = { 5 * MS, 2 }, pairs_and_more = { 5 * MS, 3 }, busy = { 11, 1 };
  Play self = { .now = 5000 * MS };

  play (&self, &ping, 50 * MS);
  g_assert_true (sp_turn_pace_is_quiet (&self.pace));
  play (&self, &pairs_and_more, 50 * MS);
  g_assert_false (sp_turn_pace_is_quiet (&self.pace));
  play (&self, &ping, 50 * MS);
  g_assert_true (sp_turn_pace_is_quiet (&self.pace));
  play (&self, &busy, 50 * MS);
  sp_turn_pace_note (&self.pace, 1, self.now);
  g_assert_true (self.pace.waiting);
  g_assert_false (sp_turn_pace_is_quiet (&self.pace));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/turn-pace/loads", test_loads);
  g_test_add_func ("/turn-pace/fewer-turns", test_fewer_turns);
  g_test_add_func ("/turn-pace/silence", test_silence);
  g_test_add_func ("/turn-pace/other-turns", test_other_turns);
  g_test_add_func ("/turn-pace/late-worker", test_late_worker);
  g_test_add_func ("/turn-pace/quiet", test_quiet);
  return g_test_run ();
}
