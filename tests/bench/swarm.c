/* SPDX-License-Identifier: GPL-2.0-or-later */

/* swarm ADDRESS PORT TARGET tls|dtls FIRST-SOURCE|- LOGIN…: many clients in one process.
 *
 * Reads the password's line, then commands, one a line; answers each with a line of JSON:
 *   open N AT-ONCE SECONDS   N more clients sign in and connect, so many of them at one time
 *   ping SECONDS             a packet through each tunnel to TARGET, which answers
 *   break N                  the N oldest tunnels lose their connection, without a word
 *   return AT-ONCE SECONDS   those come back with their cookies
 *   leave N                  the N oldest tunnels are ended for good
 *   greet 0|1                from now on they ping TARGET once their tunnel is up, and wait for its
 * answer shake N AT-ONCE SECONDS  N others shake hands (TLS) and go state Between commands it
 * answers what the server asks.  At the end of its input it ends. */

#include "swarm-client.h"

#include "base/io.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#define TICK_MS        50
#define EVENTS_AT_ONCE 256
#define STREAMS        "NORMAL"
#define DATAGRAMS      "NORMAL:-VERS-ALL:+VERS-DTLS1.2:-KX-ALL:+PSK"
#define ARGUMENTS_MIN  7

typedef struct
{
  SwarmPlan plan;
  GPtrArray *clients;   /* SwarmClient */
  GPtrArray *under_way; /* of these, who is not settled */
  GString *input;
  gint64 probed;
  gboolean ended;
} Swarm;

static void
read_input (Swarm *self)
{
  char piece[4096];
  gssize size = read (STDIN_FILENO, piece, sizeof piece);

  if (size > 0)
    (void) g_string_append_len (self->input, piece, size);
  else
    self->ended = TRUE;
}

static void
tick (Swarm *self)
{
  for (guint i = self->under_way->len; i > 0; i--)
    {
      SwarmClient *client = self->under_way->pdata[i - 1];

      swarm_client_tick (client);
      if (swarm_client_is_settled (client))
        (void) g_ptr_array_remove_index_fast (self->under_way, i - 1);
    }
}

static void
probe (Swarm *self)
{
  gint64 now = g_get_monotonic_time ();

  if (now - self->probed < G_USEC_PER_SEC)
    return;
  self->probed = now;
  g_ptr_array_foreach (self->clients, (GFunc) (void *) swarm_client_probe, NULL);
}

/* One turn of waiting.  The input has no end of its own: NULL. */
static void
turn (Swarm *self)
{
  struct epoll_event events[EVENTS_AT_ONCE];
  int n = epoll_wait (self->plan.epoll, events, EVENTS_AT_ONCE, TICK_MS);

  for (int i = 0; i < n; i++)
    {
      if (events[i].data.ptr == NULL)
        read_input (self);
      else
        swarm_client_ready (events[i].data.ptr);
    }
  tick (self);
  probe (self);
}

static gint64
deadline_in (guint seconds)
{
  return g_get_monotonic_time () + (gint64) seconds * G_USEC_PER_SEC;
}

static guint
count (Swarm *self, SwarmState state)
{
  guint n = 0;

  for (guint i = 0; i < self->clients->len; i++)
    if (((SwarmClient *) self->clients->pdata[i])->state == state)
      n++;
  return n;
}

static void
tell_reasons (Swarm *self)
{
  for (guint i = 0; i < self->clients->len; i++)
    {
      SwarmClient *client = self->clients->pdata[i];
      const char *because = g_steal_pointer (&client->because);

      if (because != NULL)
        (void) fprintf (stderr, "swarm: client %u: %s\n", client->number, because);
    }
}

static void
print_since (GPtrArray *clients, const char *name, gsize begin, gsize end)
{
  const char *comma = "";

  (void) printf (", \"%s\": [", name);
  for (guint i = 0; i < clients->len; i++)
    {
      gint64 from = G_STRUCT_MEMBER (gint64, clients->pdata[i], begin);
      gint64 to = G_STRUCT_MEMBER (gint64, clients->pdata[i], end);

      if (to < from || to == 0)
        continue;
      (void) printf ("%s%" G_GINT64_FORMAT, comma, to - from);
      comma = ", ";
    }
  (void) printf ("]");
}

