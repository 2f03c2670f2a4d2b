/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "reachability.h"

#include "base/io.h"
#include "base/log.h"
#include "codec/reach-link.h"

#include <string.h>

#define TOPIC       "reachability"
#define VALUE_NAME  "reached"
#define IPV4_VALUE  "reached-by-ipv4"
#define WRITE_AFTER (3600 * (gint64) G_USEC_PER_SEC) /* a proof that is as old is written anew */

/* Microseconds since the epoch, 0: never; as it is stored, little-endian, before the place. */
typedef struct
{
  gint64 proven_at;
  gint64 tcp_at;
  gint64 udp_at;
  gint64 ipv4_at; /* in a value of its own */
} Evidence;

#define STORED_SIZE offsetof (Evidence, ipv4_at)

typedef struct
{
  guint8 digest[SP_DIGEST_SIZE]; /* of the link's token */
  SpReachTest state;
  gint64 began_at;
  gint64 ends_at;
  gint64 opened_at;
  char opener[SP_ENDPOINT_TEXT_MAX];
  guint8 host[SP_ADDRESS_SIZE]; /* to which the link leads; unset: that is a name */
} Test;

/* What others say of the way in. */
typedef struct
{
  SpReachSighting router;
  gint64 router_since; /* that this is its address */
  SpReachSighting seen;
  gint64 seen_since;
  gint64 told_at;      /* a provider of dynamic DNS */
  char *name;          /* under which people look for us; NULL: nothing is known of it */
  SpNameLookedUp said; /* by name servers, of that */
  SpReachName verdict;
  gint64 verdict_at;
  guint8 wrong[SP_ADDRESS_SIZE]; /* the address that it is about, or unset */
} Outside;

struct _SpReachability
{
  GObject parent;
  SpStore *store;
  SpSurroundings *surroundings;
  Evidence evidence;
  Evidence stored;
  char *place; /* where that was: behind which router; empty: not known */
  guint n_slow;
  Outside outside;
  Test test;
  guint timer; /* source ids, 0 = none */
  guint slow_timer;
};

G_DEFINE_FINAL_TYPE (SpReachability, sp_reachability, G_TYPE_OBJECT)

enum
{
  CHANGED,
  N_SIGNALS
};
static guint signals[N_SIGNALS]; /* nocheck: set once by class_init */

static void
tell (SpReachability *self)
{
  g_signal_emit (self, signals[CHANGED], 0);
}

/* --- where we are --- */

static char *
find_place (SpReachability *self)
{
  char *router = sp_surroundings_get_router (self->surroundings);

  return router != NULL ? router : g_strdup ("");
}

/* What was seen elsewhere says nothing of here; while the network is not known yet, nothing else
 * does. */
static gboolean
is_of_here (SpReachability *self)
{
  g_autofree char *place = find_place (self);

  return place[0] == '\0' || self->place[0] == '\0' || g_str_equal (place, self->place);
}

static gboolean
is_in (const GArray *networks, const guint8 *address)
{
  for (guint i = 0; i < networks->len; i++)
    if (sp_network_contains (&g_array_index (networks, SpNetwork, i), address))
      return TRUE;
  return FALSE;
}

/* A router that sends its own network's packets back may put the address outside as their source,
 * which is where people look for the server. */
static gboolean
is_front_door (SpReachability *self, const guint8 *address)
{
  const Outside *outside = &self->outside;
  const SpReachAddresses said = { outside->said.addresses,
                                  outside->said.addresses_length / SP_ADDRESS_SIZE };

  return memcmp (address, outside->router.address, SP_ADDRESS_SIZE) == 0 ||
         memcmp (address, outside->seen.address, SP_ADDRESS_SIZE) == 0 ||
         memcmp (address, self->test.host, SP_ADDRESS_SIZE) == 0 ||
         (outside->name != NULL && sp_reach_has_address (&said, address));
}

/* Nobody calls in from a private address, from a network that this computer has a route for or, by
 * way of a router, from the computer's own address. */
static gboolean
is_outside (SpReachability *self, const guint8 *address)
{
  const SpUplink *uplink = sp_surroundings_get_uplink (self->surroundings);

  if (sp_reach_get_kind (address) != SP_ADDRESS_PUBLIC || uplink == NULL ||
      is_front_door (self, address))
    return FALSE;
  for (guint i = 0; i < uplink->addresses->len; i++)
    if (memcmp (g_array_index (uplink->addresses, SpUplinkAddress, i).address, address,
                SP_ADDRESS_SIZE) == 0)
      return FALSE;
  return !is_in (uplink->used_networks, address) && !is_in (uplink->delegated_networks, address);
}

