/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/io.h"
#include "door-fixture.h"
#include "http-desk.h"
#include "platform/listener.h"

#include <string.h>
#include <sys/socket.h>

/* What programs of this computer ask the door for, with the test in main's place. */

#define SOON    3000 /* milliseconds, generous for a busy machine */
#define PLACES  8
#define REQUEST "GET /metrics HTTP/1.1\r\nHost: here\r\n\r\n"

typedef struct
{
  DoorFixture *door;
  guint16 port;
} Story;

static void
set_up (Story *story, gconstpointer data)
{
  SpListener message = { .kind = SP_LISTENER_METRICS };
  g_autoptr (GError) error = NULL;
  SpEndpoint local = { 0 };

  g_assert_true (sp_address_from_text ("127.0.0.1", local.address));
  story->door = door_fixture_start (0, 0, 0);
  story->door->listener = sp_listener_open (SP_LISTENER_LOCAL, &local, &error);
  g_assert_no_error (error);
  g_assert_true (sp_listener_get_local (story->door->listener, &local, NULL));
  story->port = local.port;
  (void) door_fixture_tell (story->door, SP_MESSAGE_LISTENER, &message, story->door->listener);
}

static void
tear_down (Story *story, gconstpointer data)
{
  door_fixture_stop (story->door);
}

static void
tell (Story *story, gsize size, char letter)
{
  g_autofree SpMetricsTold *told = g_new0 (SpMetricsTold, 1);

  memset (told->text, letter, size);
  told->text_length = (guint16) size;
  (void) door_fixture_tell (story->door, SP_MESSAGE_METRICS_TOLD, told, -1);
}

static void
test_answer (Story *story, gconstpointer data)
{
  sp_autofd int one = loopback_ask (story->port, REQUEST);
  sp_autofd int other = -1;
  g_autofree char *first = NULL;
  g_autofree char *second = NULL;

  g_assert_nonnull (door_fixture_expect (story->door, SP_MESSAGE_METRICS_WANTED, SOON));
  other = loopback_ask (story->port, "GET /metrics?x=1 HTTP/1.0\r\n\r\n");
  g_assert_null (door_fixture_expect (story->door, SP_MESSAGE_METRICS_WANTED, 100));
  tell (story, SP_METRICS_TEXT_MAX, 'm');
  first = loopback_read_all (one);
  second = loopback_read_all (other);
  g_assert_true (g_str_has_prefix (first, "HTTP/1.1 200 OK\r\n"));
  g_assert_nonnull (strstr (first, "\r\nContent-Type: text/plain; version=0.0.4"));
  g_assert_nonnull (strstr (first, "\r\nContent-Length: 16384\r\n"));
  g_assert_cmpuint (strlen (strstr (first, "\r\n\r\n") + 4), ==, SP_METRICS_TEXT_MAX);
  g_assert_cmpstr (first, ==, second);
}

static void
test_others (Story *story, gconstpointer data)
{
  static const char *const requests[] = { "GET / HTTP/1.1\r\n\r\n",
                                          "POST /metrics HTTP/1.1\r\n\r\n",
                                          "GET /metricsx HTTP/1.1\r\n\r\n",
                                          "GET /metrics\r\n\r\n",
                                          "\r\n\r\n",
                                          "GET /metrics HTTP/1.\r\n\r\n" };

  for (guint i = 0; i < G_N_ELEMENTS (requests); i++)
    {
      sp_autofd int fd = loopback_ask (story->port, requests[i]);
      g_autofree char *answer = loopback_read_all (fd);
      g_assert_true (g_str_has_prefix (answer, "HTTP/1.1 404 "));
    }
  g_assert_null (door_fixture_expect (story->door, SP_MESSAGE_METRICS_WANTED, 100));
}

/* Who says nothing keeps nobody from asking, and is gone after some seconds. */
static void
test_silence (Story *story, gconstpointer data)
{
  int silent[PLACES + 2];
  sp_autofd int fd = -1;
  g_autofree char *answer = NULL;

  for (guint i = 0; i < G_N_ELEMENTS (silent); i++)
    silent[i] = loopback_ask (story->port, "G");
  fd = loopback_ask (story->port, REQUEST);
  g_assert_nonnull (door_fixture_expect (story->door, SP_MESSAGE_METRICS_WANTED, SOON));
  tell (story, 5, 'x');
  answer = loopback_read_all (fd);
  g_assert_true (g_str_has_suffix (answer, "\r\n\r\nxxxxx"));
  for (guint i = 0; i < G_N_ELEMENTS (silent); i++)
    {
      g_assert_true (is_closed_within (silent[i], (SP_HTTP_SECONDS + 5) * 1000));
      sp_fd_clear (&silent[i]);
    }
}

/* Main does not answer, or did when nobody asked. */
static void
test_no_answer (Story *story, gconstpointer data)
{
  sp_autofd int fd = -1;
  sp_autofd int later = -1;
  g_autofree char *answer = NULL;

  tell (story, 5, 'x');
  fd = loopback_ask (story->port, REQUEST);
  g_assert_nonnull (door_fixture_expect (story->door, SP_MESSAGE_METRICS_WANTED, SOON));
  g_assert_true (is_closed_within (fd, (SP_HTTP_SECONDS + 5) * 1000));
  later = loopback_ask (story->port, REQUEST);
  g_assert_nonnull (door_fixture_expect (story->door, SP_MESSAGE_METRICS_WANTED, SOON));
  tell (story, 5, 'y');
  answer = loopback_read_all (later);
  g_assert_true (g_str_has_suffix (answer, "yyyyy"));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  if (!door_fixture_isolate ())
    {
      g_print ("1..0 # SKIP only root may make a network\n");
      return 0;
    }
#define ADD(name, test) g_test_add ("/door-metrics/" name, Story, NULL, set_up, test, tear_down)
  ADD ("answer", test_answer);
  ADD ("others", test_others);
  ADD ("silence", test_silence);
  ADD ("no-answer", test_no_answer);
  return g_test_run ();
}
