/* SPDX-License-Identifier: GPL-2.0-or-later */

/* A client that comes back with its cookie, again and again, while its old ports and other
 * addresses go on sending: see `stale --help`. */

#include "stale-flood.h"
#include "stale-mark.h"
#include "swarm-packet.h"

#include "base/io.h"
#include "codec/frame-type.h"

#include <fcntl.h>
#include <linux/if_tun.h>
#include <net/if.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <unistd.h>

#define STREAMS        "NORMAL"
#define DATAGRAMS      "NORMAL:-VERS-ALL:+VERS-DTLS1.2:-KX-ALL:+PSK"
#define TRY_SECONDS    10 /* from the connection to a packet through the tunnel */
#define TRIES_MAX      5
#define HOPELESS       20 /* rounds without success in a row: no use to go on */
#define LIVE_MARKS     10
#define TICK_MS        50
#define EVENTS_AT_ONCE 64
#define DISCARD_PORT   9

/* How the client leaves; the next round does it the next way. */
typedef enum
{
  LEAVE_SILENTLY, /* its connection closes */
  LEAVE_LATER,    /* the old connection stays until the new one is there */
  LEAVE_AS_TOLD,  /* it says that it reconnects */
  LEAVE_WAYS
} LeaveWay;

typedef struct
{
  SwarmPlan plan; /* first: hooks get it by the client */
  StaleFlood *flood;
  SwarmClient *client;
  SwarmEnd waits; /* the stream of who left later */
  guint32 attachment;
  gboolean keeps_port;
  gboolean tells; /* of each round */
  int tun;
  int tun_mark; /* what epoll events point to */
  int input_mark;
  gboolean may_go_on;
  gboolean ended;

  GHashTable *reasons; /* of failures: words → how often */
  GArray *ways_back;   /* microseconds, gint64: from the connection to the answer */
  GArray *datagrams;   /* … to the datagram channel */
  GArray *answers;     /* … from the request for the tunnel to its answer */
  guint n_failed;
  guint n_without_datagrams;
  guint n_new_addresses;
  guint n_lost_sessions;
  guint n_live;
  guint n_failed_in_a_row;
} Stale;

static ssize_t
push_datagram_cb (gnutls_transport_ptr_t pointer, const void *bytes, size_t size)
{
  SwarmEnd *end = pointer;
  const Stale *self = (const Stale *) (gconstpointer) end->client->plan;

  stale_flood_saw (self->flood, self->attachment, bytes, size);
  return send (end->fd, bytes, size, 0);
}

/* Another port, or the one that is flooding: as a socket that was bound anew it has heard nothing
 * yet. */
static int
open_datagrams_cb (SwarmClient *client)
{
  const Stale *self = (const Stale *) (gconstpointer) client->plan;
  int previous = stale_flood_get_previous (self->flood);
  guint8 bytes[SP_PACKET_MAX];
  int fd;

  if (self->keeps_port && previous >= 0)
    {
      while (recv (previous, bytes, sizeof bytes, MSG_DONTWAIT) >= 0)
        ;
      fd = fcntl (previous, F_DUPFD_CLOEXEC, 0);
      /* epoll remembers a copy that was closed as long as there is another with its number. */
      (void) epoll_ctl (client->plan->epoll, EPOLL_CTL_DEL, fd, NULL);
      return fd;
    }
  return swarm_client_open_socket (client, SOCK_DGRAM, client->facts.datagram_port);
}

static void
packet_cb (SwarmClient *client, const guint8 *packet, gsize length)
{
  const Stale *self = (const Stale *) (gconstpointer) client->plan;

  if (self->tun >= 0)
    (void) !write (self->tun, packet, length);
}

static SwarmEnd *
choose_end (Stale *self)
{
  if (self->client->state != SWARM_TUNNEL)
    return NULL;
  return self->client->channel == SWARM_DATAGRAMS ? &self->client->datagram : &self->client->stream;
}

/* While there is no tunnel they are lost, as on any broken line. */
static void
read_tun (Stale *self)
{
  guint8 packet[SP_PACKET_MAX];
  ssize_t size = read (self->tun, packet, sizeof packet);
  SwarmEnd *end = choose_end (self);

  if (size > 0 && size <= SP_MTU_DEFAULT && end != NULL)
    swarm_client_send (end, SP_FRAME_DATA, packet, (gsize) size);
}

