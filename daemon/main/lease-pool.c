/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lease-pool.h"

#include "base/error.h"

#include <string.h>

/* RFC 1918 networks that home routers, other tunnels and container engines seldom take, in the
 * order in which they are tried. */
static const char *const candidates[] = {
  "10.10.0.0/24",   "10.77.0.0/24",    "10.123.45.0/24",   "10.211.77.0/24",  "10.33.133.0/24",
  "172.27.77.0/24", "172.30.144.0/24", "192.168.177.0/24", "192.168.233.0/24"
};

#define SERVER_PLACE       1
#define FIRST_CLIENT_PLACE 2
#define PLACES_MAX         65536 /* of an IPv6 range, which has more than anybody needs */

#define IPV4_PREFIX_MIN 16
#define IPV4_PREFIX_MAX 29
#define IPV6_PREFIX_MAX 112

typedef struct
{
  guint8 bytes[SP_ID_SIZE];
} SessionId;

struct _SpLeasePool
{
  SpNetwork ipv4; /* length 0 = none */
  SpNetwork ipv6;
  guint n_places; /* numbers below it are hosts of both ranges */
  guint next;
  GHashTable *places;   /* SessionId → place */
  GHashTable *sessions; /* place → SessionId (owned by `places`) */
  GHashTable *reserved; /* set of places */
  GHashTable *fixed;    /* SessionId → SpLease: differs from what its place has */
};

gboolean
sp_lease_pool_choose_ipv4 (const SpNetwork *used, guint n_used, SpNetwork *ret, GError **error)
{
  for (guint i = 0; i < G_N_ELEMENTS (candidates); i++)
    {
      gboolean overlaps = FALSE;
      g_assert (sp_network_from_text (candidates[i], ret));
      for (guint j = 0; j < n_used && !overlaps; j++)
        overlaps = sp_network_overlaps (ret, &used[j]);
      if (!overlaps)
        return TRUE;
    }
  g_set_error (error, SP_ERROR, SP_ERROR_ADDRESS_CONFLICT,
               "Every address range that could be chosen is in use on this machine; "
               "set one in the configuration");
  return FALSE;
}

void
sp_lease_pool_derive_ipv6 (const guint8 *global_id, SpNetwork *ret)
{
  memset (ret, 0, sizeof *ret);
  ret->address[0] = 0xfd;
  memcpy (ret->address + 1, global_id, SP_GLOBAL_ID_SIZE);
  ret->length = 64;
}

static guint
hash_session (gconstpointer key)
{
  guint hash;

  /* ids are random */
  memcpy (&hash, key, sizeof hash);
  return hash;
}

static gboolean
sessions_equal (gconstpointer a, gconstpointer b)
{
  return memcmp (a, b, SP_ID_SIZE) == 0;
}

static gboolean
check_ranges (const SpNetwork *ipv4, const SpNetwork *ipv6, GError **error)
{
  if (ipv4 == NULL && ipv6 == NULL)
    g_set_error (error, SP_ERROR, SP_ERROR_INVALID_ARGUMENTS, "There is no address range");
  else if (ipv4 != NULL &&
           (!sp_network_is_ipv4 (ipv4) || sp_network_prefix (ipv4) < IPV4_PREFIX_MIN ||
            sp_network_prefix (ipv4) > IPV4_PREFIX_MAX))
    g_set_error (error, SP_ERROR, SP_ERROR_INVALID_ARGUMENTS,
                 "The IPv4 range must be a network between /%d and /%d", IPV4_PREFIX_MIN,
                 IPV4_PREFIX_MAX);
  else if (ipv6 != NULL && (sp_network_is_ipv4 (ipv6) || ipv6->length > IPV6_PREFIX_MAX))
    g_set_error (error, SP_ERROR, SP_ERROR_INVALID_ARGUMENTS,
                 "The IPv6 range must be a network of at most /%d", IPV6_PREFIX_MAX);
  else
    return TRUE;
  return FALSE;
}

SpLeasePool *
sp_lease_pool_new (const SpNetwork *ipv4, const SpNetwork *ipv6, GError **error)
{
  SpLeasePool *pool;

  if (!check_ranges (ipv4, ipv6, error))
    return NULL;
  pool = g_new0 (SpLeasePool, 1);
  pool->n_places = PLACES_MAX;
  if (ipv4 != NULL)
    {
      pool->ipv4 = *ipv4;
      /* without the last, the broadcast address */
      pool->n_places = (1U << (32 - sp_network_prefix (ipv4))) - 1;
    }
  if (ipv6 != NULL)
    pool->ipv6 = *ipv6;
  pool->next = FIRST_CLIENT_PLACE;
  pool->places = g_hash_table_new_full (hash_session, sessions_equal, g_free, NULL);
  pool->sessions = g_hash_table_new (g_direct_hash, g_direct_equal);
  pool->reserved = g_hash_table_new (g_direct_hash, g_direct_equal);
  pool->fixed = g_hash_table_new_full (hash_session, sessions_equal, g_free, g_free);
  return pool;
}

