/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "courier-room.h"

#include "base/endpoint.h"
#include "base/io.h"

#include <arpa/inet.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

/* The real program between its wall, which this test plays, and places on the loopback device that
 * answer whatever they like. */

#define LABEL "a-label-that-is-shorter-than-it-may-be-but-not-that-often."

static int
make_secret (const char *text)
{
  int fd = memfd_create ("secret", MFD_CLOEXEC);

  g_assert_cmpint (fd, >=, 0);
  g_assert_cmpint (pwrite (fd, text, strlen (text), 0), ==, (int) strlen (text));
  return fd;
}

static void
order_with (Room *room, SpErrandKind kind, const char *url, const char *password)
{
  SpRunErrand errand = { .kind = (guint8) kind };
  guint32 serial = sp_permit_ask (&room->permit, SP_MESSAGE_RUN_ERRAND);
  g_autoptr (GError) error = NULL;
  sp_autofd int secret = make_secret (password);

  errand.url_length = (guint16) strlen (url);
  memcpy (errand.url, url, strlen (url));
  errand.user_length = 4;
  memcpy (errand.user, "anna", 4);
  errand.name_length = 9;
  memcpy (errand.name, "home.test", 9);
  errand.zone_length = 4;
  memcpy (errand.zone, "test", 4);
  g_assert_true (sp_address_from_text ("81.2.69.160", errand.ipv4));
  (void) sp_channel_send (room->wall, &sp_wall_main_courier, SP_MESSAGE_RUN_ERRAND, serial, &errand,
                          &secret, 1, &error);
  g_assert_no_error (error);
}

static void
order (Room *room, SpErrandKind kind, const char *url)
{
  order_with (room, kind, url, "open sesame");
}

static SpErrandDone
await (Room *room)
{
  SpErrandDone done;

  room_await (room, &done, sizeof done);
  return done;
}

static SpErrandDone
run (SpErrandKind kind, const char *url)
{
  Room room;
  SpErrandDone done;

  room_start (&room);
  order (&room, kind, url);
  done = await (&room);
  room_end (&room);
  return done;
}

/* --- a place that answers --- */

typedef struct
{
  int listener;
  guint16 port;
  const char *answer;
  gsize repeats; /* of the answer's last byte */
  GThread *thread;
} Place;

static gpointer
serve (gpointer data)
{
  Place *place = data;
  sp_autofd int fd = accept (place->listener, NULL, NULL);
  g_autofree char *much = g_malloc (65536);
  char request[4096];

  if (fd < 0 || recv (fd, request, sizeof request, 0) <= 0)
    return NULL;
  (void) send (fd, place->answer, strlen (place->answer), MSG_NOSIGNAL);
  memset (much, place->answer[0] != '\0' ? place->answer[strlen (place->answer) - 1] : ' ', 65536);
  for (gsize sent = 0; sent < place->repeats; sent += 65536)
    if (send (fd, much, 65536, MSG_NOSIGNAL) < 0)
      break;
  return NULL;
}

