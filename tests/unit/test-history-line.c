/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "history-line.h"

#include <string.h>

static char *
make_line (const char *values)
{
  g_autofree char *sql = g_strconcat ("SELECT ", values, NULL);
  g_autoptr (GString) line = g_string_new (NULL);
  sqlite3 *database;
  sqlite3_stmt *row;

  g_assert_cmpint (sqlite3_open (":memory:", &database), ==, SQLITE_OK);
  g_assert_cmpint (sqlite3_prepare_v2 (database, sql, -1, &row, NULL), ==, SQLITE_OK);
  g_assert_cmpint (sqlite3_step (row), ==, SQLITE_ROW);
  sp_history_line_append (line, row);
  (void) sqlite3_finalize (row);
  (void) sqlite3_close (database);
  return g_strdup (line->str);
}

static void
test_row (void)
{
  g_autofree char *line = make_line (
      "x'00ff', x'a1', 'anna', 'Phone', 'Agent \"9\"', '192.0.2.1:5', '10.0.0.2 fd00::2', 'dtls',"
      " 1700000000000001, 0, '', x'0b', 'Küche', '', 9223372036854775807, 7");

  g_assert_cmpstr (
      line, ==,
      "{\"session\":\"00ff\",\"user\":\"a1\",\"login\":\"anna\",\"client-name\":\"Phone\","
      "\"user-agent\":\"Agent \\\"9\\\"\",\"remote-address\":\"192.0.2.1:5\","
      "\"addresses\":[\"10.0.0.2\",\"fd00::2\"],\"transport\":\"dtls\","
      "\"started-at-usec\":1700000000000001,\"ended-at-usec\":0,\"reason\":\"\","
      "\"device\":\"0b\",\"device-name\":\"Küche\",\"group\":\"\","
      "\"rx-bytes\":9223372036854775807,\"tx-bytes\":7}");
}

static void
test_none (void)
{
  g_autofree char *line =
      make_line ("x'', x'', '', '', '', '', '', '', 0, -12, '', x'0b0b', '', '', 0, 0");

  g_assert_nonnull (strstr (line, "\"session\":\"\","));
  g_assert_nonnull (strstr (line, "\"addresses\":[],"));
  g_assert_nonnull (strstr (line, "\"ended-at-usec\":-12,"));
  g_assert_nonnull (strstr (line, "\"device\":\"\","));
}

static void
test_text (void)
{
  static const struct
  {
    const char *text, *json;
  } cases[] = {
    { "", "\"\"" },
    { "plain", "\"plain\"" },
    { "\"", "\"\\\"\"" },
    { "a\\b\"c", "\"a\\\\b\\\"c\"" },
    { "\b\t\n\f\r", "\"\\b\\t\\n\\f\\r\"" },
    { "\x01\x0b\x1f\x7f", "\"\\u0001\\u000b\\u001f\x7f\"" },
    { "schön 好", "\"schön 好\"" },
    /* Each in each place of eight bytes. */
    { "12345678\"2345678", "\"12345678\\\"2345678\"" },
    { "1234567\\1234567\x02", "\"1234567\\\\1234567\\u0002\"" },
    { "123\n5678ü!~€5678", "\"123\\n5678ü!~€5678\"" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GString) line = g_string_new (NULL);

      sp_history_line_append_text (line, cases[i].text, strlen (cases[i].text));
      g_assert_cmpstr (line->str, ==, cases[i].json);
    }
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/history-line/row", test_row);
  g_test_add_func ("/history-line/none", test_none);
  g_test_add_func ("/history-line/text", test_text);
  return g_test_run ();
}