void
sp_lease_pool_free (SpLeasePool *pool)
{
  g_hash_table_unref (pool->fixed);
  g_hash_table_unref (pool->reserved);
  g_hash_table_unref (pool->sessions);
  g_hash_table_unref (pool->places);
  g_free (pool);
}

const SpNetwork *
sp_lease_pool_get_ipv4 (SpLeasePool *pool)
{
  return pool->ipv4.length > 0 ? &pool->ipv4 : NULL;
}

const SpNetwork *
sp_lease_pool_get_ipv6 (SpLeasePool *pool)
{
  return pool->ipv6.length > 0 ? &pool->ipv6 : NULL;
}

guint
sp_lease_pool_get_size (SpLeasePool *pool)
{
  return pool->n_places - FIRST_CLIENT_PLACE;
}

guint
sp_lease_pool_get_used (SpLeasePool *pool)
{
  return g_hash_table_size (pool->places);
}

/* Host number `place` of a network: its bits are zero there. */
static void
write_address (const SpNetwork *network, guint place, guint8 *ret)
{
  guint32 last_word;
  guint32 host_order;

  memset (ret, 0, SP_ADDRESS_SIZE);
  if (network->length == 0)
    return;
  memcpy (ret, network->address, SP_ADDRESS_SIZE);
  memcpy (&last_word, ret + 12, 4);
  host_order = GUINT32_FROM_BE (last_word) + place;
  last_word = GUINT32_TO_BE (host_order);
  memcpy (ret + 12, &last_word, 4);
}

static void
write_lease (SpLeasePool *pool, guint place, SpLease *ret)
{
  write_address (&pool->ipv4, place, ret->ipv4);
  write_address (&pool->ipv6, place, ret->ipv6);
}

void
sp_lease_pool_get_server (SpLeasePool *pool, SpLease *ret)
{
  write_lease (pool, SERVER_PLACE, ret);
}

/* 0 when the address is not a client's in this range. */
static guint
read_place (SpLeasePool *pool, const SpNetwork *network, const guint8 *address)
{
  guint32 network_word, address_word;
  guint8 again[SP_ADDRESS_SIZE];
  guint place;

  if (network->length == 0 || !sp_network_contains (network, address))
    return 0;
  memcpy (&network_word, network->address + 12, 4);
  memcpy (&address_word, address + 12, 4);
  place = GUINT32_FROM_BE (address_word) - GUINT32_FROM_BE (network_word);
  if (place < FIRST_CLIENT_PLACE || place >= pool->n_places)
    return 0;
  write_address (network, place, again);
  return memcmp (again, address, SP_ADDRESS_SIZE) == 0 ? place : 0;
}

static gboolean
place_is_free (SpLeasePool *pool, guint place)
{
  return !g_hash_table_contains (pool->sessions, GUINT_TO_POINTER (place));
}

static gboolean
place_is_anybodys (SpLeasePool *pool, guint place)
{
  return place_is_free (pool, place) &&
         !g_hash_table_contains (pool->reserved, GUINT_TO_POINTER (place));
}

static guint
read_either_place (SpLeasePool *pool, const SpLease *lease)
{
  guint place = read_place (pool, &pool->ipv4, lease->ipv4);

  return place != 0 ? place : read_place (pool, &pool->ipv6, lease->ipv6);
}

static guint
next_place (SpLeasePool *pool, guint place)
{
  return place + 1 < pool->n_places ? place + 1 : FIRST_CLIENT_PLACE;
}

/* 0 when there is none. */
static guint
choose_place (SpLeasePool *pool, const SpLease *preferred)
{
  guint place = preferred != NULL ? read_either_place (pool, preferred) : 0;

  if (place != 0 && place_is_anybodys (pool, place))
    return place;
  place = pool->next;
  for (guint i = FIRST_CLIENT_PLACE; i < pool->n_places; i++, place = next_place (pool, place))
    if (place_is_anybodys (pool, place))
      {
        pool->next = next_place (pool, place);
        return place;
      }
  return 0;
}

void
sp_lease_pool_reserve (SpLeasePool *pool, const guint8 *addresses, guint n)
{
  g_hash_table_remove_all (pool->reserved);
  for (guint i = 0; i < n; i++)
    {
      const guint8 *address = addresses + i * SP_ADDRESS_SIZE;
      guint place = read_place (pool, &pool->ipv4, address);

      if (place == 0)
        place = read_place (pool, &pool->ipv6, address);
      if (place != 0)
        g_hash_table_add (pool->reserved, GUINT_TO_POINTER (place));
    }
}

