/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/endpoint.h"
#include "base/error.h"
#include "base/hex.h"
#include "base/io.h"
#include "base/log.h"
#include "base/secret.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

/* Text of an address, and what it becomes; NULL = refused. */
static const struct
{
  const char *text;
  const char *canonical;
  gboolean ipv4;
} addresses[] = {
  { "192.0.2.1", "192.0.2.1", TRUE },
  { "0.0.0.0", "0.0.0.0", TRUE },
  { "255.255.255.255", "255.255.255.255", TRUE },
  { "::ffff:192.0.2.1", "192.0.2.1", TRUE },
  { "2001:DB8:0:0::1", "2001:db8::1", FALSE },
  { "::", "::", FALSE },
  { "::1", "::1", FALSE },
  { "192.0.2", NULL, FALSE },
  { "192.0.2.256", NULL, FALSE },
  { "192.0.2.1 ", NULL, FALSE },
  { "192.0.2.1/24", NULL, FALSE },
  { "fe80::1%eth0", NULL, FALSE },
  { "1::2::3", NULL, FALSE },
  { "", NULL, FALSE },
};

static void
test_address_text (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (addresses); i++)
    {
      guint8 address[SP_ADDRESS_SIZE];
      char text[SP_ENDPOINT_TEXT_MAX];

      g_test_message ("%s", addresses[i].text);
      g_assert_cmpint (sp_address_from_text (addresses[i].text, address), ==,
                       addresses[i].canonical != NULL);
      if (addresses[i].canonical == NULL)
        continue;
      g_assert_cmpint (sp_address_is_ipv4 (address), ==, addresses[i].ipv4);
      sp_address_to_text (address, text);
      g_assert_cmpstr (text, ==, addresses[i].canonical);
    }
}

static void
test_address_ipv4 (void)
{
  guint8 address[SP_ADDRESS_SIZE];
  const guint8 expected[SP_ADDRESS_SIZE] = { 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 255, 255, 192, 0, 2, 7 };
  const guint8 unset[SP_ADDRESS_SIZE] = { 0 };

  sp_address_from_ipv4 (address, 0xc0000207);
  g_assert_cmpmem (address, sizeof address, expected, sizeof expected);
  g_assert_cmphex (sp_address_to_ipv4 (address), ==, 0xc0000207);
  g_assert_false (sp_address_is_unset (address));
  g_assert_true (sp_address_is_unset (unset));
  g_assert_false (sp_address_is_ipv4 (unset));
}

static void
test_endpoint_text (void)
{
  SpEndpoint endpoint = { .port = 443 };
  char text[SP_ENDPOINT_TEXT_MAX];

  g_assert_true (sp_address_from_text ("192.0.2.1", endpoint.address));
  sp_endpoint_to_text (&endpoint, text);
  g_assert_cmpstr (text, ==, "192.0.2.1:443");
  g_assert_true (
      sp_address_from_text ("1111:2222:3333:4444:5555:6666:7777:8888", endpoint.address));
  endpoint.port = 65535;
  sp_endpoint_to_text (&endpoint, text);
  g_assert_cmpstr (text, ==, "[1111:2222:3333:4444:5555:6666:7777:8888]:65535");
}

