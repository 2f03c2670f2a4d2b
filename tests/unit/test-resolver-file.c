/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "resolver-file.h"

#include "base/endpoint.h"

#include <string.h>

static const struct
{
  const char *text;
  const char *servers; /* blank-separated */
  gboolean has_local;
  const char *domain;
} files[] = {
  { "", "", FALSE, "" },
  { "nameserver 192.168.1.1\n", "192.168.1.1", FALSE, "" },
  { "nameserver 192.168.1.1", "192.168.1.1", FALSE, "" },
  { "nameserver\t192.168.1.1 \r\n", "192.168.1.1", FALSE, "" },
  { "# nameserver 192.168.1.1\n;nameserver 192.168.1.2\n", "", FALSE, "" },
  { "nameserver 127.0.0.53\noptions edns0 trust-ad\nsearch fritz.box\n", "", TRUE, "fritz.box" },
  { "nameserver ::1\nnameserver fd00::1\n", "fd00::1", TRUE, "" },
  { "nameserver fe80::1\nnameserver fe80::1%eth0\nnameserver 169.254.1.1\n", "", FALSE, "" },
  { "nameserver 1.1.1.1\nnameserver 2.2.2.2\nnameserver 3.3.3.3\nnameserver 4.4.4.4\n",
    "1.1.1.1 2.2.2.2 3.3.3.3", FALSE, "" },
  { "nameserver\nnameserver \nnameserver x.y\nnameservers 1.1.1.1\n", "", FALSE, "" },
  { "search .\n", "", FALSE, "" },
  { "search home.test. other.test\n", "", FALSE, "home.test other.test" },
  { "search a.test A.test a.test.\tb.test\n", "", FALSE, "a.test b.test" },
  { "search a.test\x01 b:c <d> e_f.test\n", "", FALSE, "e_f.test" },
  { "search a.test\nsearch\n", "", FALSE, "a.test" },
  { "nameserver 1.1.1.1\nnameserver 1.1.1.1\n", "1.1.1.1", FALSE, "" },
  { "domain a.test\nsearch b.test\n", "", FALSE, "b.test" },
  { "\n\n  search   lan.test  \n", "", FALSE, "lan.test" },
};

static void
test_files (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (files); i++)
    {
      SpResolverFile file;
      g_autoptr (GString) servers = g_string_new (NULL);

      sp_resolver_file_parse (files[i].text, strlen (files[i].text), &file);
      for (guint j = 0; j < file.n_servers; j++)
        {
          char text[SP_ENDPOINT_TEXT_MAX];
          sp_address_to_text (file.servers[j], text);
          g_string_append_printf (servers, "%s%s", j > 0 ? " " : "", text);
        }
      g_assert_cmpstr (servers->str, ==, files[i].servers);
      g_assert_cmpint (file.has_local, ==, files[i].has_local);
      g_assert_cmpstr (file.domains, ==, files[i].domain);
    }
}

/* Whatever stands there, and wherever it is cut. */
static void
test_bounds (void)
{
  g_autofree char *long_line = g_strnfill (5000, 'a');
  g_autofree char *text =
      g_strconcat ("search ", long_line, "\nnameserver 1.1.1.1\nsearch x.test\n", NULL);
  gsize length = strlen (text);
  SpResolverFile file;

  sp_resolver_file_parse (text, length, &file);
  g_assert_cmpuint (file.n_servers, ==, 1);
  g_assert_cmpstr (file.domains, ==, "x.test");
  for (gsize cut = 0; cut < length; cut++)
    {
      g_autofree char *piece = g_memdup2 (text, MAX (cut, 1));
      sp_resolver_file_parse (piece, cut, &file);
      g_assert_cmpuint (strlen (file.domains), <=, SP_DOMAIN_MAX);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/resolver-file/files", test_files);
  g_test_add_func ("/resolver-file/bounds", test_bounds);
  return g_test_run ();
}