static void
open_place (Place *place, const char *answer, gsize repeats)
{
  struct sockaddr_in address = { .sin_family = AF_INET };
  socklen_t size = sizeof address;

  address.sin_addr.s_addr = htonl (INADDR_LOOPBACK);
  place->answer = answer;
  place->repeats = repeats;
  place->listener = socket (AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  g_assert_cmpint (bind (place->listener, (struct sockaddr *) &address, size), ==, 0);
  g_assert_cmpint (listen (place->listener, 1), ==, 0);
  g_assert_cmpint (getsockname (place->listener, (struct sockaddr *) &address, &size), ==, 0);
  place->port = ntohs (address.sin_port);
  place->thread = g_thread_new ("place", serve, place);
}

static void
close_place (Place *place)
{
  (void) shutdown (place->listener, SHUT_RDWR);
  (void) g_thread_join (place->thread);
  sp_fd_clear (&place->listener);
}

/* --- what is tried --- */

#define OK          "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n"
#define SIZED       "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: "
#define ANY_FAILURE (SP_ERRAND_OUTCOME_LAST + 1)
#define MANY        (16UL * 1024 * 1024)

static const struct
{
  const char *answer;
  gsize repeats;
  SpErrandOutcome outcome;
} answers[] = {
  { OK "81.2.69.142\n", 0, SP_ERRAND_DONE },
  { OK "81.2.69.142", 0, SP_ERRAND_DONE },
  { SIZED "13\r\n\r\n81.2.69.142\r\n", 0, SP_ERRAND_DONE },
  { "HTTP/1.1 200 OK\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n"
    "b\r\n81.2.69.142\r\n0\r\n\r\n",
    0, SP_ERRAND_DONE },
  { OK "2a02:2f08::7\n", 0, SP_ERRAND_DONE },
  /* not an address that the world could have, or more than one */
  { OK, 0, SP_ERRAND_NOT_UNDERSTOOD },
  { OK "192.168.1.1\n", 0, SP_ERRAND_NOT_UNDERSTOOD },
  { OK "127.0.0.1", 0, SP_ERRAND_NOT_UNDERSTOOD },
  { OK "81.2.69.142 81.2.69.143\n", 0, SP_ERRAND_NOT_UNDERSTOOD },
  { OK "<html>81.2.69.142</html>", 0, SP_ERRAND_NOT_UNDERSTOOD },
  { OK " 81.2.69.142", 0, SP_ERRAND_NOT_UNDERSTOOD },
  /* too much, in each part */
  { OK "8", MANY, SP_ERRAND_NOT_UNDERSTOOD },
  { "HTTP/1.1 200 OK\r\nX: y", MANY, SP_ERRAND_NOT_UNDERSTOOD },
  { SIZED "99999999999\r\n\r\n8", MANY, SP_ERRAND_NOT_UNDERSTOOD },
  /* too little */
  { SIZED "99\r\n\r\n81.2.69.142", 0, SP_ERRAND_NOT_UNDERSTOOD },
  { "", 0, ANY_FAILURE },
  { "SSH-2.0-OpenSSH_9.2\r\n", 0, ANY_FAILURE },
  /* no success */
  { "HTTP/1.1 404 Not Found\r\nConnection: close\r\n\r\n81.2.69.142", 0, SP_ERRAND_STATUS },
  { "HTTP/1.1 500 No\r\nConnection: close\r\n\r\n81.2.69.142", 0, SP_ERRAND_STATUS },
  { "HTTP/1.1 401 No\r\nWWW-Authenticate: Basic realm=\"x\"\r\nConnection: close\r\n\r\n", 0,
    SP_ERRAND_BAD_CREDENTIAL },
  { "HTTP/1.1 302 Go\r\nLocation: /\r\nConnection: close\r\n\r\n81.2.69.142", 0,
    SP_ERRAND_REDIRECTED },
  { "HTTP/1.1 301 Go\r\nLocation: file:///etc/passwd\r\nConnection: close\r\n\r\n", 0,
    SP_ERRAND_REDIRECTED },
  /* what is packed is not unpacked */
  { "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nConnection: close\r\n\r\n\x1f\x8b\x08", 0,
    SP_ERRAND_NOT_UNDERSTOOD },
};

static void
test_answers (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (answers); i++)
    {
      Place place;
      SpErrandDone done;
      g_autofree char *url = NULL;

      open_place (&place, answers[i].answer, answers[i].repeats);
      url = g_strdup_printf ("http://127.0.0.1:%u/", place.port);
      done = run (SP_ERRAND_ASK_ADDRESS, url);
      close_place (&place);
      g_test_message ("%u: %.30s: %u, status %u", i, answers[i].answer, done.outcome, done.status);
      if (answers[i].outcome == ANY_FAILURE)
        g_assert_cmpint (done.outcome, >=, SP_ERRAND_NOT_UNDERSTOOD);
      else
        g_assert_cmpint (done.outcome, ==, answers[i].outcome);
      g_assert_cmpint (done.outcome == SP_ERRAND_DONE, !=, sp_address_is_unset (done.address));
      g_assert_cmpuint (done.word_length, ==, 0);
    }
}

