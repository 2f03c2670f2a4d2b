/* SPDX-License-Identifier: GPL-2.0-or-later */

/* load [OPTION…] ADDRESS PORT TARGET LOGIN…: clients that are never what a transfer waits for; see
 * README.md.
 *
 * Reads the password's line, signs in, says in a line of JSON what it got, then reads commands, one
 * a line, and answers each with a line of JSON, the clock of which is the process's CPU time:
 *   counters                     what came and went so far
 *   flood SIZE RATE MILLISECONDS PORT   UDP packets of SIZE bytes to TARGET, in all RATE a second
 * (0: as many as can be) many as can be) Between them it bridges the device, if it has one, to the
 * tunnels.  At the end of its input it ends. */

#include "load-channel.h"
#include "load-segments.h"
#include "swarm-packet.h"

#include "base/io.h"
#include "codec/frame-type.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/if_tun.h>
#include <net/if.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#define SIGN_IN_SECONDS 60
#define AT_ONCE         8
#define TICK_MS         50
#define EVENTS_AT_ONCE  64
#define READS_A_TURN    8
#define FLOOD_RUN       32
#define DISCARD_PORT    9
#define SOURCE_OFFSET   12 /* RFC 791 3.1 */

typedef struct
{
  SwarmClient *client;
  LoadChannel stream;
  LoadChannel datagram;
} LoadClient;

typedef struct
{
  SwarmPlan plan;     /* first: hooks get it by the client */
  GPtrArray *clients; /* LoadClient */
  GHashTable *by_address;
  int device; /* -1: there is none, packets are counted */
  guint8 super[LOAD_SUPER_MAX];
  LoadJoiner joiner;
  GString *input;
  gboolean ended;
  gboolean by_itself;
  gint64 probed;
  guint64 n_received, n_received_bytes, n_sent, n_foreign;
} Load;

static LoadClient *
load_client_new (Load *self, guint number)
{
  LoadClient *one = g_new0 (LoadClient, 1);

  one->client = swarm_client_new (&self->plan, number);
  return one;
}

static LoadChannel *
choose_channel (LoadClient *one)
{
  return one->client->channel == SWARM_DATAGRAMS ? &one->datagram : &one->stream;
}

/* --- one turn --- */

static void
packet_cb (SwarmClient *client, const guint8 *packet, gsize length)
{
  Load *self = (Load *) (gpointer) client->plan;

  self->n_received++;
  self->n_received_bytes += length;
  if (self->device >= 0)
    load_joiner_add (&self->joiner, packet, length);
}

/* Only IPv4 goes through: the tunnel of a swarm's client knows no other address of its own. */
static LoadClient *
find_sender (const Load *self, const guint8 *packet, gsize size)
{
  guint32 source;

  if (size < SOURCE_OFFSET + sizeof source || packet[0] >> 4 != 4)
    return NULL;
  memcpy (&source, packet + SOURCE_OFFSET, sizeof source);
  return g_hash_table_lookup (self->by_address, GUINT_TO_POINTER (ntohl (source)));
}

static void
send_packet (gpointer data, const guint8 *packet, gsize size)
{
  Load *self = data;
  LoadClient *one = find_sender (self, packet, size);

  if (one == NULL || one->client->state != SWARM_TUNNEL || size > SP_MTU_DEFAULT)
    {
      self->n_foreign++;
      return;
    }
  swarm_client_send (choose_channel (one)->end, SP_FRAME_DATA, packet, size);
  self->n_sent++;
}

static gboolean
all_have_room (const Load *self)
{
  for (guint i = 0; i < self->clients->len; i++)
    if (!load_channel_has_room (choose_channel (self->clients->pdata[i])))
      return FALSE;
  return TRUE;
}

static void
flush_all (Load *self)
{
  for (guint i = 0; i < self->clients->len; i++)
    {
      LoadClient *one = self->clients->pdata[i];

      load_channel_flush (&one->stream);
      if (one->client->channel == SWARM_DATAGRAMS)
        load_channel_flush (&one->datagram);
    }
}

static void
serve_device (Load *self)
{
  for (guint i = 0; i < READS_A_TURN && all_have_room (self); i++)
    {
      ssize_t size = read (self->device, self->super, sizeof self->super);

      if (size < 0)
        return;
      if (!load_split (self->super, (gsize) size, send_packet, self))
        self->n_foreign++;
    }
}

static void
serve_clients (Load *self)
{
  struct epoll_event events[EVENTS_AT_ONCE];
  int n = epoll_wait (self->plan.epoll, events, EVENTS_AT_ONCE, 0);

  for (int i = 0; i < n; i++)
    {
      SwarmEnd *end = events[i].data.ptr;
      LoadClient *one = self->clients->pdata[end->client->number];

      if ((events[i].events & (guint32) ~EPOLLOUT) != 0)
        load_channel_receive (end->is_datagram ? &one->datagram : &one->stream);
    }
  if (self->device >= 0)
    load_joiner_flush (&self->joiner);
}