static void
print_state (Swarm *self)
{
  tell_reasons (self);
  (void) printf ("{\"tunnels\": %u, \"away\": %u, \"ended\": %u", count (self, SWARM_TUNNEL),
                 count (self, SWARM_AWAY), count (self, SWARM_ENDED));
}

static void
end_answer (void)
{
  (void) printf ("}\n");
  (void) fflush (stdout);
}

/* Lets `waiting` begin, some at a time, until all have settled. */
static void
let_begin (Swarm *self, GPtrArray *waiting, guint at_once, guint seconds)
{
  gint64 began = g_get_monotonic_time ();
  gint64 until = deadline_in (seconds);
  guint next = 0;

  while (!self->ended && (next < waiting->len || self->under_way->len > 0) &&
         g_get_monotonic_time () < until)
    {
      while (next < waiting->len && self->under_way->len < at_once)
        {
          swarm_client_begin (waiting->pdata[next]);
          g_ptr_array_add (self->under_way, waiting->pdata[next++]);
        }
      turn (self);
    }
  print_state (self);
  (void) printf (", \"unsettled\": %u, \"microseconds\": %" G_GINT64_FORMAT,
                 self->under_way->len + waiting->len - next, g_get_monotonic_time () - began);
  print_since (waiting, "signed_in", G_STRUCT_OFFSET (SwarmClient, began),
               G_STRUCT_OFFSET (SwarmClient, signed_in));
  print_since (waiting, "connected", G_STRUCT_OFFSET (SwarmClient, began),
               G_STRUCT_OFFSET (SwarmClient, connected));
  print_since (waiting, "datagrams", G_STRUCT_OFFSET (SwarmClient, began),
               G_STRUCT_OFFSET (SwarmClient, has_datagrams));
  print_since (waiting, "datagrams_took", G_STRUCT_OFFSET (SwarmClient, connected),
               G_STRUCT_OFFSET (SwarmClient, has_datagrams));
  print_since (waiting, "replied", G_STRUCT_OFFSET (SwarmClient, began),
               G_STRUCT_OFFSET (SwarmClient, ponged));
  end_answer ();
}

static void
open_some (Swarm *self, const guint *numbers)
{
  g_autoptr (GPtrArray) waiting = g_ptr_array_new ();

  for (guint i = 0; i < numbers[0]; i++)
    {
      SwarmClient *client = swarm_client_new (&self->plan, self->clients->len);
      g_ptr_array_add (self->clients, client);
      g_ptr_array_add (waiting, client);
    }
  let_begin (self, waiting, numbers[1], numbers[2]);
}

/* They are none of the swarm's. */
static void
let_shake (Swarm *self, const guint *numbers)
{
  g_autoptr (GPtrArray) strangers =
      g_ptr_array_new_with_free_func ((GDestroyNotify) (void *) swarm_client_free);

  self->plan.only_shakes = TRUE;
  for (guint i = 0; i < numbers[0]; i++)
    g_ptr_array_add (strangers, swarm_client_new (&self->plan, i));
  let_begin (self, strangers, numbers[1], numbers[2]);
  self->plan.only_shakes = FALSE;
  g_ptr_array_set_size (self->under_way, 0);
}

static void
set_greeting (Swarm *self, const guint *numbers)
{
  self->plan.greets = numbers[0] != 0;
  print_state (self);
  end_answer ();
}

static void
let_return (Swarm *self, const guint *numbers)
{
  g_autoptr (GPtrArray) waiting = g_ptr_array_new ();

  for (guint i = 0; i < self->clients->len; i++)
    if (((SwarmClient *) self->clients->pdata[i])->state == SWARM_AWAY)
      g_ptr_array_add (waiting, self->clients->pdata[i]);
  let_begin (self, waiting, numbers[0], numbers[1]);
}

static guint
count_pongs (Swarm *self)
{
  guint n = 0;

  for (guint i = 0; i < self->clients->len; i++)
    {
      SwarmClient *client = self->clients->pdata[i];
      if (client->state == SWARM_TUNNEL && client->ponged != 0)
        n++;
    }
  return n;
}

static void
ping (Swarm *self, const guint *numbers)
{
  gint64 until = deadline_in (numbers[0]);

  g_ptr_array_foreach (self->clients, (GFunc) (void *) swarm_client_ping, NULL);
  while (!self->ended && count_pongs (self) < count (self, SWARM_TUNNEL) &&
         g_get_monotonic_time () < until)
    turn (self);
  print_state (self);
  (void) printf (", \"answered\": %u", count_pongs (self));
  print_since (self->clients, "round_trips", G_STRUCT_OFFSET (SwarmClient, pinged),
               G_STRUCT_OFFSET (SwarmClient, ponged));
  end_answer ();
}

