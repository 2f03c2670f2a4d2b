/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "reach-judgement.h"

#include "codec/reach-link.h"
#include "codec/reach-page.h"

#include "codec/page-fields.h"

#include <string.h>

#define SECOND (gint64) G_USEC_PER_SEC
#define NOW    (1000000 * SECOND)
#define LATELY (NOW - 3600 * SECOND)
#define BEFORE (NOW - SP_REACH_GOOD)

/* A server at home that nobody has tried. */
#define HOME                                                                                       \
  .is_on = TRUE, .wants_udp = TRUE, .ipv4 = SP_ADDRESS_PRIVATE, .ipv6 = SP_ADDRESS_NONE, .now = NOW

#define UDP_ALONE HOME, .forwards = SP_REACH_FORWARDS_UDP, .parted_at = LATELY
#define TCP_ALONE HOME, .forwards = SP_REACH_FORWARDS_TCP, .parted_at = LATELY
#define UDP_ALONE_AND_IPV6                                                                         \
  .is_on = TRUE, .wants_udp = TRUE, .ipv4 = SP_ADDRESS_PRIVATE, .ipv6 = SP_ADDRESS_PUBLIC,         \
  .now = NOW, .forwards = SP_REACH_FORWARDS_UDP, .parted_at = LATELY

static const struct
{
  const char *what;
  SpReachFacts facts;
  SpReachVerdict verdict;
} judgements[] = {
  { "off", { .ipv4 = SP_ADDRESS_PUBLIC, .proven_at = LATELY, .now = NOW }, SP_REACH_OFF },
  { "no network", { .is_on = TRUE, .proven_at = LATELY, .now = NOW }, SP_REACH_NO_NETWORK },
  { "nothing but a link's own address",
    { .is_on = TRUE, .ipv4 = SP_ADDRESS_LOCAL, .now = NOW },
    SP_REACH_NO_NETWORK },
  { "closed filter", { HOME, .tcp_blocked = TRUE, .proven_at = LATELY }, SP_REACH_FIREWALL },
  { "never tried", { HOME }, SP_REACH_NOT_TESTED },
  { "a client was there", { HOME, .tcp_at = LATELY }, SP_REACH_PROVEN },
  { "a test was opened",
    { HOME, .test = SP_REACH_TEST_REACHED, .test_at = LATELY, .proven_at = LATELY },
    SP_REACH_PROVEN },
  { "an old proof", { HOME, .proven_at = BEFORE, .tcp_at = BEFORE }, SP_REACH_NOT_TESTED },
  { "a proof that is nearly old", { HOME, .proven_at = BEFORE + 1 }, SP_REACH_PROVEN },
  { "reached by IPv6 alone, where the provider shares IPv4",
    { .is_on = TRUE,
      .ipv4 = SP_ADDRESS_SHARED,
      .ipv6 = SP_ADDRESS_PUBLIC,
      .tcp_at = LATELY,
      .now = NOW },
    SP_REACH_IPV6_ONLY },
  { "reached by IPv6, which is gone",
    { .is_on = TRUE, .ipv4 = SP_ADDRESS_SHARED, .tcp_at = LATELY, .now = NOW },
    SP_REACH_SHARED },
  { "reached by both there",
    { .is_on = TRUE,
      .ipv4 = SP_ADDRESS_SHARED,
      .ipv6 = SP_ADDRESS_PUBLIC,
      .tcp_at = LATELY,
      .ipv4_at = LATELY,
      .now = NOW },
    SP_REACH_PROVEN },
  { "reached without IPv4",
    { .is_on = TRUE, .ipv6 = SP_ADDRESS_PUBLIC, .proven_at = LATELY, .now = NOW },
    SP_REACH_IPV6_ONLY },
  { "likewise, and by IPv4 before that was gone",
    { .is_on = TRUE,
      .ipv6 = SP_ADDRESS_PUBLIC,
      .proven_at = LATELY,
      .ipv4_at = LATELY,
      .now = NOW },
    SP_REACH_IPV6_ONLY },
  { "reached by IPv6 alone, which says nothing of the router",
    { HOME, .tcp_at = LATELY },
    SP_REACH_PROVEN },
  { "no such name",
    { HOME, .name = SP_REACH_NAME_UNKNOWN, .name_at = LATELY },
    SP_REACH_NAME_NOT_KNOWN },
  { "a name of home",
    { HOME, .name = SP_REACH_NAME_PRIVATE, .name_at = LATELY },
    SP_REACH_PRIVATE_NAME },
  { "a name of elsewhere",
    { HOME, .name = SP_REACH_NAME_ELSEWHERE, .name_at = LATELY },
    SP_REACH_WRONG_NAME },
  { "likewise since a moment ago",
    { HOME, .name = SP_REACH_NAME_ELSEWHERE, .name_at = NOW - SP_REACH_SPREADING + 1 },
    SP_REACH_NOT_TESTED },
  { "likewise, and a provider was told a moment ago",
    { HOME, .name = SP_REACH_NAME_ELSEWHERE, .name_at = LATELY, .told_at = NOW - SECOND },
    SP_REACH_NOT_TESTED },
  { "likewise, and it is tested now",
    { HOME, .name = SP_REACH_NAME_ELSEWHERE, .name_at = NOW - SECOND, .told_at = NOW - SECOND,
      .test = SP_REACH_TEST_WAITING, .test_at = NOW - SECOND },
    SP_REACH_WRONG_NAME },
  { "likewise, and somebody came since",
    { HOME, .name = SP_REACH_NAME_ELSEWHERE, .name_at = LATELY, .tcp_at = LATELY },
    SP_REACH_PROVEN },
  { "likewise, and somebody came before",
    { HOME, .name = SP_REACH_NAME_ELSEWHERE, .name_at = LATELY, .tcp_at = LATELY - 1 },
    SP_REACH_WRONG_NAME },
  { "a name of a proxy",
    { HOME, .is_behind_proxy = TRUE, .name = SP_REACH_NAME_ELSEWHERE, .name_at = LATELY },
    SP_REACH_NOT_TESTED },
  { "a name that leads elsewhere over IPv6",
    { HOME, .name = SP_REACH_NAME_IPV6_ELSEWHERE, .name_at = LATELY },
    SP_REACH_WRONG_IPV6 },
  { "likewise, whoever came since",
    { HOME, .name = SP_REACH_NAME_IPV6_ELSEWHERE, .name_at = LATELY, .tcp_at = LATELY + 1 },
    SP_REACH_WRONG_IPV6 },
  { "likewise, and a test was reached a moment ago",
    { HOME, .name = SP_REACH_NAME_IPV6_ELSEWHERE, .name_at = NOW - SECOND,
      .test = SP_REACH_TEST_REACHED, .test_at = NOW - SECOND, .proven_at = NOW - SECOND },
    SP_REACH_WRONG_IPV6 },
  { "a name that leads here",
    { HOME, .name = SP_REACH_NAME_HERE, .name_at = LATELY },
    SP_REACH_NOT_TESTED },
  { "others see another address",
    { HOME, .outside = SP_ADDRESS_PUBLIC, .is_translated = TRUE,
      .forwards = SP_REACH_FORWARDS_ALL },
    SP_REACH_TRANSLATED },
  { "two slow clients", { HOME, .tcp_at = LATELY, .n_slow = 2 }, SP_REACH_PROVEN },
  { "many slow clients", { HOME, .tcp_at = LATELY, .n_slow = 3 }, SP_REACH_TCP_ONLY },
  { "many that have just come", { HOME, .tcp_at = NOW - SECOND, .n_slow = 3 }, SP_REACH_PROVEN },
  { "slow behind a proxy",
    { HOME, .is_behind_proxy = TRUE, .tcp_at = LATELY, .n_slow = 9 },
    SP_REACH_PROVEN },
  { "no datagrams wanted",
    { .is_on = TRUE, .ipv4 = SP_ADDRESS_PRIVATE, .tcp_at = LATELY, .n_slow = 9, .now = NOW },
    SP_REACH_PROVEN },
  { "a filter closed for datagrams",
    { HOME, .udp_blocked = TRUE, .tcp_at = LATELY },
    SP_REACH_TCP_ONLY },
  { "opened at home",
    { HOME, .test = SP_REACH_TEST_HOME, .test_at = NOW - SECOND },
    SP_REACH_FROM_HOME },
  { "opened at home, where clients came from outside",
    { HOME, .test = SP_REACH_TEST_HOME, .test_at = NOW - SECOND, .tcp_at = LATELY },
    SP_REACH_PROVEN },
  { "shared", { .is_on = TRUE, .ipv4 = SP_ADDRESS_SHARED, .now = NOW }, SP_REACH_SHARED },
  { "shared, with IPv6",
    { .is_on = TRUE, .ipv4 = SP_ADDRESS_SHARED, .ipv6 = SP_ADDRESS_PUBLIC, .now = NOW },
    SP_REACH_IPV6_ONLY },
  { "shared, and the router lets nobody in over IPv6",
    { .is_on = TRUE,
      .ipv4 = SP_ADDRESS_SHARED,
      .ipv6 = SP_ADDRESS_PUBLIC,
      .ipv6_denied = TRUE,
      .now = NOW },
    SP_REACH_IPV6_CLOSED },
  { "IPv6 alone, and the router lets nobody in",
    { .is_on = TRUE, .ipv6 = SP_ADDRESS_PUBLIC, .ipv6_denied = TRUE, .now = NOW },
    SP_REACH_IPV6_CLOSED },
  { "likewise, and reached all the same",
    { .is_on = TRUE,
      .ipv6 = SP_ADDRESS_PUBLIC,
      .ipv6_denied = TRUE,
      .proven_at = LATELY,
      .now = NOW },
    SP_REACH_IPV6_ONLY },
  { "a router that lets nobody in over IPv6, and IPv4 besides",
    { .is_on = TRUE,
      .ipv4 = SP_ADDRESS_PRIVATE,
      .ipv6 = SP_ADDRESS_PUBLIC,
      .ipv6_denied = TRUE,
      .now = NOW },
    SP_REACH_NOT_TESTED },
  { "shared, and reached all the same",
    { .is_on = TRUE, .ipv4 = SP_ADDRESS_SHARED, .tcp_at = LATELY, .ipv4_at = LATELY, .now = NOW },
    SP_REACH_PROVEN },
  { "shared, and a test runs",
    { .is_on = TRUE,
      .ipv4 = SP_ADDRESS_SHARED,
      .test = SP_REACH_TEST_WAITING,
      .test_at = NOW,
      .now = NOW },
    SP_REACH_SHARED },
  { "behind two routers", { HOME, .outside = SP_ADDRESS_PRIVATE }, SP_REACH_SECOND_ROUTER },
  { "behind two routers, and reached all the same",
    { HOME, .outside = SP_ADDRESS_PRIVATE, .tcp_at = LATELY },
    SP_REACH_PROVEN },
  { "a router whose address is shared", { HOME, .outside = SP_ADDRESS_SHARED }, SP_REACH_SHARED },
  { "a router that forwards",
    { HOME, .outside = SP_ADDRESS_PUBLIC, .forwards = SP_REACH_FORWARDS_ALL },
    SP_REACH_NOT_TESTED },
  { "a router that forwards, and nobody came",
    { HOME, .outside = SP_ADDRESS_PUBLIC, .forwards = SP_REACH_FORWARDS_ALL,
      .test = SP_REACH_TEST_OVER, .test_at = LATELY },
    SP_REACH_PORT_CLOSED },
  { "a router that forwards UDP alone", { UDP_ALONE }, SP_REACH_UDP_ONLY },
  { "likewise, and a test runs",
    { UDP_ALONE, .test = SP_REACH_TEST_WAITING, .test_at = NOW },
    SP_REACH_UDP_ONLY },
  { "likewise, and a test was opened at home",
    { UDP_ALONE, .test = SP_REACH_TEST_HOME, .test_at = NOW },
    SP_REACH_FROM_HOME },
  { "likewise, and nobody came",
    { UDP_ALONE, .test = SP_REACH_TEST_OVER, .test_at = LATELY },
    SP_REACH_UDP_ONLY },
  { "likewise, and somebody came before", { UDP_ALONE, .tcp_at = LATELY - 1 }, SP_REACH_UDP_ONLY },
  { "likewise, and somebody came since", { UDP_ALONE, .tcp_at = LATELY }, SP_REACH_PROVEN },
  { "likewise, and a test was opened since", { UDP_ALONE, .proven_at = NOW }, SP_REACH_PROVEN },
  { "likewise, behind another router",
    { UDP_ALONE, .outside = SP_ADDRESS_PRIVATE },
    SP_REACH_SECOND_ROUTER },
  { "likewise, where IPv4 is shared",
    { UDP_ALONE, .outside = SP_ADDRESS_SHARED },
    SP_REACH_SHARED },
  { "UDP alone, and perhaps IPv6", { UDP_ALONE_AND_IPV6 }, SP_REACH_NOT_TESTED },
  { "likewise, and somebody came before",
    { UDP_ALONE_AND_IPV6, .tcp_at = LATELY - 1 },
    SP_REACH_PROVEN },
  { "UDP alone, and no IPv6 by the router's word",
    { UDP_ALONE_AND_IPV6, .ipv6_denied = TRUE, .tcp_at = LATELY - 1 },
    SP_REACH_UDP_ONLY },
  { "UDP alone, and nobody came by IPv6",
    { UDP_ALONE_AND_IPV6, .test = SP_REACH_TEST_OVER, .test_at = LATELY },
    SP_REACH_UDP_ONLY },
  { "a router that forwards TCP alone", { TCP_ALONE }, SP_REACH_TCP_ONLY },
  { "likewise, and a test runs",
    { TCP_ALONE, .test = SP_REACH_TEST_WAITING, .test_at = NOW },
    SP_REACH_WAITING },
  { "likewise, and nobody came",
    { TCP_ALONE, .outside = SP_ADDRESS_PUBLIC, .test = SP_REACH_TEST_OVER, .test_at = LATELY },
    SP_REACH_PORT_CLOSED },
  { "likewise, and somebody came", { TCP_ALONE, .tcp_at = NOW }, SP_REACH_TCP_ONLY },
  { "likewise, and datagrams came before",
    { TCP_ALONE, .tcp_at = NOW, .udp_at = LATELY - 1 },
    SP_REACH_TCP_ONLY },
  { "likewise, and datagrams came since",
    { TCP_ALONE, .tcp_at = NOW, .udp_at = LATELY },
    SP_REACH_PROVEN },
  { "likewise, behind a proxy", { TCP_ALONE, .is_behind_proxy = TRUE }, SP_REACH_NOT_TESTED },
  { "a router that does not, and nobody came",
    { HOME, .outside = SP_ADDRESS_PUBLIC, .test = SP_REACH_TEST_OVER, .test_at = LATELY },
    SP_REACH_ROUTER_CLOSED },
  { "a test begins",
    { HOME, .test = SP_REACH_TEST_WAITING, .test_at = NOW - SP_REACH_PATIENCE + 1 },
    SP_REACH_WAITING },
  { "nobody came for a minute",
    { HOME, .test = SP_REACH_TEST_WAITING, .test_at = NOW - SP_REACH_PATIENCE },
    SP_REACH_ROUTER_CLOSED },
  { "a test is over",
    { HOME, .test = SP_REACH_TEST_OVER, .test_at = NOW - 5 * SECOND },
    SP_REACH_ROUTER_CLOSED },
  { "nobody came since the last client",
    { HOME, .test = SP_REACH_TEST_OVER, .test_at = LATELY, .tcp_at = LATELY - SECOND },
    SP_REACH_ROUTER_CLOSED },
  { "a client came after the test",
    { HOME, .test = SP_REACH_TEST_OVER, .test_at = LATELY, .tcp_at = LATELY + SECOND },
    SP_REACH_PROVEN },
  { "nobody came to a public address",
    { .is_on = TRUE,
      .ipv4 = SP_ADDRESS_PUBLIC,
      .test = SP_REACH_TEST_OVER,
      .test_at = LATELY,
      .now = NOW },
    SP_REACH_PORT_CLOSED },
  { "IPv6 alone", { .is_on = TRUE, .ipv6 = SP_ADDRESS_PUBLIC, .now = NOW }, SP_REACH_IPV6_ONLY },
  { "IPv6 alone, and nobody came",
    { .is_on = TRUE,
      .ipv6 = SP_ADDRESS_PUBLIC,
      .test = SP_REACH_TEST_OVER,
      .test_at = LATELY,
      .now = NOW },
    SP_REACH_PORT_CLOSED },
  { "a private IPv6 network alone",
    { .is_on = TRUE, .ipv6 = SP_ADDRESS_PRIVATE, .now = NOW },
    SP_REACH_NOT_TESTED },
};

