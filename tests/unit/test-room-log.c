/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/io.h"
#include "platform/room-log.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define FLOOD      5000 /* lines: more than any budget */
#define ROOMS_MANY 300

/* What is copied goes to standard error, which is a file here. */
typedef struct
{
  SpRoomLogSet *set;
  int standard_error;
  FILE *copied;
} Fixture;

static void
set_up (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  fixture->copied = tmpfile ();
  fixture->standard_error = dup (STDERR_FILENO);
  g_assert_nonnull (fixture->copied);
  g_assert_cmpint (dup2 (fileno (fixture->copied), STDERR_FILENO), ==, STDERR_FILENO);
  fixture->set = sp_room_log_set_new ("sallyport-worker", &error);
  g_assert_no_error (error);
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  g_clear_pointer (&fixture->set, sp_room_log_set_free);
  g_assert_cmpint (dup2 (fixture->standard_error, STDERR_FILENO), ==, STDERR_FILENO);
  sp_fd_clear (&fixture->standard_error);
  (void) fclose (fixture->copied);
}

static int
open_room (Fixture *fixture)
{
  g_autoptr (GError) error = NULL;
  int fd = sp_room_log_set_open (fixture->set, &error);

  g_assert_no_error (error);
  return fd;
}

static void
say (int fd, const char *line)
{
  /* What does not fit into the pipe is the room's loss. */
  (void) !write (fd, line, strlen (line));
}

static char *
copied_text (Fixture *fixture)
{
  char *text = NULL;
  gsize size = (gsize) lseek (fileno (fixture->copied), 0, SEEK_END);

  text = g_malloc0 (size + 1);
  g_assert_cmpint (pread (fileno (fixture->copied), text, size, 0), ==, (ssize_t) size);
  return text;
}

static gboolean
is_copied (Fixture *fixture, const char *line)
{
  g_autofree char *text = copied_text (fixture);

  return strstr (text, line) != NULL;
}

static void
run_until_quiet (void)
{
  while (g_main_context_iteration (NULL, FALSE))
    continue;
}

static void
test_budget (Fixture *fixture, gconstpointer data)
{
  sp_autofd int loud = open_room (fixture);
  sp_autofd int other = open_room (fixture);

  for (guint i = 0; i < FLOOD; i++)
    {
      say (loud, "worker[1] notice flood: of words\n");
      if (i % 100 == 0)
        run_until_quiet ();
    }
  say (other, "worker[2] error tls: one word\n");
  run_until_quiet ();
  g_assert_true (is_copied (fixture, "worker[1] notice flood: of words\n"));
  g_assert_true (is_copied (fixture, "worker[2] error tls: one word\n"));
  /* Its pause passes, and what was left out is told. */
  while (!is_copied (fixture, "lines were left out"))
    g_main_context_iteration (NULL, TRUE);
}

static void
test_pause (Fixture *fixture, gconstpointer data)
{
  int loud = open_room (fixture);

  for (guint i = 0; i < FLOOD; i++)
    {
      say (loud, "worker[1] notice flood: of words\n");
      if (i % 100 == 0)
        run_until_quiet ();
    }
  /* The room ends while nobody listens: it is forgotten once it was heard. */
  sp_fd_clear (&loud);
  g_assert_cmpuint (sp_room_log_set_count (fixture->set), ==, 1);
  while (sp_room_log_set_count (fixture->set) > 0)
    g_main_context_iteration (NULL, TRUE);
}

static void
test_many (Fixture *fixture, gconstpointer data)
{
  int rooms[ROOMS_MANY];

  for (guint i = 0; i < ROOMS_MANY; i++)
    rooms[i] = open_room (fixture);
  for (guint i = 0; i < ROOMS_MANY; i++)
    {
      g_autofree char *line = g_strdup_printf ("worker[%u] notice life: last words\n", i);

      say (rooms[i], line);
      sp_fd_clear (&rooms[i]);
    }
  run_until_quiet ();
  g_assert_cmpuint (sp_room_log_set_count (fixture->set), ==, 0);
  for (guint i = 0; i < ROOMS_MANY; i++)
    {
      g_autofree char *line = g_strdup_printf ("worker[%u] notice life: last words\n", i);

      g_assert_true (is_copied (fixture, line));
    }
}

/* Whoever outlives main's interest loses its words, and a pause that is under way hurts nobody. */
static void
test_free (Fixture *fixture, gconstpointer data)
{
  sp_autofd int loud = open_room (fixture);
  sp_autofd int other = open_room (fixture);

  for (guint i = 0; i < FLOOD; i++)
    {
      say (loud, "worker[1] notice flood: of words\n");
      if (i % 100 == 0)
        run_until_quiet ();
    }
  say (other, "worker[2] error tls: last words\n");
  g_clear_pointer (&fixture->set, sp_room_log_set_free);
  g_assert_true (is_copied (fixture, "worker[2] error tls: last words\n"));
  for (gint64 end = g_get_monotonic_time () + 2 * G_USEC_PER_SEC; g_get_monotonic_time () < end;)
    if (!g_main_context_iteration (NULL, FALSE))
      g_usleep (10000);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add ("/room-log/budget", Fixture, NULL, set_up, test_budget, tear_down);
  g_test_add ("/room-log/pause", Fixture, NULL, set_up, test_pause, tear_down);
  g_test_add ("/room-log/many", Fixture, NULL, set_up, test_many, tear_down);
  g_test_add ("/room-log/free", Fixture, NULL, set_up, test_free, tear_down);
  return g_test_run ();
}
