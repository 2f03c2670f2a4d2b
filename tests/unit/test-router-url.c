/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "codec/router-url.h"

#include <string.h>

static const struct
{
  const char *url;
  gboolean is_router;
} urls[] = {
  { "http://192.168.1.1:5000/rootDesc.xml", TRUE },
  { "http://192.168.1.1/", TRUE },
  { "http://192.168.1.1:65535/a?b=c#d", TRUE },
  /* somebody else, in one reading or another */
  { "http://192.168.1.10/", FALSE },
  { "http://192.168.1.1.example.net/", FALSE },
  { "http://192.168.1.1@192.168.1.2/", FALSE },
  { "http://192.168.1.1:80@192.168.1.2/", FALSE },
  { "http://192.168.1.2/http://192.168.1.1/", FALSE },
  { "http://user@192.168.1.1/", FALSE },
  { "http://router/", FALSE },
  { "http://0300.0250.1.1/", FALSE },
  { "http://[::ffff:192.168.1.1]/", FALSE },
  { "http://192.168.1.1\\@192.168.1.2/", FALSE },
  { "http://192.168.1.1%2f/", FALSE },
  /* no place to ask */
  { "", FALSE },
  { "http://", FALSE },
  { "http://192.168.1.1", FALSE },
  { "http://192.168.1.1:/", FALSE },
  { "http://192.168.1.1:0/", FALSE },
  { "http://192.168.1.1:65536/", FALSE },
  { "http://192.168.1.1:099999/", FALSE },
  { "http://192.168.1.1:5000", FALSE },
  { "https://192.168.1.1/", FALSE },
  { "HTTP://192.168.1.1/", FALSE },
  { "http://192.168.1.1/a b", FALSE },
  { "http://192.168.1.1/\r\nX: y", FALSE },
  { "http://192.168.1.1/\xc3\xa9", FALSE },
};

static void
test_urls (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (urls); i++)
    {
      g_test_message ("%s", urls[i].url);
      g_assert_cmpint (sp_router_url_check (urls[i].url, "192.168.1.1"), ==, urls[i].is_router);
      g_assert_false (sp_router_url_check (urls[i].url, ""));
    }
}

static void
test_length (void)
{
  g_autoptr (GString) url = g_string_new ("http://192.168.1.1/");

  while (url->len < SP_ROUTER_URL_MAX)
    g_string_append_c (url, 'x');
  g_assert_true (sp_router_url_check (url->str, "192.168.1.1"));
  g_string_append_c (url, 'x');
  g_assert_false (sp_router_url_check (url->str, "192.168.1.1"));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/router-url/urls", test_urls);
  g_test_add_func ("/router-url/length", test_length);
  return g_test_run ();
}
