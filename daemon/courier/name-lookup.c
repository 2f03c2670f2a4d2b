/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "name-lookup.h"

#include "base/endpoint.h"

#include <arpa/nameser.h>
#include <netdb.h>
#include <netinet/in.h>
#include <resolv.h>
#include <string.h>

#define DEADLINE_SECONDS 30
#define TRY_SECONDS      3 /* for the first answer of a name server; then for longer */
#define TRIES            2 /* of each */

/* The two kinds of records that are asked for, IPv4 first. */
static const struct
{
  ns_type type;
  guint16 size; /* of its data */
} kinds[] = {
  { ns_t_a, sizeof (struct in_addr) },
  { ns_t_aaaa, sizeof (struct in6_addr) },
};

/* --- one question --- */

static void
add_address (SpNameLookedUp *done, const guint8 *data, gsize size)
{
  guint8 *address = done->addresses + done->addresses_length;

  memset (address, 0, SP_ADDRESS_SIZE);
  if (size == sizeof (struct in_addr))
    memset (address + 10, 0xff, 2); /* RFC 4291 2.5.5.2 */
  memcpy (address + SP_ADDRESS_SIZE - size, data, size);
  done->addresses_length += SP_ADDRESS_SIZE;
}

/* Other names that lead to it stand in the same answer, and are not needed. */
static SpLookupOutcome
read_answer (const guint8 *bytes, int size, guint kind, gsize most, SpNameLookedUp *done)
{
  ns_msg answer;
  ns_rr record;

  if (ns_initparse (bytes, size, &answer) != 0)
    return SP_LOOKUP_FAILED;
  for (int i = 0; i < ns_msg_count (answer, ns_s_an); i++)
    {
      if (ns_parserr (&answer, ns_s_an, i, &record) != 0)
        return SP_LOOKUP_FAILED;
      if (ns_rr_class (record) == ns_c_in && ns_rr_type (record) == kinds[kind].type &&
          ns_rr_rdlen (record) == kinds[kind].size && done->addresses_length < most)
        add_address (done, ns_rr_rdata (record), kinds[kind].size);
    }
  return SP_LOOKUP_UNKNOWN; /* unless there is one */
}

static SpLookupOutcome
ask (res_state resolver, const char *name, guint kind, gsize most, SpNameLookedUp *done)
{
  g_autofree guint8 *answer = g_malloc (NS_MAXMSG);
  int size = res_nquery (resolver, name, ns_c_in, kinds[kind].type, answer, NS_MAXMSG);

  if (size >= 0)
    return read_answer (answer, MIN (size, NS_MAXMSG), kind, most, done);
  return resolver->res_h_errno == HOST_NOT_FOUND || resolver->res_h_errno == NO_DATA
             ? SP_LOOKUP_UNKNOWN
             : SP_LOOKUP_FAILED;
}

/* --- all of them --- */

/* That there is nothing is true only where every question was answered. */
static void
look_up (const char *name, SpNameLookedUp *done)
{
  struct __res_state resolver = { 0 };

  done->outcome = SP_LOOKUP_FAILED;
  if (res_ninit (&resolver) != 0)
    return;
  resolver.retrans = TRY_SECONDS;
  resolver.retry = TRIES;
  done->outcome = SP_LOOKUP_UNKNOWN;
  for (guint i = 0; i < G_N_ELEMENTS (kinds); i++)
    if (ask (&resolver, name, i, (i + 1) * sizeof done->addresses / G_N_ELEMENTS (kinds), done) ==
        SP_LOOKUP_FAILED)
      done->outcome = SP_LOOKUP_FAILED;
  if (done->addresses_length > 0)
    done->outcome = SP_LOOKUP_FOUND;
  res_nclose (&resolver);
}

static void
ask_all (gconstpointer order, gpointer done)
{
  const SpLookUpName *lookup = order;
  g_autofree char *name = g_strndup ((const char *) lookup->name, lookup->name_length);

  look_up (name, done);
}

void
sp_name_lookup_start (const SpLookUpName *order, SpQuestionEnded ended, gpointer user_data)
{
  static const SpNameLookedUp late = { .outcome = SP_LOOKUP_FAILED };
  static const SpQuestion question = { .thread = "names",
                                       .seconds = DEADLINE_SECONDS,
                                       .order_size = sizeof (SpLookUpName),
                                       .done_size = sizeof (SpNameLookedUp),
                                       .ask = ask_all,
                                       .late = &late };

  sp_question_start (&question, order, ended, user_data);
}
