/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/endpoint.h"
#include "base/io.h"
#include "base/names.h"
#include "link/channel.h"
#include "walls/main-courier.h"

#include <arpa/inet.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

/* The real program between its wall, which this test plays, and places on the loopback device that
 * answer whatever they like. */

#define PATIENCE 60000 /* milliseconds */

typedef struct
{
  pid_t pid;
  int wall;
  SpPermit permit;
} Room;

/* --- the room --- */

static void
become_courier (int wall)
{
  char *const arguments[] = { (char *) SP_ROOM_COURIER, NULL };
  /* the leak checker crashes at threads that GIO keeps */
  char *const environment[] = { (char *) "ASAN_OPTIONS=detect_leaks=0", NULL };

  if (dup2 (wall, SP_WALL_FD) < 0)
    _exit (126);
  (void) close_range (SP_WALL_FD + 1, ~0U, 0);
  (void) execve (g_getenv ("SALLYPORT_COURIER"), arguments, environment);
  _exit (127);
}

static void
start (Room *room)
{
  int pair[2];

  g_assert_true (sp_socket_pair (pair, NULL));
  room->pid = fork ();
  g_assert_cmpint (room->pid, >=, 0);
  if (room->pid == 0)
    become_courier (pair[1]);
  sp_fd_clear (&pair[1]);
  room->wall = pair[0];
  sp_permit_init (&room->permit, &sp_wall_main_courier, SP_MAIN_COURIER_MAIN);
  sp_permit_enter (&room->permit, SP_MAIN_COURIER_ABROAD);
}

/* It ends by itself, and well, whatever it met. */
static void
end (Room *room)
{
  int status;

  g_assert_cmpint (waitpid (room->pid, &status, 0), ==, room->pid);
  g_assert_true (WIFEXITED (status));
  g_assert_cmpint (WEXITSTATUS (status), ==, 0);
  sp_fd_clear (&room->wall);
}

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
  struct pollfd readable = { .fd = room->wall, .events = POLLIN };
  g_autofree SpEnvelope *envelope = g_new0 (SpEnvelope, 1);
  g_autoptr (GError) error = NULL;
  SpErrandDone done;

  g_assert_cmpint (poll (&readable, 1, PATIENCE), ==, 1);
  (void) sp_channel_receive (room->wall, &room->permit, envelope, &error);
  g_assert_no_error (error);
  memcpy (&done, envelope->message.bytes, sizeof done);
  sp_envelope_clear (envelope);
  return done;
}

static SpPortsMapped
await_ports (Room *room)
{
  struct pollfd readable = { .fd = room->wall, .events = POLLIN };
  g_autofree SpEnvelope *envelope = g_new0 (SpEnvelope, 1);
  g_autoptr (GError) error = NULL;
  SpPortsMapped done;

  g_assert_cmpint (poll (&readable, 1, PATIENCE), ==, 1);
  (void) sp_channel_receive (room->wall, &room->permit, envelope, &error);
  g_assert_no_error (error);
  memcpy (&done, envelope->message.bytes, sizeof done);
  sp_envelope_clear (envelope);
  return done;
}

static SpPortsMapped
map_ports (const SpMapPorts *wish)
{
  Room room;
  SpPortsMapped done;
  guint32 serial;
  g_autoptr (GError) error = NULL;

  start (&room);
  serial = sp_permit_ask (&room.permit, SP_MESSAGE_MAP_PORTS);
  (void) sp_channel_send (room.wall, &sp_wall_main_courier, SP_MESSAGE_MAP_PORTS, serial, wish,
                          NULL, 0, &error);
  g_assert_no_error (error);
  done = await_ports (&room);
  end (&room);
  return done;
}

static SpErrandDone
run (SpErrandKind kind, const char *url)
{
  Room room;
  SpErrandDone done;

  start (&room);
  order (&room, kind, url);
  done = await (&room);
  end (&room);
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

  start (&room);
  order_with (&room, SP_ERRAND_ZONE_ADDRESS, server, secret);
  done = await (&room);
  end (&room);
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
  start (&room);
  sp_fd_clear (&room.wall);
  end (&room);
  start (&room);
  order (&room, SP_ERRAND_ASK_ADDRESS, url);
  sp_fd_clear (&room.wall);
  end (&room);
  close_place (&place);
}

