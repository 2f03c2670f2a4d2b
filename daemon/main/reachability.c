/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "reachability.h"

#include "base/io.h"
#include "base/log.h"
#include "codec/reach-link.h"

#include <string.h>

#define TOPIC       "reachability"
#define VALUE_NAME  "reached"
#define WRITE_AFTER (3600 * (gint64) G_USEC_PER_SEC) /* a proof that is as old is written anew */

/* Microseconds since the epoch, 0: never; as it is stored, little-endian, before the place. */
typedef struct
{
  gint64 proven_at;
  gint64 tcp_at;
  gint64 udp_at;
} Evidence;

typedef struct
{
  guint8 digest[SP_DIGEST_SIZE]; /* of the link's token */
  SpReachTest state;
  gint64 began_at;
  gint64 ends_at;
  gint64 opened_at;
  char opener[SP_ENDPOINT_TEXT_MAX];
} Test;

struct _SpReachability
{
  GObject parent;
  SpStore *store;
  SpSurroundings *surroundings;
  Evidence evidence;
  Evidence stored;
  char *place; /* where that was: behind which router; empty: not known */
  guint n_slow;
  Test test;
  guint timer;
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

/* Nobody calls in from a private address, from a network that this computer has a route for or, by
 * way of a router that sends its own network's packets back, from the computer's own address. */
static gboolean
is_outside (SpReachability *self, const guint8 *address)
{
  const SpUplink *uplink = sp_surroundings_get_uplink (self->surroundings);

  if (sp_reach_get_kind (address) != SP_ADDRESS_PUBLIC || uplink == NULL)
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

      if (address->interface_index == device && sp_address_is_ipv4 (address->address) == ipv4 &&
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

/* --- what was seen --- */

static void
recall (SpReachability *self)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) bytes = sp_store_get_value (self->store, VALUE_NAME, &error);
  gsize size = 0;
  const char *data = bytes != NULL ? g_bytes_get_data (bytes, &size) : NULL;

  if (error != NULL)
    sp_log (SP_LOG_WARNING, TOPIC, "who reached the server is not known: %s", error->message);
  if (size < sizeof self->stored || size > sizeof self->stored + SP_ENDPOINT_TEXT_MAX)
    return;
  memcpy (&self->stored, data, sizeof self->stored);
  self->stored.proven_at = GINT64_FROM_LE (self->stored.proven_at);
  self->stored.tcp_at = GINT64_FROM_LE (self->stored.tcp_at);
  self->stored.udp_at = GINT64_FROM_LE (self->stored.udp_at);
  self->evidence = self->stored;
  g_free (self->place);
  self->place = g_strndup (data + sizeof self->stored, size - sizeof self->stored);
}

/* What cannot be remembered now is when there is more to remember. */
static void
remember (SpReachability *self)
{
  const Evidence little = { GINT64_TO_LE (self->evidence.proven_at),
                            GINT64_TO_LE (self->evidence.tcp_at),
                            GINT64_TO_LE (self->evidence.udp_at) };
  g_autoptr (GByteArray) array = g_byte_array_new ();
  g_autoptr (GBytes) bytes = NULL;
  g_autoptr (GError) error = NULL;

  g_byte_array_append (array, (const guint8 *) &little, sizeof little);
  g_byte_array_append (array, (const guint8 *) self->place, (guint) strlen (self->place));
  bytes = g_byte_array_free_to_bytes (g_steal_pointer (&array));
  if (sp_store_set_value (self->store, VALUE_NAME, bytes, &error))
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
note (SpReachability *self, gint64 *what, gint64 now)
{
  gboolean is_elsewhere = !is_of_here (self);

  if (is_elsewhere)
    {
      self->evidence = (Evidence){ 0 };
      self->n_slow = 0;
    }
  *what = now;
  g_free (self->place);
  self->place = find_place (self);
  if (is_elsewhere || is_news (self->stored.proven_at, self->evidence.proven_at) ||
      is_news (self->stored.tcp_at, self->evidence.tcp_at) ||
      is_news (self->stored.udp_at, self->evidence.udp_at))
    remember (self);
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
      note (self, &self->evidence.udp_at, now);
      self->n_slow = 0;
    }
  else
    {
      note (self, &self->evidence.tcp_at, now);
      self->n_slow++;
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
sp_reachability_begin_test (SpReachability *self, guint seconds, guint8 ret_token[SP_TOKEN_SIZE])
{
  gint64 now = g_get_real_time ();

  sp_random_bytes (ret_token, SP_TOKEN_SIZE);
  self->test = (Test){ .state = SP_REACH_TEST_WAITING,
                       .began_at = now,
                       .ends_at = now + seconds * (gint64) G_USEC_PER_SEC };
  sp_reach_link_digest (ret_token, self->test.digest);
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
      note (self, &self->evidence.proven_at, now);
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
  if (!is_of_here (self))
    return;
  facts->proven_at = self->evidence.proven_at;
  facts->tcp_at = self->evidence.tcp_at;
  facts->udp_at = self->evidence.udp_at;
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
  g_clear_object (&self->surroundings);
  g_free (self->place);
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
  g_signal_connect_object (surroundings, "changed", G_CALLBACK (tell), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (sessions, "opened", G_CALLBACK (follow_session), self, 0);
  g_signal_connect_object (sessions, "adopted", G_CALLBACK (follow_session), self, 0);
  return self;
}
