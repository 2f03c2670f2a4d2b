/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "uplink-manager.h"

#include "platform/fake.h"

/* Blank-separated; of the interfaces "eth0" has the default route. */
typedef struct
{
  const char *interfaces;
  gboolean has_names;
  const char *servers;
  const char *domains;
  SpConnectivity connectivity;
} Said;

static SpUplinkReport *
make_report (const Said *said)
{
  SpUplinkReport *report = g_new0 (SpUplinkReport, 1);
  g_auto (GStrv) servers = g_strsplit (said->servers, " ", 0);
  g_auto (GStrv) domains = g_strsplit (said->domains, " ", 0);

  report->interfaces = g_strsplit (said->interfaces, " ", 0);
  report->has_names = said->has_names;
  report->connectivity = said->connectivity;
  for (guint i = 0; servers[i] != NULL; i++)
    sp_resolver_file_add_server (&report->names, servers[i]);
  for (guint i = 0; domains[i] != NULL; i++)
    sp_resolver_file_add_domain (&report->names, domains[i]);
  return report;
}

static void
assert_uplink (SpUplinkManager *manager,
               gboolean is_managed,
               const char *servers,
               const char *domains,
               SpConnectivity connectivity)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (SpUplink) uplink = sp_uplink_read (manager, &error);
  g_autoptr (GString) seen = g_string_new (NULL);

  g_assert_no_error (error);
  for (guint i = 0; i < uplink->dns->len; i++)
    {
      char text[SP_ENDPOINT_TEXT_MAX];
      sp_address_to_text (g_array_index (uplink->dns, SpEndpoint, i).address, text);
      g_string_append_printf (seen, "%s%s", i > 0 ? " " : "", text);
    }
  g_assert_cmpint (uplink->is_managed, ==, is_managed);
  g_assert_cmpstr (seen->str, ==, servers);
  g_assert_cmpstr (uplink->domains, ==, domains);
  g_assert_cmpint (uplink->connectivity, ==, connectivity);
  g_assert_false (uplink->dns_is_local && uplink->dns->len > 0);
}

/* {what is said} → {is managed, name servers, domains, connectivity}; "192.168.77.1" is what the
 * files say */
static const struct
{
  Said said;
  gboolean is_managed;
  const char *servers;
  const char *domains;
  SpConnectivity connectivity;
} reports[] = {
  { { "eth0", TRUE, "192.168.77.9 fd00::9", "home.test other.test", SP_CONNECTIVITY_FULL },
    TRUE,
    "192.168.77.9 fd00::9",
    "home.test other.test",
    SP_CONNECTIVITY_FULL },
  { { "wlan0 eth0", TRUE, "127.0.0.1 fe80::1 192.168.77.9", "~. bad\r\nX: y home.test",
      SP_CONNECTIVITY_PORTAL },
    TRUE,
    "192.168.77.9",
    "y home.test",
    SP_CONNECTIVITY_PORTAL },
  { { "eth0", TRUE, "192.168.77.9 192.168.77.9", "a.test A.test. a.test", SP_CONNECTIVITY_UNKNOWN },
    TRUE,
    "192.168.77.9",
    "a.test",
    SP_CONNECTIVITY_UNKNOWN },
  { { "eth0", TRUE, "", "", SP_CONNECTIVITY_LIMITED }, TRUE, "", NULL, SP_CONNECTIVITY_LIMITED },
  { { "eth0", FALSE, "192.168.77.9", "home.test", SP_CONNECTIVITY_NONE },
    TRUE,
    "192.168.77.1",
    NULL,
    SP_CONNECTIVITY_NONE },
  { { "wlan0", TRUE, "192.168.77.9", "home.test", SP_CONNECTIVITY_PORTAL },
    FALSE,
    "192.168.77.1",
    NULL,
    SP_CONNECTIVITY_UNKNOWN },
  { { "", TRUE, "192.168.77.9", "home.test", SP_CONNECTIVITY_NONE },
    FALSE,
    "192.168.77.1",
    NULL,
    SP_CONNECTIVITY_UNKNOWN },
};

static void
test_reports (void)
{
  g_autoptr (SpUplinkManager) manager = sp_uplink_manager_new ();

  sp_fake_reset ();
  assert_uplink (NULL, FALSE, "192.168.77.1", NULL, SP_CONNECTIVITY_UNKNOWN);
  assert_uplink (manager, FALSE, "192.168.77.1", NULL, SP_CONNECTIVITY_UNKNOWN);
  for (guint i = 0; i < G_N_ELEMENTS (reports); i++)
    {
      sp_uplink_manager_set_report (manager, make_report (&reports[i].said));
      assert_uplink (manager, reports[i].is_managed, reports[i].servers, reports[i].domains,
                     reports[i].connectivity);
    }
  sp_uplink_manager_set_report (manager, NULL);
  assert_uplink (manager, FALSE, "192.168.77.1", NULL, SP_CONNECTIVITY_UNKNOWN);
}

static void
count_change (gpointer user_data)
{
  (*(guint *) user_data)++;
}

/* Every line is news after the one before it, and none when it is said again. */
static const Said news[] = {
  { "eth0", TRUE, "192.168.77.9", "home.test", SP_CONNECTIVITY_FULL },
  { "eth0 wlan0", TRUE, "192.168.77.9", "home.test", SP_CONNECTIVITY_FULL },
  { "eth0 wlan0", FALSE, "192.168.77.9", "home.test", SP_CONNECTIVITY_FULL },
  { "eth0 wlan0", FALSE, "192.168.77.8", "home.test", SP_CONNECTIVITY_FULL },
  { "eth0 wlan0", FALSE, "192.168.77.8 127.0.0.1", "home.test", SP_CONNECTIVITY_FULL },
  { "eth0 wlan0", FALSE, "192.168.77.8 127.0.0.1", "a.test", SP_CONNECTIVITY_FULL },
  { "eth0 wlan0", FALSE, "192.168.77.8 127.0.0.1", "a.test", SP_CONNECTIVITY_NONE },
};

static void
test_changes (void)
{
  g_autoptr (SpUplinkManager) manager = sp_uplink_manager_new ();
  g_autoptr (SpUplinkWatch) watch = NULL;
  guint changes = 0;

  sp_fake_reset ();
  watch = sp_uplink_watch_new (manager, count_change, &changes, NULL);
  g_assert_nonnull (watch);
  sp_uplink_manager_set_report (manager, NULL);
  g_assert_cmpuint (changes, ==, 0);
  for (guint i = 0; i < G_N_ELEMENTS (news); i++)
    {
      sp_uplink_manager_set_report (manager, make_report (&news[i]));
      sp_uplink_manager_set_report (manager, make_report (&news[i]));
      g_assert_cmpuint (changes, ==, i + 1);
    }
  sp_uplink_manager_set_report (manager, NULL);
  g_assert_cmpuint (changes, ==, G_N_ELEMENTS (news) + 1);
  g_clear_pointer (&watch, sp_uplink_watch_free);
  sp_uplink_manager_set_report (manager, make_report (&news[0]));
  g_assert_cmpuint (changes, ==, G_N_ELEMENTS (news) + 1);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/uplink-manager/reports", test_reports);
  g_test_add_func ("/uplink-manager/changes", test_changes);
  return g_test_run ();
}
