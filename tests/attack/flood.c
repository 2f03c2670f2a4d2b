/* SPDX-License-Identifier: GPL-2.0-or-later */

/* flood --kind KIND ADDRESS:PORT: floods a server of one's own, and prints what came of it as JSON.
 *
 * Sources are addresses that must lead back to this machine, for example
 *   ip route add local 198.18.0.0/20 dev lo
 * here and a route to here on the way; then --sources 198.18.0.0/20. */

#include "flood.h"

#include "base/io.h"

#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DESCRIPTORS_BESIDE 64
#define CATCH_UP           (G_USEC_PER_SEC / 100)

guint64
flood_dice_roll (FloodDice *dice)
{
  guint64 z = dice->state += G_GUINT64_CONSTANT (0x9e3779b97f4a7c15); /* splitmix64 */

  z = (z ^ z >> 30) * G_GUINT64_CONSTANT (0xbf58476d1ce4e5b9);
  z = (z ^ z >> 27) * G_GUINT64_CONSTANT (0x94d049bb133111eb);
  return z ^ z >> 31;
}

void
flood_dice_fill (FloodDice *dice, guint8 *bytes, gsize size)
{
  for (gsize i = 0; i < size; i += sizeof (guint64))
    {
      guint64 eight = flood_dice_roll (dice);
      memcpy (bytes + i, &eight, MIN (sizeof eight, size - i));
    }
}

void
flood_source (const FloodPlan *plan, guint64 n, FloodDice *dice, guint8 ret[SP_ADDRESS_SIZE])
{
  guint8 any[SP_ADDRESS_SIZE];
  guint length = plan->sources.length;

  memcpy (ret, plan->sources.address, SP_ADDRESS_SIZE);
  if (sp_network_is_ipv4 (&plan->sources))
    {
      sp_address_from_ipv4 (ret, sp_address_to_ipv4 (ret) + (guint32) (n % plan->source_count));
      return;
    }
  flood_dice_fill (dice, any, sizeof any);
  for (guint i = (length + 7) / 8; i < SP_ADDRESS_SIZE; i++)
    ret[i] = any[i];
}

