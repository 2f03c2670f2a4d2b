/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/endpoint.h"
#include "codec/pcp-message.h"

#include <netinet/in.h>
#include <string.h>

#define SECOND ((gint64) G_USEC_PER_SEC)

static const guint8 request[] = {
  2,   1,   0,   0,   0,    0,    0x0e, 0x10, /* version, MAP, an hour */
  0,   0,   0,   0,   0,    0,    0,    0,    0,   0,   0xff, 0xff,
  192, 168, 1,   20,                                               /* the client */
  'n', 'o', 'n', 'c', 'e',  '-',  'o',  'f',  '-', 'o', 'u',  'r', /* the nonce */
  17,  0,   0,   0,   0x01, 0xbb, 0x11, 0x5b,                      /* UDP, 443 here, 4443 outside */
  0,   0,   0,   0,   0,    0,    0,    0,    0,   0,   0xff, 0xff,
  0,   0,   0,   0, /* whichever address */
};

static const guint8 answer[] = {
  2,   0x81, 0,   0,   0,   0,   0x07, 0x08, 0,  0x01, 0x51, 0x80, /* success, half an hour, a day
                                                                    */
  0,   0,    0,   0,   0,   0,   0,    0,    0,  0,    0,    0,    'n',  'o',  'n',  'c',
  'e', '-',  'o', 'f', '-', 'o', 'u',  'r',  17, 0,    0,    0,    0x01, 0xbb, 0x11, 0x5c,
  0,   0,    0,   0,   0,   0,   0,    0,    0,  0,    0xff, 0xff, 81,   2,    69,   142,
};
/* one that knows NAT-PMP alone (RFC 6886 3.5) */
static const guint8 nat_pmp[] = { 0, 0x81, 0, 1, 0, 0, 0, 9 };

static SpPcpMap
make_map (void)
{
  SpPcpMap map = { .protocol = IPPROTO_UDP, .inside = 443, .outside = 4443, .lifetime = 3600 };

  g_assert_true (sp_address_from_text ("192.168.1.20", map.client));
  memcpy (map.nonce, "nonce-of-our", sizeof map.nonce);
  return map;
}

static void
test_request (void)
{
  SpPcpMap map = make_map ();
  guint8 written[SP_PCP_MAP_SIZE];

  sp_pcp_map_write (&map, written);
  g_assert_cmpmem (written, sizeof written, request, sizeof request);
  /* over IPv6 any address is zero */
  g_assert_true (sp_address_from_text ("2001:db8::20", map.client));
  sp_pcp_map_write (&map, written);
  g_assert_cmpuint (written[54], ==, 0);
  g_assert_cmpuint (written[55], ==, 0);
}

static void
test_answer (void)
{
  SpPcpMap map = make_map ();
  guint8 longer[sizeof answer + 4] = { 0 };
  char outside[SP_ENDPOINT_TEXT_MAX];
  SpPcpAnswer read;

  g_assert_true (sp_pcp_answer_read (answer, sizeof answer, &map, &read));
  g_assert_cmpint (read.result, ==, SP_PCP_SUCCESS);
  g_assert_cmpuint (read.lifetime, ==, 1800);
  g_assert_cmpuint (read.epoch, ==, 86400);
  g_assert_cmpuint (read.outside, ==, 4444);
  sp_address_to_text (read.address, outside);
  g_assert_cmpstr (outside, ==, "81.2.69.142");
  /* an option that nobody asked for */
  memcpy (longer, answer, sizeof answer);
  longer[sizeof answer] = 128;
  g_assert_true (sp_pcp_answer_read (longer, sizeof longer, &map, &read));
  for (guint result = 1; result < 256; result++)
    {
      longer[3] = (guint8) result;
      g_assert_true (sp_pcp_answer_read (longer, sizeof longer, &map, &read));
      g_assert_cmpuint (read.result, ==, result);
    }
}

static void
test_other_version (void)
{
  SpPcpMap map = make_map ();
  guint8 bytes[sizeof nat_pmp];
  SpPcpAnswer read;

  memcpy (bytes, nat_pmp, sizeof bytes);
  g_assert_true (sp_pcp_answer_read (bytes, sizeof bytes, &map, &read));
  g_assert_cmpint (read.result, ==, SP_PCP_UNSUPPORTED_VERSION);
  g_assert_false (sp_pcp_answer_read (bytes, 4, &map, &read));
  bytes[3] = 0; /* which asks for nothing that we know */
  g_assert_false (sp_pcp_answer_read (bytes, sizeof bytes, &map, &read));
  bytes[3] = 1;
  bytes[1] = 1; /* a question */
  g_assert_false (sp_pcp_answer_read (bytes, sizeof bytes, &map, &read));
}

/* Somebody else's answer, or nobody's. */
static void
test_foreign (void)
{
  static const guint parts[] = { 0, 1, 24, 35, 36, 40, 41 };
  SpPcpMap map = make_map ();
  guint8 bytes[SP_PCP_MESSAGE_MAX + 4] = { 0 };
  SpPcpAnswer read;

  memcpy (bytes, answer, sizeof answer);
  for (guint i = 0; i < G_N_ELEMENTS (parts); i++)
    {
      bytes[parts[i]] ^= 1;
      g_assert_false (sp_pcp_answer_read (bytes, sizeof answer, &map, &read));
      bytes[parts[i]] ^= 1;
    }
  for (guint size = 0; size <= sizeof bytes; size++)
    g_assert_cmpint (sp_pcp_answer_read (bytes, size, &map, &read), ==,
                     size >= sizeof answer && size <= SP_PCP_MESSAGE_MAX && size % 4 == 0);
}

/* RFC 6887 8.5 */
static void
test_clock (void)
{
  static const struct
  {
    gint64 mine;
    gint64 its;
    gboolean goes_on;
  } steps[] = {
    { 0, 0, TRUE },        { 0, -1, TRUE },       { 0, -2, FALSE },     { 0, 2, TRUE },
    { 0, 3, FALSE },       { 2, 0, TRUE },        { 3, 0, FALSE },      { 1800, 1800, TRUE },
    { 1800, 1700, TRUE },  { 1800, 1600, FALSE }, { 1700, 1800, TRUE }, { 1600, 1800, FALSE },
    { 1800, -900, FALSE },
  };

  for (guint i = 0; i < G_N_ELEMENTS (steps); i++)
    {
      SpPcpClock clock = { 0 };

      g_test_message ("%" G_GINT64_FORMAT " s here, %" G_GINT64_FORMAT " s there", steps[i].mine,
                      steps[i].its);
      g_assert_true (sp_pcp_clock_note (&clock, 1000, 5 * SECOND));
      g_assert_cmpint (
          sp_pcp_clock_note (&clock, (guint32) (1000 + steps[i].its), (5 + steps[i].mine) * SECOND),
          ==, steps[i].goes_on);
      /* from there on it is trusted again */
      g_assert_true (sp_pcp_clock_note (&clock, (guint32) (1000 + steps[i].its),
                                        (5 + steps[i].mine) * SECOND));
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/pcp-message/request", test_request);
  g_test_add_func ("/pcp-message/answer", test_answer);
  g_test_add_func ("/pcp-message/other-version", test_other_version);
  g_test_add_func ("/pcp-message/foreign", test_foreign);
  g_test_add_func ("/pcp-message/clock", test_clock);
  return g_test_run ();
}