static void
read_input (Stale *self)
{
  char words[256];
  ssize_t size = read (STDIN_FILENO, words, sizeof words);

  self->may_go_on = TRUE;
  self->ended = size <= 0;
  if (self->ended)
    (void) epoll_ctl (self->plan.epoll, EPOLL_CTL_DEL, STDIN_FILENO, NULL);
}

static void
turn (Stale *self)
{
  struct epoll_event events[EVENTS_AT_ONCE];
  int n = epoll_wait (self->plan.epoll, events, EVENTS_AT_ONCE, 1);

  for (int i = 0; i < n; i++)
    {
      if (events[i].data.ptr == &self->tun_mark)
        read_tun (self);
      else if (events[i].data.ptr == &self->input_mark)
        read_input (self);
      else
        swarm_client_ready (events[i].data.ptr);
    }
  stale_flood_tick (self->flood, g_get_monotonic_time ());
  swarm_client_tick (self->client);
  swarm_client_probe (self->client);
}

typedef gboolean (*Ready) (const Stale *self);

static gboolean
run_until (Stale *self, Ready ready, gint64 until)
{
  while (!ready (self) && g_get_monotonic_time () < until)
    turn (self);
  return ready (self);
}

static gboolean
is_answered (const Stale *self)
{
  return self->client->state == SWARM_TUNNEL || self->client->state == SWARM_ENDED;
}

static gboolean
is_asking (const Stale *self)
{
  return self->client->state >= SWARM_CONNECT;
}

static gboolean
is_settled (const Stale *self)
{
  return swarm_client_is_settled (self->client);
}

static gboolean
is_ponged (const Stale *self)
{
  return self->client->ponged != 0 || self->client->state == SWARM_ENDED;
}

static gboolean
may_go_on (const Stale *self)
{
  return self->may_go_on;
}

static gboolean
is_told_to_end (const Stale *self)
{
  return self->ended;
}

static gboolean
never (const Stale *self)
{
  return FALSE;
}

static gint64
in_seconds (gdouble seconds)
{
  return g_get_monotonic_time () + (gint64) (seconds * G_USEC_PER_SEC);
}

/* A packet goes to the server's end and back; a lost one is sent again. */
static gboolean
is_through (Stale *self)
{
  for (guint i = 0; i < 5 && self->client->state == SWARM_TUNNEL; i++)
    {
      swarm_client_ping (self->client);
      if (run_until (self, is_ponged, in_seconds (1)) && self->client->state == SWARM_TUNNEL)
        return TRUE;
    }
  return FALSE;
}

static void
end_waiting (Stale *self)
{
  g_clear_pointer (&self->waits.session, gnutls_deinit);
  sp_fd_clear (&self->waits.fd);
}

/* One connection.  NULL, or why it failed. */
static const char *
come_back (Stale *self)
{
  SwarmClient *client = self->client;
  gint64 until = in_seconds (TRY_SECONDS);
  gint64 asked;

  swarm_client_begin (client);
  (void) run_until (self, is_asking, until);
  asked = g_get_monotonic_time ();
  if (!run_until (self, is_answered, until))
    return "no answer";
  if (client->state != SWARM_TUNNEL)
    return client->because != NULL ? client->because : "ended";
  stale_flood_replaced (self->flood);
  end_waiting (self);
  asked = client->connected - asked;
  (void) g_array_append_val (self->answers, asked);
  asked = client->connected - client->began;
  (void) g_array_append_val (self->ways_back, asked);
  (void) run_until (self, is_settled, until);
  if (client->channel == SWARM_DATAGRAMS)
    {
      asked = client->has_datagrams - client->connected;
      (void) g_array_append_val (self->datagrams, asked);
    }
  else if (client->state == SWARM_TUNNEL)
    self->n_without_datagrams++;
  if (!is_through (self))
    return client->state == SWARM_TUNNEL ? "nothing passes the tunnel"
                                         : "torn down after the answer";
  return NULL;
}

static void
count_failure (Stale *self, const char *words)
{
  guint n = GPOINTER_TO_UINT (g_hash_table_lookup (self->reasons, words));

  (void) g_hash_table_insert (self->reasons, (gpointer) words, GUINT_TO_POINTER (n + 1));
}

static void
leave (Stale *self, LeaveWay way)
{
  const guint8 reason = SP_BYE_RECONNECTING;
  SwarmClient *client = self->client;

  stale_flood_inherit (self->flood, client, self->attachment++);
  if (way == LEAVE_LATER)
    {
      (void) epoll_ctl (self->plan.epoll, EPOLL_CTL_DEL, client->stream.fd, NULL);
      self->waits.session = g_steal_pointer (&client->stream.session);
      self->waits.fd = client->stream.fd;
      client->stream.fd = -1;
    }
  else if (way == LEAVE_AS_TOLD)
    swarm_client_send (&client->stream, SP_FRAME_DISCONNECT, &reason, sizeof reason);
  swarm_client_break (client);
}