/* --- a router --- */

/* At an address of this computer that no other test has. */
typedef struct
{
  int fd;
  guint8 address[SP_ADDRESS_SIZE];
  const char *outside;
  gsize size; /* of what it answers, in place of what is right; 0: that */
  gboolean is_silent;
  guint8 version;
  guint16 code;
  guint16 shift;    /* from the port that was asked for to the one that is given */
  guint32 lifetime; /* that is given, if it is not asked to end it */
  guint32 n_ended;
  GThread *thread;
} Router;

static void
put16 (guint8 *bytes, guint value)
{
  bytes[0] = (guint8) (value >> 8);
  bytes[1] = (guint8) value;
}

static guint
get16 (const guint8 *bytes)
{
  return (guint) (bytes[0] << 8 | bytes[1]);
}

/* RFC 6886 3.2 and 3.3 */
static gsize
write_answer (Router *router, const guint8 *request, guint8 *answer)
{
  gboolean ends = get16 (request + 8) == 0 && get16 (request + 10) == 0;
  guint8 outside[SP_ADDRESS_SIZE];

  answer[0] = router->version;
  answer[1] = 128 + request[1];
  put16 (answer + 2, router->code);
  if (request[1] == 0)
    {
      g_assert_true (sp_address_from_text (router->outside, outside));
      memcpy (answer + 8, outside + 12, 4);
      return 12;
    }
  router->n_ended += ends;
  memcpy (answer + 8, request + 4, 2);
  put16 (answer + 10, get16 (request + 4) + router->shift);
  put16 (answer + 12, ends ? 0 : router->lifetime >> 16);
  put16 (answer + 14, ends ? 0 : router->lifetime & 0xffff);
  return 16;
}

static gpointer
route (gpointer data)
{
  Router *router = data;
  struct sockaddr_in peer;
  socklen_t peer_size = sizeof peer;
  g_autofree guint8 *answer = g_malloc0 (65536);
  guint8 request[64] = { 0 };
  gsize size;

  while (recvfrom (router->fd, request, sizeof request, 0, (struct sockaddr *) &peer, &peer_size) >
         0)
    {
      size = write_answer (router, request, answer);
      if (!router->is_silent)
        (void) sendto (router->fd, answer, router->size != 0 ? router->size : size, 0,
                       (struct sockaddr *) &peer, peer_size);
    }
  return NULL;
}