/* Of an IPv6 range also what no place has. */
gboolean
sp_lease_pool_has (SpLeasePool *pool, const guint8 *address)
{
  guint8 own[SP_ADDRESS_SIZE];

  if (sp_address_is_ipv4 (address))
    return read_place (pool, &pool->ipv4, address) != 0;
  if (pool->ipv6.length == 0 || !sp_network_contains (&pool->ipv6, address) ||
      memcmp (address, pool->ipv6.address, SP_ADDRESS_SIZE) == 0)
    return FALSE;
  write_address (&pool->ipv6, SERVER_PLACE, own);
  return memcmp (address, own, SP_ADDRESS_SIZE) != 0;
}

static gboolean
ipv6_is_taken (SpLeasePool *pool, const guint8 *address)
{
  guint place = read_place (pool, &pool->ipv6, address);
  GHashTableIter iter;
  gpointer lease;

  if (place != 0 && !place_is_free (pool, place))
    return TRUE;
  g_hash_table_iter_init (&iter, pool->fixed);
  while (g_hash_table_iter_next (&iter, NULL, &lease))
    if (memcmp (((const SpLease *) lease)->ipv6, address, SP_ADDRESS_SIZE) == 0)
      return TRUE;
  return FALSE;
}

/* The place of a lease with fixed addresses, and the lease; 0 when somebody has a part of it. */
static guint
choose_fixed (SpLeasePool *pool, const SpLease *wish, const SpLease *preferred, SpLease *ret)
{
  gboolean has_ipv4 = sp_lease_pool_has (pool, wish->ipv4) && sp_address_is_ipv4 (wish->ipv4);
  gboolean has_ipv6 = sp_lease_pool_has (pool, wish->ipv6) && !sp_address_is_ipv4 (wish->ipv6);
  guint place = has_ipv4 ? read_place (pool, &pool->ipv4, wish->ipv4) : 0;

  if ((!has_ipv4 && !has_ipv6) || (has_ipv6 && ipv6_is_taken (pool, wish->ipv6)))
    return 0;
  if (place == 0)
    place = read_place (pool, &pool->ipv6, wish->ipv6);
  if (place == 0)
    place = choose_place (pool, preferred);
  if (place == 0 || !place_is_free (pool, place))
    return 0;
  write_lease (pool, place, ret);
  if (has_ipv6)
    memcpy (ret->ipv6, wish->ipv6, SP_ADDRESS_SIZE);
  return place;
}

gboolean
sp_lease_pool_find (SpLeasePool *pool, const guint8 *session, SpLease *ret)
{
  guint place = GPOINTER_TO_UINT (g_hash_table_lookup (pool->places, session));

  const SpLease *fixed = g_hash_table_lookup (pool->fixed, session);

  if (place == 0)
    return FALSE;
  if (fixed != NULL)
    *ret = *fixed;
  else
    write_lease (pool, place, ret);
  return TRUE;
}

gboolean
sp_lease_pool_allocate (SpLeasePool *pool,
                        const guint8 *session,
                        const SpLease *preferred,
                        const SpLease *fixed,
                        SpLease *ret,
                        GError **error)
{
  SessionId *id;
  guint place;

  if (sp_lease_pool_find (pool, session, ret))
    return TRUE;
  place = fixed != NULL ? choose_fixed (pool, fixed, preferred, ret) : 0;
  if (place != 0)
    g_hash_table_insert (pool->fixed, g_memdup2 (session, SP_ID_SIZE),
                         g_memdup2 (ret, sizeof *ret));
  else
    place = choose_place (pool, preferred);
  if (place == 0)
    {
      g_set_error (error, SP_ERROR, SP_ERROR_BUSY, "All addresses for clients are taken");
      return FALSE;
    }
  id = g_memdup2 (session, SP_ID_SIZE);
  g_hash_table_insert (pool->places, id, GUINT_TO_POINTER (place));
  g_hash_table_insert (pool->sessions, GUINT_TO_POINTER (place), id);
  return sp_lease_pool_find (pool, session, ret);
}

gboolean
sp_lease_pool_release (SpLeasePool *pool, const guint8 *session)
{
  guint place = GPOINTER_TO_UINT (g_hash_table_lookup (pool->places, session));

  if (place == 0)
    return FALSE;
  g_hash_table_remove (pool->fixed, session);
  g_hash_table_remove (pool->sessions, GUINT_TO_POINTER (place));
  g_hash_table_remove (pool->places, session);
  return TRUE;
}
