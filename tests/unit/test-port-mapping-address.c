/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "port-mapping-address.h"

#include <string.h>

#define WAN 2
#define LAN 3

#define FIRST  "2a02:2f08:77::20"
#define SECOND "2a02:2f08:77::21"

typedef struct
{
  guint interface;
  const char *address;
  gboolean is_passing;
} Own;

static const struct
{
  const char *what;
  const char *before; /* NULL: nothing */
  const char *found;  /* NULL: none */
  Own own[3];
} cases[] = {
  { "one", NULL, FIRST, { { WAN, FIRST, FALSE } } },
  { "a temporary one first", NULL, SECOND, { { WAN, FIRST, TRUE }, { WAN, SECOND, FALSE } } },
  { "a temporary one alone", NULL, NULL, { { WAN, FIRST, TRUE } } },
  { "that of before, behind another",
    SECOND,
    SECOND,
    { { WAN, FIRST, FALSE }, { WAN, SECOND, FALSE } } },
  { "that of before, in front", FIRST, FIRST, { { WAN, FIRST, FALSE }, { WAN, SECOND, FALSE } } },
  { "that of before, which is no more", "2a02:2f08:77::22", FIRST, { { WAN, FIRST, FALSE } } },
  { "that of before, which goes", FIRST, SECOND, { { WAN, FIRST, TRUE }, { WAN, SECOND, FALSE } } },
  { "on another interface", NULL, NULL, { { LAN, FIRST, FALSE } } },
  { "of a private network",
    NULL,
    NULL,
    { { WAN, "fd00:77::20", FALSE }, { WAN, "192.168.1.20", FALSE } } },
  { "of nobody's", NULL, NULL, { { WAN, "2001:db8::20", FALSE } } },
};

static void
add_own (SpUplink *uplink, const Own *own)
{
  SpUplinkAddress address = { .interface_index = own->interface, .is_passing = own->is_passing };

  if (own->address == NULL)
    return;
  g_assert_true (sp_address_from_text (own->address, address.address));
  g_assert_true (sp_network_from_text ("192.168.1.0/24", &address.network));
  g_array_append_val (uplink->addresses, address);
}

static void
expect (const guint8 *found, const char *text)
{
  char shown[SP_ENDPOINT_TEXT_MAX] = "none";

  if (found != NULL)
    sp_address_to_text (found, shown);
  g_assert_cmpstr (shown, ==, text != NULL ? text : "none");
}

static void
set_up (SpUplink *uplink, gconstpointer data)
{
  uplink->addresses = g_array_new (FALSE, TRUE, sizeof (SpUplinkAddress));
  uplink->default_ipv4 = uplink->default_ipv6 = WAN;
  g_assert_true (sp_address_from_text ("192.168.1.1", uplink->router));
  g_assert_true (sp_address_from_text ("fe80::1", uplink->router6));
}

static void
tear_down (SpUplink *uplink, gconstpointer data)
{
  g_array_unref (uplink->addresses);
}

static void
test_ipv6 (SpUplink *uplink, gconstpointer data)
{
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      guint8 before[SP_ADDRESS_SIZE] = { 0 };

      g_test_message ("%s", cases[i].what);
      g_array_set_size (uplink->addresses, 0);
      for (guint j = 0; j < G_N_ELEMENTS (cases[i].own); j++)
        add_own (uplink, &cases[i].own[j]);
      if (cases[i].before != NULL)
        g_assert_true (sp_address_from_text (cases[i].before, before));
      expect (sp_mapping_find_ipv6 (uplink, before), cases[i].found);
    }
}

/* Where the way out has no router, or there is none. */
static void
test_no_router (SpUplink *uplink, gconstpointer data)
{
  const Own ipv4 = { WAN, "192.168.1.20", FALSE };
  const Own ipv6 = { WAN, FIRST, FALSE };
  const guint8 before[SP_ADDRESS_SIZE] = { 0 };

  add_own (uplink, &ipv6);
  expect (sp_mapping_find_ipv4 (uplink), NULL);
  add_own (uplink, &ipv4);
  expect (sp_mapping_find_ipv4 (uplink), ipv4.address);
  expect (sp_mapping_find_ipv6 (uplink, before), ipv6.address);
  memset (uplink->router6, 0, sizeof uplink->router6);
  expect (sp_mapping_find_ipv6 (uplink, before), NULL);
  uplink->default_ipv4 = 0;
  expect (sp_mapping_find_ipv4 (uplink), NULL);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add ("/port-mapping-address/ipv6", SpUplink, NULL, set_up, test_ipv6, tear_down);
  g_test_add ("/port-mapping-address/no-router", SpUplink, NULL, set_up, test_no_router, tear_down);
  return g_test_run ();
}