static guint
get_port (const SwarmClient *client)
{
  struct sockaddr_in name = { 0 };
  socklen_t size = sizeof name;

  (void) getsockname (client->datagram.fd, (struct sockaddr *) &name, &size);
  return ntohs (name.sin_port);
}

/* Tries again until it is there; only the first try counts as the client's way back. */
static void
play_round (Stale *self, guint number)
{
  guint32 address = self->client->facts.address;
  const char *failure;

  self->keeps_port = number % 2 == 0;
  leave (self, number % LEAVE_WAYS);
  failure = come_back (self);
  if (self->tells)
    (void) fprintf (stderr,
                    "round %u, left %u, %s port %u: %s, tunnel in %" G_GINT64_FORMAT
                    " µs, datagrams in %" G_GINT64_FORMAT "\n",
                    number, number % LEAVE_WAYS, self->keeps_port ? "same" : "new",
                    get_port (self->client), failure != NULL ? failure : "back",
                    self->client->connected - self->client->began,
                    MAX (self->client->has_datagrams - self->client->connected, 0));
  if (failure != NULL)
    self->n_failed++;
  self->n_failed_in_a_row = failure == NULL ? 0 : self->n_failed_in_a_row + 1;
  for (guint i = 1; failure != NULL && i < TRIES_MAX; i++)
    {
      count_failure (self, failure);
      end_waiting (self);
      swarm_client_break (self->client);
      if (strcmp (failure, "the cookie was refused") == 0)
        {
          self->client->facts.cookie[0] = self->client->facts.context[0] = '\0';
          self->n_lost_sessions++;
        }
      (void) run_until (self, never, in_seconds (1));
      failure = come_back (self);
    }
  if (failure != NULL)
    count_failure (self, failure);
  else if (self->client->facts.address != address)
    self->n_new_addresses++;
}

static void
send_live_marks (Stale *self, const StaleFloodPlan *plan)
{
  SpEndpoint source = { .port = plan->marked.port };
  guint8 packet[256];
  guint8 payload[STALE_MARK_SIZE];

  sp_address_from_ipv4 (source.address, self->client->facts.address);
  for (guint i = 0; i < LIVE_MARKS && choose_end (self) != NULL; i++)
    {
      StaleMark mark = { .kind = STALE_MARK_LIVE, .attachment = self->attachment, .serial = i };
      gsize size;

      stale_mark_write (payload, &mark);
      size = swarm_packet_write_datagram (packet, sizeof packet, &source, &plan->marked, payload,
                                          sizeof payload);
      swarm_client_send (choose_end (self), SP_FRAME_DATA, packet, size);
      self->n_live++;
    }
}

static int
compare_times (gconstpointer a, gconstpointer b)
{
  gint64 left = *(const gint64 *) a;
  gint64 right = *(const gint64 *) b;

  return left < right ? -1 : left > right;
}

static void
print_times (const char *name, GArray *times)
{
  const gint64 *values = (const gint64 *) (gpointer) times->data;
  guint n = times->len;

  g_array_sort (times, compare_times);
  (void) printf (", \"%s\": [", name);
  if (n > 0)
    (void) printf ("%" G_GINT64_FORMAT ", %" G_GINT64_FORMAT ", %" G_GINT64_FORMAT, values[n / 2],
                   values[n - 1 - n / 20], values[n - 1]);
  (void) printf ("]");
}

static void
print_result (Stale *self, guint n_rounds, gint64 took)
{
  const char *comma = "";
  GHashTableIter iter;
  gpointer words;
  gpointer n;

  (void) printf ("{\"rounds\": %u, \"failed\": %u, \"reasons\": {", n_rounds, self->n_failed);
  g_hash_table_iter_init (&iter, self->reasons);
  while (g_hash_table_iter_next (&iter, &words, &n))
    {
      (void) printf ("%s\"%s\": %u", comma, (const char *) words, GPOINTER_TO_UINT (n));
      comma = ", ";
    }
  (void) printf (
      "}, \"lost_sessions\": %u, \"new_addresses\": %u, \"without_datagrams\": %u, \"live\": %u",
      self->n_lost_sessions, self->n_new_addresses, self->n_without_datagrams, self->n_live);
  print_times ("way_back", self->ways_back);
  print_times ("answer", self->answers);
  print_times ("datagrams", self->datagrams);
  stale_flood_print (self->flood);
  (void) printf (", \"microseconds\": %" G_GINT64_FORMAT "}\n", took);
  (void) fflush (stdout);
}