static void
end_some (Swarm *self, guint n, void (*end) (SwarmClient *client))
{
  for (guint i = 0; i < self->clients->len && n > 0; i++)
    {
      SwarmClient *client = self->clients->pdata[i];
      if (client->state != SWARM_TUNNEL)
        continue;
      end (client);
      n--;
    }
  print_state (self);
  end_answer ();
}

static void
break_some (Swarm *self, const guint *numbers)
{
  end_some (self, numbers[0], swarm_client_break);
}

static void
let_leave (Swarm *self, const guint *numbers)
{
  end_some (self, numbers[0], swarm_client_leave);
}

static void
tell_state (Swarm *self, const guint *numbers)
{
  print_state (self);
  end_answer ();
}

static const struct
{
  const char *name;
  guint n_numbers;
  void (*run) (Swarm *self, const guint *numbers);
} commands[] = {
  { "open", 3, open_some },     { "ping", 1, ping },       { "break", 1, break_some },
  { "return", 2, let_return },  { "leave", 1, let_leave }, { "state", 0, tell_state },
  { "greet", 1, set_greeting }, { "shake", 3, let_shake },
};

static void
run_command (Swarm *self, const char *line)
{
  g_auto (GStrv) words = g_strsplit (line, " ", -1);
  guint n = g_strv_length (words);
  guint numbers[3] = { 0 };

  for (guint i = 0; i < G_N_ELEMENTS (commands); i++)
    {
      if (n != 1 + commands[i].n_numbers || strcmp (words[0], commands[i].name) != 0)
        continue;
      for (guint j = 1; j < n; j++)
        numbers[j - 1] = (guint) strtoul (words[j], NULL, 10);
      commands[i].run (self, numbers);
      return;
    }
  g_error ("no such command: %s", line);
}

/* NULL while there is no whole line. */
static char *
take_line (Swarm *self)
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

static guint32
parse_address (const char *text)
{
  guint8 address[SP_ADDRESS_SIZE];

  if (!sp_address_from_text (text, address) || !sp_address_is_ipv4 (address))
    g_error ("%s is no IPv4 address", text);
  return sp_address_to_ipv4 (address);
}

static void
make_plan (SwarmPlan *plan, char **arguments, guint n)
{
  struct epoll_event event = { .events = EPOLLIN };

  sp_address_from_ipv4 (plan->server.address, parse_address (arguments[1]));
  plan->server.port = (guint16) strtoul (arguments[2], NULL, 10);
  plan->target = parse_address (arguments[3]);
  plan->datagrams = strcmp (arguments[4], "dtls") == 0;
  plan->first_source = strcmp (arguments[5], "-") != 0 ? parse_address (arguments[5]) : 0;
  plan->logins = arguments + ARGUMENTS_MIN - 1;
  plan->n_logins = n - ARGUMENTS_MIN + 1;
  plan->epoll = epoll_create1 (EPOLL_CLOEXEC);
  if (epoll_ctl (plan->epoll, EPOLL_CTL_ADD, STDIN_FILENO, &event) != 0 ||
      gnutls_certificate_allocate_credentials (&plan->credentials) != 0 ||
      gnutls_priority_init (&plan->stream_priority, STREAMS, NULL) != 0 ||
      gnutls_priority_init (&plan->datagram_priority, DATAGRAMS, NULL) != 0)
    g_error ("cannot begin");
}

int
main (int argc, char **argv)
{
  Swarm self = { .clients = g_ptr_array_new (),
                 .under_way = g_ptr_array_new (),
                 .input = g_string_new (NULL) };

  if (argc < ARGUMENTS_MIN)
    g_error ("arguments: ADDRESS PORT TARGET tls|dtls FIRST-SOURCE|- LOGIN…");
  make_plan (&self.plan, argv, (guint) argc);
  while (!self.ended)
    {
      g_autofree char *line = take_line (&self);

      if (line == NULL)
        turn (&self);
      else if (self.plan.password == NULL)
        self.plan.password = g_steal_pointer (&line);
      else
        run_command (&self, line);
    }
  return EXIT_SUCCESS;
}