static void
open_router (Router *router)
{
  struct sockaddr_in address = { .sin_family = AF_INET, .sin_port = htons (5351) };
  guint32 own = 0x7f000000u | 1u << 23 | ((guint32) getpid () & 0x7fffff);

  address.sin_addr.s_addr = htonl (own);
  sp_address_from_ipv4 (router->address, own);
  router->fd = socket (AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  g_assert_cmpint (bind (router->fd, (struct sockaddr *) &address, sizeof address), ==, 0);
  router->thread = g_thread_new ("router", route, router);
}

static void
close_router (Router *router)
{
  (void) shutdown (router->fd, SHUT_RDWR); /* wakes who waits, though it is not connected */
  (void) g_thread_join (router->thread);
  sp_fd_clear (&router->fd);
}

static SpMapPorts
make_wish (const guint8 *router)
{
  SpMapPorts wish = {
    .way = SP_MAPPING_NAT_PMP, .tcp_port = 443, .udp_port = 443, .seconds = 3600
  };

  memcpy (wish.router, router, SP_ADDRESS_SIZE);
  g_assert_true (sp_address_from_text ("127.0.0.1", wish.own));
  return wish;
}

static const struct
{
  const char *what;
  Router router;
  SpMappingOutcome outcome;
  guint32 seconds;
} routers[] = {
  { "good", { .outside = "81.2.69.142", .lifetime = 3600 }, SP_MAPPING_DONE, 3600 },
  { "a shorter lease", { .outside = "81.2.69.142", .lifetime = 60 }, SP_MAPPING_DONE, 60 },
  { "a lease of ages",
    { .outside = "81.2.69.142", .lifetime = G_MAXUINT32 },
    SP_MAPPING_DONE,
    3600 },
  { "a lease of nothing", { .outside = "81.2.69.142" }, SP_MAPPING_NOT_UNDERSTOOD, 0 },
  { "another port", { .outside = "81.2.69.142", .lifetime = 60, .shift = 1 }, SP_MAPPING_TAKEN, 0 },
  { "refusing", { .outside = "81.2.69.142", .code = 2 }, SP_MAPPING_REFUSED, 0 },
  { "out of ports", { .outside = "81.2.69.142", .code = 4 }, SP_MAPPING_REFUSED, 0 },
  { "of a code that is none",
    { .outside = "81.2.69.142", .code = 999 },
    SP_MAPPING_NOT_UNDERSTOOD,
    0 },
  { "of another version", { .outside = "81.2.69.142", .version = 2 }, SP_MAPPING_NO_ROUTER, 0 },
  { "silent", { .outside = "81.2.69.142", .is_silent = TRUE }, SP_MAPPING_NO_ROUTER, 0 },
};

static void
test_routers (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (routers); i++)
    {
      Router router = routers[i].router;
      SpPortsMapped done;
      SpMapPorts wish;

      open_router (&router);
      wish = make_wish (router.address);
      done = map_ports (&wish);
      close_router (&router);
      g_test_message ("%s: %u, %u s", routers[i].what, done.outcome, done.seconds);
      g_assert_cmpint (done.outcome, ==, routers[i].outcome);
      g_assert_cmpuint (done.seconds, ==, routers[i].seconds);
      if (done.outcome == SP_MAPPING_TAKEN)
        g_assert_cmpuint (router.n_ended, ==, 2);
    }
}

/* Too little, too much, and what is of another length: it ends well, and nothing is believed. */
static void
test_nonsense (void)
{
  static const gsize sizes[] = { 1, 2, 4, 8, 11, 65000 };

  for (guint i = 0; i < G_N_ELEMENTS (sizes); i++)
    {
      Router router = { .outside = "81.2.69.142", .lifetime = 60, .size = sizes[i] };
      SpPortsMapped done;
      SpMapPorts wish;

      open_router (&router);
      wish = make_wish (router.address);
      done = map_ports (&wish);
      close_router (&router);
      g_assert_cmpint (done.outcome, !=, SP_MAPPING_DONE);
      g_assert_true (sp_address_is_unset (done.address));
    }
}

/* Nobody is there, or what was ordered makes no sense. */
static void
test_no_router (void)
{
  guint8 address[SP_ADDRESS_SIZE];
  SpMapPorts wish;

  sp_address_from_ipv4 (address, INADDR_LOOPBACK + 1);
  wish = make_wish (address);
  g_assert_cmpint (map_ports (&wish).outcome, ==, SP_MAPPING_NO_ROUTER);
  wish.way = SP_MAPPING_UPNP;
  g_assert_cmpint (map_ports (&wish).outcome, ==, SP_MAPPING_NO_ROUTER);
  wish.way = 99;
  g_assert_cmpint (map_ports (&wish).outcome, ==, SP_MAPPING_FAILED);
  wish = make_wish (address);
  wish.tcp_port = 0;
  g_assert_cmpint (map_ports (&wish).outcome, ==, SP_MAPPING_FAILED);
  wish = make_wish (address);
  memset (wish.router, 0, sizeof wish.router);
  g_assert_cmpint (map_ports (&wish).outcome, ==, SP_MAPPING_FAILED);
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
  g_test_add_func ("/courier/alone", test_alone);
  g_test_add_func ("/courier/routers", test_routers);
  g_test_add_func ("/courier/nonsense", test_nonsense);
  g_test_add_func ("/courier/no-router", test_no_router);
  return g_test_run ();
}
