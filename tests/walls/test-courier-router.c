/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "courier-room.h"
#include "house.h"

#include "base/endpoint.h"
#include "base/io.h"
#include "codec/pcp-message.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* The real program between its wall, which this test plays, and a router on the loopback device
 * that answers whatever it likes. */

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
  guint8 part;      /* IPPROTO_TCP or UDP: code and shift are of that alone; 0: of both */
  guint16 shift;    /* from the port that was asked for to the one that is given */
  guint32 lifetime; /* that is given, if it is not asked to end it */
  guint32 n_ended;
  gboolean speaks_pcp; /* instead of NAT-PMP */
  gboolean is_ipv6;
  gboolean keeps;    /* it refuses to end anything */
  guint32 last;      /* lifetime that it was asked for */
  guint16 wrong;     /* the byte that is so in its answers by PCP; 0: none */
  gboolean restarts; /* between its first answer and the second */
  guint32 n_mapped;
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

static gboolean
is_odd (const Router *router, guint8 protocol)
{
  return router->part == 0 || router->part == protocol;
}

/* RFC 6887 7.2 and 11.1 */
static gsize
write_pcp_answer (Router *router, const guint8 *request, guint8 *answer)
{
  gboolean ends = get16 (request + 4) == 0 && get16 (request + 6) == 0;
  gboolean odd = is_odd (router, request[36]);

  memcpy (answer, request, SP_PCP_MAP_SIZE);
  answer[1] |= 0x80;
  answer[3] = router->keeps && ends ? SP_PCP_NOT_AUTHORIZED : odd ? (guint8) router->code : 0;
  put16 (answer + 4, ends ? 0 : router->lifetime >> 16);
  put16 (answer + 6, ends ? 0 : router->lifetime & 0xffff);
  memset (answer + 8, 0, 16);
  put16 (answer + 10, router->restarts && router->n_mapped == 0 ? 1000 : 5);
  put16 (answer + 42, get16 (request + 40) + (odd ? router->shift : 0));
  g_assert_true (sp_address_from_text (router->outside, answer + 44));
  answer[router->wrong] ^= router->wrong != 0;
  router->n_ended += ends;
  router->n_mapped += !ends;
  router->last = get16 (request + 4) << 16 | get16 (request + 6);
  return SP_PCP_MAP_SIZE;
}

/* RFC 6886 3.2, 3.3 and 3.5 */
static gsize
write_answer (Router *router, const guint8 *request, guint8 *answer)
{
  gboolean ends = get16 (request + 8) == 0 && get16 (request + 10) == 0;
  gboolean odd = is_odd (router, request[1] == 1 ? IPPROTO_UDP : IPPROTO_TCP);
  guint8 outside[SP_ADDRESS_SIZE];

  if (request[0] == SP_PCP_VERSION && router->speaks_pcp)
    return write_pcp_answer (router, request, answer);
  if (request[0] != 0)
    {
      memcpy (answer, "\0\201\0\1\0\0\0\11", 8);
      return 8;
    }
  answer[0] = router->version;
  answer[1] = 128 + request[1];
  put16 (answer + 2, odd ? router->code : 0);
  if (request[1] == 0)
    {
      g_assert_true (sp_address_from_text (router->outside, outside));
      memcpy (answer + 8, outside + 12, 4);
      return 12;
    }
  router->n_ended += ends;
  memcpy (answer + 8, request + 4, 2);
  put16 (answer + 10, get16 (request + 4) + (odd ? router->shift : 0));
  put16 (answer + 12, ends ? 0 : router->lifetime >> 16);
  put16 (answer + 14, ends ? 0 : router->lifetime & 0xffff);
  return 16;
}

