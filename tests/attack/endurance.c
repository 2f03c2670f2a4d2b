/* SPDX-License-Identifier: GPL-2.0-or-later */

/* endurance --guests N --hours N [--seed N] ADDRESS PORT TARGET FIRST-SOURCE LOGIN… <PASSWORD:
 * clients that live as people do: they sign in, are busy or idle, move, renew keys, vanish and come
 * back, sign out.  Prints what they did as a line of JSON.  Its clock is as hurried as that of the
 * rooms that it was built with. */

#include "swarm-client.h"
#include "swarm-packet.h"

#include "base/io.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#define EVENTS_AT_ONCE 256
#define TICK_MS        1000
#define SECOND         ((gint64) G_USEC_PER_SEC)
#define MINUTE         (60 * SECOND)
#define LONG_NAP       (45 * MINUTE) /* longer than the server lets anybody be idle */
#define PATIENCE       (10 * MINUTE) /* for a tunnel */
#define STREAMS        "NORMAL"
#define DATAGRAMS      "NORMAL:-VERS-ALL:+VERS-DTLS1.2:-KX-ALL:+PSK"
#define ELSEWHERE      0x8000 /* in the network of sources */

typedef enum
{
  DID_SIGN_IN,
  DID_RETURN, /* with the cookie */
  DID_PING,
  DID_HEAR, /* the answer to one */
  DID_ROAM,
  DID_RENEW_STREAM,
  DID_RENEW_DATAGRAMS,
  DID_VANISH,
  DID_NAP,
  DID_SIGN_OUT,
  DID_GIVE_UP, /* no tunnel in time */
  DID_N
} Deed;

static const char *const deed_names[DID_N] = {
  "signed_in",         "returned", "pinged", "heard",      "roamed",  "renewed_stream",
  "renewed_datagrams", "vanished", "napped", "signed_out", "gave_up",
};

typedef struct
{
  SwarmClient *client;
  gint64 due;
  gboolean in; /* its tunnel was counted */
  gint64 heard;
} Guest;

typedef struct
{
  SwarmPlan plan;
  GRand *dice;
  Guest *guests;
  guint n_guests;
  guint64 deeds[DID_N];
  GHashTable *ends; /* why the server's side ended it: how often */
} House;

static gint64
some (House *house, gint64 from, gint64 to)
{
  return from + (gint64) (g_rand_double (house->dice) * (double) (to - from));
}

static void
sleep_for (House *house, Guest *guest, gint64 from, gint64 to)
{
  guest->due = g_get_monotonic_time () + some (house, from, to);
}

/* --- what a guest does in its tunnel --- */

static void
be_busy (House *house, Guest *guest)
{
  swarm_client_ping (guest->client);
  guest->heard = guest->client->ponged;
  house->deeds[DID_PING]++;
  sleep_for (house, guest, 2 * SECOND, MINUTE);
}

