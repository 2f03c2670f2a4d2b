/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lease-pool.h"

#include "base/error.h"

#include <string.h>

static SpNetwork
network (const char *text)
{
  SpNetwork ret;

  g_assert_true (sp_network_from_text (text, &ret));
  return ret;
}

static void
write_session (guint number, guint8 *ret)
{
  memset (ret, 0, SP_ID_SIZE);
  memcpy (ret, &number, sizeof number);
}

static SpLeasePool *
open_pool (const char *ipv4, const char *ipv6)
{
  g_autoptr (GError) error = NULL;
  SpNetwork networks[2];
  SpLeasePool *pool;

  if (ipv4 != NULL)
    networks[0] = network (ipv4);
  if (ipv6 != NULL)
    networks[1] = network (ipv6);
  pool = sp_lease_pool_new (ipv4 != NULL ? &networks[0] : NULL, ipv6 != NULL ? &networks[1] : NULL,
                            &error);
  g_assert_no_error (error);
  return pool;
}

static void
assert_address (const guint8 *address, const char *expected)
{
  char text[SP_ENDPOINT_TEXT_MAX];

  sp_address_to_text (address, text);
  g_assert_cmpstr (text, ==, expected);
}

static SpLease
allocate (SpLeasePool *pool, guint number, const SpLease *preferred)
{
  g_autoptr (GError) error = NULL;
  guint8 session[SP_ID_SIZE];
  SpLease lease;

  write_session (number, session);
  g_assert_true (sp_lease_pool_allocate (pool, session, preferred, NULL, &lease, &error));
  g_assert_no_error (error);
  return lease;
}

static gboolean
release (SpLeasePool *pool, guint number)
{
  guint8 session[SP_ID_SIZE];

  write_session (number, session);
  return sp_lease_pool_release (pool, session);
}

static void
test_choose (void)
{
  SpNetwork used[16];
  guint n = 0;
  SpNetwork chosen;
  g_autoptr (GError) error = NULL;
  char text[SP_ENDPOINT_TEXT_MAX];

  g_assert_true (sp_lease_pool_choose_ipv4 (NULL, 0, &chosen, NULL));
  sp_network_to_text (&chosen, text);
  g_assert_cmpstr (text, ==, "10.10.0.0/24");
  used[n++] = network ("10.10.0.128/25");
  g_assert_true (sp_lease_pool_choose_ipv4 (used, n, &chosen, NULL));
  g_assert_false (sp_network_overlaps (&chosen, &used[0]));
  used[n++] = network ("10.0.0.0/8");
  g_assert_true (sp_lease_pool_choose_ipv4 (used, n, &chosen, NULL));
  sp_network_to_text (&chosen, text);
  g_assert_true (g_str_has_prefix (text, "172."));
  used[n++] = network ("fd00::/8");
  used[n++] = network ("172.16.0.0/12");
  used[n++] = network ("192.168.0.0/16");
  g_assert_false (sp_lease_pool_choose_ipv4 (used, n, &chosen, &error));
  g_assert_error (error, SP_ERROR, SP_ERROR_ADDRESS_CONFLICT);
}

static void
test_derive (void)
{
  const guint8 global_id[SP_GLOBAL_ID_SIZE] = { 0x12, 0x34, 0x56, 0x78, 0x9a };
  SpNetwork derived;
  char text[SP_ENDPOINT_TEXT_MAX];

  sp_lease_pool_derive_ipv6 (global_id, &derived);
  sp_network_to_text (&derived, text);
  g_assert_cmpstr (text, ==, "fd12:3456:789a::/64");
}

static const struct
{
  const char *ipv4;
  const char *ipv6;
  guint size; /* 0 = refused */
} ranges[] = {
  { "10.10.0.0/24", "fd12:3456:789a::/64", 253 },
  { "10.10.0.0/24", NULL, 253 },
  { NULL, "fd12:3456:789a::/64", 65534 },
  { NULL, "2001:db8::/112", 65534 },
  { "10.10.0.0/16", NULL, 65533 },
  { "10.10.0.0/29", NULL, 5 },
  { "10.10.0.0/30", NULL, 0 },
  { "10.0.0.0/8", NULL, 0 },
  { "2001:db8::/64", NULL, 0 },
  { NULL, "10.10.0.0/24", 0 },
  { NULL, "2001:db8::/120", 0 },
  { NULL, NULL, 0 },
};