static gpointer
route (gpointer data)
{
  Router *router = data;
  struct sockaddr_storage peer;
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

/* Over IPv6 it needs a network of its own, where there is one address. */
static void
open_router (Router *router)
{
  int family = router->is_ipv6 ? AF_INET6 : AF_INET;
  SpEndpoint endpoint = { .port = SP_PCP_PORT };
  struct sockaddr_storage address;
  socklen_t size;

  if (router->is_ipv6)
    g_assert_true (sp_address_from_text ("::1", router->address));
  else
    sp_address_from_ipv4 (router->address,
                          0x7f000000u | 1u << 23 | ((guint32) getpid () & 0x7fffff));
  memcpy (endpoint.address, router->address, SP_ADDRESS_SIZE);
  size = sp_endpoint_to_sockaddr (&endpoint, family, &address);
  router->fd = socket (family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  g_assert_cmpint (bind (router->fd, (struct sockaddr *) &address, size), ==, 0);
  router->thread = g_thread_new ("router", route, router);
}

static void
close_router (Router *router)
{
  (void) shutdown (router->fd, SHUT_RDWR); /* wakes who waits, though it is not connected */
  (void) g_thread_join (router->thread);
  sp_fd_clear (&router->fd);
}

static SpPortsMapped
map_ports (const SpMapPorts *wish)
{
  Room room;
  SpPortsMapped done;
  guint32 serial;
  g_autoptr (GError) error = NULL;

  room_start (&room);
  serial = sp_permit_ask (&room.permit, SP_MESSAGE_MAP_PORTS);
  (void) sp_channel_send (room.wall, &sp_wall_main_courier, SP_MESSAGE_MAP_PORTS, serial, wish,
                          NULL, 0, &error);
  g_assert_no_error (error);
  room_await (&room, &done, sizeof done);
  room_end (&room);
  return done;
}

static SpMapPorts
make_wish (const guint8 *router)
{
  SpMapPorts wish = {
    .way = SP_MAPPING_NAT_PMP, .tcp_port = 443, .udp_port = 443, .seconds = 3600
  };

  memcpy (wish.router, router, SP_ADDRESS_SIZE);
  g_assert_true (
      sp_address_from_text (sp_address_is_ipv4 (router) ? "127.0.0.1" : "::1", wish.own));
  return wish;
}

#define BOTH(outcome) SP_MAPPING_##outcome, SP_MAPPING_##outcome
#define OUTSIDE       .outside = "81.2.69.142"

static const struct
{
  const char *what;
  Router router;
  SpMappingOutcome tcp;
  SpMappingOutcome udp;
  guint32 seconds;
  guint32 n_ended; /* times that it was asked to end one */
} nat_pmp_routers[] = {
  { "good", { OUTSIDE, .lifetime = 3600 }, BOTH (DONE), 3600, 0 },
  { "a shorter lease", { OUTSIDE, .lifetime = 60 }, BOTH (DONE), 60, 0 },
  { "a lease of ages", { OUTSIDE, .lifetime = G_MAXUINT32 }, BOTH (DONE), 3600, 0 },
  { "a lease of nothing", { OUTSIDE }, BOTH (NOT_UNDERSTOOD), 0, 0 },
  { "another port", { OUTSIDE, .lifetime = 60, .shift = 1 }, BOTH (TAKEN), 0, 2 },
  { "another port for TCP",
    { OUTSIDE, .lifetime = 60, .shift = 1, .part = IPPROTO_TCP },
    SP_MAPPING_TAKEN,
    SP_MAPPING_DONE,
    60,
    1 },
  { "another port for UDP",
    { OUTSIDE, .lifetime = 60, .shift = 1, .part = IPPROTO_UDP },
    SP_MAPPING_DONE,
    SP_MAPPING_TAKEN,
    60,
    1 },
  { "refusing", { OUTSIDE, .code = 2 }, BOTH (REFUSED), 0, 0 },
  { "out of ports", { OUTSIDE, .code = 4 }, BOTH (REFUSED), 0, 0 },
  { "of a code that is none", { OUTSIDE, .code = 999 }, BOTH (NOT_UNDERSTOOD), 0, 0 },
  { "of another version", { OUTSIDE, .version = 2 }, BOTH (NO_ROUTER), 0, 0 },
  { "silent", { OUTSIDE, .is_silent = TRUE }, BOTH (NO_ROUTER), 0, 0 },
};

static void
test_nat_pmp (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (nat_pmp_routers); i++)
    {
      Router router = nat_pmp_routers[i].router;
      SpPortsMapped done;
      SpMapPorts wish;

      open_router (&router);
      wish = make_wish (router.address);
      done = map_ports (&wish);
      close_router (&router);
      g_test_message ("%s: %u, %u, %u s", nat_pmp_routers[i].what, done.tcp, done.udp,
                      done.seconds);
      g_assert_cmpint (done.tcp, ==, nat_pmp_routers[i].tcp);
      g_assert_cmpint (done.udp, ==, nat_pmp_routers[i].udp);
      g_assert_cmpuint (done.seconds, ==, nat_pmp_routers[i].seconds);
      g_assert_cmpuint (router.n_ended, ==, nat_pmp_routers[i].n_ended);
    }
}

typedef struct
{
  const char *what;
  Router router;
  SpMappingOutcome tcp;
  SpMappingOutcome udp;
  guint32 seconds;
  guint32 n_mapped; /* times that it was asked for a port */
  guint32 n_ended;  /* and to end it */
} PcpCase;

static const PcpCase pcp_routers[] = {
  { "good", { .lifetime = 3600 }, BOTH (DONE), 3600, 2, 0 },
  { "a shorter lease", { .lifetime = 60 }, BOTH (DONE), 60, 2, 0 },
  { "a lease of ages", { .lifetime = G_MAXUINT32 }, BOTH (DONE), 3600, 2, 0 },
  { "a lease of nothing", { .lifetime = 0 }, BOTH (NOT_UNDERSTOOD), 0, 1, 0 },
  { "another port", { .lifetime = 60, .shift = 1 }, BOTH (TAKEN), 0, 2, 2 },
  { "another port for TCP",
    { .lifetime = 60, .shift = 1, .part = IPPROTO_TCP },
    SP_MAPPING_TAKEN,
    SP_MAPPING_DONE,
    60,
    2,
    1 },
  { "another port for UDP",
    { .lifetime = 60, .shift = 1, .part = IPPROTO_UDP },
    SP_MAPPING_DONE,
    SP_MAPPING_TAKEN,
    60,
    2,
    1 },
  { "started anew", { .lifetime = 60, .restarts = TRUE }, BOTH (DONE), 60, 4, 0 },
  { "refusing", { .code = 2 }, BOTH (REFUSED), 0, 2, 0 },
  { "refusing TCP",
    { .lifetime = 60, .code = 2, .part = IPPROTO_TCP },
    SP_MAPPING_REFUSED,
    SP_MAPPING_DONE,
    60,
    2,
    0 },
  { "of nonsense about UDP",
    { .lifetime = 60, .code = 99, .part = IPPROTO_UDP },
    BOTH (NOT_UNDERSTOOD),
    0,
    2,
    1 },
  { "without that port", { .code = 11 }, BOTH (TAKEN), 0, 2, 0 },
  { "behind a translator", { .code = 12 }, BOTH (NO_ROUTER), 0, 1, 0 },
  { "of a code that is none", { .code = 99 }, BOTH (NOT_UNDERSTOOD), 0, 1, 0 },
  { "of another nonce", { .lifetime = 60, .wrong = 24 }, BOTH (NOT_UNDERSTOOD), 0, 2, 0 },
  { "silent", { .lifetime = 60, .is_silent = TRUE }, BOTH (NO_ROUTER), 0, 2, 0 },
};

static void
check_pcp (const PcpCase *tried, gboolean ipv6)
{
  Router router = tried->router;
  SpPortsMapped done;
  SpMapPorts wish;

  router.speaks_pcp = TRUE;
  router.is_ipv6 = ipv6;
  if (router.outside == NULL)
    router.outside = ipv6 ? "::1" : "81.2.69.142";
  open_router (&router);
  wish = make_wish (router.address);
  wish.way = ipv6 ? SP_MAPPING_ANY : SP_MAPPING_PCP;
  done = map_ports (&wish);
  close_router (&router);
  g_test_message ("%s: %u, %u, %u s", tried->what, done.tcp, done.udp, done.seconds);
  g_assert_cmpint (done.tcp, ==, tried->tcp);
  g_assert_cmpint (done.udp, ==, tried->udp);
  g_assert_cmpuint (done.seconds, ==, tried->seconds);
  g_assert_cmpuint (router.n_mapped, ==, tried->n_mapped);
  g_assert_cmpuint (router.n_ended, ==, tried->n_ended);
  g_assert_cmpint (done.way, ==,
                   done.tcp == SP_MAPPING_NO_ROUTER ? SP_MAPPING_ANY : SP_MAPPING_PCP);
}

static void
test_pcp (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (pcp_routers); i++)
    check_pcp (&pcp_routers[i], FALSE);
}

