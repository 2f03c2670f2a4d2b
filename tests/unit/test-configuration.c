/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "configuration.h"
#include "setting-variant.h"

#include "base/error.h"

#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* --- text --- */

/* NAME=TEXT, or a name alone that is reset; one edit a line. */
static const struct
{
  const char *before;
  const char *edits;
  const char *after;
} texts[] = {
  { "", "Dpd=60", "[tunnel]\ndpd = 60\n" },
  { "", "Dpd", "" },
  { "[tunnel]\ndpd = 90\n", "Dpd=60", "[tunnel]\ndpd = 60\n" },
  { "[tunnel]\ndpd = 90\n", "Dpd", "[tunnel]\n" },
  { "[tunnel]\n  dpd=90 \r\n# end", "Dpd=60", "[tunnel]\ndpd = 60\n# end\n" },
  { "# a\n[tunnel]\n# b\n#dpd = 90\n\nmtu = 1400\n\n[log]\n", "Dpd=60",
    "# a\n[tunnel]\n# b\n#dpd = 90\ndpd = 60\n\nmtu = 1400\n\n[log]\n" },
  { "[tunnel]\nmtu = 1400\n\n[log]\n", "Dpd=60\nLogLevel=debug\nPort=1",
    "[tunnel]\nmtu = 1400\ndpd = 60\n\n[log]\nlevel = debug\n\n[server]\nport = 1\n" },
  /* the same words elsewhere are not it */
  { "[server]\n#dpd = 1\n# dpd = 2\n[tunnel]\n#dpd-x = 3\n", "Dpd=60",
    "[server]\n#dpd = 1\n# dpd = 2\n[tunnel]\n#dpd-x = 3\ndpd = 60\n" },
  { "[tunnel]\nbanner = dpd = 1\n", "Dpd=60\nBanner=", "[tunnel]\nbanner =\ndpd = 60\n" },
};

static guint
read_edits (char **lines, SpSettingEdit *edits)
{
  guint n = 0;

  for (; lines[n] != NULL; n++)
    {
      char *equals = strchr (lines[n], '=');

      if (equals != NULL)
        *equals = '\0';
      edits[n].row = sp_setting_row_find (lines[n]);
      edits[n].text = equals != NULL ? equals + 1 : NULL;
      g_assert_nonnull (edits[n].row);
    }
  return n;
}

static void
test_texts (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
    {
      g_auto (GStrv) lines = g_strsplit (texts[i].edits, "\n", -1);
      SpSettingEdit edits[8];
      guint n_edits = read_edits (lines, edits);
      g_autofree char *after = sp_setting_edit (texts[i].before, edits, n_edits);

      g_assert_cmpstr (after, ==, texts[i].after);
    }
}

/* Everything set at once in the documented file, and back: the same file. */
static void
test_documented_file (void)
{
  g_autofree char *file = sp_setting_write_file ();
  g_autofree SpSettingEdit *edits = g_new0 (SpSettingEdit, sp_setting_rows_n);
  g_autofree char *set = NULL;
  g_autofree char *reset = NULL;
  g_autoptr (SpSettings) settings = NULL;
  g_autoptr (GError) error = NULL;

  for (guint i = 0; i < sp_setting_rows_n; i++)
    edits[i] = (SpSettingEdit){ &sp_setting_rows[i], sp_setting_rows[i].standard };
  set = sp_setting_edit (file, edits, sp_setting_rows_n);
  settings = sp_settings_parse ("sallyport.conf", set, strlen (set), &error);
  g_assert_no_error (error);
  for (guint i = 0; i < sp_setting_rows_n; i++)
    {
      g_assert_cmpstr (settings->written[i], ==, sp_setting_rows[i].standard);
      edits[i].text = NULL;
    }
  reset = sp_setting_edit (set, edits, sp_setting_rows_n);
  g_assert_cmpstr (reset, ==, file);
}

/* --- values of the bus --- */

static void
test_values (void)
{
  for (guint i = 0; i < sp_setting_rows_n; i++)
    {
      const SpSettingRow *row = &sp_setting_rows[i];
      g_autofree char *name = sp_setting_row_name (row);
      g_autoptr (GVariant) value = g_variant_ref_sink (sp_setting_row_value (row, row->standard));
      g_autofree char *text = NULL;
      g_autoptr (GError) error = NULL;

      g_assert_true (sp_setting_row_find (name) == row);
      g_assert_cmpstr (g_variant_get_type_string (value), ==, sp_setting_row_type (row));
      text = sp_setting_row_text_from (row, value, &error);
      g_assert_no_error (error);
      g_assert_cmpstr (text, ==, row->standard);
    }
  g_assert_null (sp_setting_row_find ("udp-port"));
  g_assert_null (sp_setting_row_find (""));
}

