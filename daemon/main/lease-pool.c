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

/* What a session has, and of which ranges it is; their length is 0 where it has none. */
typedef struct
{
  SpLease lease;
  SpNetwork ipv4;
  SpNetwork ipv6;
} Tenure;

struct _SpLeasePool
{
  SpNetwork ipv4; /* length 0 = none */
  SpNetwork ipv6;
  GArray *earlier; /* SpNetwork: of both families, in which nobody gets new ones */
  guint n_places;  /* numbers below it are hosts of both ranges */
  guint next;
  GHashTable *tenures;  /* SessionId → Tenure */
  GHashTable *taken;    /* address → Tenure (both owned by `tenures`) */
  GByteArray *owned;    /* addresses that are reserved, whether they are in the ranges or not */
  GHashTable *reserved; /* set of places of these */
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

/* FNV-1a: whole /64 prefixes may be alike. */
static guint
hash_address (gconstpointer key)
{
  const guint8 *address = key;
  guint32 hash = 2166136261U;

  for (guint i = 0; i < SP_ADDRESS_SIZE; i++)
    hash = (hash ^ address[i]) * 16777619U;
  return hash;
}

static gboolean
addresses_equal (gconstpointer a, gconstpointer b)
{
  return memcmp (a, b, SP_ADDRESS_SIZE) == 0;
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

static void
set_ranges (SpLeasePool *pool, const SpNetwork *ipv4, const SpNetwork *ipv6)
{
  memset (&pool->ipv4, 0, sizeof pool->ipv4);
  memset (&pool->ipv6, 0, sizeof pool->ipv6);
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
}

SpLeasePool *
sp_lease_pool_new (const SpNetwork *ipv4, const SpNetwork *ipv6, GError **error)
{
  SpLeasePool *pool;

  if (!check_ranges (ipv4, ipv6, error))
    return NULL;
  pool = g_new0 (SpLeasePool, 1);
  set_ranges (pool, ipv4, ipv6);
  pool->earlier = g_array_new (FALSE, FALSE, sizeof (SpNetwork));
  pool->tenures = g_hash_table_new_full (hash_session, sessions_equal, g_free, g_free);
  pool->taken = g_hash_table_new (hash_address, addresses_equal);
  pool->owned = g_byte_array_new ();
  pool->reserved = g_hash_table_new (g_direct_hash, g_direct_equal);
  return pool;
}

void
sp_lease_pool_free (SpLeasePool *pool)
{
  g_hash_table_unref (pool->reserved);
  g_byte_array_unref (pool->owned);
  g_hash_table_unref (pool->taken);
  g_hash_table_unref (pool->tenures);
  g_array_unref (pool->earlier);
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
  return g_hash_table_size (pool->tenures);
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
sp_lease_pool_derive_server (const SpNetwork *range, guint8 *ret)
{
  write_address (range, SERVER_PLACE, ret);
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

/* Of a range of before. */
static gboolean
is_servers (SpLeasePool *pool, const guint8 *address)
{
  guint8 own[SP_ADDRESS_SIZE];

  for (guint i = 0; i < pool->earlier->len; i++)
    {
      sp_lease_pool_derive_server (&g_array_index (pool->earlier, SpNetwork, i), own);
      if (addresses_equal (own, address))
        return TRUE;
    }
  return FALSE;
}

static gboolean
address_is_free (SpLeasePool *pool, const guint8 *address)
{
  return !g_hash_table_contains (pool->taken, address) && !is_servers (pool, address);
}

static gboolean
lease_is_free (SpLeasePool *pool, const SpLease *lease)
{
  return (pool->ipv4.length == 0 || address_is_free (pool, lease->ipv4)) &&
         (pool->ipv6.length == 0 || address_is_free (pool, lease->ipv6));
}

static gboolean
place_is_free (SpLeasePool *pool, guint place)
{
  SpLease lease;

  write_lease (pool, place, &lease);
  return lease_is_free (pool, &lease);
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

static void
reserve_places (SpLeasePool *pool)
{
  g_hash_table_remove_all (pool->reserved);
  for (guint i = 0; i < pool->owned->len; i += SP_ADDRESS_SIZE)
    {
      const guint8 *address = pool->owned->data + i;
      guint place = read_place (pool, &pool->ipv4, address);

      if (place == 0)
        place = read_place (pool, &pool->ipv6, address);
      if (place != 0)
        g_hash_table_add (pool->reserved, GUINT_TO_POINTER (place));
    }
}

void
sp_lease_pool_reserve (SpLeasePool *pool, const guint8 *addresses, guint n)
{
  g_byte_array_set_size (pool->owned, 0);
  if (n > 0)
    g_byte_array_append (pool->owned, addresses, n * SP_ADDRESS_SIZE);
  reserve_places (pool);
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

/* The place of a lease with fixed addresses, and the lease; 0 when somebody has a part of it. */
static guint
choose_fixed (SpLeasePool *pool, const SpLease *wish, const SpLease *preferred, SpLease *ret)
{
  gboolean has_ipv4 = sp_lease_pool_has (pool, wish->ipv4) && sp_address_is_ipv4 (wish->ipv4);
  gboolean has_ipv6 = sp_lease_pool_has (pool, wish->ipv6) && !sp_address_is_ipv4 (wish->ipv6);
  guint place = has_ipv4 ? read_place (pool, &pool->ipv4, wish->ipv4) : 0;

  if ((!has_ipv4 && !has_ipv6) || (has_ipv6 && !address_is_free (pool, wish->ipv6)))
    return 0;
  if (place == 0)
    place = read_place (pool, &pool->ipv6, wish->ipv6);
  if (place == 0)
    place = choose_place (pool, preferred);
  if (place == 0)
    return 0;
  write_lease (pool, place, ret);
  if (has_ipv6)
    memcpy (ret->ipv6, wish->ipv6, SP_ADDRESS_SIZE);
  return lease_is_free (pool, ret) ? place : 0;
}

gboolean
sp_lease_pool_find (SpLeasePool *pool, const guint8 *session, SpLease *ret)
{
  const Tenure *tenure = g_hash_table_lookup (pool->tenures, session);

  if (tenure != NULL)
    *ret = tenure->lease;
  return tenure != NULL;
}

static void
take (SpLeasePool *pool, const guint8 *session, const Tenure *given)
{
  Tenure *tenure = g_memdup2 (given, sizeof *given);

  g_hash_table_insert (pool->tenures, g_memdup2 (session, SP_ID_SIZE), tenure);
  if (tenure->ipv4.length > 0)
    g_hash_table_insert (pool->taken, tenure->lease.ipv4, tenure);
  if (tenure->ipv6.length > 0)
    g_hash_table_insert (pool->taken, tenure->lease.ipv6, tenure);
}

/* The range that has this address for a client, the present one first; NULL: none. */
static const SpNetwork *
find_range (SpLeasePool *pool, const guint8 *address)
{
  if (sp_lease_pool_has (pool, address))
    return sp_address_is_ipv4 (address) ? &pool->ipv4 : &pool->ipv6;
  for (guint i = 0; i < pool->earlier->len; i++)
    {
      const SpNetwork *range = &g_array_index (pool->earlier, SpNetwork, i);

      if (sp_network_contains (range, address))
        return range;
    }
  return NULL;
}

/* Of exactly these addresses; FALSE: one is not free, or of no range. */
static gboolean
describe_tenure (SpLeasePool *pool, const SpLease *lease, Tenure *ret)
{
  const guint8 *addresses[] = { lease->ipv4, lease->ipv6 };
  SpNetwork *ranges[] = { &ret->ipv4, &ret->ipv6 };

  memset (ret, 0, sizeof *ret);
  ret->lease = *lease;
  for (guint i = 0; i < G_N_ELEMENTS (addresses); i++)
    {
      const SpNetwork *range = NULL;

      if (sp_address_is_unset (addresses[i]))
        continue;
      range = find_range (pool, addresses[i]);
      if (range == NULL || !address_is_free (pool, addresses[i]))
        return FALSE;
      *ranges[i] = *range;
    }
  return ret->ipv4.length > 0 || ret->ipv6.length > 0;
}

gboolean
sp_lease_pool_restore (SpLeasePool *pool,
                       const guint8 *session,
                       const SpLease *lease,
                       GError **error)
{
  Tenure tenure;

  if (!g_hash_table_contains (pool->tenures, session) && describe_tenure (pool, lease, &tenure))
    {
      take (pool, session, &tenure);
      return TRUE;
    }
  g_set_error (error, SP_ERROR, SP_ERROR_ADDRESS_CONFLICT,
               "its addresses are somebody else's, or of no range");
  return FALSE;
}

/* A part of it is of a range of before, and all of it can be had still. */
static gboolean
goes_on (SpLeasePool *pool, const SpLease *lease, Tenure *ret)
{
  return (!sp_address_is_unset (lease->ipv4) && !sp_lease_pool_has (pool, lease->ipv4)) ||
                 (!sp_address_is_unset (lease->ipv6) && !sp_lease_pool_has (pool, lease->ipv6))
             ? describe_tenure (pool, lease, ret)
             : FALSE;
}

/* Of the ranges of now. */
static gboolean
choose_tenure (SpLeasePool *pool, const SpLease *preferred, const SpLease *fixed, Tenure *ret)
{
  guint place = fixed != NULL ? choose_fixed (pool, fixed, preferred, &ret->lease) : 0;

  ret->ipv4 = pool->ipv4;
  ret->ipv6 = pool->ipv6;
  if (place != 0)
    return TRUE;
  place = choose_place (pool, preferred);
  write_lease (pool, place, &ret->lease);
  return place != 0;
}

gboolean
sp_lease_pool_allocate (SpLeasePool *pool,
                        const guint8 *session,
                        const SpLease *preferred,
                        const SpLease *fixed,
                        SpLease *ret,
                        GError **error)
{
  Tenure tenure;

  if (sp_lease_pool_find (pool, session, ret))
    return TRUE;
  if ((preferred == NULL || !goes_on (pool, preferred, &tenure)) &&
      !choose_tenure (pool, preferred, fixed, &tenure))
    {
      g_set_error (error, SP_ERROR, SP_ERROR_BUSY, "All addresses for clients are taken");
      return FALSE;
    }
  take (pool, session, &tenure);
  *ret = tenure.lease;
  return TRUE;
}

gboolean
sp_lease_pool_release (SpLeasePool *pool, const guint8 *session)
{
  const Tenure *tenure = g_hash_table_lookup (pool->tenures, session);

  if (tenure == NULL)
    return FALSE;
  if (tenure->ipv4.length > 0)
    g_hash_table_remove (pool->taken, tenure->lease.ipv4);
  if (tenure->ipv6.length > 0)
    g_hash_table_remove (pool->taken, tenure->lease.ipv6);
  g_hash_table_remove (pool->tenures, session);
  return TRUE;
}

/* --- other ranges --- */

const SpNetwork *
sp_lease_pool_find_range (SpLeasePool *pool, const guint8 *address)
{
  const Tenure *tenure = g_hash_table_lookup (pool->taken, address);

  if (tenure == NULL)
    return NULL;
  return sp_address_is_ipv4 (address) ? &tenure->ipv4 : &tenure->ipv6;
}

static gboolean
networks_equal (const SpNetwork *a, const SpNetwork *b)
{
  return a->length == b->length && memcmp (a->address, b->address, SP_ADDRESS_SIZE) == 0;
}

gboolean
sp_lease_pool_needs (SpLeasePool *pool, const SpNetwork *range)
{
  GHashTableIter iter;
  gpointer value;

  if (networks_equal (range, &pool->ipv4) || networks_equal (range, &pool->ipv6))
    return TRUE;
  g_hash_table_iter_init (&iter, pool->tenures);
  while (g_hash_table_iter_next (&iter, NULL, &value))
    {
      const Tenure *tenure = value;

      if (networks_equal (range, &tenure->ipv4) || networks_equal (range, &tenure->ipv6))
        return TRUE;
    }
  return FALSE;
}

static gboolean
check_server (SpLeasePool *pool, const SpNetwork *range, GError **error)
{
  guint8 own[SP_ADDRESS_SIZE];
  char text[SP_ENDPOINT_TEXT_MAX], range_text[SP_ENDPOINT_TEXT_MAX];

  if (range == NULL)
    return TRUE;
  sp_lease_pool_derive_server (range, own);
  if (!g_hash_table_contains (pool->taken, own))
    return TRUE;
  sp_address_to_text (own, text);
  sp_network_to_text (range, range_text);
  g_set_error (
      error, SP_ERROR, SP_ERROR_ADDRESS_CONFLICT,
      "In %s this computer itself would be %s, which a device has until it is disconnected",
      range_text, text);
  return FALSE;
}

gboolean
sp_lease_pool_check_move (SpLeasePool *pool,
                          const SpNetwork *ipv4,
                          const SpNetwork *ipv6,
                          GError **error)
{
  return check_ranges (ipv4, ipv6, error) && check_server (pool, ipv4, error) &&
         check_server (pool, ipv6, error);
}

void
sp_lease_pool_forget (SpLeasePool *pool, const SpNetwork *range)
{
  for (guint i = pool->earlier->len; i-- > 0;)
    if (networks_equal (&g_array_index (pool->earlier, SpNetwork, i), range))
      g_array_remove_index (pool->earlier, i);
}

void
sp_lease_pool_add_earlier (SpLeasePool *pool, const SpNetwork *range)
{
  sp_lease_pool_forget (pool, range);
  g_array_append_val (pool->earlier, *range);
}

gboolean
sp_lease_pool_move (SpLeasePool *pool, const SpNetwork *ipv4, const SpNetwork *ipv6, GError **error)
{
  const SpNetwork before[] = { pool->ipv4, pool->ipv6 };

  if (!sp_lease_pool_check_move (pool, ipv4, ipv6, error))
    return FALSE;
  set_ranges (pool, ipv4, ipv6);
  reserve_places (pool);
  for (guint i = 0; i < G_N_ELEMENTS (before); i++)
    if (before[i].length > 0)
      sp_lease_pool_add_earlier (pool, &before[i]);
  sp_lease_pool_forget (pool, &pool->ipv4);
  sp_lease_pool_forget (pool, &pool->ipv6);
  return TRUE;
}