/* The best address of this family by which packets leave for the internet, or NULL. */
static const guint8 *
find_best (SpReachability *self, gboolean ipv4)
{
  const SpUplink *uplink = sp_surroundings_get_uplink (self->surroundings);
  guint device = uplink == NULL ? 0 : ipv4 ? uplink->default_ipv4 : uplink->default_ipv6;
  const guint8 *best = NULL;

  for (guint i = 0; device != 0 && i < uplink->addresses->len; i++)
    {
      const SpUplinkAddress *address = &g_array_index (uplink->addresses, SpUplinkAddress, i);

      if (address->interface_index == device && !address->is_passing &&
          sp_address_is_ipv4 (address->address) == ipv4 &&
          (best == NULL || sp_reach_get_kind (address->address) > sp_reach_get_kind (best)))
        best = address->address;
    }
  return best;
}

static char *
write_address (const guint8 *address)
{
  char text[SP_ENDPOINT_TEXT_MAX];

  if (address == NULL)
    return NULL;
  sp_address_to_text (address, text);
  return g_strdup (text);
}

char *
sp_reachability_find_address (SpReachability *self)
{
  const guint8 *ipv4 = find_best (self, TRUE);

  return write_address (ipv4 != NULL ? ipv4 : find_best (self, FALSE));
}

char *
sp_reachability_find_public_address (SpReachability *self)
{
  const guint8 *ipv4 = find_best (self, TRUE);
  const guint8 *ipv6 = find_best (self, FALSE);

  if (ipv4 != NULL && sp_reach_get_kind (ipv4) == SP_ADDRESS_PUBLIC)
    return write_address (ipv4);
  return ipv6 != NULL && sp_reach_get_kind (ipv6) == SP_ADDRESS_PUBLIC ? write_address (ipv6)
                                                                       : NULL;
}

/* --- the way in --- */

/* Others see another address than the router's.  Where it has a new one, both have to be asked anew
 * before that says something. */
static gboolean
is_translated (const Outside *outside)
{
  return sp_reach_get_kind (outside->router.address) == SP_ADDRESS_PUBLIC &&
         !sp_address_is_unset (outside->seen.address) &&
         memcmp (outside->router.address, outside->seen.address, SP_ADDRESS_SIZE) != 0 &&
         outside->router.told_at >= outside->seen_since &&
         outside->seen.told_at >= outside->router_since;
}

/* --- where its name leads --- */

/* All that are known: by their own words, since the router of IPv4 is seldom this computer. */
static GByteArray *
list_own (SpReachability *self)
{
  const SpUplink *uplink = sp_surroundings_get_uplink (self->surroundings);
  GByteArray *own = g_byte_array_new ();

  for (guint i = 0; uplink != NULL && i < uplink->addresses->len; i++)
    g_byte_array_append (own, g_array_index (uplink->addresses, SpUplinkAddress, i).address,
                         SP_ADDRESS_SIZE);
  g_byte_array_append (own, self->outside.router.address, SP_ADDRESS_SIZE);
  g_byte_array_append (own, self->outside.seen.address, SP_ADDRESS_SIZE);
  return own;
}

static void
judge_name (SpReachability *self)
{
  Outside *outside = &self->outside;
  g_autoptr (GByteArray) bytes = list_own (self);
  const SpReachAddresses own = { bytes->data, bytes->len / SP_ADDRESS_SIZE };
  const SpReachAddresses said = { outside->said.addresses,
                                  outside->said.addresses_length / SP_ADDRESS_SIZE };
  const guint8 *wrong = NULL;
  SpReachName verdict = SP_REACH_NAME_UNCLEAR;

  if (outside->name != NULL && sp_surroundings_get_uplink (self->surroundings) != NULL)
    verdict = sp_reach_judge_name (&said, &own, &wrong);
  if (verdict != outside->verdict)
    outside->verdict_at = g_get_real_time ();
  outside->verdict = verdict;
  memset (outside->wrong, 0, SP_ADDRESS_SIZE);
  if (wrong != NULL)
    memcpy (outside->wrong, wrong, SP_ADDRESS_SIZE);
}

/* Whether it is another address than before. */
static gboolean
take_sighting (SpReachSighting *known, gint64 *since, const SpReachSighting *sighting)
{
  gboolean is_other = memcmp (known->address, sighting->address, SP_ADDRESS_SIZE) != 0;

  if (is_other)
    *since = sighting->told_at;
  *known = *sighting;
  return is_other;
}

