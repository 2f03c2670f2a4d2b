/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "worker/liveness.h"

#define START (1000 * G_USEC_PER_SEC)
#define AT(s) (START + (gint64) ((s) *G_USEC_PER_SEC))

/* A story is a list of facts and of what is due after them, second by second. */
typedef enum
{
  STREAM,
  DATAGRAM,
  DATAGRAM_GONE,
  DOUBTED,
  DOUBTED_AGAIN, /* which is one doubt, or too soon for another */
  CARRIED,
  NOTHING /* happens: only look */
} Fact;

typedef struct
{
  gdouble second;
  Fact fact;
  SpLivenessAction due;
} Step;

typedef struct
{
  const char *name;
  SpLivenessLimits limits;
  Step steps[10];
} Story;

static const Story stories[] = {
  { "stream-dies",
    { .dpd = 10 },
    { { 19, NOTHING, SP_LIVENESS_NOTHING },
      { 20, NOTHING, SP_LIVENESS_PROBE_STREAM },
      { 21, NOTHING, SP_LIVENESS_NOTHING },
      { 29, NOTHING, SP_LIVENESS_NOTHING },
      { 30, NOTHING, SP_LIVENESS_SILENT },
      { 31, NOTHING, SP_LIVENESS_NOTHING } } },
  { "stream-answers",
    { .dpd = 10 },
    { { 20, NOTHING, SP_LIVENESS_PROBE_STREAM },
      { 21, STREAM, SP_LIVENESS_NOTHING },
      { 40, NOTHING, SP_LIVENESS_NOTHING },
      { 41, NOTHING, SP_LIVENESS_PROBE_STREAM },
      { 51, NOTHING, SP_LIVENESS_SILENT } } },
  { "datagram-dies",
    { .dpd = 10 },
    { { 5, DATAGRAM, SP_LIVENESS_NOTHING },
      { 19, STREAM, SP_LIVENESS_NOTHING },
      { 25, NOTHING, SP_LIVENESS_PROBE_DATAGRAM },
      { 34, STREAM, SP_LIVENESS_NOTHING },
      { 35, NOTHING, SP_LIVENESS_DATAGRAM_LOST },
      { 36, NOTHING, SP_LIVENESS_NOTHING },
      { 40, DATAGRAM, SP_LIVENESS_NOTHING },
      { 53, STREAM, SP_LIVENESS_NOTHING },
      { 60, NOTHING, SP_LIVENESS_PROBE_DATAGRAM } } },
  { "datagram-closed",
    { .dpd = 10 },
    { { 5, DATAGRAM, SP_LIVENESS_NOTHING },
      { 6, DATAGRAM_GONE, SP_LIVENESS_NOTHING },
      { 19, STREAM, SP_LIVENESS_NOTHING },
      { 38, NOTHING, SP_LIVENESS_NOTHING } } },
  { "doubt-is-not-answered",
    { .dpd = 0 },
    { { 5, DATAGRAM, SP_LIVENESS_NOTHING },
      { 10, DOUBTED, SP_LIVENESS_ASK_DATAGRAM },
      { 10.4, DOUBTED_AGAIN, SP_LIVENESS_NOTHING },
      { 10.5, NOTHING, SP_LIVENESS_ASK_DATAGRAM },
      { 11, STREAM, SP_LIVENESS_ASK_DATAGRAM },
      { 11.9, NOTHING, SP_LIVENESS_NOTHING },
      { 12, NOTHING, SP_LIVENESS_DATAGRAM_OVER },
      { 12.1, NOTHING, SP_LIVENESS_NOTHING },
      /* Of the next channel. */
      { 12.2, DOUBTED, SP_LIVENESS_ASK_DATAGRAM } } },
  { "doubt-is-answered",
    { .dpd = 100 },
    { { 10, DOUBTED, SP_LIVENESS_ASK_DATAGRAM },
      { 10.6, DATAGRAM, SP_LIVENESS_NOTHING },
      { 11, NOTHING, SP_LIVENESS_NOTHING },
      { 12.5, DOUBTED_AGAIN, SP_LIVENESS_NOTHING },
      { 12.6, DOUBTED, SP_LIVENESS_ASK_DATAGRAM },
      { 12.7, DATAGRAM_GONE, SP_LIVENESS_NOTHING },
      { 20, NOTHING, SP_LIVENESS_NOTHING } } },
  /* Nobody woke us: still first the question, then the verdict. */
  { "late", { .dpd = 10 }, { { 100, NOTHING, SP_LIVENESS_PROBE_STREAM } } },
  { "off", { .dpd = 0 }, { { 100000, NOTHING, SP_LIVENESS_NOTHING } } },
  { "idle",
    { .idle_timeout = 60 },
    { { 50, STREAM, SP_LIVENESS_NOTHING },
      { 51, DATAGRAM, SP_LIVENESS_NOTHING },
      { 59, NOTHING, SP_LIVENESS_NOTHING },
      { 60, NOTHING, SP_LIVENESS_IDLE },
      { 119, NOTHING, SP_LIVENESS_NOTHING },
      { 120, NOTHING, SP_LIVENESS_IDLE } } },
  { "busy",
    { .idle_timeout = 60 },
    { { 59, CARRIED, SP_LIVENESS_NOTHING },
      { 118, NOTHING, SP_LIVENESS_NOTHING },
      { 119, NOTHING, SP_LIVENESS_IDLE } } },
  /* Another connection of the same session used up most of it, or all. */
  { "idle-since-long-ago",
    { .idle_timeout = 60, .used_at = AT (-50) },
    { { 9, STREAM, SP_LIVENESS_NOTHING }, { 10, NOTHING, SP_LIVENESS_IDLE } } },
  { "idle-from-the-start",
    { .idle_timeout = 60, .used_at = AT (-70) },
    { { 1, NOTHING, SP_LIVENESS_IDLE } } },
  { "used-in-the-future",
    { .idle_timeout = 60, .used_at = AT (1000) },
    { { 59, NOTHING, SP_LIVENESS_NOTHING }, { 60, NOTHING, SP_LIVENESS_IDLE } } },
  /* Longer than 32 bits have microseconds. */
  { "over-in-a-day",
    { .session_timeout = 86400 },
    { { 86399, CARRIED, SP_LIVENESS_NOTHING }, { 86400, CARRIED, SP_LIVENESS_OVER } } },
  { "idle-for-two-hours",
    { .idle_timeout = 7200 },
    { { 7199, NOTHING, SP_LIVENESS_NOTHING }, { 7200, NOTHING, SP_LIVENESS_IDLE } } },
  { "dies-slowly",
    { .dpd = 5000 },
    { { 9999, NOTHING, SP_LIVENESS_NOTHING }, { 10000, NOTHING, SP_LIVENESS_PROBE_STREAM } } },
  { "over",
    { .session_timeout = 30 },
    { { 29, CARRIED, SP_LIVENESS_NOTHING }, { 30, CARRIED, SP_LIVENESS_OVER } } },
};

