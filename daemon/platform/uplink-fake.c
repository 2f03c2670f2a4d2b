/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "uplink-manager.h"
#include "uplink-snapshot.h"

#include "platform/fake.h"

#include <string.h>

#define MTU 1500
/* 192.168.77.1 */
#define ROUTER                                                                                     \
  {                                                                                                \
    [10] = 0xff, [11] = 0xff, 192, 168, 77, 1                                                      \
  }

struct _SpUplinkWatch
{
  SpUplinkManager *manager; /* or NULL */
  SpUplinkChanged changed;
  gpointer user_data;
};

typedef struct
{
  SpUplinkInterface interface;
  SpUplinkAddress address;
} Place;

/* nocheck: the one world of a test; see platform/fake.h */
static struct
{
  GArray *places;      /* Place; the first has the default route */
  SpNetwork delegated; /* length 0 = none */
  SpConnectivity connectivity;
  GPtrArray *watches; /* SpUplinkWatch */
} world;

static GPtrArray *
get_watches (void)
{
  if (world.watches == NULL)
    world.watches = g_ptr_array_new ();
  return world.watches;
}

void
sp_fake_uplink_add (const char *interface, const char *address, gboolean is_home)
{
  Place place = { .interface = { .mtu = MTU, .is_up = TRUE, .is_home = is_home } };
  g_auto (GStrv) parts = g_strsplit (address, "/", 2);
  SpNetwork *network = &place.address.network;

  g_strlcpy (place.interface.name, interface, sizeof place.interface.name);
  place.interface.index = world.places->len + 2;
  place.interface.has_default = world.places->len == 0;
  place.address.interface_index = place.interface.index;
  g_assert (sp_address_from_text (parts[0], place.address.address));
  memcpy (network->address, place.address.address, SP_ADDRESS_SIZE);
  network->length = (guint8) ((sp_address_is_ipv4 (network->address) ? SP_IPV4_MAPPED_BITS : 0) +
                              g_ascii_strtoull (parts[1], NULL, 10));
  for (guint bit = network->length; bit < 8 * SP_ADDRESS_SIZE; bit++)
    network->address[bit / 8] &= (guint8) ~(0x80 >> (bit % 8));
  g_array_append_val (world.places, place);
}

void
sp_fake_uplink_delegate (const char *network)
{
  g_assert (sp_network_from_text (network, &world.delegated));
}

void
sp_fake_uplink_set_connectivity (SpConnectivity connectivity)
{
  world.connectivity = connectivity;
}

void
sp_fake_uplink_reset (void)
{
  world.connectivity = SP_CONNECTIVITY_UNKNOWN;
  world.delegated.length = 0;
  g_clear_pointer (&world.places, g_array_unref);
  world.places = g_array_new (FALSE, TRUE, sizeof (Place));
  sp_fake_uplink_add ("eth0", "192.168.77.5/24", TRUE);
}

void
sp_fake_uplink_settle (const char *interface, const char *address)
{
  sp_fake_uplink_reset ();
  g_array_set_size (world.places, 0);
  sp_fake_uplink_add (interface, address, TRUE);
}

void
sp_fake_uplink_tell (void)
{
  for (guint i = 0; i < get_watches ()->len; i++)
    {
      SpUplinkWatch *watch = g_ptr_array_index (get_watches (), i);
      watch->changed (watch->user_data);
    }
}

SpUplink *
sp_uplink_read (SpUplinkManager *manager, GError **error)
{
  static const SpResolverFile names = { .n_servers = 1, .servers = { ROUTER } };
  SpUplink *uplink;
  const Place *first;

  if (sp_fake_fails (SP_FAKE_UPLINK, error))
    return NULL;
  if (world.places == NULL)
    sp_fake_uplink_reset ();
  uplink = sp_uplink_new ();
  for (guint i = 0; i < world.places->len; i++)
    {
      const Place *place = &g_array_index (world.places, Place, i);
      g_array_append_val (uplink->interfaces, place->interface);
      g_array_append_val (uplink->addresses, place->address);
      g_array_append_val (uplink->used_networks, place->address.network);
      if (place->interface.is_home)
        g_array_append_val (uplink->home_networks, place->address.network);
    }
  if (world.delegated.length > 0)
    g_array_append_val (uplink->delegated_networks, world.delegated);
  first = &g_array_index (world.places, Place, 0);
  *(sp_address_is_ipv4 (first->address.address) ? &uplink->default_ipv4 : &uplink->default_ipv6) =
      first->interface.index;
  uplink->connectivity = world.connectivity;
  memcpy (uplink->router, names.servers[0], SP_ADDRESS_SIZE);
  if (!sp_uplink_manager_describe (manager, uplink))
    sp_uplink_add_names (uplink, &names);
  return uplink;
}

static void
manager_changed (SpUplinkWatch *watch)
{
  watch->changed (watch->user_data);
}

SpUplinkWatch *
sp_uplink_watch_new (SpUplinkManager *manager,
                     SpUplinkChanged changed,
                     gpointer user_data,
                     GError **error)
{
  SpUplinkWatch *watch;

  if (sp_fake_fails (SP_FAKE_UPLINK, error))
    return NULL;
  watch = g_new0 (SpUplinkWatch, 1);
  watch->changed = changed;
  watch->user_data = user_data;
  g_set_object (&watch->manager, manager);
  if (manager != NULL)
    g_signal_connect_swapped (manager, "changed", G_CALLBACK (manager_changed), watch);
  g_ptr_array_add (get_watches (), watch);
  return watch;
}

void
sp_uplink_watch_free (SpUplinkWatch *watch)
{
  (void) g_ptr_array_remove (get_watches (), watch);
  if (watch->manager != NULL)
    (void) g_signal_handlers_disconnect_by_data (watch->manager, watch);
  g_clear_object (&watch->manager);
  g_free (watch);
}