/* --- the file --- */

typedef struct
{
  char *folder;
  char *path;
  SpConfiguration *configuration;
  guint n_changed;
} Fixture;

static void
changed_cb (SpConfiguration *configuration, Fixture *fixture)
{
  fixture->n_changed++;
}

static void
set_up (Fixture *fixture, gconstpointer data)
{
  fixture->folder = g_dir_make_tmp ("sallyport-configuration-XXXXXX", NULL);
  fixture->path = g_build_filename (fixture->folder, "sub", "sallyport.conf", NULL);
  fixture->configuration = sp_configuration_new (fixture->path);
  (void) g_signal_connect (fixture->configuration, "changed", G_CALLBACK (changed_cb), fixture);
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  g_autofree char *sub = g_path_get_dirname (fixture->path);

  g_object_unref (fixture->configuration);
  (void) unlink (fixture->path);
  (void) rmdir (sub);
  (void) rmdir (fixture->folder);
  g_free (fixture->path);
  g_free (fixture->folder);
}

static gboolean
change (Fixture *fixture, const char *name, const char *text, gboolean check_only, GError **error)
{
  const SpSettingEdit edit = { sp_setting_row_find (name), text };

  return sp_configuration_change (fixture->configuration, &edit, 1, check_only, error);
}

static void
assert_file (Fixture *fixture, const char *wanted)
{
  g_autofree char *text = NULL;

  g_assert_true (g_file_get_contents (fixture->path, &text, NULL, NULL));
  g_assert_cmpstr (text, ==, wanted);
}

static void
test_change (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  g_assert_true (sp_configuration_load (fixture->configuration, &error));
  g_assert_true (change (fixture, "Dpd", "60", TRUE, &error));
  g_assert_cmpuint (sp_configuration_get (fixture->configuration)->dpd, ==, 90);
  g_assert_false (g_file_test (fixture->path, G_FILE_TEST_EXISTS));
  g_assert_true (change (fixture, "Dpd", "60", FALSE, &error));
  g_assert_cmpuint (sp_configuration_get (fixture->configuration)->dpd, ==, 60);
  assert_file (fixture, "[tunnel]\ndpd = 60\n");
  g_assert_cmpuint (fixture->n_changed, ==, 2);
  g_assert_true (change (fixture, "Dpd", NULL, FALSE, &error));
  assert_file (fixture, "[tunnel]\n");
  g_assert_no_error (error);
}

static const struct
{
  const char *name;
  const char *text;
  const char *message;
} refused[] = {
  { "Dpd", "5", "“Dpd”: '5' is out of range; write a number from 10 to 86400, or off" },
  { "Banner", "a\n[server]\nport = 1", "“Banner”: must be one line without control characters" },
  { "Banner", "a\rb", "“Banner”: must be one line without control characters" },
  { "IdleTimeout", "700",
    "[tunnel] idle-timeout: 700 is longer than session-timeout, so it would never matter; write at "
    "most 600, or never" },
};

static void
test_refused (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  g_assert_true (change (fixture, "SessionTimeout", "600", FALSE, &error));
  for (guint i = 0; i < G_N_ELEMENTS (refused); i++)
    {
      g_assert_false (change (fixture, refused[i].name, refused[i].text, FALSE, &error));
      g_assert_error (error, SP_ERROR, SP_ERROR_INVALID_ARGUMENTS);
      g_assert_cmpstr (error->message, ==, refused[i].message);
      g_clear_error (&error);
    }
  assert_file (fixture, "[tunnel]\nsession-timeout = 600\n");
  g_assert_cmpuint (fixture->n_changed, ==, 1);
}

static void
test_bad_file (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  g_assert_true (change (fixture, "Dpd", "60", FALSE, &error));
  g_assert_true (g_file_set_contents (fixture->path, "[tunnel]\ndpd = 5\n", -1, NULL));
  g_assert_false (sp_configuration_load (fixture->configuration, NULL));
  g_assert_false (change (fixture, "Mtu", "1400", FALSE, &error));
  g_assert_nonnull (strstr (error->message, "the file has to be mended first: sallyport.conf:2: "));
  g_clear_error (&error);
  g_assert_cmpuint (sp_configuration_get (fixture->configuration)->dpd, ==, 60);
  /* A change may be what mends it. */
  g_assert_true (change (fixture, "Dpd", "70", FALSE, &error));
  assert_file (fixture, "[tunnel]\ndpd = 70\n");
  g_assert_true (g_file_set_contents (fixture->path, "[tunnel]\n\0dpd = 5\n", 18, NULL));
  g_assert_false (change (fixture, "Dpd", "70", FALSE, &error));
  g_assert_error (error, SP_ERROR, SP_ERROR_INVALID_ARGUMENTS);
}