/* There and back through both families' sockaddr. */
static void
test_endpoint_sockaddr (void)
{
  static const struct
  {
    const char *text;
    int family;
    socklen_t length; /* 0 = the family cannot hold it */
  } rows[] = {
    { "192.0.2.1", AF_INET, sizeof (struct sockaddr_in) },
    { "192.0.2.1", AF_INET6, sizeof (struct sockaddr_in6) },
    { "2001:db8::1", AF_INET6, sizeof (struct sockaddr_in6) },
    { "2001:db8::1", AF_INET, 0 },
    { "192.0.2.1", AF_UNIX, 0 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      SpEndpoint endpoint = { .port = 4433 };
      SpEndpoint back = { .port = 1 };
      struct sockaddr_storage storage;
      socklen_t length;

      g_assert_true (sp_address_from_text (rows[i].text, endpoint.address));
      length = sp_endpoint_to_sockaddr (&endpoint, rows[i].family, &storage);
      g_assert_cmpuint (length, ==, rows[i].length);
      g_assert_cmpint (sp_endpoint_from_sockaddr ((struct sockaddr *) &storage, length, &back), ==,
                       length != 0);
      g_assert_cmpint (sp_endpoint_equal (&endpoint, &back), ==, length != 0);
      if (length != 0)
        g_assert_false (
            sp_endpoint_from_sockaddr ((struct sockaddr *) &storage, length - 1, &back));
    }
}

static void
test_endpoint_any (void)
{
  SpEndpoint any = { .port = 443 };
  struct sockaddr_storage storage;
  struct sockaddr_in ipv4;

  g_assert_cmpuint (sp_endpoint_to_sockaddr (&any, AF_INET, &storage), ==, sizeof ipv4);
  memcpy (&ipv4, &storage, sizeof ipv4);
  g_assert_cmphex (ipv4.sin_addr.s_addr, ==, INADDR_ANY);
  g_assert_cmpuint (ntohs (ipv4.sin_port), ==, 443);
}

static const struct
{
  const char *text;
  const char *canonical; /* NULL = refused */
} networks[] = {
  { "192.168.1.0/24", "192.168.1.0/24" },
  { "192.168.1.7/32", "192.168.1.7/32" },
  { "0.0.0.0/0", "0.0.0.0/0" },
  { "10.0.0.0/9", "10.0.0.0/9" },
  { "fd00::/8", "fd00::/8" },
  { "::/0", "::/0" },
  { "2001:db8::1/128", "2001:db8::1/128" },
  { "192.168.1.1/24", NULL },
  { "10.128.0.0/8", NULL },
  { "2001:db8::1/64", NULL },
  { "192.168.1.0", NULL },
  { "192.168.1.0/33", NULL },
  { "::/129", NULL },
  { "192.168.1.0/-1", NULL },
  { "192.168.1.0/+24", NULL },
  { "192.168.1.0/ 24", NULL },
  { "192.168.1.0/24/24", NULL },
  { "192.168.1.0/255.255.255.0", NULL },
  { "/24", NULL },
  { "192.168.1.0/", NULL },
  { "1111:2222:3333:4444:5555:6666:7777:8888:9999:aaaa:bbbb:cccc:dddd:eeee:ffff/1", NULL },
};

static void
test_network_text (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (networks); i++)
    {
      SpNetwork network;
      char text[SP_ENDPOINT_TEXT_MAX];

      g_test_message ("%s", networks[i].text);
      g_assert_cmpint (sp_network_from_text (networks[i].text, &network), ==,
                       networks[i].canonical != NULL);
      if (networks[i].canonical == NULL)
        continue;
      sp_network_to_text (&network, text);
      g_assert_cmpstr (text, ==, networks[i].canonical);
    }
}

static void
test_network_contains (void)
{
  static const struct
  {
    const char *network;
    const char *address;
    gboolean contains;
  } rows[] = {
    { "192.168.1.0/24", "192.168.1.255", TRUE },
    { "192.168.1.0/24", "192.168.2.0", FALSE },
    { "10.128.0.0/9", "10.128.0.1", TRUE },
    { "10.128.0.0/9", "10.127.255.255", FALSE },
    { "0.0.0.0/0", "203.0.113.9", TRUE },
    { "0.0.0.0/0", "2001:db8::1", FALSE },
    { "::/0", "2001:db8::1", TRUE },
    { "::/0", "192.0.2.1", FALSE },
    { "2001:db8::/33", "2001:db8:7fff::1", TRUE },
    { "2001:db8::/33", "2001:db8:8000::1", FALSE },
    { "192.0.2.1/32", "192.0.2.1", TRUE },
    { "192.0.2.1/32", "192.0.2.0", FALSE },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      SpNetwork network;
      guint8 address[SP_ADDRESS_SIZE];

      g_test_message ("%s in %s", rows[i].address, rows[i].network);
      g_assert_true (sp_network_from_text (rows[i].network, &network));
      g_assert_true (sp_address_from_text (rows[i].address, address));
      g_assert_cmpint (sp_network_contains (&network, address), ==, rows[i].contains);
    }
}

static void
test_network_overlaps (void)
{
  static const struct
  {
    const char *a;
    const char *b;
    gboolean overlaps;
  } rows[] = {
    { "192.168.0.0/16", "192.168.7.0/24", TRUE },
    { "192.168.0.0/24", "192.168.1.0/24", FALSE },
    { "10.0.0.0/8", "10.255.255.255/32", TRUE },
    { "::/0", "fd00::/8", TRUE },
    { "::/0", "10.0.0.0/8", FALSE },
    { "0.0.0.0/0", "fd00::/8", FALSE },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      SpNetwork a;
      SpNetwork b;

      g_test_message ("%s and %s", rows[i].a, rows[i].b);
      g_assert_true (sp_network_from_text (rows[i].a, &a));
      g_assert_true (sp_network_from_text (rows[i].b, &b));
      g_assert_cmpint (sp_network_overlaps (&a, &b), ==, rows[i].overlaps);
      g_assert_cmpint (sp_network_overlaps (&b, &a), ==, rows[i].overlaps);
    }
}