static void
test_ranges (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (ranges); i++)
    {
      g_autoptr (GError) error = NULL;
      SpNetwork ipv4, ipv6;
      g_autoptr (SpLeasePool) pool = NULL;

      if (ranges[i].ipv4 != NULL)
        ipv4 = network (ranges[i].ipv4);
      if (ranges[i].ipv6 != NULL)
        ipv6 = network (ranges[i].ipv6);
      pool = sp_lease_pool_new (ranges[i].ipv4 != NULL ? &ipv4 : NULL,
                                ranges[i].ipv6 != NULL ? &ipv6 : NULL, &error);
      g_assert_true ((pool != NULL) == (ranges[i].size > 0));
      if (pool == NULL)
        g_assert_error (error, SP_ERROR, SP_ERROR_INVALID_ARGUMENTS);
      else
        g_assert_cmpuint (sp_lease_pool_get_size (pool), ==, ranges[i].size);
    }
}

static void
test_addresses (void)
{
  g_autoptr (SpLeasePool) both = open_pool ("10.10.0.0/24", "fd12:3456:789a::/64");
  g_autoptr (SpLeasePool) ipv6_only = open_pool (NULL, "fd12:3456:789a::/64");
  SpLease lease;

  sp_lease_pool_get_server (both, &lease);
  assert_address (lease.ipv4, "10.10.0.1");
  assert_address (lease.ipv6, "fd12:3456:789a::1");
  lease = allocate (both, 1, NULL);
  assert_address (lease.ipv4, "10.10.0.2");
  assert_address (lease.ipv6, "fd12:3456:789a::2");
  lease = allocate (ipv6_only, 1, NULL);
  g_assert_true (sp_address_is_unset (lease.ipv4));
  assert_address (lease.ipv6, "fd12:3456:789a::2");
}

static void
test_life_of_a_lease (void)
{
  g_autoptr (SpLeasePool) pool = open_pool ("10.10.0.0/29", NULL);
  SpLease first = allocate (pool, 1, NULL);
  SpLease again = allocate (pool, 1, NULL);
  SpLease second = allocate (pool, 2, NULL);

  g_assert_cmpmem (&first, sizeof first, &again, sizeof again);
  assert_address (second.ipv4, "10.10.0.3");
  g_assert_cmpuint (sp_lease_pool_get_used (pool), ==, 2);
  g_assert_true (release (pool, 1));
  g_assert_false (release (pool, 1));
  /* a released address rests */
  second = allocate (pool, 3, NULL);
  assert_address (second.ipv4, "10.10.0.4");
  /* unless it is asked for */
  again = allocate (pool, 1, &first);
  assert_address (again.ipv4, "10.10.0.2");
}

static void
test_exhaustion (void)
{
  g_autoptr (SpLeasePool) pool = open_pool ("10.10.0.0/29", NULL);
  g_autoptr (GError) error = NULL;
  guint8 session[SP_ID_SIZE];
  SpLease lease;

  for (guint i = 1; i <= 5; i++)
    lease = allocate (pool, i, NULL);
  assert_address (lease.ipv4, "10.10.0.6");
  write_session (6, session);
  g_assert_false (sp_lease_pool_allocate (pool, session, NULL, NULL, &lease, &error));
  g_assert_error (error, SP_ERROR, SP_ERROR_BUSY);
  g_assert_false (sp_lease_pool_find (pool, session, &lease));
  g_assert_true (release (pool, 4));
  lease = allocate (pool, 6, NULL);
  assert_address (lease.ipv4, "10.10.0.5");
}

static const struct
{
  const char *ipv4;
  const char *ipv6;
  const char *expected;
} preferences[] = {
  { "10.10.0.9", NULL, "10.10.0.9" },
  { NULL, "fd12:3456:789a::9", "10.10.0.9" },
  { "10.10.0.1", NULL, "10.10.0.3" },   /* the server's */
  { "10.10.0.0", NULL, "10.10.0.3" },   /* the network's */
  { "10.10.0.255", NULL, "10.10.0.3" }, /* broadcast */
  { "10.10.0.2", NULL, "10.10.0.3" },   /* taken */
  { "10.11.0.9", NULL, "10.10.0.3" },   /* of another range */
  { NULL, "fd12:3456:789a::1:0:9", "10.10.0.3" },
  { NULL, "fd12:3456:789a::1:9", "10.10.0.3" },
  { NULL, "fd12:3456:789b::9", "10.10.0.3" },
  { NULL, "::", "10.10.0.3" },
};

