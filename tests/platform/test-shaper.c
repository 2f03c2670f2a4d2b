/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "net-world.h"

#include "base/endpoint.h"
#include "base/error.h"
#include "base/io.h"
#include "platform/own-address.h"
#include "platform/shaper.h"
#include "platform/tun.h"

#include <net/if.h>
#include <string.h>
#include <unistd.h>

#define SERVER_IPV4 "10.10.0.1"
#define SERVER_IPV6 "fd12::1"

/* No figure here depends on how fast the machine is: of packets that come at once a bucket and a
 * queue let pass what fits into them, and more only while time goes by. */
#define PACKETS    200
#define TEXT_BYTES 1000
#define SLOW       G_GUINT64_CONSTANT (64000)
#define FITS_LEAST 24 /* the bucket and the queue have 16 kB each */

typedef struct
{
  const char *server;
  const char *client;
} Family;

static const Family families[] = { { SERVER_IPV4, "10.10.0.2" }, { SERVER_IPV6, "fd12::2" } };

typedef struct
{
  SpTun *tun;
  int queue;
} Device;

static void
open_device (Device *ret, guint number)
{
  SpTunPlan plan = { .mtu = 1400 };
  g_autoptr (GError) error = NULL;
  g_autofree char *ipv4 = g_strdup_printf ("10.10.0.%u", number);
  g_autofree char *ipv6 = g_strdup_printf ("fd12::%u", number);

  g_assert_true (sp_address_from_text (SERVER_IPV4, plan.server_ipv4));
  g_assert_true (sp_address_from_text (SERVER_IPV6, plan.server_ipv6));
  g_assert_true (sp_address_from_text (ipv4, plan.client_ipv4));
  g_assert_true (sp_address_from_text (ipv6, plan.client_ipv6));
  ret->tun = sp_tun_open (NULL, &plan, &error);
  g_assert_no_error (error);
  ret->queue = sp_tun_lend (ret->tun, &error);
  g_assert_no_error (error);
}

static void
close_device (Device *device)
{
  sp_fd_clear (&device->queue);
  sp_tun_close (device->tun);
  sp_tun_close_wait ();
}

static guint
drain_service (int service, gboolean wait)
{
  guint8 bytes[NET_WORLD_PACKET_MAX];
  guint n = 0;

  while ((!wait || net_world_wait (service)) &&
         recv (service, bytes, sizeof bytes, MSG_DONTWAIT) > 0)
    n++;
  return n;
}

static guint
drain_queue (int queue, gboolean wait)
{
  guint8 bytes[NET_WORLD_PACKET_MAX];
  guint n = 0;

  while ((!wait || net_world_wait (queue)) && read (queue, bytes, sizeof bytes) > 0)
    n++;
  return n;
}

/* How many of PACKETS arrive that a client sends at once; seconds it took. */
static guint
flood_up (const Device *device, const Family *family, double *ret_seconds)
{
  sp_autofd int service = net_world_open_udp (NULL, family->server, 5353);
  gint64 before = g_get_monotonic_time ();
  g_autofree char *text = g_strnfill (TEXT_BYTES, 'x');
  guint8 packet[NET_WORLD_PACKET_MAX];
  gsize size = net_world_write_udp (packet, family->client, 4000, family->server, 5353, text);
  guint n = 0;

  for (guint i = 0; i < PACKETS; i++)
    {
      g_assert_cmpint (write (device->queue, packet, size), ==, (gssize) size);
      n += drain_service (service, FALSE);
    }
  n += drain_service (service, TRUE);
  *ret_seconds = (double) (g_get_monotonic_time () - before) / G_USEC_PER_SEC;
  return n;
}