typedef struct
{
  guint asked;
  guint checked;
} Judged;

/* A port above 1024 is somebody else's. */
static gboolean
judge (gpointer user_data, SpSettings *fresh, gboolean check_only, GError **error)
{
  Judged *judged = user_data;

  judged->asked++;
  judged->checked += check_only ? 1 : 0;
  if (fresh->port <= 1024)
    return TRUE;
  g_set_error_literal (error, SP_ERROR, SP_ERROR_PORT_IN_USE, "somebody else's");
  return FALSE;
}

/* What cannot be put to use is neither written nor taken over. */
static void
test_judged (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  Judged judged = { 0 };

  g_assert_true (change (fixture, "Port", "444", FALSE, &error));
  sp_configuration_set_judge (fixture->configuration, judge, &judged);
  for (gboolean check_only = FALSE; check_only <= TRUE; check_only++)
    {
      g_assert_false (change (fixture, "Port", "4443", check_only, &error));
      g_assert_error (error, SP_ERROR, SP_ERROR_PORT_IN_USE);
      g_clear_error (&error);
    }
  assert_file (fixture, "[server]\nport = 444\n");
  g_assert_true (g_file_set_contents (fixture->path, "[server]\nport = 4443\n", -1, NULL));
  g_assert_false (sp_configuration_load (fixture->configuration, &error));
  g_assert_error (error, SP_ERROR, SP_ERROR_PORT_IN_USE);
  g_assert_cmpuint (sp_configuration_get (fixture->configuration)->port, ==, 444);
  g_assert_true (change (fixture, "Port", "445", TRUE, NULL));
  g_assert_cmpuint (judged.asked, ==, 4);
  g_assert_cmpuint (judged.checked, ==, 2);
  g_assert_true (g_file_set_contents (fixture->path, "[server]\nport = 444\n", -1, NULL));
  sp_configuration_set_judge (fixture->configuration, NULL, NULL);
  g_assert_true (change (fixture, "Port", "4443", FALSE, NULL));
}

/* Who could read it can read it, and a link still leads to it. */
static void
test_place (Fixture *fixture, gconstpointer data)
{
  g_autofree char *target = g_build_filename (fixture->folder, "target", NULL);
  g_autoptr (GError) error = NULL;
  g_autofree char *text = NULL;
  GStatBuf facts;

  g_assert_true (change (fixture, "Dpd", "60", FALSE, &error));
  g_assert_cmpint (g_stat (fixture->path, &facts), ==, 0);
  g_assert_cmpuint (facts.st_mode & 0777, ==, 0644);
  g_assert_true (g_file_set_contents (target, "[tunnel]\n", -1, NULL));
  g_assert_cmpint (g_chmod (target, 0640), ==, 0);
  g_assert_cmpint (unlink (fixture->path), ==, 0);
  g_assert_cmpint (symlink (target, fixture->path), ==, 0);
  g_assert_true (change (fixture, "Dpd", "70", FALSE, &error));
  g_assert_true (g_file_test (fixture->path, G_FILE_TEST_IS_SYMLINK));
  g_assert_cmpint (g_stat (target, &facts), ==, 0);
  g_assert_cmpuint (facts.st_mode & 0777, ==, 0640);
  g_assert_true (g_file_get_contents (target, &text, NULL, NULL));
  g_assert_cmpstr (text, ==, "[tunnel]\ndpd = 70\n");
  (void) unlink (target);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/configuration/texts", test_texts);
  g_test_add_func ("/configuration/documented-file", test_documented_file);
  g_test_add_func ("/configuration/values", test_values);
  g_test_add ("/configuration/change", Fixture, NULL, set_up, test_change, tear_down);
  g_test_add ("/configuration/refused", Fixture, NULL, set_up, test_refused, tear_down);
  g_test_add ("/configuration/bad-file", Fixture, NULL, set_up, test_bad_file, tear_down);
  g_test_add ("/configuration/judged", Fixture, NULL, set_up, test_judged, tear_down);
  g_test_add ("/configuration/place", Fixture, NULL, set_up, test_place, tear_down);
  return g_test_run ();
}