void
sp_reachability_set_outside (SpReachability *self,
                             const SpReachSighting *router,
                             const SpReachSighting *seen)
{
  Outside *outside = &self->outside;
  gboolean was_translated = is_translated (outside);
  gboolean is_other = take_sighting (&outside->router, &outside->router_since, router);

  is_other = take_sighting (&outside->seen, &outside->seen_since, seen) || is_other;
  if (is_other)
    judge_name (self);
  if (is_other || is_translated (outside) != was_translated)
    tell (self);
}

void
sp_reachability_set_told (SpReachability *self, gint64 told_at)
{
  self->outside.told_at = told_at;
}

void
sp_reachability_set_name (SpReachability *self, const char *name, const SpNameLookedUp *said)
{
  g_free (self->outside.name);
  self->outside.name = g_strdup (name);
  self->outside.said = said != NULL ? *said : (SpNameLookedUp){ 0 };
  judge_name (self);
  tell (self);
}

static void
look_around (SpReachability *self)
{
  judge_name (self);
  tell (self);
}

const char *
sp_reachability_get_name (SpReachability *self, char **ret_address)
{
  const Outside *outside = &self->outside;

  *ret_address = !sp_address_is_unset (outside->wrong) ? write_address (outside->wrong)
                 : outside->said.addresses_length > 0  ? write_address (outside->said.addresses)
                                                       : NULL;
  return outside->name;
}

char *
sp_reachability_find_seen (SpReachability *self)
{
  const guint8 *seen = self->outside.seen.address;

  return sp_address_is_unset (seen) ? NULL : write_address (seen);
}

/* --- what was seen --- */

/* Without it, that anybody came by IPv4 is not known. */
static void
recall_ipv4 (SpReachability *self)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) bytes = sp_store_get_value (self->store, IPV4_VALUE, &error);

  if (error != NULL)
    sp_log (SP_LOG_WARNING, TOPIC, "who came by IPv4 is not known: %s", error->message);
  if (bytes == NULL || g_bytes_get_size (bytes) != sizeof self->stored.ipv4_at)
    return;
  memcpy (&self->stored.ipv4_at, g_bytes_get_data (bytes, NULL), sizeof self->stored.ipv4_at);
  self->stored.ipv4_at = GINT64_FROM_LE (self->stored.ipv4_at);
}

static void
recall (SpReachability *self)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) bytes = sp_store_get_value (self->store, VALUE_NAME, &error);
  gsize size = 0;
  const char *data = bytes != NULL ? g_bytes_get_data (bytes, &size) : NULL;

  if (error != NULL)
    sp_log (SP_LOG_WARNING, TOPIC, "who reached the server is not known: %s", error->message);
  if (size < STORED_SIZE || size > STORED_SIZE + SP_ENDPOINT_TEXT_MAX)
    return;
  memcpy (&self->stored, data, STORED_SIZE);
  self->stored.proven_at = GINT64_FROM_LE (self->stored.proven_at);
  self->stored.tcp_at = GINT64_FROM_LE (self->stored.tcp_at);
  self->stored.udp_at = GINT64_FROM_LE (self->stored.udp_at);
  recall_ipv4 (self);
  self->evidence = self->stored;
  g_free (self->place);
  self->place = g_strndup (data + STORED_SIZE, size - STORED_SIZE);
}

/* What cannot be remembered now is when there is more to remember. */
static void
remember (SpReachability *self)
{
  const Evidence little = { GINT64_TO_LE (self->evidence.proven_at),
                            GINT64_TO_LE (self->evidence.tcp_at),
                            GINT64_TO_LE (self->evidence.udp_at),
                            GINT64_TO_LE (self->evidence.ipv4_at) };
  g_autoptr (GBytes) ipv4 = g_bytes_new (&little.ipv4_at, sizeof little.ipv4_at);
  g_autoptr (GByteArray) array = g_byte_array_new ();
  g_autoptr (GBytes) bytes = NULL;
  g_autoptr (GError) error = NULL;

  g_byte_array_append (array, (const guint8 *) &little, STORED_SIZE);
  g_byte_array_append (array, (const guint8 *) self->place, (guint) strlen (self->place));
  bytes = g_byte_array_free_to_bytes (g_steal_pointer (&array));
  if (sp_store_set_value (self->store, VALUE_NAME, bytes, &error) &&
      sp_store_set_value (self->store, IPV4_VALUE, ipv4, &error))
    self->stored = self->evidence;
  else
    sp_log (SP_LOG_DEBUG, TOPIC, "who reached the server is not remembered: %s", error->message);
}