static void
test_preferences (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (preferences); i++)
    {
      g_autoptr (SpLeasePool) pool = open_pool ("10.10.0.0/24", "fd12:3456:789a::/64");
      SpLease preferred = { 0 };
      SpLease lease = allocate (pool, 1, NULL);

      if (preferences[i].ipv4 != NULL)
        g_assert_true (sp_address_from_text (preferences[i].ipv4, preferred.ipv4));
      if (preferences[i].ipv6 != NULL)
        g_assert_true (sp_address_from_text (preferences[i].ipv6, preferred.ipv6));
      lease = allocate (pool, 2, &preferred);
      assert_address (lease.ipv4, preferences[i].expected);
    }
}

static void
assert_fixed (SpLeasePool *pool,
              guint8 number,
              const char *fixed_ipv4,
              const char *fixed_ipv6,
              const char *ipv4,
              const char *ipv6)
{
  guint8 session[SP_ID_SIZE] = { number };
  SpLease fixed = { 0 };
  SpLease lease, again;
  char text[SP_ENDPOINT_TEXT_MAX];

  g_assert_true (fixed_ipv4 == NULL || sp_address_from_text (fixed_ipv4, fixed.ipv4));
  g_assert_true (fixed_ipv6 == NULL || sp_address_from_text (fixed_ipv6, fixed.ipv6));
  g_assert_true (sp_lease_pool_allocate (pool, session, NULL, &fixed, &lease, NULL));
  sp_address_to_text (lease.ipv4, text);
  g_assert_cmpstr (text, ==, ipv4);
  sp_address_to_text (lease.ipv6, text);
  g_assert_cmpstr (text, ==, ipv6);
  g_assert_true (sp_lease_pool_find (pool, session, &again));
  g_assert_cmpmem (&again, sizeof again, &lease, sizeof lease);
}

static void
test_fixed (void)
{
  SpNetwork ipv4, ipv6;
  g_autoptr (SpLeasePool) pool = NULL;
  guint8 reserved[2][SP_ADDRESS_SIZE];
  const guint8 first[SP_ID_SIZE] = { 1 };

  g_assert_true (sp_network_from_text ("10.1.0.0/29", &ipv4));
  g_assert_true (sp_network_from_text ("fd01::/64", &ipv6));
  pool = sp_lease_pool_new (&ipv4, &ipv6, NULL);
  g_assert_true (sp_address_from_text ("10.1.0.2", reserved[0]));
  g_assert_true (sp_address_from_text ("fd01::4", reserved[1]));
  sp_lease_pool_reserve (pool, reserved[0], 2);
  assert_fixed (pool, 1, "10.1.0.2", "fd01::abcd", "10.1.0.2", "fd01::abcd");
  /* its owner's second session, and others: neither the one nor the other */
  assert_fixed (pool, 2, "10.1.0.2", "fd01::abcd", "10.1.0.3", "fd01::3");
  assert_fixed (pool, 3, NULL, NULL, "10.1.0.5", "fd01::5");
  assert_fixed (pool, 4, NULL, "fd01::4", "10.1.0.4", "fd01::4");
  assert_fixed (pool, 5, "192.0.2.1", "fd02::1", "10.1.0.6", "fd01::6"); /* not in the ranges */
  g_assert_false (
      sp_lease_pool_allocate (pool, (guint8[SP_ID_SIZE]){ 6 }, NULL, NULL, &(SpLease){ 0 }, NULL));
  g_assert_true (sp_lease_pool_release (pool, first));
  g_assert_false (sp_lease_pool_allocate (pool, (guint8[SP_ID_SIZE]){ 6 }, NULL, NULL,
                                          &(SpLease){ 0 }, NULL)); /* reserved */
  assert_fixed (pool, 7, "10.1.0.2", "fd01::abcd", "10.1.0.2", "fd01::abcd");
}

/* {address, whether a client can have it} */
static const struct
{
  const char *address;
  gboolean has;
} addresses[] = {
  { "10.1.0.0", FALSE }, { "10.1.0.1", FALSE },
  { "10.1.0.2", TRUE },  { "10.1.0.6", TRUE },
  { "10.1.0.7", FALSE }, { "10.1.0.8", FALSE },
  { "fd01::", FALSE },   { "fd01::1", FALSE },
  { "fd01::2", TRUE },   { "fd01::ffff:ffff:ffff:ffff", TRUE },
  { "fd02::2", FALSE },
};