static void
test_judgements (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (judgements); i++)
    {
      SpReachVerdict verdict = sp_reach_judge (&judgements[i].facts);

      if (verdict != judgements[i].verdict)
        g_error ("%s: %s, not %s", judgements[i].what, sp_reach_verdict_to_string (verdict),
                 sp_reach_verdict_to_string (judgements[i].verdict));
    }
}

/* Every verdict comes about, has a word of its own, and words that name what helps. */
static void
test_words (void)
{
  const SpReachPlace place = { .port = 443,
                               .udp_port = 4443,
                               .address = "192.168.1.20",
                               .router = "192.168.1.1",
                               .outside = "10.0.0.2",
                               .seen = "198.51.100.7",
                               .name = "home.example",
                               .leads = "198.51.100.9" };
  const SpReachPlace nowhere = { .port = 443 };
  gboolean seen[SP_REACH_VERDICTS] = { FALSE };

  for (guint i = 0; i < G_N_ELEMENTS (judgements); i++)
    seen[judgements[i].verdict] = TRUE;
  for (guint i = 0; i < SP_REACH_VERDICTS; i++)
    {
      g_autofree char *here = sp_reach_describe (i, &place);
      g_autofree char *there = sp_reach_describe (i, &nowhere);

      g_assert_true (seen[i]);
      g_assert_cmpuint (strlen (here), >, 20);
      g_assert_cmpuint (strlen (there), >, 20);
      for (guint j = 0; j < i; j++)
        g_assert_cmpstr (sp_reach_verdict_to_string (i), !=, sp_reach_verdict_to_string (j));
      if (i == SP_REACH_ROUTER_CLOSED)
        {
          g_assert_nonnull (strstr (here, "(192.168.1.1) forward TCP 443 and UDP 4443 to 192.168"));
          g_assert_nonnull (strstr (here, "home.example leads to 198.51.100.9, which is not"));
          g_assert_null (strstr (there, "UDP"));
          g_assert_null (strstr (there, "leads to"));
        }
    }
}

