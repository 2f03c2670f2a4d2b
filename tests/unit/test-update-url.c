/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "codec/update-url.h"

#include <string.h>

static const struct
{
  const char *url;
  gboolean plain; /* may be */
  gboolean places;
  gboolean good;
} urls[] = {
  { "https://example.net", FALSE, FALSE, TRUE },
  { "https://example.net/", FALSE, FALSE, TRUE },
  { "https://example.net:8443/x?y=z", FALSE, FALSE, TRUE },
  { "https://81.2.69.160/", FALSE, FALSE, TRUE },
  { "https://[2a02::1]:8443/", FALSE, FALSE, TRUE },
  { "https://example.net:65535/", FALSE, FALSE, TRUE },
  { "https://example.net:65536/", FALSE, FALSE, FALSE },
  { "https://example.net?x", FALSE, FALSE, TRUE },
  { "https://example.net/{name}?ip={ip}&six={ip6}&t={password}", FALSE, TRUE, TRUE },
  { "http://example.net/", TRUE, FALSE, TRUE },
  { "http://example.net/", FALSE, FALSE, FALSE },
  { "HTTPS://example.net/", FALSE, FALSE, FALSE },
  { "ftp://example.net/", TRUE, FALSE, FALSE },
  { "example.net", TRUE, FALSE, FALSE },
  { "", TRUE, FALSE, FALSE },
  { "https://", FALSE, FALSE, FALSE },
  { "https:///x", FALSE, FALSE, FALSE },
  { "https://[]/", FALSE, FALSE, FALSE },
  { "https://[2a02::1/", FALSE, FALSE, FALSE },
  { "https://anna@example.net/", FALSE, FALSE, FALSE },
  { "https://anna:pw@example.net/", FALSE, FALSE, FALSE },
  { "https://example.net:/", FALSE, FALSE, FALSE },
  { "https://example.net:123456/", FALSE, FALSE, FALSE },
  { "https://example.net\\@other.net/", FALSE, FALSE, FALSE },
  { "https://{name}/", FALSE, TRUE, FALSE },
  { "https://{name}.example.net/", FALSE, TRUE, FALSE },
  { "https://example.net/{name}", FALSE, FALSE, FALSE },
  { "https://example.net/{user}", FALSE, TRUE, FALSE },
  { "https://example.net/{name", FALSE, TRUE, FALSE },
  { "https://example.net/}", FALSE, TRUE, FALSE },
  { "https://example.net/a b", FALSE, FALSE, FALSE },
  { "https://example.net/\r\nX: y", FALSE, FALSE, FALSE },
  { "https://example.net/#x", FALSE, FALSE, FALSE },
  { "https://example.net/\xc3\xa4", FALSE, FALSE, FALSE },
};

static void
test_checks (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (urls); i++)
    {
      const char *why = sp_update_url_check (urls[i].url, urls[i].plain, urls[i].places);

      g_test_message ("%s: %s", urls[i].url, why != NULL ? why : "");
      g_assert_cmpint (why == NULL, ==, urls[i].good);
    }
}

static void
test_longest (void)
{
  g_autoptr (GString) url = g_string_new ("https://example.net/");

  while (url->len < SP_ERRAND_URL_MAX)
    g_string_append_c (url, 'x');
  g_assert_null (sp_update_url_check (url->str, FALSE, FALSE));
  g_string_append_c (url, 'x');
  g_assert_nonnull (sp_update_url_check (url->str, FALSE, FALSE));
}

static const struct
{
  const char *url;
  const char *pattern;
} providers[] = {
  { "https://example.net", "https://example.net/nic/update?hostname={name}&myip={ip}" },
  { "https://example.net/", "https://example.net/nic/update?hostname={name}&myip={ip}" },
  { "https://[2a02::1]:8443", "https://[2a02::1]:8443/nic/update?hostname={name}&myip={ip}" },
  { "https://example.net/v3/update", "https://example.net/v3/update?hostname={name}&myip={ip}" },
  { "https://example.net/u?system=x", "https://example.net/u?system=x&hostname={name}&myip={ip}" },
};

static void
test_dyndns2 (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (providers); i++)
    {
      g_autofree char *pattern = sp_update_url_for_dyndns2 (providers[i].url);

      g_assert_cmpstr (pattern, ==, providers[i].pattern);
      g_assert_null (sp_update_url_check (pattern, FALSE, TRUE));
    }
}

static void
test_values (void)
{
  const SpUpdateValues values = { "home.test", "81.2.69.160", "2a02::1", "a&b=/?#%{ip} \xc3\xa4" };
  g_autofree char *url =
      sp_update_url_fill ("https://example.net/{name}?i={ip}&s={ip6}&p={password}&{name}", &values);

  g_assert_cmpstr (url, ==,
                   "https://example.net/home.test?i=81.2.69.160&s=2a02%3A%3A1&"
                   "p=a%26b%3D%2F%3F%23%25%7Bip%7D%20%C3%A4&home.test");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/update-url/checks", test_checks);
  g_test_add_func ("/update-url/longest", test_longest);
  g_test_add_func ("/update-url/dyndns2", test_dyndns2);
  g_test_add_func ("/update-url/values", test_values);
  return g_test_run ();
}