/* By no other way, and to no other address than this computer's. */
static const PcpCase pinhole_routers[] = {
  { "good", { .lifetime = 60 }, BOTH (DONE), 60, 2, 0 },
  { "a lease of ages", { .lifetime = G_MAXUINT32 }, BOTH (DONE), 3600, 2, 0 },
  { "a lease of nothing", { .lifetime = 0 }, BOTH (NOT_UNDERSTOOD), 0, 1, 0 },
  { "another port", { .lifetime = 60, .shift = 1 }, BOTH (TAKEN), 0, 2, 2 },
  { "another address", { .lifetime = 60, .outside = "2a02:2f08:77::21" }, BOTH (TAKEN), 0, 2, 2 },
  { "an address of IPv4", { .lifetime = 60, OUTSIDE }, BOTH (TAKEN), 0, 2, 2 },
  { "refusing", { .code = 2 }, BOTH (REFUSED), 0, 2, 0 },
  { "without such a firewall", { .code = 4 }, BOTH (NO_ROUTER), 0, 1, 0 },
  { "of a code that is none", { .code = 99 }, BOTH (NOT_UNDERSTOOD), 0, 1, 0 },
};

static void
test_pinholes (gconstpointer has_network)
{
  if (!GPOINTER_TO_INT (has_network))
    {
      g_test_skip ("no network of its own");
      return;
    }
  for (guint i = 0; i < G_N_ELEMENTS (pinhole_routers); i++)
    check_pcp (&pinhole_routers[i], TRUE);
}

