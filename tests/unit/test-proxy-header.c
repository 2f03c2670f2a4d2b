/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "codec/proxy-header.h"

#include <string.h>

#define SIGNATURE "\x0d\x0a\x0d\x0a\x00\x0d\x0a\x51\x55\x49\x54\x0a"
#define IPV4      "\xc0\x00\x02\x01\xc6\x33\x64\x14\xde\xad\x01\xbb" /* 192.0.2.1:57005 */
#define IPV6_SOURCE                                                                                \
  "\x20\x01\x0d\xb8\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x07" /* 2001:db8::7 */
#define IPV6_TARGET "\x20\x01\x0d\xb8\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x08"
#define MAPPED      "\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\xff\xff\xc0\x00\x02\x09"
#define PORTS       "\x10\x00\x01\xbb"

#define CASE(name, bytes, verdict, size, client)                                                   \
  {                                                                                                \
    name, (const guint8 *) (bytes), sizeof (bytes) - 1, SP_PROXY_HEADER_##verdict, size, client    \
  }

/* `client`: NULL, of the proxy itself */
static const struct
{
  const char *name;
  const guint8 *bytes;
  gsize size;
  SpProxyHeaderVerdict verdict;
  gsize taken;
  const char *client;
} cases[] = {
  CASE ("nothing", "", INCOMPLETE, 0, NULL),
  CASE ("a-byte", "\x0d", INCOMPLETE, 0, NULL),
  CASE ("head-only", SIGNATURE "\x21\x11\x00\x0c", INCOMPLETE, 0, NULL),
  CASE ("ipv4", SIGNATURE "\x21\x11\x00\x0c" IPV4, COMPLETE, 28, "192.0.2.1:57005"),
  CASE ("ipv4-and-hello",
        SIGNATURE "\x21\x11\x00\x0c" IPV4 "\x16\x03\x01",
        COMPLETE,
        28,
        "192.0.2.1:57005"),
  CASE ("ipv4-and-more",
        SIGNATURE "\x21\x11\x00\x10" IPV4 "\x04\x00\x01\x00\x16",
        COMPLETE,
        32,
        "192.0.2.1:57005"),
  CASE ("ipv6",
        SIGNATURE "\x21\x21\x00\x24" IPV6_SOURCE IPV6_TARGET PORTS,
        COMPLETE,
        52,
        "[2001:db8::7]:4096"),
  CASE ("ipv4-in-ipv6",
        SIGNATURE "\x21\x21\x00\x24" MAPPED IPV6_TARGET PORTS,
        COMPLETE,
        52,
        "192.0.2.9:4096"),
  CASE ("local", SIGNATURE "\x20\x00\x00\x00", COMPLETE, 16, NULL),
  CASE ("local-with-addresses", SIGNATURE "\x20\x11\x00\x0c" IPV4, COMPLETE, 28, NULL),
  CASE ("unspecified", SIGNATURE "\x21\x00\x00\x02\x01\x02", COMPLETE, 18, NULL),
  CASE ("version-1", "PROXY TCP4 192.0.2.1 192.0.2.2 1 2\r\n", ABSENT, 0, NULL),
  CASE ("hello", "\x16\x03\x01\x02\x00", ABSENT, 0, NULL),
  CASE ("another-signature", "\x0d\x0a\x0d\x0a\x00\x0d\x0a\x51\x55\x49\x54\x0b", ABSENT, 0, NULL),
  CASE ("version-3", SIGNATURE "\x31\x11\x00\x0c" IPV4, MALFORMED, 0, NULL),
  CASE ("another-command", SIGNATURE "\x22\x11\x00\x0c" IPV4, MALFORMED, 0, NULL),
  CASE ("udp", SIGNATURE "\x21\x12\x00\x0c" IPV4, MALFORMED, 0, NULL),
  CASE ("unix", SIGNATURE "\x21\x31\x00\x0c" IPV4, MALFORMED, 0, NULL),
  CASE ("ipv4-too-short", SIGNATURE "\x21\x11\x00\x0b" IPV4, MALFORMED, 0, NULL),
  CASE ("ipv6-too-short", SIGNATURE "\x21\x21\x00\x0c" IPV4, MALFORMED, 0, NULL),
  CASE ("no-port",
        SIGNATURE "\x21\x11\x00\x0c\xc0\x00\x02\x01\xc6\x33\x64\x14\x00\x00\x01\xbb",
        MALFORMED,
        0,
        NULL),
  CASE ("no-address",
        SIGNATURE "\x21\x11\x00\x0c\x00\x00\x00\x00\xc6\x33\x64\x14\xde\xad\x01\xbb",
        MALFORMED,
        0,
        NULL),
  CASE ("too-long", SIGNATURE "\x21\x11\x04\x01", MALFORMED, 0, NULL),
  CASE ("longest", SIGNATURE "\x21\x11\x04\x00", INCOMPLETE, 0, NULL),
};

static void
test_case (gconstpointer data)
{
  guint i = GPOINTER_TO_UINT (data);
  SpProxyHeader header = { 0 };
  char text[SP_ENDPOINT_TEXT_MAX];

  g_assert_cmpint (sp_proxy_header_peek (cases[i].bytes, cases[i].size, &header), ==,
                   cases[i].verdict);
  g_assert_cmpuint (header.size, ==, cases[i].taken);
  g_assert_cmpint (header.is_forwarded, ==, cases[i].client != NULL);
  if (cases[i].client == NULL)
    return;
  sp_endpoint_to_text (&header.client, text);
  g_assert_cmpstr (text, ==, cases[i].client);
  /* Whatever part of it has come, nothing is wrong yet. */
  for (gsize size = 0; size < header.size; size++)
    g_assert_cmpint (sp_proxy_header_peek (cases[i].bytes, size, &header), ==,
                     SP_PROXY_HEADER_INCOMPLETE);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *path = g_strconcat ("/proxy-header/", cases[i].name, NULL);
      g_test_add_data_func (path, GUINT_TO_POINTER (i), test_case);
    }
  return g_test_run ();
}