typedef struct
{
  gboolean verbose;
  guint rounds;
  guint pause; /* milliseconds */
  guint port_heard;
  guint rate;
  char *source;
  char *others;
  char *target;
  char *marked;
  char *tun;
} Options;

static guint32
parse_address (const char *text)
{
  guint8 address[SP_ADDRESS_SIZE];

  if (text == NULL)
    return 0;
  if (!sp_address_from_text (text, address) || !sp_address_is_ipv4 (address))
    g_error ("%s is no IPv4 address", text);
  return sp_address_to_ipv4 (address);
}

static void
watch (Stale *self, int fd, int *mark)
{
  struct epoll_event event = { .events = EPOLLIN, .data.ptr = mark };

  if (epoll_ctl (self->plan.epoll, EPOLL_CTL_ADD, fd, &event) != 0)
    g_error ("epoll_ctl: %m");
}

static void
open_tun (Stale *self, const char *name)
{
  struct ifreq request = { .ifr_flags = IFF_TUN | IFF_NO_PI };

  (void) g_strlcpy (request.ifr_name, name, sizeof request.ifr_name);
  self->tun = open ("/dev/net/tun", O_RDWR | O_CLOEXEC | O_NONBLOCK);
  if (self->tun < 0 || ioctl (self->tun, TUNSETIFF, &request) != 0)
    g_error ("%s: %m", name);
  watch (self, self->tun, &self->tun_mark);
}

/* The line ends with a newline, if with anything. */
static char *
read_line (void)
{
  GString *line = g_string_new (NULL);
  char letter;

  while (read (STDIN_FILENO, &letter, 1) == 1 && letter != '\n')
    (void) g_string_append_c (line, letter);
  return g_string_free (line, FALSE);
}

static void
make_plan (Stale *self, const Options *options, char **arguments)
{
  SwarmPlan *plan = &self->plan;

  sp_address_from_ipv4 (plan->server.address, parse_address (arguments[1]));
  plan->server.port = (guint16) strtoul (arguments[2], NULL, 10);
  plan->target = parse_address (options->target);
  plan->first_source = parse_address (options->source);
  plan->logins = arguments + 3;
  plan->n_logins = 1;
  plan->password = read_line ();
  plan->datagrams = TRUE;
  plan->packet_cb = packet_cb;
  plan->open_datagrams = open_datagrams_cb;
  plan->push_datagram = push_datagram_cb;
  plan->epoll = epoll_create1 (EPOLL_CLOEXEC);
  if (plan->epoll < 0 || gnutls_certificate_allocate_credentials (&plan->credentials) != 0 ||
      gnutls_priority_init (&plan->stream_priority, STREAMS, NULL) != 0 ||
      gnutls_priority_init (&plan->datagram_priority, DATAGRAMS, NULL) != 0)
    g_error ("cannot begin");
}

/* Tells the address, and waits until whoever uses the TUN device has set it up. */
static void
settle (Stale *self, const Options *options)
{
  char text[SP_ENDPOINT_TEXT_MAX];
  guint8 address[SP_ADDRESS_SIZE];
  const char *failure = come_back (self);

  if (failure != NULL)
    g_error ("the first connection: %s", failure);
  g_array_set_size (self->ways_back, 0);
  g_array_set_size (self->answers, 0);
  g_array_set_size (self->datagrams, 0);
  self->n_without_datagrams = 0;
  sp_address_from_ipv4 (address, self->client->facts.address);
  sp_address_to_text (address, text);
  (void) printf ("{\"address\": \"%s\"}\n", text);
  (void) fflush (stdout);
  if (options->tun != NULL)
    (void) run_until (self, may_go_on, G_MAXINT64);
}

static void
attack (Stale *self, const Options *options, const StaleFloodPlan *flood)
{
  gint64 began;
  guint n = 0;

  self->client = swarm_client_new (&self->plan, 0);
  settle (self, options);
  began = g_get_monotonic_time ();
  send_live_marks (self, flood);
  while (n < options->rounds && !self->ended && self->n_failed_in_a_row < HOPELESS)
    {
      play_round (self, n++);
      send_live_marks (self, flood);
      (void) run_until (self, never, in_seconds (options->pause / 1000.0));
    }
  print_result (self, n, g_get_monotonic_time () - began);
  end_waiting (self);
  if (options->tun != NULL)
    (void) run_until (self, is_told_to_end, G_MAXINT64);
  swarm_client_leave (self->client);
  swarm_client_free (self->client);
}