/* Likewise to a client. */
static guint
flood_down (const Device *device, const Family *family, double *ret_seconds)
{
  sp_autofd int service = net_world_open_udp (NULL, family->server, 5353);
  gint64 before = g_get_monotonic_time ();
  g_autofree char *text = g_strnfill (TEXT_BYTES, 'x');
  SpEndpoint client = { .port = 4000 };
  struct sockaddr_storage name;
  socklen_t length;
  guint n = 0;

  g_assert_true (sp_address_from_text (family->client, client.address));
  length = sp_endpoint_to_sockaddr (
      &client, sp_address_is_ipv4 (client.address) ? AF_INET : AF_INET6, &name);
  for (guint i = 0; i < PACKETS; i++)
    {
      /* What does not fit is said to the sender, or not. */
      (void) sendto (service, text, TEXT_BYTES, 0, (struct sockaddr *) &name, length);
      n += drain_queue (device->queue, FALSE);
    }
  n += drain_queue (device->queue, TRUE);
  *ret_seconds = (double) (g_get_monotonic_time () - before) / G_USEC_PER_SEC;
  return n;
}

typedef guint (*Flood) (const Device *device, const Family *family, double *ret_seconds);

static void
assert_free (Flood flood, const Device *device)
{
  double seconds;

  for (guint i = 0; i < G_N_ELEMENTS (families); i++)
    g_assert_cmpuint (flood (device, &families[i], &seconds), ==, PACKETS);
}

static void
assert_slow (Flood flood, const Device *device, const Family *family, guint64 rate)
{
  double seconds;
  guint n = flood (device, family, &seconds);
  double most = (2 * 16384 + (double) rate / 8 * seconds) / TEXT_BYTES;

  g_test_message ("%u packets in %.2f s, at most %.1f", n, seconds, most);
  g_assert_cmpuint (n, >=, FITS_LEAST);
  g_assert_cmpfloat (n, <=, most);
  g_assert_cmpuint (n, <, PACKETS);
}

static void
test_directions (void)
{
  SpRates rates = { .up = SLOW };
  g_autoptr (GError) error = NULL;
  SpShaper *shaper = sp_shaper_open (&rates, &error);
  Device device;

  g_assert_no_error (error);
  open_device (&device, 2);
  assert_free (flood_up, &device);
  assert_free (flood_down, &device);
  g_assert_true (sp_shaper_attach (shaper, sp_tun_get_index (device.tun), &error));
  assert_slow (flood_up, &device, &families[0], SLOW);
  assert_free (flood_down, &device);
  rates = (SpRates){ .down = SLOW };
  g_assert_true (sp_shaper_change (shaper, &rates, &error));
  assert_free (flood_up, &device);
  assert_slow (flood_down, &device, &families[1], SLOW);
  rates = (SpRates){ 0 };
  g_assert_true (sp_shaper_change (shaper, &rates, &error));
  assert_free (flood_up, &device);
  assert_free (flood_down, &device);
  sp_shaper_close (shaper);
  close_device (&device);
}

/* Another speed needs no other queue: the bucket tells the kernel's view of it. */
static void
test_change (void)
{
  SpRates rates = { SLOW, SLOW };
  g_autoptr (SpShaper) shaper = sp_shaper_open (&rates, NULL);
  g_autofree char *slow = net_world_run ("tc qdisc show");
  g_autofree char *quick = NULL;

  g_assert_nonnull (strstr (slow, "qdisc tbf 1: dev sallyq0 root refcnt 2 rate 64Kbit"));
  g_assert_nonnull (strstr (slow, "qdisc tbf 1: dev sallyq1 root refcnt 2 rate 64Kbit"));
  rates = (SpRates){ G_GUINT64_CONSTANT (100000000000), 8000000 };
  g_assert_true (sp_shaper_change (shaper, &rates, NULL));
  quick = net_world_run ("tc qdisc show");
  g_assert_nonnull (strstr (quick, "qdisc tbf 1: dev sallyq0 root refcnt 2 rate 100Gbit"));
  g_assert_nonnull (strstr (quick, "qdisc tbf 1: dev sallyq1 root refcnt 2 rate 8Mbit"));
}

