/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "log-book.h"

#include "base/error.h"
#include "base/io.h"

#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

/* Readers get what they asked for, and one that does not read harms nobody. */

static const SpLogWishes everything = { .most = SP_LOG_NOTICE, .backlog = 100, .follow = TRUE };

static int
open_book (SpLogBook *book, const SpLogWishes *wishes)
{
  g_autoptr (GError) error = NULL;
  int fd = sp_log_book_open (book, wishes, &error);

  g_assert_no_error (error);
  g_assert_no_errno (fcntl (fd, F_SETFL, O_NONBLOCK));
  return fd;
}

static void
take_all (int fd, GString *text)
{
  char buffer[4096];
  ssize_t size;

  while (g_main_context_iteration (NULL, FALSE))
    continue;
  while ((size = read (fd, buffer, sizeof buffer)) > 0)
    {
      g_string_append_len (text, buffer, size);
      while (g_main_context_iteration (NULL, FALSE))
        continue;
    }
}

static guint
count_lines (const GString *text)
{
  guint n = 0;

  for (gsize i = 0; i < text->len; i++)
    n += text->str[i] == '\n' ? 1 : 0;
  return n;
}

static void
test_lines (void)
{
  static const SpLogAbout about = { "00112233445566778899aabbccddeeff", "ff" };
  SpLogBook *book = sp_log_book_new ();
  g_autoptr (GString) text = g_string_new (NULL);
  int fd;

  sp_log (SP_LOG_NOTICE, "server", "before \"quotes\" and \\ and\nanother line");
  fd = open_book (book, &everything);
  sp_log_about (&about, SP_LOG_WARNING, "session", "it ended");
  sp_log (SP_LOG_DEBUG, "server", "too fine");
  take_all (fd, text);
  g_assert_cmpuint (count_lines (text), ==, 2);
  g_assert_nonnull (strstr (text->str,
                            "\"level\":\"notice\",\"room\":\"main\",\"subject\":\"server\","
                            "\"message\":\"before \\\"quotes\\\" and \\\\ and?another "
                            "line\"}"));
  g_assert_nonnull (strstr (text->str,
                            "\"subject\":\"session\",\"message\":\"it ended\",\"session\":"
                            "\"00112233445566778899aabbccddeeff\",\"user\":\"ff\"}"));
  g_assert_cmpuint (sp_log_book_get_n (book), ==, 1);
  sp_fd_clear (&fd);
  sp_log (SP_LOG_NOTICE, "server", "nobody reads");
  while (g_main_context_iteration (NULL, FALSE))
    continue;
  g_assert_cmpuint (sp_log_book_get_n (book), ==, 0);
  sp_log_book_free (book);
}