static void
test_hex (void)
{
  const guint8 bytes[] = { 0x00, 0x7f, 0x80, 0xff };
  guint8 back[sizeof bytes];
  char text[2 * sizeof bytes + 1];

  sp_hex_encode (bytes, sizeof bytes, text);
  g_assert_cmpstr (text, ==, "007f80ff");
  g_assert_true (sp_hex_decode ("007F80fF", 8, back, sizeof back));
  g_assert_cmpmem (back, sizeof back, bytes, sizeof bytes);
  g_assert_false (sp_hex_decode ("007f80f", 7, back, sizeof back));
  g_assert_false (sp_hex_decode ("007f80ff0", 9, back, sizeof back));
  g_assert_false (sp_hex_decode ("007f80fg", 8, back, sizeof back));
  g_assert_false (sp_hex_decode ("007f80f\0", 8, back, sizeof back));
  g_assert_true (sp_hex_decode ("", 0, back, 0));
}

static void
test_secret (void)
{
  char memory[] = "secret";
  g_autoptr (SpSecretText) text = g_strdup ("secret");

  g_assert_true (sp_secret_equal (memory, text, sizeof memory));
  memory[5] = 'T';
  g_assert_false (sp_secret_equal (memory, text, sizeof memory));
  g_assert_true (sp_secret_equal (memory, text, 5));
  sp_secret_wipe (memory, sizeof memory);
  for (guint i = 0; i < sizeof memory; i++)
    g_assert_cmpint (memory[i], ==, 0);
  sp_secret_text_free (NULL);
}

static void
test_descriptors (void)
{
  int fd = open ("/dev/null", O_RDONLY | O_CLOEXEC);
  int stolen = sp_fd_steal (&fd);
  int pair[2];

  g_assert_cmpint (fd, ==, -1);
  errno = EDOM;
  sp_fd_clear (&fd); /* nothing there */
  sp_fd_clear (&stolen);
  g_assert_cmpint (stolen, ==, -1);
  g_assert_cmpint (errno, ==, EDOM);
  g_assert_true (sp_socket_pair (pair, NULL));
  for (guint i = 0; i < 2; i++)
    {
      g_assert_cmpint (fcntl (pair[i], F_GETFD), ==, FD_CLOEXEC);
      g_assert_cmpint (fcntl (pair[i], F_GETFL) & O_NONBLOCK, ==, O_NONBLOCK);
      sp_fd_clear (&pair[i]);
    }
}

static void
test_random (void)
{
  guint8 first[300] = { 0 };
  guint8 second[300] = { 0 };

  sp_random_bytes (first, sizeof first);
  sp_random_bytes (second, sizeof second);
  g_assert_cmpint (memcmp (first, second, sizeof first), !=, 0);
}

static void
test_error_from_errno (void)
{
  static const struct
  {
    int errno_value;
    int code; /* SpError */
  } rows[] = {
    { EAGAIN, SP_ERROR_AGAIN },           { EPIPE, SP_ERROR_PEER_GONE },
    { ECONNRESET, SP_ERROR_PEER_GONE },   { ENOENT, SP_ERROR_NOT_FOUND },
    { EADDRINUSE, SP_ERROR_PORT_IN_USE }, { EACCES, SP_ERROR_NOT_AUTHORIZED },
    { ENOSPC, SP_ERROR_FAILED },
  };

  g_assert_cmpstr (g_quark_to_string (SP_ERROR), ==, "sp-error-quark");
  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autofree char *expected =
          g_strdup_printf ("claiming port 443: %s", g_strerror (rows[i].errno_value));

      sp_error_set_errno (&error, rows[i].errno_value, "claiming port %d", 443);
      g_assert_error (error, SP_ERROR, rows[i].code);
      g_assert_cmpstr (error->message, ==, expected);
    }
}

/* Logs one line and returns what came out of standard error behind the process number. */
static char *
catch_line (SpLogLevel level, const char *message)
{
  char line[4096];
  int saved = dup (STDERR_FILENO);
  int ends[2];
  ssize_t size;

  g_assert_cmpint (pipe2 (ends, O_CLOEXEC | O_NONBLOCK), ==, 0);
  g_assert_cmpint (dup2 (ends[1], STDERR_FILENO), ==, STDERR_FILENO);
  sp_log (level, "topic", "%s", message);
  g_assert_cmpint (dup2 (saved, STDERR_FILENO), ==, STDERR_FILENO);
  size = read (ends[0], line, sizeof line);
  sp_fd_clear (&saved);
  sp_fd_clear (&ends[0]);
  sp_fd_clear (&ends[1]);
  return size < 0 ? NULL : g_strndup (line, size);
}