/* Both devices of one person get together what one would get alone. */
static void
test_shared (void)
{
  SpRates rates = { .up = SLOW };
  g_autoptr (SpShaper) shaper = sp_shaper_open (&rates, NULL);
  static const Family second_family = { SERVER_IPV4, "10.10.0.3" };
  Device first, second;
  double seconds;
  guint n;

  open_device (&first, 2);
  open_device (&second, 3);
  g_assert_true (sp_shaper_attach (shaper, sp_tun_get_index (first.tun), NULL));
  g_assert_true (sp_shaper_attach (shaper, sp_tun_get_index (second.tun), NULL));
  g_assert_cmpuint (sp_shaper_count (shaper), ==, 2);
  assert_slow (flood_up, &first, &families[0], SLOW);
  n = flood_up (&second, &second_family, &seconds);
  /* The bucket was emptied by the first, the queue was not: half of what the first had, and time.
   */
  g_assert_cmpfloat (n, <=, (16384 + (double) SLOW / 8 * (seconds + 1)) / TEXT_BYTES);
  sp_shaper_detach (shaper, sp_tun_get_index (first.tun));
  assert_free (flood_up, &first);
  sp_shaper_detach (shaper, sp_tun_get_index (second.tun));
  close_device (&first);
  close_device (&second);
}

static void
test_nothing_is_left (void)
{
  SpRates rates = { SLOW, SLOW };
  SpShaper *shaper;
  g_autofree char *before = NULL;
  g_autofree char *after = NULL;
  g_autofree char *addresses = NULL;
  gint64 then;
  Device device;

  sp_shaper_close_wait (); /* what the test before had */
  before = net_world_run ("ip -br link");
  open_device (&device, 2);
  shaper = sp_shaper_open (&rates, NULL);
  g_assert_true (sp_shaper_attach (shaper, sp_tun_get_index (device.tun), NULL));
  addresses = net_world_run ("ip -6 addr show dev sallyq0");
  g_assert_cmpstr (addresses, ==, "");
  close_device (&device);
  then = g_get_monotonic_time ();
  sp_shaper_close (shaper);
  sp_shaper_close_wait ();
  g_test_message ("closing took %" G_GINT64_FORMAT " us", g_get_monotonic_time () - then);
  after = net_world_run ("ip -br link");
  g_assert_cmpstr (after, ==, before);
}

static void
test_leftovers_are_cleared (void)
{
  g_autoptr (GError) error = NULL;

  net_world_do ("ip link add sallyq7 type ifb");
  net_world_do ("ip link add another type ifb");
  g_assert_true (sp_shaper_clear (&error));
  g_assert_no_error (error);
  g_assert_cmpuint (if_nametoindex ("sallyq7"), ==, 0);
  g_assert_cmpuint (if_nametoindex ("another"), !=, 0);
}

static void
test_gone_device (void)
{
  SpRates rates = { SLOW, SLOW };
  g_autoptr (SpShaper) shaper = sp_shaper_open (&rates, NULL);
  g_autoptr (GError) error = NULL;

  g_assert_false (sp_shaper_attach (shaper, 4711, &error));
  g_assert_nonnull (error);
  g_assert_cmpuint (sp_shaper_count (shaper), ==, 0);
}

int
main (int argc, char **argv)
{
  guint8 address[SP_ADDRESS_SIZE];

  g_test_init (&argc, &argv, NULL);
  net_world_enter ();
  for (guint i = 0; i < G_N_ELEMENTS (families); i++)
    {
      g_assert_true (sp_address_from_text (families[i].server, address));
      g_assert_true (sp_own_address_add (address, NULL));
    }
  g_test_add_func ("/shaper/directions", test_directions);
  g_test_add_func ("/shaper/change", test_change);
  g_test_add_func ("/shaper/shared", test_shared);
  g_test_add_func ("/shaper/nothing-is-left", test_nothing_is_left);
  g_test_add_func ("/shaper/leftovers-are-cleared", test_leftovers_are_cleared);
  g_test_add_func ("/shaper/gone-device", test_gone_device);
  return g_test_run ();
}