static void
probe (Load *self)
{
  gint64 now = g_get_monotonic_time ();

  if (now - self->probed < G_USEC_PER_SEC)
    return;
  self->probed = now;
  for (guint i = 0; i < self->clients->len; i++)
    {
      LoadClient *one = self->clients->pdata[i];

      swarm_client_probe (one->client);
      if (one->client->state != SWARM_TUNNEL)
        g_error ("client %u: %s", i, one->client->because);
    }
}

static void
read_input (Load *self)
{
  char piece[4096];
  ssize_t size = read (STDIN_FILENO, piece, sizeof piece);

  if (size > 0)
    (void) g_string_append_len (self->input, piece, size);
  else
    self->ended = TRUE;
}

static void
turn (Load *self)
{
  struct pollfd ready[] = { { .fd = STDIN_FILENO, .events = POLLIN },
                            { .fd = self->plan.epoll, .events = POLLIN },
                            { .fd = all_have_room (self) ? self->device : -1, .events = POLLIN } };

  if (poll (ready, G_N_ELEMENTS (ready), TICK_MS) < 0)
    return;
  if (ready[0].revents != 0)
    read_input (self);
  if (ready[1].revents != 0)
    serve_clients (self);
  if (ready[2].revents != 0)
    serve_device (self);
  flush_all (self);
  probe (self);
}

/* --- commands --- */

static gint64
cpu_microseconds (void)
{
  struct timespec spent;

  (void) clock_gettime (CLOCK_PROCESS_CPUTIME_ID, &spent);
  return (gint64) spent.tv_sec * G_USEC_PER_SEC + spent.tv_nsec / 1000;
}

static void
tell_counters (Load *self, const guint *numbers)
{
  guint64 lost = 0;

  for (guint i = 0; i < self->clients->len; i++)
    lost += ((LoadClient *) self->clients->pdata[i])->datagram.n_lost;
  (void) printf ("{\"received\": %" G_GUINT64_FORMAT ", \"received_bytes\": %" G_GUINT64_FORMAT
                 ", \"sent\": %" G_GUINT64_FORMAT ", \"foreign\": %" G_GUINT64_FORMAT
                 ", \"lost\": %" G_GUINT64_FORMAT ", \"broken\": %" G_GUINT64_FORMAT
                 ", \"cpu_us\": %" G_GINT64_FORMAT "}\n",
                 self->n_received, self->n_received_bytes, self->n_sent, self->n_foreign, lost,
                 self->joiner.n_broken, cpu_microseconds ());
}

/* Whole packets, one for each client. */
static GPtrArray *
make_packets (Load *self, gsize size, guint16 port)
{
  GPtrArray *packets = g_ptr_array_new_with_free_func (g_free);
  guint8 payload[SP_MTU_DEFAULT] = { 0 };
  SpEndpoint target = { .port = port };

  sp_address_from_ipv4 (target.address, self->plan.target);
  for (guint i = 0; i < self->clients->len; i++)
    {
      LoadClient *one = self->clients->pdata[i];
      SpEndpoint source = { .port = DISCARD_PORT };
      guint8 *packet = g_malloc (size);

      sp_address_from_ipv4 (source.address, one->client->facts.address);
      (void) swarm_packet_write_datagram (packet, size, &source, &target, payload, size - 28);
      g_ptr_array_add (packets, packet);
    }
  return packets;
}

static void
flood_once (Load *self, GPtrArray *packets, gsize size)
{
  for (guint i = 0; i < packets->len; i++)
    {
      LoadChannel *channel = choose_channel (self->clients->pdata[i]);

      for (guint j = 0; j < FLOOD_RUN; j++)
        swarm_client_send (channel->end, SP_FRAME_DATA, packets->pdata[i], size);
      load_channel_drain (channel);
    }
}

static void
flood (Load *self, const guint *numbers)
{
  gsize size = CLAMP (numbers[0], 28, SP_MTU_DEFAULT);
  g_autoptr (GPtrArray) packets = make_packets (self, size, (guint16) numbers[3]);
  gint64 began = g_get_monotonic_time ();
  gint64 now = began, until = began + (gint64) numbers[2] * 1000;
  guint64 sent = 0;

  for (; now < until && !self->ended; now = g_get_monotonic_time ())
    {
      guint64 due = 1 + (guint64) (now - began) * numbers[1] / G_USEC_PER_SEC;

      serve_clients (self);
      if (numbers[1] != 0 && sent >= due)
        {
          g_usleep (MIN (1000, (gulong) (until - now)));
          continue;
        }
      flood_once (self, packets, size);
      sent += (guint64) FLOOD_RUN * packets->len;
    }
  (void) printf ("{\"sent\": %" G_GUINT64_FORMAT ", \"microseconds\": %" G_GINT64_FORMAT "}\n",
                 sent, now - began);
}

