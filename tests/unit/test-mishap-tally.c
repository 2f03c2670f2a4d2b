/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "mishap-tally.h"

#include <string.h>

static void
set_drops (guint8 *drops, SpDrop cause, guint32 n)
{
  guint32 value = GUINT32_TO_LE (n);

  memcpy (drops + cause * sizeof value, &value, sizeof value);
}

static void
assert_described (const SpMishapTally *tally, const char *expected)
{
  g_autofree char *text = sp_mishap_tally_describe (tally);

  g_assert_cmpstr (text, ==, expected);
}

static void
test_causes (void)
{
  SpMishapTally tally = { 0 };
  guint8 drops[SP_DROP_CAUSES * 4] = { 0 };

  assert_described (&tally, NULL);
  sp_mishap_tally_packets (&tally, drops);
  assert_described (&tally, NULL);
  set_drops (drops, SP_DROP_MALFORMED, 7);
  set_drops (drops, SP_DROP_SOURCE, G_MAXUINT32);
  sp_mishap_tally_packets (&tally, drops);
  sp_mishap_tally_packets (&tally, drops);
  assert_described (&tally, "packets dropped: 8589934590 with a foreign source, 14 malformed");
  for (guint i = 0; i < 3; i++)
    sp_mishap_tally_client (&tally, SP_LEFT_GARBAGE, "not a frame", 1000);
  sp_mishap_tally_client (&tally, SP_LEFT_REQUEST, "head too long", 1000);
  assert_described (&tally,
                    "clients that broke the protocol: 3; clients that made no usable request: 1; "
                    "packets dropped: 8589934590 with a foreign source, 14 malformed");
}

static void
test_what_is_no_mishap (void)
{
  static const SpLeft usual[] = { SP_LEFT_LOGOUT, SP_LEFT_RECONNECTING, SP_LEFT_CLOSED,
                                  SP_LEFT_SILENT, SP_LEFT_DENIED,       SP_LEFT_STOPPED };
  SpMishapTally tally = { 0 };

  for (guint i = 0; i < G_N_ELEMENTS (usual); i++)
    sp_mishap_tally_client (&tally, usual[i], "", 1000);
  assert_described (&tally, NULL);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/mishap-tally/causes", test_causes);
  g_test_add_func ("/mishap-tally/what-is-no-mishap", test_what_is_no_mishap);
  return g_test_run ();
}
