/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "worker/path-choice.h"

#define AT(s) ((gint64) (s) *G_USEC_PER_SEC)

typedef enum
{
  HEARD,  /* a record by the datagram channel */
  STREAM, /* a packet by the stream */
  LOST,
  GONE,
  NOTHING
} Fact;

typedef struct
{
  guint second;
  Fact fact;
  SpPath path;
} Step;

typedef struct
{
  const char *name;
  Step steps[10];
} Story;

static const Story stories[] = {
  { "no-channel", { { 1, NOTHING, SP_PATH_STREAM }, { 2, STREAM, SP_PATH_STREAM } } },
  { "active",
    { { 1, HEARD, SP_PATH_DATAGRAM },
      { 2, NOTHING, SP_PATH_DATAGRAM },
      { 6, HEARD, SP_PATH_DATAGRAM } } },
  { "client-falls-back",
    { { 1, HEARD, SP_PATH_DATAGRAM },
      { 2, STREAM, SP_PATH_STREAM },
      { 3, STREAM, SP_PATH_STREAM },
      { 4, HEARD, SP_PATH_DATAGRAM } } },
  { "silence",
    { { 1, HEARD, SP_PATH_DATAGRAM },
      { 2, NOTHING, SP_PATH_DATAGRAM },
      { 3, NOTHING, SP_PATH_DATAGRAM_PROBE },
      { 3, NOTHING, SP_PATH_DATAGRAM },
      { 4, NOTHING, SP_PATH_DATAGRAM_PROBE },
      { 5, NOTHING, SP_PATH_DATAGRAM_PROBE },
      { 6, NOTHING, SP_PATH_STREAM },
      { 7, HEARD, SP_PATH_DATAGRAM },
      { 9, NOTHING, SP_PATH_DATAGRAM_PROBE } } },
  { "asked-seldom", /* as by a stream that retransmits less and less often */
    { { 1, HEARD, SP_PATH_DATAGRAM },
      { 4, NOTHING, SP_PATH_DATAGRAM_PROBE },
      { 10, NOTHING, SP_PATH_STREAM } } },
  { "long-silence", /* nothing was sent, so nothing was asked */
    { { 1, HEARD, SP_PATH_DATAGRAM },
      { 25, NOTHING, SP_PATH_DATAGRAM_PROBE },
      { 26, NOTHING, SP_PATH_STREAM },
      { 27, HEARD, SP_PATH_DATAGRAM },
      { 52, NOTHING, SP_PATH_STREAM } } },
  { "probe-answered",
    { { 1, HEARD, SP_PATH_DATAGRAM },
      { 4, NOTHING, SP_PATH_DATAGRAM_PROBE },
      { 5, HEARD, SP_PATH_DATAGRAM },
      { 8, NOTHING, SP_PATH_DATAGRAM_PROBE },
      { 10, NOTHING, SP_PATH_DATAGRAM_PROBE },
      { 11, NOTHING, SP_PATH_STREAM } } },
  { "lost-and-found",
    { { 1, HEARD, SP_PATH_DATAGRAM },
      { 2, LOST, SP_PATH_STREAM },
      { 3, HEARD, SP_PATH_DATAGRAM } } },
  { "closed",
    { { 1, HEARD, SP_PATH_DATAGRAM },
      { 2, GONE, SP_PATH_STREAM },
      { 3, STREAM, SP_PATH_STREAM },
      { 4, HEARD, SP_PATH_DATAGRAM } } },
};

static void
tell (SpPathChoice *choice, Fact fact, gint64 now)
{
  switch (fact)
    {
      case HEARD:
        sp_path_choice_datagram_heard (choice, now);
        break;
      case STREAM:
        sp_path_choice_stream_carried (choice);
        break;
      case LOST:
        sp_path_choice_datagram_lost (choice);
        break;
      case GONE:
        sp_path_choice_datagram_gone (choice);
        break;
      case NOTHING:
        break;
    }
}

static void
test_story (gconstpointer data)
{
  const Story *story = data;
  SpPathChoice choice;

  sp_path_choice_init (&choice);
  for (guint i = 0; i < G_N_ELEMENTS (story->steps) && story->steps[i].second != 0; i++)
    {
      tell (&choice, story->steps[i].fact, AT (story->steps[i].second));
      g_assert_cmpint (sp_path_choice_ask (&choice, AT (story->steps[i].second)), ==,
                       story->steps[i].path);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (stories); i++)
    {
      g_autofree char *path = g_strdup_printf ("/path-choice/%s", stories[i].name);

      g_test_add_data_func (path, &stories[i], test_story);
    }
  return g_test_run ();
}