static const struct
{
  const char *name;
  guint n_numbers;
  void (*run) (Load *self, const guint *numbers);
} commands[] = { { "counters", 0, tell_counters }, { "flood", 4, flood } };

static void
run_command (Load *self, const char *line)
{
  g_auto (GStrv) words = g_strsplit (line, " ", -1);
  guint numbers[4] = { 0 };

  for (guint i = 0; i < G_N_ELEMENTS (commands); i++)
    {
      if (strcmp (words[0], commands[i].name) != 0 ||
          g_strv_length (words) != 1 + commands[i].n_numbers)
        continue;
      for (guint j = 0; j < commands[i].n_numbers; j++)
        numbers[j] = (guint) strtoul (words[1 + j], NULL, 10);
      commands[i].run (self, numbers);
      (void) fflush (stdout);
      return;
    }
  g_error ("no such command: %s", line);
}

/* NULL while there is no whole line. */
static char *
take_line (Load *self)
{
  const char *end = strchr (self->input->str, '\n');
  gsize length = end != NULL ? (gsize) (end - self->input->str) : 0;
  char *line;

  if (end == NULL)
    return NULL;
  line = g_strndup (self->input->str, length);
  (void) g_string_erase (self->input, 0, (gssize) length + 1);
  return line;
}

/* --- the beginning --- */

static gboolean
is_up (const Load *self, const LoadClient *one)
{
  if (one->client->state >= SWARM_AWAY)
    g_error ("client %u: %s", one->client->number, one->client->because);
  return one->client->state == SWARM_TUNNEL &&
         (!self->plan.datagrams || one->client->channel == SWARM_DATAGRAMS);
}

/* Clients begin some at a time; returns when all have what they are to have. */
static void
connect_all (Load *self)
{
  gint64 until = g_get_monotonic_time () + (gint64) SIGN_IN_SECONDS * G_USEC_PER_SEC;
  guint begun = 0, up = 0;

  while (up < self->clients->len)
    {
      struct epoll_event events[EVENTS_AT_ONCE];
      int n;

      for (; begun < self->clients->len && begun < up + AT_ONCE; begun++)
        swarm_client_begin (((LoadClient *) self->clients->pdata[begun])->client);
      n = epoll_wait (self->plan.epoll, events, EVENTS_AT_ONCE, TICK_MS);
      for (int i = 0; i < n; i++)
        swarm_client_ready (events[i].data.ptr);
      up = 0;
      for (guint i = 0; i < begun; i++)
        {
          LoadClient *one = self->clients->pdata[i];

          swarm_client_tick (one->client);
          up += is_up (self, one);
        }
      if (g_get_monotonic_time () > until)
        g_error ("%u of %u tunnels came up", up, self->clients->len);
    }
}

static void
take_over (Load *self)
{
  for (guint i = 0; i < self->clients->len; i++)
    {
      LoadClient *one = self->clients->pdata[i];

      load_channel_init (&one->stream, &one->client->stream);
      if (one->client->channel == SWARM_DATAGRAMS)
        load_channel_init (&one->datagram, &one->client->datagram);
      one->datagram.by_itself = self->by_itself;
      (void) g_hash_table_insert (self->by_address, GUINT_TO_POINTER (one->client->facts.address),
                                  one);
    }
}

static void
tell_tunnels (Load *self)
{
  LoadClient *first = self->clients->pdata[0];
  const char *comma = "";

  (void) printf ("{\"mtu\": %u, \"cipher\": \"%s\", \"datagrams\": %s, \"addresses\": [",
                 first->client->facts.mtu,
                 gnutls_cipher_get_name (gnutls_cipher_get (choose_channel (first)->end->session)),
                 self->plan.datagrams ? "true" : "false");
  for (guint i = 0; i < self->clients->len; i++)
    {
      const LoadClient *one = self->clients->pdata[i];
      struct in_addr address = { htonl (one->client->facts.address) };

      (void) printf ("%s\"%s\"", comma, inet_ntoa (address));
      comma = ", ";
    }
  (void) printf ("]}\n");
  (void) fflush (stdout);
}

static int
open_device (const char *name)
{
  struct ifreq request = { .ifr_flags = IFF_TUN | IFF_NO_PI | IFF_VNET_HDR };
  int fd = open ("/dev/net/tun", O_RDWR | O_NONBLOCK | O_CLOEXEC);

  (void) g_strlcpy (request.ifr_name, name, sizeof request.ifr_name);
  if (fd < 0 || ioctl (fd, TUNSETIFF, &request) != 0 ||
      ioctl (fd, TUNSETOFFLOAD, TUN_F_CSUM | TUN_F_TSO4 | TUN_F_TSO6) != 0)
    g_error ("no device %s: %m", name);
  return fd;
}