static void
test_log_escaping (void)
{
  static const struct
  {
    const char *message;
    const char *line;
  } rows[] = {
    { "plain", "plain" },
    { "grüße, 家", "grüße, 家" },
    { "two\nlines", "two?lines" },
    { "\r\t\x1b[31mred", "???[31mred" },
    { "delete\x7f", "delete?" },
    { "a\xc2\x9b"
      "31m",
      "a??31m" }, /* U+009B, a control sequence introducer */
    { "cut\xe5\xae", "cut??" },
    { "\xff\xfe", "??" },
    { "over\xc0\x8along", "over??long" },
    { "\xed\xa0\x80", "???" }, /* a surrogate */
  };

  sp_log_open ("room", SP_LOG_NOTICE);
  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autofree char *line = catch_line (SP_LOG_WARNING, rows[i].message);
      g_autofree char *expected =
          g_strdup_printf ("room[%d] warning topic: %s\n", (int) getpid (), rows[i].line);

      g_assert_cmpstr (line, ==, expected);
    }
}

static void
test_log_bounds (void)
{
  g_autofree char *message = g_strnfill (5000, 'x');
  g_autofree char *line = NULL;
  g_autofree char *nothing = NULL;

  sp_log_open ("a-room-with-a-name-that-is-too-long", SP_LOG_NOTICE);
  line = catch_line (SP_LOG_ERROR, message);
  g_assert_cmpuint (strlen (line), <=, 1024);
  g_assert_true (g_str_has_suffix (line, "xx\n"));
  nothing = catch_line (SP_LOG_DEBUG, message);
  g_assert_null (nothing);
  sp_log_open ("room", SP_LOG_DEBUG);
  nothing = catch_line (SP_LOG_DEBUG, "told");
  g_assert_nonnull (nothing);
}

/* Up to what is wanted, if that is allowed; never down. */
static void
test_descriptor_limit (void)
{
  struct rlimit before, limit;
  guint half, most;

  g_assert_cmpint (getrlimit (RLIMIT_NOFILE, &before), ==, 0);
  half = (guint) MIN (before.rlim_max, 1024) / 2;
  most = (guint) MIN (before.rlim_max, 1024);
  limit = (struct rlimit){ .rlim_cur = half, .rlim_max = before.rlim_max };
  g_assert_cmpint (setrlimit (RLIMIT_NOFILE, &limit), ==, 0);
  g_assert_cmpuint (sp_descriptors_allow (half - 1), ==, half);
  g_assert_cmpuint (sp_descriptors_allow (half + 1), ==, half + 1);
  g_assert_cmpuint (sp_descriptors_allow (most), ==, most);
  if (before.rlim_max < G_MAXUINT)
    g_assert_cmpuint (sp_descriptors_allow (G_MAXUINT), ==, before.rlim_max);
  g_assert_cmpint (getrlimit (RLIMIT_NOFILE, &limit), ==, 0);
  g_assert_cmpuint (limit.rlim_max, ==, before.rlim_max);
  g_assert_cmpint (setrlimit (RLIMIT_NOFILE, &before), ==, 0);
}

static void
test_log_throttle (void)
{
  SpLogThrottle throttle = { 0 };
  gint64 now = 5; /* a clock may begin anywhere */
  guint suppressed = 77;

  g_assert_true (sp_log_throttle (&throttle, now, &suppressed));
  g_assert_cmpuint (suppressed, ==, 0);
  for (guint i = 0; i < 1000; i++)
    g_assert_false (sp_log_throttle (&throttle, now + i * 59 * G_USEC_PER_SEC / 1000, &suppressed));
  now += 60 * G_USEC_PER_SEC;
  g_assert_true (sp_log_throttle (&throttle, now, &suppressed));
  g_assert_cmpuint (suppressed, ==, 1000);
  now += 600 * G_USEC_PER_SEC;
  g_assert_true (sp_log_throttle (&throttle, now, &suppressed));
  g_assert_cmpuint (suppressed, ==, 0);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/base/address/text", test_address_text);
  g_test_add_func ("/base/address/ipv4", test_address_ipv4);
  g_test_add_func ("/base/endpoint/text", test_endpoint_text);
  g_test_add_func ("/base/endpoint/sockaddr", test_endpoint_sockaddr);
  g_test_add_func ("/base/endpoint/any", test_endpoint_any);
  g_test_add_func ("/base/network/text", test_network_text);
  g_test_add_func ("/base/network/contains", test_network_contains);
  g_test_add_func ("/base/network/overlaps", test_network_overlaps);
  g_test_add_func ("/base/hex", test_hex);
  g_test_add_func ("/base/secret", test_secret);
  g_test_add_func ("/base/descriptors", test_descriptors);
  g_test_add_func ("/base/random", test_random);
  g_test_add_func ("/base/error/from-errno", test_error_from_errno);
  g_test_add_func ("/base/log/escaping", test_log_escaping);
  g_test_add_func ("/base/log/bounds", test_log_bounds);
  g_test_add_func ("/base/log/throttle", test_log_throttle);
  g_test_add_func ("/base/descriptor-limit", test_descriptor_limit);
  return g_test_run ();
}