/* Where the router forwards one port alone, it is that which they name, with what mends it. */
static void
test_parts (void)
{
  static const struct
  {
    SpReachVerdict verdict;
    const char *reason;
    const char *words[2];
  } parts[] = {
    { SP_REACH_UDP_ONLY, "taken", { "nobody can connect", "TCP 443 to another device; set port" } },
    { SP_REACH_UDP_ONLY, "refused", { "nobody can connect", "not forward TCP 443; allow it in" } },
    { SP_REACH_TCP_ONLY, "taken", { "slowly", "UDP 4443 to another device; set port of" } },
    { SP_REACH_TCP_ONLY, NULL, { "slowly", "let the router forward UDP 4443 to 192.168.1.20" } },
  };

  for (guint i = 0; i < G_N_ELEMENTS (parts); i++)
    {
      const SpReachPlace place = {
        .port = 443, .udp_port = 4443, .address = "192.168.1.20", .reason = parts[i].reason
      };
      g_autofree char *text = sp_reach_describe (parts[i].verdict, &place);

      g_test_message ("%s", text);
      g_assert_nonnull (strstr (text, parts[i].words[0]));
      g_assert_nonnull (strstr (text, parts[i].words[1]));
    }
}

#define OWN  "198.51.100.7 192.168.1.20 2001:db8::7"
#define NONE "192.168.1.20"