static guint32
parse_address (const char *text)
{
  guint8 address[SP_ADDRESS_SIZE];

  if (!sp_address_from_text (text, address) || !sp_address_is_ipv4 (address))
    g_error ("%s is no IPv4 address", text);
  return sp_address_to_ipv4 (address);
}

static void
set_priorities (SwarmPlan *plan, const char *cipher)
{
  g_autofree char *only =
      cipher != NULL ? g_strdup_printf (":-CIPHER-ALL:+%s", cipher) : g_strdup ("");
  g_autofree char *streams = g_strconcat ("NORMAL", only, NULL);
  g_autofree char *datagrams =
      g_strconcat ("NORMAL:-VERS-ALL:+VERS-DTLS1.2:-KX-ALL:+PSK", only, NULL);

  if (gnutls_certificate_allocate_credentials (&plan->credentials) != 0 ||
      gnutls_priority_init (&plan->stream_priority, streams, NULL) != 0 ||
      gnutls_priority_init (&plan->datagram_priority, datagrams, NULL) != 0)
    g_error ("%s is no cipher", cipher);
}

static void
parse_arguments (Load *self, int argc, char **argv)
{
  g_autofree char *cipher = NULL;
  g_autofree char *device = NULL;
  g_autofree char *source = NULL;
  gboolean tls = FALSE;
  int count = 1;
  const GOptionEntry entries[] = {
    { "tls", 0, 0, G_OPTION_ARG_NONE, &tls, "without datagrams", NULL },
    { "cipher", 0, 0, G_OPTION_ARG_STRING, &cipher, "the only one offered", "AES-128-GCM" },
    { "device", 0, 0, G_OPTION_ARG_STRING, &device, "bridge a TUN device of that name", "NAME" },
    { "source", 0, 0, G_OPTION_ARG_STRING, &source, "each client has an own one, from here on",
      "ADDRESS" },
    { "clients", 0, 0, G_OPTION_ARG_INT, &count, "how many", "N" },
    { "singly", 0, 0, G_OPTION_ARG_NONE, &self->by_itself, "no datagram leaves with another",
      NULL },
    { NULL }
  };
  g_autoptr (GOptionContext) options = g_option_context_new ("ADDRESS PORT TARGET LOGIN…");
  g_autoptr (GError) error = NULL;

  g_option_context_add_main_entries (options, entries, NULL);
  if (!g_option_context_parse (options, &argc, &argv, &error) || argc < 5 || count < 1)
    g_error ("%s", error != NULL ? error->message : "see --help");
  sp_address_from_ipv4 (self->plan.server.address, parse_address (argv[1]));
  self->plan.server.port = (guint16) strtoul (argv[2], NULL, 10);
  self->plan.target = parse_address (argv[3]);
  self->plan.logins = argv + 4;
  self->plan.n_logins = (guint) argc - 4;
  self->plan.datagrams = !tls;
  self->plan.first_source = source != NULL ? parse_address (source) : 0;
  self->plan.packet_cb = packet_cb;
  self->plan.epoll = epoll_create1 (EPOLL_CLOEXEC);
  set_priorities (&self->plan, cipher);
  self->device = device != NULL ? open_device (device) : -1;
  for (int i = 0; i < count; i++)
    g_ptr_array_add (self->clients, load_client_new (self, (guint) i));
}

/* Goodbye, so that their sessions end. */
static void
leave_all (Load *self)
{
  const guint8 reason = SP_BYE_USER;

  for (guint i = 0; i < self->clients->len; i++)
    {
      LoadClient *one = self->clients->pdata[i];

      if (one->client->state == SWARM_TUNNEL)
        swarm_client_send (&one->client->stream, SP_FRAME_DISCONNECT, &reason, sizeof reason);
      load_channel_drain (&one->stream);
      swarm_client_free (one->client);
    }
}

int
main (int argc, char **argv)
{
  g_autofree Load *self = g_new0 (Load, 1);
  char *line;

  self->clients = g_ptr_array_new ();
  self->by_address = g_hash_table_new (NULL, NULL);
  self->input = g_string_new (NULL);
  parse_arguments (self, argc, argv);
  load_joiner_init (&self->joiner, self->device);
  while ((self->plan.password = take_line (self)) == NULL && !self->ended)
    read_input (self);
  connect_all (self);
  take_over (self);
  tell_tunnels (self);
  while (!self->ended)
    {
      while ((line = take_line (self)) != NULL)
        {
          run_command (self, line);
          g_free (line);
        }
      turn (self);
    }
  leave_all (self);
  return EXIT_SUCCESS;
}