static void
test_filters (void)
{
  static const SpLogAbout about = { "aa", "bb" };
  static const struct
  {
    SpLogWishes wishes;
    guint n_lines;
  } cases[] = {
    { { SP_LOG_DEBUG, NULL, NULL, NULL, 0, TRUE, SP_LOG_TEXT }, 4 },
    { { SP_LOG_NOTICE, NULL, NULL, NULL, 0, TRUE, SP_LOG_TEXT }, 3 },
    { { SP_LOG_ERROR, NULL, NULL, NULL, 0, TRUE, SP_LOG_TEXT }, 1 },
    { { SP_LOG_DEBUG, "one", NULL, NULL, 0, TRUE, SP_LOG_TEXT }, 2 },
    { { SP_LOG_DEBUG, NULL, "aa", NULL, 0, TRUE, SP_LOG_TEXT }, 1 },
    { { SP_LOG_DEBUG, NULL, NULL, "bb", 0, TRUE, SP_LOG_TEXT }, 1 },
    { { SP_LOG_DEBUG, NULL, NULL, "aa", 0, TRUE, SP_LOG_TEXT }, 0 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      SpLogBook *book = sp_log_book_new ();
      g_autoptr (GString) text = g_string_new (NULL);
      int fd = open_book (book, &cases[i].wishes);

      sp_log (SP_LOG_ERROR, "one", "an error");
      sp_log (SP_LOG_NOTICE, "one", "a notice");
      sp_log_about (&about, SP_LOG_WARNING, "two", "a warning");
      sp_log (SP_LOG_DEBUG, "two", "a detail");
      take_all (fd, text);
      g_assert_cmpuint (count_lines (text), ==, cases[i].n_lines);
      sp_fd_clear (&fd);
      sp_log_book_free (book);
    }
}

static void
test_backlog (void)
{
  SpLogBook *book = sp_log_book_new ();
  SpLogWishes few = { .most = SP_LOG_NOTICE, .backlog = 3 };
  SpLogWishes all = { .most = SP_LOG_NOTICE, .backlog = SP_LOG_LINES_KEPT };
  g_autoptr (GString) text = g_string_new (NULL);
  int fd;

  for (guint i = 0; i < 2 * SP_LOG_LINES_KEPT; i++)
    sp_log (SP_LOG_NOTICE, "count", "%u", i);
  fd = open_book (book, &few);
  take_all (fd, text);
  g_assert_cmpuint (count_lines (text), ==, 3);
  g_assert_nonnull (strstr (text->str, "\"1021\""));
  /* it does not follow, so that was all */
  g_assert_cmpuint (sp_log_book_get_n (book), ==, 0);
  sp_fd_clear (&fd);
  g_string_truncate (text, 0);
  fd = open_book (book, &all);
  take_all (fd, text);
  g_assert_cmpuint (count_lines (text), ==, SP_LOG_LINES_KEPT);
  sp_fd_clear (&fd);
  sp_log_book_free (book);
}

static void
test_slow (void)
{
  SpLogBook *book = sp_log_book_new ();
  g_autofree char *long_line = g_strnfill (900, 'x');
  g_autoptr (GString) text = g_string_new (NULL);
  int slow = open_book (book, &everything);
  int quick = open_book (book, &everything);
  const char *last;

  for (guint i = 0; i < 1000; i++)
    {
      sp_log (SP_LOG_NOTICE, "flood", "%s", long_line);
      g_string_truncate (text, 0);
      take_all (quick, text);
      g_assert_cmpuint (count_lines (text), ==, 1);
    }
  g_string_truncate (text, 0);
  take_all (slow, text);
  g_assert_cmpuint (count_lines (text), <, 1000);
  last = g_strrstr_len (text->str, (gssize) text->len - 1, "\n");
  g_assert_nonnull (last);
  g_assert_nonnull (strstr (last, "too slow"));
  /* each line before it is whole */
  g_assert_cmpint (last[-1], ==, '}');
  g_assert_cmpuint (sp_log_book_get_n (book), ==, 1);
  sp_fd_clear (&slow);
  sp_fd_clear (&quick);
  sp_log_book_free (book);
}

static void
test_too_many (void)
{
  SpLogBook *book = sp_log_book_new ();
  int fds[SP_LOG_READERS_MAX];
  g_autoptr (GError) error = NULL;

  for (guint i = 0; i < G_N_ELEMENTS (fds); i++)
    fds[i] = open_book (book, &everything);
  g_assert_cmpint (sp_log_book_open (book, &everything, &error), ==, -1);
  g_assert_error (error, SP_ERROR, SP_ERROR_BUSY);
  for (guint i = 0; i < G_N_ELEMENTS (fds); i++)
    sp_fd_clear (&fds[i]);
  sp_log_book_free (book);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  (void) signal (SIGPIPE, SIG_IGN);
  sp_log_open ("test", SP_LOG_ERROR);
  g_test_add_func ("/log-book/lines", test_lines);
  g_test_add_func ("/log-book/filters", test_filters);
  g_test_add_func ("/log-book/backlog", test_backlog);
  g_test_add_func ("/log-book/slow", test_slow);
  g_test_add_func ("/log-book/too-many", test_too_many);
  return g_test_run ();
}