static gboolean
is_news (gint64 stored, gint64 seen)
{
  return seen - stored >= WRITE_AFTER;
}

/* Clients come and go all day; that is written down by the hour. */
static void
note (SpReachability *self, gint64 *what, const guint8 *peer, gint64 now)
{
  gboolean is_elsewhere = !is_of_here (self);

  if (is_elsewhere)
    {
      self->evidence = (Evidence){ 0 };
      self->n_slow = 0;
    }
  *what = now;
  if (sp_address_is_ipv4 (peer))
    self->evidence.ipv4_at = now;
  g_free (self->place);
  self->place = find_place (self);
  if (is_elsewhere || is_news (self->stored.proven_at, self->evidence.proven_at) ||
      is_news (self->stored.tcp_at, self->evidence.tcp_at) ||
      is_news (self->stored.udp_at, self->evidence.udp_at) ||
      is_news (self->stored.ipv4_at, self->evidence.ipv4_at))
    remember (self);
}

static gboolean
slow_timer_cb (gpointer reachability)
{
  SpReachability *self = reachability;

  self->slow_timer = 0;
  tell (self);
  return G_SOURCE_REMOVE;
}

/* Each begins over TCP; time shows whether datagrams follow.  Of clients that want none, or that
 * are let in by what passes no datagrams on, it says nothing. */
static void
note_slow (SpReachability *self, SpSession *session)
{
  if (sp_session_get_estate (session)->dtls_mode == SP_DTLS_MODE_OFF)
    return;
  self->n_slow++;
  g_clear_handle_id (&self->slow_timer, g_source_remove);
  if (self->n_slow >= SP_REACH_MANY_SLOW)
    self->slow_timer = g_timeout_add (SP_REACH_SLOW_PATIENCE / 1000 + 1, slow_timer_cb, self);
}

static void
look_at_session (SpSession *session, GParamSpec *property, gpointer reachability)
{
  SpReachability *self = reachability;
  guint8 address[SP_ADDRESS_SIZE];
  g_autofree char *transport = NULL;
  gint64 now = g_get_real_time ();

  g_object_get (session, "transport", &transport, NULL);
  if (transport == NULL || transport[0] == '\0' ||
      !sp_session_get_remote_address (session, address) || !is_outside (self, address))
    return;
  if (g_str_equal (transport, "dtls"))
    {
      note (self, &self->evidence.udp_at, address, now);
      self->n_slow = 0;
    }
  else
    {
      note (self, &self->evidence.tcp_at, address, now);
      note_slow (self, session);
    }
  tell (self);
}

static void
follow_session (SpSessionRegistry *sessions, SpSession *session, gpointer reachability)
{
  g_signal_connect_object (session, "notify::transport", G_CALLBACK (look_at_session), reachability,
                           0);
  look_at_session (session, NULL, reachability);
}

/* --- the test --- */

static void set_timer (SpReachability *self);

static gboolean
timer_cb (gpointer reachability)
{
  SpReachability *self = reachability;

  self->timer = 0;
  if (g_get_real_time () >= self->test.ends_at && self->test.state != SP_REACH_TEST_REACHED)
    self->test.state = SP_REACH_TEST_OVER;
  set_timer (self);
  tell (self);
  return G_SOURCE_REMOVE;
}

/* For the next moment at which time alone changes something. */
static void
set_timer (SpReachability *self)
{
  gint64 now = g_get_real_time ();
  gint64 patience = self->test.began_at + SP_REACH_PATIENCE;
  gint64 next = now < patience ? MIN (patience, self->test.ends_at) : self->test.ends_at;

  g_clear_handle_id (&self->timer, g_source_remove);
  if (self->test.state == SP_REACH_TEST_WAITING || self->test.state == SP_REACH_TEST_HOME)
    self->timer = g_timeout_add ((guint) (MAX (next - now, 0) / 1000 + 1), timer_cb, self);
}

