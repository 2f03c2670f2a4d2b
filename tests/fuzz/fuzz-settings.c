/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "fuzz.h"

#include "base/error.h"
#include "settings.h"

#include <string.h>

/* Either a word or entries; never both, never neither. */
static void
check_list (SpSettingWord word, guint n, gconstpointer items, guint most)
{
  g_assert_cmpint (word == SP_WORD_ABSENT, ==, n > 0);
  g_assert_cmpint (items != NULL, ==, n > 0);
  g_assert_cmpuint (n, <=, most);
}

static void
check_settings (SpSettings *settings)
{
  g_auto (GStrv) changes = sp_settings_list_changes (settings, settings);

  g_assert_null (changes[0]);
  g_assert_cmpuint (settings->port, >=, 1);
  g_assert_cmpuint (settings->port, <=, 65535);
  g_assert_cmpuint (settings->udp_port, <=, 65535);
  g_assert_cmpuint (strlen (settings->name), <=, SP_DOMAIN_MAX);
  g_assert_cmpuint (strlen (settings->banner), <=, SP_BANNER_MAX);
  g_assert_true (g_utf8_validate (settings->banner, -1, NULL));
  check_list (settings->dns.word, settings->dns.n, settings->dns.items, SP_DNS_SERVERS_MAX);
  check_list (settings->routes.word, settings->routes.n, settings->routes.items, SP_ROUTES_MAX);
  check_list (settings->excluded_routes.word, settings->excluded_routes.n,
              settings->excluded_routes.items, SP_ROUTES_MAX);
  check_list (settings->ipv4_range.word, settings->ipv4_range.n, settings->ipv4_range.items, 1);
  check_list (settings->ipv6_range.word, settings->ipv6_range.n, settings->ipv6_range.items, 1);
  check_list (settings->domains.word, settings->domains.n, settings->domains.items, 16);
  g_assert_true (settings->mtu == 0 || settings->mtu >= SP_MTU_LINK_MIN_IPV4);
  g_assert_cmpint (sp_settings_get_log_level (settings), <=, SP_LOG_LAST);
}

/* One line of bounded length that begins with the place. */
static void
check_message (const char *message)
{
  g_assert_true (g_str_has_prefix (message, "sallyport.conf:"));
  g_assert_true (g_utf8_validate (message, -1, NULL));
  g_assert_null (strpbrk (message, "\r\n"));
  g_assert_cmpuint (strlen (message), <, 1024);
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (SpSettings) settings =
      sp_settings_parse ("sallyport.conf", (const char *) data, size, &error);

  g_assert_cmpint (settings == NULL, ==, error != NULL);
  if (settings != NULL)
    check_settings (settings);
  else
    check_message (error->message);
  return 0;
}