static void
test_has (void)
{
  SpNetwork ipv4, ipv6;
  g_autoptr (SpLeasePool) pool = NULL;

  g_assert_true (sp_network_from_text ("10.1.0.0/29", &ipv4));
  g_assert_true (sp_network_from_text ("fd01::/64", &ipv6));
  pool = sp_lease_pool_new (&ipv4, &ipv6, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (addresses); i++)
    {
      guint8 address[SP_ADDRESS_SIZE];
      g_assert_true (sp_address_from_text (addresses[i].address, address));
      if (sp_lease_pool_has (pool, address) != addresses[i].has)
        g_error ("%s: unexpected", addresses[i].address);
    }
}

static gboolean
move (SpLeasePool *pool, const char *ipv4, const char *ipv6, GError **error)
{
  SpNetwork networks[2];

  g_assert_true (sp_network_from_text (ipv4, &networks[0]));
  g_assert_true (ipv6 == NULL || sp_network_from_text (ipv6, &networks[1]));
  return sp_lease_pool_move (pool, &networks[0], ipv6 != NULL ? &networks[1] : NULL, error);
}

static gboolean
needs (SpLeasePool *pool, const char *text)
{
  SpNetwork network;

  g_assert_true (sp_network_from_text (text, &network));
  return sp_lease_pool_needs (pool, &network);
}

static void
assert_lease (const SpLease *lease, const char *ipv4, const char *ipv6)
{
  assert_address (lease->ipv4, ipv4);
  assert_address (lease->ipv6, ipv6);
}

/* Leases stay, new ones are of the new ranges, and nothing is given twice. */
static void
test_move (void)
{
  g_autoptr (SpLeasePool) pool = open_pool ("10.10.0.0/24", "fd12:3456:789a::/64");
  SpLease lease = allocate (pool, 1, NULL);
  SpNetwork gone;

  g_assert_true (move (pool, "10.99.0.0/24", NULL, NULL));
  lease = allocate (pool, 1, NULL);
  assert_lease (&lease, "10.10.0.2", "fd12:3456:789a::2");
  g_assert_cmpuint (sp_network_prefix (sp_lease_pool_find_range (pool, lease.ipv4)), ==, 24);
  g_assert_cmpuint (sp_lease_pool_find_range (pool, lease.ipv6)->length, ==, 64);
  g_assert_false (sp_lease_pool_has (pool, lease.ipv4)); /* for others */
  lease = allocate (pool, 2, NULL);
  assert_lease (&lease, "10.99.0.2", "::");
  g_assert_true (move (pool, "10.99.0.0/24", "fd12:3456:789a::/64", NULL));
  lease = allocate (pool, 3, NULL); /* of place 2 each half is somebody's */
  assert_lease (&lease, "10.99.0.3", "fd12:3456:789a::3");
  g_assert_true (needs (pool, "10.10.0.0/24") && needs (pool, "10.99.0.0/24"));
  g_assert_true (release (pool, 1));
  g_assert_false (needs (pool, "10.10.0.0/24"));
  g_assert_true (needs (pool, "fd12:3456:789a::/64"));
  /* Who comes back is given what it had for as long as the range is there. */
  g_assert_true (sp_address_from_text ("10.10.0.9", lease.ipv4));
  g_assert_true (sp_address_from_text ("fd12:3456:789a::9", lease.ipv6));
  lease = allocate (pool, 4, &lease);
  assert_lease (&lease, "10.10.0.9", "fd12:3456:789a::9");
  g_assert_true (release (pool, 4));
  g_assert_true (sp_network_from_text ("10.10.0.0/24", &gone));
  sp_lease_pool_forget (pool, &gone);
  lease = allocate (pool, 4, &lease);
  assert_lease (&lease, "10.99.0.9", "fd12:3456:789a::9");
}

/* What belongs to somebody is kept for them in other ranges, too. */
static void
test_reserved_elsewhere (void)
{
  g_autoptr (SpLeasePool) pool = open_pool ("10.10.0.0/24", NULL);
  guint8 owned[SP_ADDRESS_SIZE];
  SpLease lease;

  g_assert_true (sp_address_from_text ("10.99.0.2", owned));
  sp_lease_pool_reserve (pool, owned, 1);
  lease = allocate (pool, 1, NULL);
  assert_address (lease.ipv4, "10.10.0.2");
  g_assert_true (move (pool, "10.99.0.0/24", NULL, NULL));
  lease = allocate (pool, 2, NULL);
  assert_address (lease.ipv4, "10.99.0.3");
}

