/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "metrics.h"

#include <string.h>

static const char *
word (guint verdict)
{
  static const char *const words[] = { "zero", "wrong-password" };

  return words[MIN (verdict, 1)];
}

/* Every value as large as it can be. */
static void
fill (SpMetricsFacts *facts)
{
  memset (facts, 0xff, sizeof *facts);
  facts->version = "0.1.0";
  facts->login_word = word;
  facts->started_at = G_GINT64_CONSTANT (1800000000500000);
  facts->certificate_ends = G_GINT64_CONSTANT (1900000000000000);
  facts->under_attack = TRUE;
}

static void
test_lines (void)
{
  SpMetricsFacts facts = { .version = "0.1.0", .login_word = word, .connected = 3, .logins = 7 };
  g_autofree char *text = NULL;

  facts.refused_logins[SP_LOGIN_WRONG] = 5;
  facts.door[SP_DOOR_BANNED] = 11;
  facts.door[SP_DOOR_HELLO_VERIFIED] = 2;
  text = sp_metrics_write (&facts);
  g_assert_nonnull (strstr (text, "sallyport_build_info{version=\"0.1.0\"} 1\n"));
  g_assert_nonnull (strstr (text, "sallyport_sessions{state=\"connected\"} 3\n"));
  g_assert_nonnull (strstr (text, "\nsallyport_logins_total 7\n"));
  g_assert_nonnull (strstr (text, "sallyport_refused_logins_total{reason=\"wrong-password\"} 5\n"));
  g_assert_nonnull (strstr (text, "sallyport_refused_connections_total{reason=\"banned\"} 11\n"));
  g_assert_nonnull (strstr (text, "sallyport_handshakes_total{channel=\"dtls\"} 2\n"));
  g_assert_null (strstr (text, "certificate_expiry"));
  g_assert_null (strstr (text, "start_time"));
}

/* A line is a comment or a value of a metric whose comments came before; and all fits. */
static void
test_format (void)
{
  g_autoptr (GRegex) value = g_regex_new (
      "^(sallyport_[a-z_]+)(\\{[a-z]+=\"[a-z0-9.-]+\"\\})? [0-9]+(\\.[0-9]+)?$", 0, 0, NULL);
  g_autofree char *announced = NULL;
  g_autofree char *text = NULL;
  g_auto (GStrv) lines = NULL;
  SpMetricsFacts facts;

  fill (&facts);
  text = sp_metrics_write (&facts);
  g_assert_cmpuint (strlen (text), <=, SP_METRICS_TEXT_MAX);
  g_assert_true (g_str_has_suffix (text, "\n"));
  g_assert_nonnull (strstr (text, "sallyport_start_time_seconds 1800000000.500\n"));
  g_assert_nonnull (strstr (text, "sallyport_certificate_expiry_time_seconds 1900000000.000\n"));
  lines = g_strsplit (text, "\n", -1);
  for (guint i = 0; lines[i][0] != '\0'; i++)
    {
      g_autoptr (GMatchInfo) match = NULL;
      g_autofree char *name = NULL;

      if (g_str_has_prefix (lines[i], "# HELP "))
        continue;
      if (g_str_has_prefix (lines[i], "# TYPE "))
        {
          g_auto (GStrv) words = g_strsplit (lines[i], " ", 4);
          g_free (announced);
          announced = g_strdup (words[2]);
          continue;
        }
      g_test_message ("%s", lines[i]);
      g_assert_true (g_regex_match (value, lines[i], 0, &match));
      name = g_match_info_fetch (match, 1);
      g_assert_cmpstr (name, ==, announced);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/metrics/lines", test_lines);
  g_test_add_func ("/metrics/format", test_format);
  return g_test_run ();
}