static const struct
{
  const char *what;
  const char *said;
  const char *own;
  SpReachName name;
  const char *wrong;
} names[] = {
  { "nothing", "", OWN, SP_REACH_NAME_UNKNOWN, NULL },
  { "here", "198.51.100.7", OWN, SP_REACH_NAME_HERE, NULL },
  { "here over both", "198.51.100.7 2001:db8::7", OWN, SP_REACH_NAME_HERE, NULL },
  { "here over IPv6 alone", "2001:db8::7", NONE " 2001:db8::7", SP_REACH_NAME_HERE, NULL },
  { "here, among others", "198.51.100.9 198.51.100.7", OWN, SP_REACH_NAME_HERE, NULL },
  { "elsewhere", "198.51.100.9", OWN, SP_REACH_NAME_ELSEWHERE, "198.51.100.9" },
  { "elsewhere, and at home", "192.168.1.20 198.51.100.9", OWN, SP_REACH_NAME_ELSEWHERE,
    "198.51.100.9" },
  { "elsewhere over IPv4", "198.51.100.9 2001:db8::7", OWN, SP_REACH_NAME_ELSEWHERE,
    "198.51.100.9" },
  { "elsewhere, where ours is not known", "198.51.100.9", NONE, SP_REACH_NAME_UNCLEAR, NULL },
  { "elsewhere over IPv6", "198.51.100.7 2001:db8::9", OWN, SP_REACH_NAME_IPV6_ELSEWHERE,
    "2001:db8::9" },
  { "elsewhere over IPv6, where ours is not known", "198.51.100.9 2001:db8::9", NONE,
    SP_REACH_NAME_IPV6_ELSEWHERE, "2001:db8::9" },
  { "elsewhere over IPv6 alone", "2001:db8::9", OWN, SP_REACH_NAME_ELSEWHERE, "2001:db8::9" },
  { "at home", "192.168.1.20", OWN, SP_REACH_NAME_PRIVATE, "192.168.1.20" },
  { "at home over both", "192.168.1.20 fd00::7", OWN, SP_REACH_NAME_PRIVATE, "192.168.1.20" },
  { "on this computer", "127.0.0.1", OWN, SP_REACH_NAME_PRIVATE, "127.0.0.1" },
  { "in a provider's network", "100.64.1.2", OWN, SP_REACH_NAME_PRIVATE, "100.64.1.2" },
  { "at home, and here over IPv6", "192.168.1.20 2001:db8::7", OWN, SP_REACH_NAME_HERE, NULL },
};