static void
begin (Options *options, char **arguments)
{
  Stale self = { .reasons = g_hash_table_new (g_str_hash, g_str_equal),
                 .ways_back = g_array_new (FALSE, FALSE, sizeof (gint64)),
                 .answers = g_array_new (FALSE, FALSE, sizeof (gint64)),
                 .datagrams = g_array_new (FALSE, FALSE, sizeof (gint64)),
                 .waits = { .fd = -1 },
                 .attachment = 1,
                 .tells = options->verbose,
                 .tun = -1 };
  StaleFloodPlan flood = { .rate = options->rate, .others = parse_address (options->others) };

  make_plan (&self, options, arguments);
  flood.server = self.plan.server;
  sp_address_from_ipv4 (
      flood.marked.address,
      parse_address (options->marked != NULL ? options->marked : options->target));
  flood.marked.port = (guint16) options->port_heard;
  self.flood = stale_flood_new (&flood);
  if (options->tun != NULL)
    {
      open_tun (&self, options->tun);
      watch (&self, STDIN_FILENO, &self.input_mark);
    }
  attack (&self, options, &flood);
  stale_flood_free (self.flood);
}

static const char description[] =
    "Signs in at a server of yours (the password's line is read from standard input), and comes "
    "back with its cookie again and\n"
    "again, while the UDP ports that it used before go on sending: records and hellos that were "
    "sent before, alerts, junk, and\n"
    "correct records of the attachment before, with marks inside.  Prints what failed as one line "
    "of JSON; times are\n"
    "microseconds: the median, that of 95 %, the longest.\n\n"
    "  stale --target 192.168.50.20 --rounds 100 198.51.100.20 443 alice\n\n"
    "With --listen it hears the marks instead, on the machine that --target names, until its input "
    "ends; none that is \"stale\"\n"
    "and none that is \"repeated\" should ever arrive.";

int
main (int argc, char **argv)
{
  Options options = { .rounds = 25, .rate = 20000, .port_heard = DISCARD_PORT };
  int port = 0;
  const GOptionEntry entries[] = {
    { "rounds", 0, 0, G_OPTION_ARG_INT, &options.rounds, "how often it comes back (25)", "N" },
    { "pause", 0, 0, G_OPTION_ARG_INT, &options.pause, "how long it stays (0)", "MILLISECONDS" },
    { "rate", 0, 0, G_OPTION_ARG_INT, &options.rate, "datagrams a second from old ports (20000)",
      "N" },
    { "source", 0, 0, G_OPTION_ARG_STRING, &options.source, "own address", "ADDRESS" },
    { "others", 0, 0, G_OPTION_ARG_STRING, &options.others,
      "first of 8 addresses that send what was sent before, too", "ADDRESS" },
    { "target", 0, 0, G_OPTION_ARG_STRING, &options.target, "answers pings inside the tunnel",
      "ADDRESS" },
    { "marked", 0, 0, G_OPTION_ARG_STRING, &options.marked, "where marked packets go, if not there",
      "ADDRESS" },
    { "port", 0, 0, G_OPTION_ARG_INT, &options.port_heard, "their UDP port (9)", "PORT" },
    { "tun", 0, 0, G_OPTION_ARG_STRING, &options.tun,
      "a TUN device for others' packets; goes on at the next line of input, when it has its "
      "address",
      "NAME" },
    { "verbose", 0, 0, G_OPTION_ARG_NONE, &options.verbose, "tell of each return on standard error",
      NULL },
    { "listen", 0, 0, G_OPTION_ARG_INT, &port, "hear marks at this port", "PORT" },
    { NULL, 0, 0, G_OPTION_ARG_NONE, NULL, NULL, NULL }
  };
  g_autoptr (GOptionContext) context = g_option_context_new ("ADDRESS PORT LOGIN");
  g_autoptr (GError) error = NULL;

  g_option_context_set_description (context, description);
  g_option_context_add_main_entries (context, entries, NULL);
  if (!g_option_context_parse (context, &argc, &argv, &error))
    g_error ("%s", error->message);
  if (port != 0)
    stale_mark_listen ((guint16) port);
  else if (argc == 4 && options.target != NULL)
    begin (&options, argv);
  else
    g_error ("arguments: --target ADDRESS ADDRESS PORT LOGIN");
  return EXIT_SUCCESS;
}