/* To a larger range, or a part of it: addresses of before, also the server's, are not given away.
 */
static void
test_overlapping_move (void)
{
  g_autoptr (SpLeasePool) pool = open_pool ("10.10.5.0/29", NULL);
  g_autoptr (GError) error = NULL;
  SpLease lease = allocate (pool, 1, NULL);

  assert_address (lease.ipv4, "10.10.5.2");
  g_assert_true (move (pool, "10.10.5.0/28", NULL, NULL));
  for (guint i = 2; i <= 12; i++)
    lease = allocate (pool, i, NULL);
  assert_address (lease.ipv4, "10.10.5.13");
  g_assert_true (needs (pool, "10.10.5.0/29"));
  /* The server would be where a client is. */
  g_assert_false (move (pool, "10.10.5.8/29", NULL, &error));
  g_assert_error (error, SP_ERROR, SP_ERROR_ADDRESS_CONFLICT);
  g_assert_nonnull (strstr (error->message, "10.10.5.9"));
  g_assert_true (release (pool, 8));
  g_assert_true (move (pool, "10.10.5.8/29", NULL, NULL));
  lease = allocate (pool, 20, NULL);
  assert_address (lease.ipv4, "10.10.5.14");
  g_assert_true (move (pool, "10.10.4.0/22", NULL, NULL));
  g_assert_true (sp_address_from_text ("10.10.5.1", lease.ipv4)); /* was the server's */
  lease = allocate (pool, 21, &lease);
  assert_address (lease.ipv4, "10.10.4.2");
}

/* {what a session had, whether it can have that again, exactly} */
static const struct
{
  const char *ipv4;
  const char *ipv6;
  gboolean good;
} restored[] = {
  { "10.10.0.7", NULL, TRUE },          { "10.99.0.7", "fd12:3456:789a::7", TRUE },
  { "10.10.0.8", "fd99::9", TRUE },     { "10.10.0.7", NULL, FALSE }, /* taken by now */
  { "10.10.0.1", NULL, FALSE },         { "10.55.0.7", NULL, FALSE },
  { "10.99.0.9", "fd55::7", FALSE },    { NULL, NULL, FALSE },
  { NULL, "fd12:3456:789a::22", TRUE },
};

static void
test_restore (void)
{
  g_autoptr (SpLeasePool) pool = open_pool ("10.99.0.0/24", "fd12:3456:789a::/64");
  SpNetwork earlier;

  g_assert_true (sp_network_from_text ("10.10.0.0/24", &earlier));
  sp_lease_pool_add_earlier (pool, &earlier);
  g_assert_true (sp_network_from_text ("fd99::/64", &earlier));
  sp_lease_pool_add_earlier (pool, &earlier);
  for (guint8 i = 0; i < G_N_ELEMENTS (restored); i++)
    {
      const guint8 session[SP_ID_SIZE] = { i };
      SpLease lease = { 0 }, again;

      if (restored[i].ipv4 != NULL)
        g_assert_true (sp_address_from_text (restored[i].ipv4, lease.ipv4));
      if (restored[i].ipv6 != NULL)
        g_assert_true (sp_address_from_text (restored[i].ipv6, lease.ipv6));
      if (sp_lease_pool_restore (pool, session, &lease, NULL) != restored[i].good)
        g_error ("%u: unexpected", i);
      g_assert_cmpint (sp_lease_pool_find (pool, session, &again), ==, restored[i].good);
      if (restored[i].good)
        g_assert_cmpmem (&again, sizeof again, &lease, sizeof lease);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/lease-pool/choose", test_choose);
  g_test_add_func ("/lease-pool/derive", test_derive);
  g_test_add_func ("/lease-pool/ranges", test_ranges);
  g_test_add_func ("/lease-pool/addresses", test_addresses);
  g_test_add_func ("/lease-pool/life", test_life_of_a_lease);
  g_test_add_func ("/lease-pool/exhaustion", test_exhaustion);
  g_test_add_func ("/lease-pool/preferences", test_preferences);
  g_test_add_func ("/lease-pool/fixed", test_fixed);
  g_test_add_func ("/lease-pool/has", test_has);
  g_test_add_func ("/lease-pool/move", test_move);
  g_test_add_func ("/lease-pool/overlapping-move", test_overlapping_move);
  g_test_add_func ("/lease-pool/reserved-elsewhere", test_reserved_elsewhere);
  g_test_add_func ("/lease-pool/restore", test_restore);
  return g_test_run ();
}