static GByteArray *
read_addresses (const char *texts, SpReachAddresses *ret)
{
  g_auto (GStrv) words = g_strsplit (texts, " ", -1);
  GByteArray *bytes = g_byte_array_new ();
  guint8 address[SP_ADDRESS_SIZE];

  for (guint i = 0; words[i] != NULL; i++)
    {
      g_assert_true (sp_address_from_text (words[i], address));
      g_byte_array_append (bytes, address, sizeof address);
    }
  *ret = (SpReachAddresses){ bytes->data, bytes->len / SP_ADDRESS_SIZE };
  return bytes;
}

static void
test_names (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      SpReachAddresses said;
      SpReachAddresses own;
      G_GNUC_UNUSED g_autoptr (GByteArray) said_bytes = read_addresses (names[i].said, &said);
      G_GNUC_UNUSED g_autoptr (GByteArray) own_bytes = read_addresses (names[i].own, &own);
      char text[SP_ENDPOINT_TEXT_MAX];
      const guint8 *wrong;

      g_test_message ("%s", names[i].what);
      g_assert_cmpint (sp_reach_judge_name (&said, &own, &wrong), ==, names[i].name);
      g_assert_cmpint (wrong == NULL, ==, names[i].wrong == NULL);
      if (wrong != NULL)
        sp_address_to_text (wrong, text);
      if (wrong != NULL)
        g_assert_cmpstr (text, ==, names[i].wrong);
    }
}