/* Its records come from another address and port, in the middle of everything. */
static void
roam (House *house, Guest *guest)
{
  SwarmEnd *end = &guest->client->datagram;
  SpEndpoint source = { 0 }, server = house->plan.server;
  struct sockaddr_storage name;
  socklen_t size;
  int fd = socket (AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

  if (guest->client->channel != SWARM_DATAGRAMS)
    {
      sp_fd_clear (&fd);
      return;
    }
  sp_address_from_ipv4 (source.address, house->plan.first_source + ELSEWHERE +
                                            (guint32) g_rand_int_range (house->dice, 0, 0x4000));
  size = sp_endpoint_to_sockaddr (&source, AF_INET, &name);
  if (fd < 0 || bind (fd, (struct sockaddr *) &name, size) != 0)
    g_error ("no socket: %m");
  server.port = guest->client->facts.datagram_port;
  size = sp_endpoint_to_sockaddr (&server, AF_INET, &name);
  if (connect (fd, (struct sockaddr *) &name, size) != 0)
    g_error ("no way: %m");
  sp_fd_clear (&end->fd);
  end->fd = fd;
  gnutls_transport_set_int (end->session, fd);
  swarm_client_watch (end, EPOLLIN);
  house->deeds[DID_ROAM]++;
  be_busy (house, guest);
}

static void
renew_stream (House *house, Guest *guest)
{
  gnutls_session_t session = guest->client->stream.session;

  if (gnutls_protocol_get_version (session) == GNUTLS_TLS1_3 &&
      gnutls_session_key_update (session, GNUTLS_KU_PEER) == 0)
    house->deeds[DID_RENEW_STREAM]++;
  sleep_for (house, guest, SECOND, MINUTE);
}

/* A handshake beside the old channel's keys. */
static void
renew_datagrams (House *house, Guest *guest)
{
  if (guest->client->channel == SWARM_DATAGRAMS)
    {
      swarm_datagram_end (guest->client);
      swarm_datagram_begin (guest->client);
      house->deeds[DID_RENEW_DATAGRAMS]++;
    }
  sleep_for (house, guest, SECOND, MINUTE);
}

static void
leave_tunnel (Guest *guest)
{
  guest->in = FALSE;
}

static void
vanish (House *house, Guest *guest)
{
  swarm_client_break (guest->client);
  leave_tunnel (guest);
  house->deeds[DID_VANISH]++;
  sleep_for (house, guest, SECOND, 8 * MINUTE); /* longer than some cookies live */
}

static void
sign_out (House *house, Guest *guest)
{
  swarm_client_leave (guest->client);
  guest->client->facts.cookie[0] = '\0';
  leave_tunnel (guest);
  house->deeds[DID_SIGN_OUT]++;
  sleep_for (house, guest, SECOND, 10 * MINUTE);
}

static void
nap (House *house, Guest *guest)
{
  house->deeds[DID_NAP]++;
  guest->due = g_get_monotonic_time () + LONG_NAP;
}

static const struct
{
  guint chances; /* of 100 */
  void (*act) (House *house, Guest *guest);
} habits[] = {
  { 76, be_busy }, { 8, roam },     { 4, renew_stream }, { 3, renew_datagrams },
  { 4, vanish },   { 3, sign_out }, { 2, nap },
};

static void
act (House *house, Guest *guest)
{
  guint throw = (guint) g_rand_int_range (house->dice, 0, 100);

  for (guint i = 0; i < G_N_ELEMENTS (habits); i++)
    {
      if (throw < habits[i].chances)
        {
          habits[i].act (house, guest);
          return;
        }
      throw -= habits[i].chances;
    }
}

/* --- in and out --- */

static void
begin (House *house, Guest *guest)
{
  swarm_client_begin (guest->client);
  guest->due = g_get_monotonic_time () + PATIENCE;
}

static void
note_arrival (House *house, Guest *guest)
{
  gboolean signed_in = guest->client->signed_in >= guest->client->began;

  house->deeds[signed_in ? DID_SIGN_IN : DID_RETURN]++;
  guest->in = TRUE;
  sleep_for (house, guest, SECOND, MINUTE);
}

/* Whoever was sent away signs in again: stock clients ask for the password then. */
static void
note_end (House *house, Guest *guest)
{
  const char *because = g_steal_pointer (&guest->client->because);
  gpointer times = g_hash_table_lookup (house->ends, because);

  (void) g_hash_table_insert (house->ends, (gpointer) because,
                              GUINT_TO_POINTER (GPOINTER_TO_UINT (times) + 1));
  if (!g_str_equal (because, "the server closed the connection"))
    guest->client->facts.cookie[0] = '\0';
  leave_tunnel (guest);
  sleep_for (house, guest, SECOND, MINUTE);
}

static void
give_up (House *house, Guest *guest)
{
  swarm_client_break (guest->client);
  house->deeds[DID_GIVE_UP]++;
  sleep_for (house, guest, SECOND, MINUTE);
}

static void
live (House *house, Guest *guest, gint64 now)
{
  SwarmClient *client = guest->client;

  swarm_client_tick (client);
  if (client->ponged != 0 && client->ponged != guest->heard)
    {
      guest->heard = client->ponged;
      house->deeds[DID_HEAR]++;
    }
  if (client->state == SWARM_ENDED && client->because != NULL)
    note_end (house, guest);
  else if (client->state == SWARM_TUNNEL && !guest->in)
    note_arrival (house, guest);
  else if (now < guest->due)
    return;
  else if (client->state == SWARM_TUNNEL)
    act (house, guest);
  else if (client->state >= SWARM_AWAY)
    begin (house, guest);
  else
    give_up (house, guest);
}

static void
turn (House *house)
{
  struct epoll_event events[EVENTS_AT_ONCE];
  int n = epoll_wait (house->plan.epoll, events, EVENTS_AT_ONCE, TICK_MS);
  gint64 now = g_get_monotonic_time ();

  for (int i = 0; i < n; i++)
    swarm_client_ready (events[i].data.ptr);
  for (guint i = 0; i < house->n_guests; i++)
    {
      live (house, &house->guests[i], now);
      swarm_client_probe (house->guests[i].client);
    }
}

/* All go for good; who has no connection but a cookie comes once more for that. */
static void
say_goodbye (House *house)
{
  gint64 until = g_get_monotonic_time () + 2 * PATIENCE;
  guint left;

  do
    {
      struct epoll_event events[EVENTS_AT_ONCE];
      int n = epoll_wait (house->plan.epoll, events, EVENTS_AT_ONCE, TICK_MS);

      left = 0;
      for (int i = 0; i < n; i++)
        swarm_client_ready (events[i].data.ptr);
      for (guint i = 0; i < house->n_guests; i++)
        {
          Guest *guest = &house->guests[i];

          if (guest->client->state == SWARM_TUNNEL && !guest->in)
            note_arrival (house, guest);
          if (guest->client->state == SWARM_TUNNEL)
            sign_out (house, guest);
          else if (guest->client->state == SWARM_ENDED && guest->client->because != NULL)
            note_end (house, guest);
          else if (guest->client->state >= SWARM_AWAY && guest->client->facts.cookie[0] != '\0')
            begin (house, guest);
          left += guest->client->facts.cookie[0] != '\0' || guest->client->state < SWARM_AWAY;
        }
    }
  while (left > 0 && g_get_monotonic_time () < until);
  (void) printf ("{\"left\": %u", left);
}

static void
print_deeds (House *house)
{
  GHashTableIter each;
  gpointer because, times;
  const char *comma = "";

  for (guint i = 0; i < DID_N; i++)
    (void) printf (", \"%s\": %" G_GUINT64_FORMAT, deed_names[i], house->deeds[i]);
  (void) printf (", \"packet\": %d, \"ends\": {", SWARM_PING_SIZE);
  g_hash_table_iter_init (&each, house->ends);
  while (g_hash_table_iter_next (&each, &because, &times))
    {
      (void) printf ("%s\"%s\": %u", comma, (const char *) because, GPOINTER_TO_UINT (times));
      comma = ", ";
    }
  (void) printf ("}}\n");
}

static guint32
parse_address (const char *text)
{
  guint8 address[SP_ADDRESS_SIZE];

  if (!sp_address_from_text (text, address) || !sp_address_is_ipv4 (address))
    g_error ("%s is no IPv4 address", text);
  return sp_address_to_ipv4 (address);
}

static char *
read_password (void)
{
  char line[256] = "";

  if (fgets (line, sizeof line, stdin) == NULL)
    g_error ("no password");
  return g_strdup (g_strchomp (line));
}

static void
make_plan (SwarmPlan *plan, char **words, guint n)
{
  sp_address_from_ipv4 (plan->server.address, parse_address (words[0]));
  plan->server.port = (guint16) strtoul (words[1], NULL, 10);
  plan->target = parse_address (words[2]);
  plan->first_source = parse_address (words[3]);
  plan->logins = words + 4;
  plan->n_logins = n - 4;
  plan->password = read_password ();
  plan->datagrams = TRUE;
  plan->epoll = epoll_create1 (EPOLL_CLOEXEC);
  if (plan->epoll < 0 || gnutls_certificate_allocate_credentials (&plan->credentials) != 0 ||
      gnutls_priority_init (&plan->stream_priority, STREAMS, NULL) != 0 ||
      gnutls_priority_init (&plan->datagram_priority, DATAGRAMS, NULL) != 0)
    g_error ("cannot begin");
}

static void
invite (House *house)
{
  house->guests = g_new0 (Guest, house->n_guests);
  for (guint i = 0; i < house->n_guests; i++)
    {
      house->guests[i].client = swarm_client_new (&house->plan, i);
      house->guests[i].client->state = SWARM_AWAY;
      sleep_for (house, &house->guests[i], SECOND, 10 * MINUTE);
    }
}

int
main (int argc, char **argv)
{
  House house = { .n_guests = 200, .ends = g_hash_table_new (g_str_hash, g_str_equal) };
  double hours = 8;
  int seed = 1;
  int guests = 200;
  const GOptionEntry options[] = {
    { "guests", 0, 0, G_OPTION_ARG_INT, &guests, "How many clients (200)", "N" },
    { "hours", 0, 0, G_OPTION_ARG_DOUBLE, &hours, "How long, by its clock (8)", "N" },
    { "seed", 0, 0, G_OPTION_ARG_INT, &seed, "Of their dice (1)", "N" },
    { NULL, 0, 0, 0, NULL, NULL, NULL },
  };
  g_autoptr (GOptionContext) context =
      g_option_context_new ("ADDRESS PORT TARGET FIRST-SOURCE LOGIN… <PASSWORD");
  g_autoptr (GError) error = NULL;
  gint64 until;

  g_option_context_add_main_entries (context, options, NULL);
  if (!g_option_context_parse (context, &argc, &argv, &error) || argc < 6 || guests < 1)
    {
      (void) fprintf (stderr, "endurance: %s\n", error != NULL ? error->message : "see --help");
      return EXIT_FAILURE;
    }
  house.n_guests = (guint) guests;
  house.dice = g_rand_new_with_seed ((guint32) seed);
  make_plan (&house.plan, argv + 1, (guint) argc - 1);
  invite (&house);
  until = g_get_monotonic_time () + (gint64) (hours * 60 * (double) MINUTE);
  while (g_get_monotonic_time () < until)
    turn (&house);
  say_goodbye (&house);
  print_deeds (&house);
  return EXIT_SUCCESS;
}