/* Where a password would go there is nobody who could not show who they are. */
static void
test_trust (void)
{
  Place place;
  SpErrandDone done;
  g_autofree char *plain = NULL;
  g_autofree char *url = NULL;

  open_place (&place, OK "good 81.2.69.160", 0);
  plain = g_strdup_printf ("http://127.0.0.1:%u/", place.port);
  url = g_strdup_printf ("https://127.0.0.1:%u/", place.port);
  done = run (SP_ERRAND_DYNDNS2, plain);
  g_assert_cmpint (done.outcome, ==, SP_ERRAND_FAILED);
  done = run (SP_ERRAND_UPDATE, plain);
  g_assert_cmpint (done.outcome, ==, SP_ERRAND_FAILED);
  done = run (SP_ERRAND_DYNDNS2, url); /* which does not speak TLS */
  g_assert_cmpint (done.outcome, >=, SP_ERRAND_NOT_UNDERSTOOD);
  g_assert_cmpuint (done.status, ==, 0);
  close_place (&place);
}

static const char *const nonsense[] = {
  "",
  "ftp://127.0.0.1/",
  "file:///etc/passwd",
  "http://",
  "http://[::1",
  "https://a b/",
  "http://127.0.0.1:99999999/",
  "http://127.0.0.1/\r\nX: y",
};

static void
test_orders (void)
{
  SpErrandDone done;

  for (guint i = 0; i < G_N_ELEMENTS (nonsense); i++)
    {
      done = run (SP_ERRAND_ASK_ADDRESS, nonsense[i]);
      g_test_message ("%s: %u", nonsense[i], done.outcome);
      g_assert_cmpint (done.outcome, ==, SP_ERRAND_FAILED);
    }
  done = run ((SpErrandKind) 200, "https://127.0.0.1/");
  g_assert_cmpint (done.outcome, ==, SP_ERRAND_FAILED);
  done = run (SP_ERRAND_ASK_ADDRESS, "http://127.0.0.1:1/");
  g_assert_cmpint (done.outcome, ==, SP_ERRAND_UNREACHABLE);
  done = run (SP_ERRAND_ASK_ADDRESS, "http://nowhere.invalid/");
  g_assert_cmpint (done.outcome, ==, SP_ERRAND_UNREACHABLE);
}

/* --- a name server --- */

static SpErrandDone
update_zone (guint16 port, const char *secret)
{
  Room room;
  SpErrandDone done;
  g_autofree char *server = g_strdup_printf ("127.0.0.1:%u", port);

  room_start (&room);
  order_with (&room, SP_ERRAND_ZONE_ADDRESS, server, secret);
  done = await (&room);
  room_end (&room);
  return done;
}

/* What follows two bytes that say how much it is (RFC 1035 4.2.2). */
static const struct
{
  const char *answer;
  gsize repeats; /* rounded up to 64 KiB */
  SpErrandOutcome outcome;
} name_server_answers[] = {
  { "", 0, SP_ERRAND_UNREACHABLE },
  { "\x01", 0, SP_ERRAND_NOT_UNDERSTOOD },
  { "\x01\x01"
    "too little",
    0, SP_ERRAND_NOT_UNDERSTOOD },
  { "\x01\x01"
    "nonsense",
    300, SP_ERRAND_NOT_UNDERSTOOD },
  { "\x04\x01"
    "more than we read",
    MANY, SP_ERRAND_NOT_UNDERSTOOD },
  { "\xff\xff"
    "as much as there can be",
    MANY, SP_ERRAND_NOT_UNDERSTOOD },
};