void
sp_reachability_begin_test (SpReachability *self,
                            const char *host,
                            guint seconds,
                            guint8 ret_token[SP_TOKEN_SIZE])
{
  gint64 now = g_get_real_time ();

  sp_random_bytes (ret_token, SP_TOKEN_SIZE);
  self->test = (Test){ .state = SP_REACH_TEST_WAITING,
                       .began_at = now,
                       .ends_at = now + seconds * (gint64) G_USEC_PER_SEC };
  sp_reach_link_digest (ret_token, self->test.digest);
  if (!sp_address_from_text (host, self->test.host))
    memset (self->test.host, 0, SP_ADDRESS_SIZE);
  set_timer (self);
  tell (self);
}

SpReachAnswer
sp_reachability_hear (SpReachability *self, const guint8 *digest, const guint8 *peer)
{
  gint64 now = g_get_real_time ();
  gboolean runs =
      self->test.state == SP_REACH_TEST_WAITING || self->test.state == SP_REACH_TEST_HOME;

  if (!runs || now >= self->test.ends_at || memcmp (digest, self->test.digest, SP_DIGEST_SIZE) != 0)
    return SP_REACH_ANSWER_STRANGER;
  sp_address_to_text (peer, self->test.opener);
  self->test.opened_at = now;
  if (is_outside (self, peer))
    {
      self->test.state = SP_REACH_TEST_REACHED;
      note (self, &self->evidence.proven_at, peer, now);
      remember (self);
      sp_log (SP_LOG_NOTICE, TOPIC, "the server is reached from outside");
    }
  else
    self->test.state = SP_REACH_TEST_HOME;
  set_timer (self);
  tell (self);
  return self->test.state == SP_REACH_TEST_REACHED ? SP_REACH_ANSWER_OUTSIDE : SP_REACH_ANSWER_HOME;
}

/* --- what is known --- */

static SpAddressKind
find_kind (SpReachability *self, gboolean ipv4)
{
  const guint8 *best = find_best (self, ipv4);

  return best != NULL ? sp_reach_get_kind (best) : SP_ADDRESS_NONE;
}

void
sp_reachability_collect (SpReachability *self, SpReachFacts *facts)
{
  facts->ipv4 = find_kind (self, TRUE);
  facts->ipv6 = find_kind (self, FALSE);
  facts->test = self->test.state;
  facts->test_at = self->test.began_at;
  facts->outside = sp_reach_get_kind (self->outside.router.address);
  facts->is_translated = is_translated (&self->outside);
  facts->name = self->outside.verdict;
  facts->name_at = self->outside.verdict_at;
  facts->told_at = self->outside.told_at;
  if (!is_of_here (self))
    return;
  facts->proven_at = self->evidence.proven_at;
  facts->tcp_at = self->evidence.tcp_at;
  facts->udp_at = self->evidence.udp_at;
  facts->ipv4_at = self->evidence.ipv4_at;
  facts->n_slow = self->n_slow;
}

gint64
sp_reachability_get_test_end (SpReachability *self)
{
  return self->test.ends_at;
}

const char *
sp_reachability_get_opener (SpReachability *self, gint64 *ret_at)
{
  *ret_at = self->test.opened_at;
  return self->test.opened_at != 0 ? self->test.opener : NULL;
}

/* --- life --- */

static void
sp_reachability_finalize (GObject *object)
{
  SpReachability *self = SP_REACHABILITY (object);

  g_clear_handle_id (&self->timer, g_source_remove);
  g_clear_handle_id (&self->slow_timer, g_source_remove);
  g_clear_object (&self->surroundings);
  g_free (self->place);
  g_free (self->outside.name);
  G_OBJECT_CLASS (sp_reachability_parent_class)->finalize (object);
}

static void
sp_reachability_class_init (SpReachabilityClass *class)
{
  G_OBJECT_CLASS (class)->finalize = sp_reachability_finalize;
  signals[CHANGED] = g_signal_new ("changed", SP_TYPE_REACHABILITY, G_SIGNAL_RUN_LAST, 0, NULL,
                                   NULL, NULL, G_TYPE_NONE, 0);
}

static void
sp_reachability_init (SpReachability *self)
{
  self->place = g_strdup ("");
}

SpReachability *
sp_reachability_new (SpStore *store, SpSurroundings *surroundings, SpSessionRegistry *sessions)
{
  SpReachability *self = g_object_new (SP_TYPE_REACHABILITY, NULL);

  self->store = store;
  self->surroundings = g_object_ref (surroundings);
  recall (self);
  g_signal_connect_object (surroundings, "changed", G_CALLBACK (look_around), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (sessions, "opened", G_CALLBACK (follow_session), self, 0);
  g_signal_connect_object (sessions, "adopted", G_CALLBACK (follow_session), self, 0);
  return self;
}