static const struct
{
  const char *address;
  SpAddressKind kind;
} addresses[] = {
  { "127.0.0.1", SP_ADDRESS_LOCAL },      { "169.254.1.1", SP_ADDRESS_LOCAL },
  { "9.255.255.255", SP_ADDRESS_PUBLIC }, { "10.0.0.1", SP_ADDRESS_PRIVATE },
  { "11.0.0.1", SP_ADDRESS_PUBLIC },      { "172.15.0.1", SP_ADDRESS_PUBLIC },
  { "172.16.0.1", SP_ADDRESS_PRIVATE },   { "172.31.255.1", SP_ADDRESS_PRIVATE },
  { "172.32.0.1", SP_ADDRESS_PUBLIC },    { "192.168.0.1", SP_ADDRESS_PRIVATE },
  { "192.169.0.1", SP_ADDRESS_PUBLIC },   { "100.63.255.1", SP_ADDRESS_PUBLIC },
  { "100.64.0.1", SP_ADDRESS_SHARED },    { "100.127.255.1", SP_ADDRESS_SHARED },
  { "100.128.0.1", SP_ADDRESS_PUBLIC },   { "::1", SP_ADDRESS_LOCAL },
  { "fe80::1", SP_ADDRESS_LOCAL },        { "fd00::1", SP_ADDRESS_PRIVATE },
  { "fc00::1", SP_ADDRESS_PRIVATE },      { "2001:db8::1", SP_ADDRESS_PUBLIC },
};