static void
test_name_servers (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (name_server_answers); i++)
    {
      Place place;
      SpErrandDone done;

      open_place (&place, name_server_answers[i].answer, name_server_answers[i].repeats);
      done = update_zone (place.port, "c2VjcmV0");
      close_place (&place);
      g_test_message ("%u: %u", i, done.outcome);
      g_assert_cmpint (done.outcome, ==, name_server_answers[i].outcome);
    }
  g_assert_cmpint (update_zone (1, "c2VjcmV0").outcome, ==, SP_ERRAND_UNREACHABLE);
  g_assert_cmpint (update_zone (1, "open sesame").outcome, ==, SP_ERRAND_NO_KEY);
  g_assert_cmpint (update_zone (1, "").outcome, ==, SP_ERRAND_NO_KEY);
}

/* One that takes the question and is silent then. */
static void
test_silent_name_server (void)
{
  struct sockaddr_in address = { .sin_family = AF_INET };
  socklen_t size = sizeof address;
  sp_autofd int listener = socket (AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

  address.sin_addr.s_addr = htonl (INADDR_LOOPBACK);
  g_assert_cmpint (bind (listener, (struct sockaddr *) &address, size), ==, 0);
  g_assert_cmpint (listen (listener, 1), ==, 0);
  g_assert_cmpint (getsockname (listener, (struct sockaddr *) &address, &size), ==, 0);
  g_assert_cmpint (update_zone (ntohs (address.sin_port), "c2VjcmV0").outcome, ==,
                   SP_ERRAND_SILENT);
}

/* No name that can be is among them. */
static const char *const no_names[] = {
  "", ".", "a..b", "a b", "nowhere.invalid", LABEL LABEL LABEL LABEL,
};

static void
test_names (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (no_names); i++)
    {
      SpLookUpName wish = { .name_length = (guint16) strlen (no_names[i]) };
      Room room;
      SpNameLookedUp done;
      guint32 serial;
      g_autoptr (GError) error = NULL;

      memcpy (wish.name, no_names[i], strlen (no_names[i]));
      room_start (&room);
      serial = sp_permit_ask (&room.permit, SP_MESSAGE_LOOK_UP_NAME);
      (void) sp_channel_send (room.wall, &sp_wall_main_courier, SP_MESSAGE_LOOK_UP_NAME, serial,
                              &wish, NULL, 0, &error);
      g_assert_no_error (error);
      room_await (&room, &done, sizeof done);
      room_end (&room);
      g_test_message ("%s: %u", no_names[i], done.outcome);
      g_assert_cmpuint (done.outcome, !=, SP_LOOKUP_FOUND);
      g_assert_cmpuint (done.addresses_length, ==, 0);
    }
}

/* A place that never answers does not keep it when main is gone. */
static void
test_alone (void)
{
  Place place;
  Room room;
  g_autofree char *url = NULL;

  open_place (&place, "", 0);
  (void) shutdown (place.listener, SHUT_RDWR);
  url = g_strdup_printf ("http://127.0.0.1:%u/", place.port);
  room_start (&room);
  sp_fd_clear (&room.wall);
  room_end (&room);
  room_start (&room);
  order (&room, SP_ERRAND_ASK_ADDRESS, url);
  sp_fd_clear (&room.wall);
  room_end (&room);
  close_place (&place);
}

int
main (int argc, char **argv)
{
  (void) signal (SIGPIPE, SIG_IGN);
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/courier/answers", test_answers);
  g_test_add_func ("/courier/trust", test_trust);
  g_test_add_func ("/courier/orders", test_orders);
  g_test_add_func ("/courier/name-servers", test_name_servers);
  g_test_add_func ("/courier/silent-name-server", test_silent_name_server);
  g_test_add_func ("/courier/names", test_names);
  g_test_add_func ("/courier/alone", test_alone);
  return g_test_run ();
}