int
flood_open_socket (const FloodPlan *plan, int type)
{
  int family = sp_address_is_ipv4 (plan->server.address) ? AF_INET : AF_INET6;
  int fd = socket (family, type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  int on = 1;

  if (fd < 0 || !plan->chooses_source)
    return fd;
  (void) setsockopt (fd, IPPROTO_IP, IP_FREEBIND, &on, sizeof on);
  if (family == AF_INET6)
    (void) setsockopt (fd, IPPROTO_IPV6, IPV6_FREEBIND, &on, sizeof on);
  /* A port is found when the connection is made, so that each source has all of them. */
  (void) setsockopt (fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &on, sizeof on);
  return fd;
}

guint
flood_due (const FloodPlan *plan, gint64 elapsed, guint64 done, FloodResult *result)
{
  guint64 planned = (guint64) elapsed * plan->rate / G_USEC_PER_SEC;
  guint64 at_most = MAX ((guint64) plan->rate * CATCH_UP / G_USEC_PER_SEC, 1);
  guint64 due = planned > done + result->skipped ? planned - done - result->skipped : 0;

  if (due > at_most)
    result->skipped += due - at_most;
  return (guint) MIN (due, at_most);
}

void
flood_print (const FloodPlan *plan, const FloodResult *result, gint64 elapsed)
{
  const struct
  {
    const char *name;
    guint64 value;
  } numbers[] = {
    { "begun", result->begun },     { "connected", result->connected },
    { "refused", result->refused }, { "handshakes", result->handshakes },
    { "guesses", result->guesses }, { "ended", result->ended },
    { "dropped", result->dropped }, { "bytes_sent", result->bytes_sent },
    { "answers", result->answers }, { "bytes_received", result->bytes_received },
    { "skipped", result->skipped },
  };

  (void) printf ("{\"kind\": \"%s\", \"seconds\": %.3f", plan->kind->name,
                 (double) elapsed / G_USEC_PER_SEC);
  for (guint i = 0; i < G_N_ELEMENTS (numbers); i++)
    (void) printf (", \"%s\": %" G_GUINT64_FORMAT, numbers[i].name, numbers[i].value);
  (void) printf ("}\n");
  (void) fflush (stdout);
}

void
flood_tell_progress (const FloodPlan *plan, const FloodResult *result, gint64 elapsed, gint64 *told)
{
  if (!plan->tells_progress || elapsed - *told < G_USEC_PER_SEC)
    return;
  *told = elapsed;
  flood_print (plan, result, elapsed);
}

static gboolean
parse_server (const char *text, SpEndpoint *ret)
{
  const char *colon = text != NULL ? strrchr (text, ':') : NULL;
  g_autofree char *address = colon != NULL ? g_strndup (text, (gsize) (colon - text)) : NULL;
  gsize length = address != NULL ? strlen (address) : 0;
  gboolean bracketed = length > 1 && address[0] == '[' && address[length - 1] == ']';

  if (address == NULL)
    return FALSE;
  if (bracketed)
    address[length - 1] = '\0';
  ret->port = (guint16) strtoul (colon + 1, NULL, 10);
  return ret->port != 0 && sp_address_from_text (address + bracketed, ret->address);
}

static void
print_kinds (void)
{
  for (guint i = 0; i < flood_kinds_n; i++)
    {
      const FloodKind *kind = &flood_kinds[i];
      (void) printf ("%-18s %s (%u a second", kind->name, kind->words, kind->rate);
      if (!kind->is_datagram)
        (void) printf (", %u held", kind->at_once);
      (void) printf (")\n");
    }
}

typedef struct
{
  char *kind, *sources, *name, *login, *id;
  int count, rate, at_once;
  double seconds;
  gboolean list, progress;
} Words;

static const char *
make_plan (const Words *words, const char *server, FloodPlan *ret)
{
  ret->kind = words->kind != NULL ? flood_kind_find (words->kind) : NULL;
  ret->name = words->name;
  ret->login = words->login != NULL ? words->login : "admin";
  ret->chooses_source = words->sources != NULL;
  ret->tells_progress = words->progress;
  ret->source_count = (guint32) words->count;
  ret->duration = (gint64) (words->seconds * G_USEC_PER_SEC);
  if (ret->kind == NULL)
    return "--kind is one of those that --list shows";
  if (!parse_server (server, &ret->server))
    return "the server is ADDRESS:PORT or [ADDRESS]:PORT";
  if (words->sources != NULL && !sp_network_from_text (words->sources, &ret->sources))
    return "--sources is a network like 198.18.0.0/20";
  if (words->sources != NULL &&
      sp_network_is_ipv4 (&ret->sources) != sp_address_is_ipv4 (ret->server.address))
    return "--sources and the server are of different families";
  if (words->count < 1 || words->rate < 0 || words->at_once < 0 || words->seconds <= 0)
    return "numbers have to be positive";
  if (ret->kind->first == FLOOD_HELLO_GIVEN_ID &&
      (words->id == NULL ||
       !sp_hex_decode (words->id, strlen (words->id), ret->id, sizeof ret->id)))
    return "--id is 64 hexadecimal digits";
  ret->rate = words->rate > 0 ? (guint) words->rate : ret->kind->rate;
  ret->at_once = words->at_once > 0 ? (guint) words->at_once : ret->kind->at_once;
  return NULL;
}

static void
run (const FloodPlan *plan)
{
  gint64 began = g_get_monotonic_time ();
  FloodResult result = { 0 };

  if (plan->kind->is_datagram)
    flood_datagrams (plan, &result);
  else
    flood_streams (plan, &result);
  flood_print (plan, &result, g_get_monotonic_time () - began);
}

int
main (int argc, char **argv)
{
  Words words = { .count = 4096, .seconds = 10 };
  const GOptionEntry entries[] = {
    { "kind", 'k', 0, G_OPTION_ARG_STRING, &words.kind, "what to flood with", "KIND" },
    { "list", 'l', 0, G_OPTION_ARG_NONE, &words.list, "say which kinds there are", NULL },
    { "seconds", 's', 0, G_OPTION_ARG_DOUBLE, &words.seconds, "for how long (10)", "S" },
    { "rate", 'r', 0, G_OPTION_ARG_INT, &words.rate, "how many a second", "N" },
    { "at-once", 0, 0, G_OPTION_ARG_INT, &words.at_once, "how many connections to hold", "N" },
    { "sources", 0, 0, G_OPTION_ARG_STRING, &words.sources, "from where", "NETWORK" },
    { "count", 0, 0, G_OPTION_ARG_INT, &words.count, "so many IPv4 addresses of it (4096)", "N" },
    { "name", 0, 0, G_OPTION_ARG_STRING, &words.name, "the server's name in hellos", "NAME" },
    { "login", 0, 0, G_OPTION_ARG_STRING, &words.login, "whose password to guess (admin)",
      "LOGIN" },
    { "progress", 0, 0, G_OPTION_ARG_NONE, &words.progress, "tell each second how far it got",
      NULL },
    { "id", 0, 0, G_OPTION_ARG_STRING, &words.id, "of a session, for its hello", "HEX" },
    { NULL, 0, 0, 0, NULL, NULL, NULL },
  };
  g_autoptr (GOptionContext) context = g_option_context_new ("ADDRESS:PORT");
  g_autoptr (GError) error = NULL;
  FloodPlan plan = { 0 };
  const char *wrong;

  g_option_context_set_summary (context, "Floods a server of your own; prints what came of it.");
  g_option_context_add_main_entries (context, entries, NULL);
  if (!g_option_context_parse (context, &argc, &argv, &error))
    {
      (void) fprintf (stderr, "flood: %s\n", error->message);
      return 2;
    }
  if (words.list)
    {
      print_kinds ();
      return EXIT_SUCCESS;
    }
  wrong = make_plan (&words, argc == 2 ? argv[1] : NULL, &plan);
  if (wrong != NULL)
    {
      (void) fprintf (stderr, "flood: %s\n", wrong);
      return 2;
    }
  plan.at_once = MIN (plan.at_once, sp_descriptors_allow (plan.at_once + DESCRIPTORS_BESIDE) -
                                        DESCRIPTORS_BESIDE);
  run (&plan);
  return EXIT_SUCCESS;
}