/* One that does not end what it lets in is asked for nearly nothing. */
static void
test_kept_pinholes (gconstpointer has_network)
{
  Router router = { .outside = "::1", .speaks_pcp = TRUE, .is_ipv6 = TRUE, .keeps = TRUE };
  SpPortsMapped done;
  SpMapPorts wish;

  if (!GPOINTER_TO_INT (has_network))
    {
      g_test_skip ("no network of its own");
      return;
    }
  router.lifetime = 120;
  open_router (&router);
  wish = make_wish (router.address);
  wish.way = SP_MAPPING_PCP;
  wish.seconds = 0;
  done = map_ports (&wish);
  close_router (&router);
  g_assert_cmpint (done.tcp, ==, SP_MAPPING_DONE);
  g_assert_cmpuint (router.n_ended, ==, 2);
  g_assert_cmpuint (router.n_mapped, ==, 2);
  g_assert_cmpuint (router.last, ==, 1);
}

/* Whoever knows the older protocol alone is asked by that. */
static void
test_fallback (void)
{
  Router router = { .outside = "81.2.69.142", .lifetime = 60 };
  SpMapPorts wish;
  SpPortsMapped done;

  open_router (&router);
  wish = make_wish (router.address);
  wish.way = SP_MAPPING_ANY;
  done = map_ports (&wish);
  close_router (&router);
  g_assert_cmpint (done.tcp, ==, SP_MAPPING_DONE);
  g_assert_cmpint (done.way, ==, SP_MAPPING_NAT_PMP);
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
      g_assert_cmpint (done.tcp, !=, SP_MAPPING_DONE);
      g_assert_cmpint (done.udp, !=, SP_MAPPING_DONE);
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
  g_assert_cmpint (map_ports (&wish).tcp, ==, SP_MAPPING_NO_ROUTER);
  wish.way = SP_MAPPING_UPNP;
  g_assert_cmpint (map_ports (&wish).tcp, ==, SP_MAPPING_NO_ROUTER);
  wish.way = 99;
  g_assert_cmpint (map_ports (&wish).tcp, ==, SP_MAPPING_FAILED);
  wish = make_wish (address);
  wish.tcp_port = 0;
  g_assert_cmpint (map_ports (&wish).tcp, ==, SP_MAPPING_FAILED);
  wish = make_wish (address);
  memset (wish.router, 0, sizeof wish.router);
  g_assert_cmpint (map_ports (&wish).tcp, ==, SP_MAPPING_FAILED);
  wish = make_wish (address);
  g_assert_true (sp_address_from_text ("::1", wish.own)); /* of two families */
  g_assert_cmpint (map_ports (&wish).tcp, ==, SP_MAPPING_FAILED);
}

int
main (int argc, char **argv)
{
  gboolean has_network = sp_house_enter_namespace ();

  (void) signal (SIGPIPE, SIG_IGN);
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/courier-router/nat-pmp", test_nat_pmp);
  g_test_add_func ("/courier-router/pcp", test_pcp);
  g_test_add_data_func ("/courier-router/pinholes", GINT_TO_POINTER (has_network), test_pinholes);
  g_test_add_data_func ("/courier-router/kept-pinholes", GINT_TO_POINTER (has_network),
                        test_kept_pinholes);
  g_test_add_func ("/courier-router/fallback", test_fallback);
  g_test_add_func ("/courier-router/nonsense", test_nonsense);
  g_test_add_func ("/courier-router/no-router", test_no_router);
  return g_test_run ();
}
