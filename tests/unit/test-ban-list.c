/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ban-list.h"

#include <string.h>

static void
set (SpBanList *list, const char *text, SpBanWhom whom)
{
  SpNetwork network;

  g_assert_true (sp_network_from_text (text, &network));
  g_assert_true (sp_ban_list_set (list, &network, whom));
}

static SpBanWhom
find (const SpBanList *list, const char *text)
{
  guint8 address[SP_ADDRESS_SIZE];

  g_assert_true (sp_address_from_text (text, address));
  return sp_ban_list_find (list, address);
}

static void
test_find (void)
{
  g_autoptr (SpBanList) list = sp_ban_list_new ();

  g_assert_cmpint (find (list, "192.0.2.1"), ==, SP_BAN_NOBODY);
  set (list, "192.0.2.0/24", SP_BAN_STRANGERS);
  set (list, "192.0.2.128/25", SP_BAN_EVERYBODY);
  set (list, "2001:db8::/64", SP_BAN_EVERYBODY);
  g_assert_cmpint (find (list, "192.0.2.1"), ==, SP_BAN_STRANGERS);
  g_assert_cmpint (find (list, "192.0.2.129"), ==, SP_BAN_EVERYBODY);
  g_assert_cmpint (find (list, "192.0.3.1"), ==, SP_BAN_NOBODY);
  g_assert_cmpint (find (list, "2001:db8::5"), ==, SP_BAN_EVERYBODY);
  g_assert_cmpint (find (list, "2001:db8:0:1::5"), ==, SP_BAN_NOBODY);
  set (list, "192.0.2.0/24", SP_BAN_NOBODY);
  set (list, "192.0.2.0/24", SP_BAN_NOBODY);
  g_assert_cmpint (find (list, "192.0.2.1"), ==, SP_BAN_NOBODY);
  g_assert_cmpint (find (list, "192.0.2.129"), ==, SP_BAN_EVERYBODY);
  set (list, "192.0.2.128/25", SP_BAN_STRANGERS);
  g_assert_cmpint (find (list, "192.0.2.129"), ==, SP_BAN_STRANGERS);
}

static void
test_full (void)
{
  g_autoptr (SpBanList) list = sp_ban_list_new ();
  SpNetwork network = { .length = 8 * SP_ADDRESS_SIZE };

  for (guint32 i = 0; i < SP_BANS_MAX; i++)
    {
      sp_address_from_ipv4 (network.address, 0x0a000000 + i);
      g_assert_true (sp_ban_list_set (list, &network, SP_BAN_EVERYBODY));
    }
  g_assert_true (sp_ban_list_set (list, &network, SP_BAN_STRANGERS)); /* the last one, again */
  sp_address_from_ipv4 (network.address, 0x0b000000);
  g_assert_false (sp_ban_list_set (list, &network, SP_BAN_EVERYBODY));
  set (list, "10.0.0.5/32", SP_BAN_NOBODY);
  g_assert_true (sp_ban_list_set (list, &network, SP_BAN_EVERYBODY));
  g_assert_cmpint (find (list, "10.0.0.5"), ==, SP_BAN_NOBODY);
  g_assert_cmpint (find (list, "10.0.0.6"), ==, SP_BAN_EVERYBODY);
  g_assert_cmpint (find (list, "11.0.0.0"), ==, SP_BAN_EVERYBODY);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/ban-list/find", test_find);
  g_test_add_func ("/ban-list/full", test_full);
  return g_test_run ();
}