static void
test_addresses (void)
{
  static const guint8 unset[SP_ADDRESS_SIZE];

  g_assert_cmpint (sp_reach_get_kind (unset), ==, SP_ADDRESS_NONE);
  for (guint i = 0; i < G_N_ELEMENTS (addresses); i++)
    {
      guint8 address[SP_ADDRESS_SIZE];

      g_assert_true (sp_address_from_text (addresses[i].address, address));
      if (sp_reach_get_kind (address) != addresses[i].kind)
        g_error ("%s: %s", addresses[i].address,
                 sp_address_kind_to_string (sp_reach_get_kind (address)));
    }
}

#define TOKEN "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8"

static const struct
{
  const char *target;
  gboolean is_link;
} targets[] = {
  { "/r/" TOKEN, TRUE },
  { "/r/" TOKEN "?fbclid=x/y", TRUE },
  { "/r/" TOKEN "/", FALSE },
  { "/r/" TOKEN "x", FALSE },
  { "/e/" TOKEN, FALSE },
  { "/r/AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh", FALSE },
  { "/r/", FALSE },
  { "/r", FALSE },
  { "", FALSE },
  { "/r/?" TOKEN, FALSE },
};

static void
test_links (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (targets); i++)
    {
      guint8 token[SP_TOKEN_SIZE];

      g_test_message ("%s", targets[i].target);
      g_assert_cmpint (sp_reach_link_read (targets[i].target, strlen (targets[i].target), token),
                       ==, targets[i].is_link);
      for (guint j = 0; targets[i].is_link && j < SP_TOKEN_SIZE; j++)
        g_assert_cmpuint (token[j], ==, j);
    }
}

/* SHA-256 of the bytes 0 to 31. */
static void
test_digest (void)
{
  static const guint8 expected[] = { 0x63, 0x0d, 0xcd, 0x29, 0x66, 0xc4, 0x33, 0x66 };
  guint8 token[SP_TOKEN_SIZE];
  guint8 digest[SP_DIGEST_SIZE];

  for (guint8 i = 0; i < SP_TOKEN_SIZE; i++)
    token[i] = i;
  sp_reach_link_digest (token, digest);
  g_assert_cmpmem (digest, sizeof expected, expected, sizeof expected);
}

static void
test_pages (void)
{
  for (guint language = 0; sp_page_languages[language] != NULL; language++)
    for (int home = 0; home < 2; home++)
      {
        g_autoptr (GString) html = g_string_new (NULL);
        g_autofree char *begin =
            g_strdup_printf ("<!DOCTYPE html>\n<html lang=\"%s\">", sp_page_languages[language]);

        sp_reach_page_write (html, language, home);
        g_assert_true (g_str_has_prefix (html->str, begin));
        g_assert_true (g_str_has_suffix (html->str, "</p></main></body></html>\n"));
        g_assert_cmpuint (html->len, <=, SP_REACH_PAGE_MAX);
      }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/reachability/judgements", test_judgements);
  g_test_add_func ("/reachability/words", test_words);
  g_test_add_func ("/reachability/parts", test_parts);
  g_test_add_func ("/reachability/names", test_names);
  g_test_add_func ("/reachability/addresses", test_addresses);
  g_test_add_func ("/reachability/links", test_links);
  g_test_add_func ("/reachability/digest", test_digest);
  g_test_add_func ("/reachability/pages", test_pages);
  return g_test_run ();
}
