/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/io.h"
#include "door-fixture.h"
#include "http-desk.h"
#include "platform/listener.h"

#include <errno.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>

/* What an authority asks the door for over HTTP, with the test in main's place. */

#define PLACES  64
#define TOKEN   "A-token_1"
#define TEXT    TOKEN ".thumbprint"
#define REQUEST "GET " SP_ACME_PATH TOKEN " HTTP/1.1\r\nHost: here\r\n\r\n"

typedef struct
{
  DoorFixture *door;
  guint16 port;
} Story;

static void
show (Story *story, const char *token, const char *text)
{
  SpAnswerValidation message = { 0 };

  memcpy (message.token, token, message.token_length = (guint16) strlen (token));
  memcpy (message.text, text, message.text_length = (guint16) strlen (text));
  (void) door_fixture_tell (story->door, SP_MESSAGE_ANSWER_VALIDATION, &message, -1);
}

/* As main does, it keeps no copy: the door's is the last. */
static void
open_port (Story *story)
{
  static const SpValidationListener message = { 0 };
  SpEndpoint local = { .port = story->port };
  g_autoptr (GError) error = NULL;
  sp_autofd int fd = -1;

  g_assert_true (sp_address_from_text ("127.0.0.1", local.address));
  fd = sp_listener_open (SP_LISTENER_LOCAL, &local, &error);
  g_assert_no_error (error);
  g_assert_true (sp_listener_get_local (fd, &local, NULL));
  story->port = local.port;
  (void) door_fixture_tell (story->door, SP_MESSAGE_VALIDATION_LISTENER, &message, fd);
}

static void
set_up (Story *story, gconstpointer data)
{
  story->door = door_fixture_start (0, 0, 0);
  show (story, TOKEN, TEXT);
  open_port (story);
}

static void
tear_down (Story *story, gconstpointer data)
{
  door_fixture_stop (story->door);
}

static void
expect (Story *story, const char *request, const char *status, const char *body)
{
  sp_autofd int fd = loopback_ask (story->port, request);
  g_autofree char *answer = loopback_read_all (fd);
  g_autofree char *beginning = g_strdup_printf ("HTTP/1.1 %s", status);
  g_autofree char *end = g_strdup_printf ("\r\n\r\n%s", body);

  g_test_message ("%.40s: %s", request, answer);
  g_assert_true (g_str_has_prefix (answer, beginning));
  g_assert_true (g_str_has_suffix (answer, end));
}

static void
test_answers (Story *story, gconstpointer data)
{
  static const char *const others[] = {
    "GET / HTTP/1.1\r\n\r\n",
    "GET " SP_ACME_PATH " HTTP/1.1\r\n\r\n",
    "GET " SP_ACME_PATH TOKEN "x HTTP/1.1\r\n\r\n",
    "GET " SP_ACME_PATH "A-token_2 HTTP/1.1\r\n\r\n",
    "GET " SP_ACME_PATH "../acme-challenge/" TOKEN " HTTP/1.1\r\n\r\n",
    "GET http://here" SP_ACME_PATH TOKEN " HTTP/1.1\r\n\r\n",
    "HEAD " SP_ACME_PATH TOKEN " HTTP/1.1\r\n\r\n",
    "POST " SP_ACME_PATH TOKEN " HTTP/1.1\r\n\r\n",
    "GET /metrics HTTP/1.1\r\n\r\n",
    "\x16\x03\x01\r\n\r\n",
  };

  expect (story, REQUEST, "200 OK\r\nContent-Type: application/octet-stream\r\n", TEXT);
  for (guint i = 0; i < G_N_ELEMENTS (others); i++)
    expect (story, others[i], "404 ", "");
}

/* The next name's token takes the place of the one before. */
static void
test_next (Story *story, gconstpointer data)
{
  show (story, "another", "another text");
  expect (story, "GET " SP_ACME_PATH "another HTTP/1.1\r\n\r\n", "200 ", "another text");
  expect (story, REQUEST, "404 ", "");
}

static gboolean
is_refused (Story *story)
{
  struct sockaddr_in address = { .sin_family = AF_INET, .sin_port = htons (story->port) };
  sp_autofd int fd = socket (AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

  address.sin_addr.s_addr = htonl (INADDR_LOOPBACK);
  return connect (fd, (struct sockaddr *) &address, sizeof address) < 0 && errno == ECONNREFUSED;
}

/* With the last thing to show the port is gone, and who is there, too; and it may be opened anew.
 */
static void
test_end (Story *story, gconstpointer data)
{
  sp_autofd int waiting = loopback_ask (story->port, "GET ");
  gint64 end = g_get_monotonic_time () + 10 * G_USEC_PER_SEC;

  expect (story, REQUEST, "200 ", TEXT); /* so who waits was accepted */
  show (story, "", "");
  while (!is_refused (story))
    {
      g_assert_cmpint (g_get_monotonic_time (), <, end);
      g_usleep (1000);
    }
  g_assert_true (is_closed_within (waiting, 1000));
  show (story, TOKEN, TEXT);
  open_port (story);
  expect (story, REQUEST, "200 ", TEXT);
}

/* Those who say nothing keep nobody from asking. */
static void
test_silence (Story *story, gconstpointer data)
{
  int silent[PLACES + 8];

  for (guint i = 0; i < G_N_ELEMENTS (silent); i++)
    silent[i] = loopback_ask (story->port, "G");
  expect (story, REQUEST, "200 ", TEXT);
  for (guint i = 0; i < G_N_ELEMENTS (silent); i++)
    {
      g_assert_true (is_closed_within (silent[i], (SP_HTTP_SECONDS + 5) * 1000));
      sp_fd_clear (&silent[i]);
    }
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
#define ADD(name, test) g_test_add ("/door-validation/" name, Story, NULL, set_up, test, tear_down)
  ADD ("answers", test_answers);
  ADD ("next", test_next);
  ADD ("end", test_end);
  ADD ("silence", test_silence);
  return g_test_run ();
}
