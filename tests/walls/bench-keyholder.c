/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "keyholder-story.h"

#include <string.h>
#include <unistd.h>

/* What the real program can do on this machine: told, not judged.  `meson test --benchmark`. */

#define USERS      8
#define ROUNDS     25 /* logins of each user */
#define SIGNATURES 5000
#define SESSIONS   2000

static double
seconds_since (gint64 start)
{
  return (double) (g_get_monotonic_time () - start) / G_USEC_PER_SEC;
}

static void
tell_memory (Room *room, const char *when)
{
  static const char *const lines[] = { "VmHWM:", "VmRSS:", "RssAnon:" };
  g_autofree char *file = g_strdup_printf ("/proc/%d/status", (int) room->pid);
  g_autofree char *text = NULL;

  g_assert_true (g_file_get_contents (file, &text, NULL, NULL));
  for (guint i = 0; i < G_N_ELEMENTS (lines); i++)
    {
      const char *line = strstr (text, lines[i]);

      g_assert_nonnull (line);
      g_test_message ("%s: %.*s", when, (int) strcspn (line, "\n"), line);
    }
}

/* Of the program, all threads. */
static double
cpu_seconds (Room *room)
{
  g_autofree char *file = g_strdup_printf ("/proc/%d/stat", (int) room->pid);
  g_autofree char *text = NULL;
  g_auto (GStrv) fields = NULL;

  g_assert_true (g_file_get_contents (file, &text, NULL, NULL));
  fields = g_strsplit (strrchr (text, ')'), " ", 15); /* from the third on; 14 and 15 are ticks */
  return (g_ascii_strtod (fields[12], NULL) + g_ascii_strtod (fields[13], NULL)) /
         (double) sysconf (_SC_CLK_TCK);
}

static void
bench_signatures (Story *story, gconstpointer data)
{
  gint64 start = g_get_monotonic_time ();

  tell_memory (story->room, "at rest");
  for (guint i = 0; i < SIGNATURES; i++)
    worker_free (worker_in_login (story->room, HOME));
  g_test_message ("%.0f new walls with a signature a second", SIGNATURES / seconds_since (start));
  tell_memory (story->room, "after signatures");
}

/* All users at one time, each from another place. */
static void
sign_in_all (Room *room, guint round, gint64 *slowest_signature)
{
  Worker *workers[USERS];

  for (guint i = 0; i < USERS; i++)
    {
      g_autofree char *address = g_strdup_printf ("10.0.%u.%u", round, i);
      char login[] = { (char) ('a' + i), 0 };
      gint64 before = g_get_monotonic_time ();

      workers[i] = worker_in_login (room, address);
      *slowest_signature = MAX (*slowest_signature, g_get_monotonic_time () - before);
      worker_send_password (workers[i], login, "right");
    }
  for (guint i = 0; i < USERS; i++)
    {
      SpPasswordVerdict verdict;

      worker_receive (workers[i], SP_MESSAGE_PASSWORD_VERDICT, &verdict);
      g_assert_cmpuint (verdict.verdict, ==, SP_LOGIN_ACCEPTED);
      room_receive (room, SP_MESSAGE_LOGIN_DECIDED, NULL);
      worker_free (workers[i]);
    }
}

static void
bench_logins (Story *story, gconstpointer data)
{
  gint64 slowest_signature = 0;
  gint64 start;
  double cpu;

  for (guint8 i = 0; i < USERS; i++)
    {
      char login[] = { (char) ('a' + i), 0 };
      g_assert_cmpint (room_put_user (story->room, 10 + i, login, TRUE), ==, SP_DONE_OK);
      g_assert_cmpint (room_set_password (story->room, 10 + i, "right"), ==, SP_DONE_OK);
    }
  cpu = cpu_seconds (story->room);
  start = g_get_monotonic_time ();
  for (guint round = 0; round < ROUNDS; round++)
    sign_in_all (story->room, round, &slowest_signature);
  g_test_message ("%.0f logins a second, %.1f ms of CPU each; slowest signature meanwhile %.1f ms",
                  USERS * ROUNDS / seconds_since (start),
                  (cpu_seconds (story->room) - cpu) * 1000 / (USERS * ROUNDS),
                  (double) slowest_signature / 1000);
  tell_memory (story->room, "after logins");
}

/* All clients of a full server come back at one time. */
static void
bench_return (Story *story, gconstpointer data)
{
  guint8 cookie[SP_COOKIE_SIZE];
  guint8 session[SP_ID_SIZE];
  Worker **workers = g_new0 (Worker *, SESSIONS);
  gint64 start;

  sign_in_anna (story->room, HOME, cookie, session);
  start = g_get_monotonic_time ();
  for (guint i = 0; i < SESSIONS; i++)
    {
      workers[i] = worker_in_login (story->room, HOME);
      g_assert_cmpint (worker_redeem (workers[i], cookie), ==, SP_LOGIN_ACCEPTED);
      room_receive (story->room, SP_MESSAGE_LOGIN_DECIDED, NULL);
      room_say_session (story->room, SP_MESSAGE_HOLD_COOKIE, session);
    }
  g_test_message ("%u clients come back by cookie in %.2f s", SESSIONS, seconds_since (start));
  tell_memory (story->room, "with all walls open");
  start = g_get_monotonic_time ();
  for (guint i = 0; i < 100; i++)
    g_assert_cmpint (room_put_user (story->room, BERT, i % 2 ? "bert" : "bart", TRUE), ==,
                     SP_DONE_OK);
  g_test_message ("a durable change: %.2f ms", seconds_since (start) * 10);
  for (guint i = 0; i < SESSIONS; i++)
    worker_free (workers[i]);
  g_free (workers);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD_ANNA ("signatures", bench_signatures);
  ADD_ANNA ("logins", bench_logins);
  ADD_ANNA ("return", bench_return);
  return g_test_run ();
}