static void
tell (SpLiveness *liveness, Fact fact, gint64 now)
{
  switch (fact)
    {
      case STREAM:
        sp_liveness_stream_heard (liveness, now);
        break;
      case DATAGRAM:
        sp_liveness_datagram_heard (liveness, now);
        break;
      case DATAGRAM_GONE:
        sp_liveness_datagram_gone (liveness);
        break;
      case DOUBTED:
      case DOUBTED_AGAIN:
        g_assert_cmpint (sp_liveness_datagram_doubted (liveness, now), ==, fact == DOUBTED);
        break;
      case CARRIED:
        sp_liveness_carried (liveness, now);
        break;
      case NOTHING:
        break;
    }
}

static void
test_story (gconstpointer data)
{
  const Story *story = data;
  SpLiveness liveness;

  sp_liveness_init (&liveness, &story->limits, START);
  for (guint i = 0; i < G_N_ELEMENTS (story->steps) && story->steps[i].second != 0; i++)
    {
      const Step *step = &story->steps[i];
      gboolean in_time;

      tell (&liveness, step->fact, AT (step->second));
      /* Whoever sleeps until the deadline misses nothing and is not woken for nothing. */
      in_time = sp_liveness_get_deadline (&liveness) <= AT (step->second);
      g_assert_cmpint (in_time, ==, step->due != SP_LIVENESS_NOTHING);
      g_assert_cmpint (sp_liveness_due (&liveness, AT (step->second)), ==, step->due);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (stories); i++)
    {
      g_autofree char *path = g_strdup_printf ("/liveness/%s", stories[i].name);

      g_test_add_data_func (path, &stories[i], test_story);
    }
  return g_test_run ();
}
