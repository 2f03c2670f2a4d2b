/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "client/setting.h"

static GVariant *
describe (const char *type, const char *written, const char *words, guint least, guint most)
{
  GVariantDict pairs;
  g_auto (GStrv) list = g_strsplit (words, " ", -1);

  g_variant_dict_init (&pairs, NULL);
  g_variant_dict_insert (&pairs, "Key", "s", "udp-port");
  g_variant_dict_insert (&pairs, "Group", "s", "server");
  g_variant_dict_insert (&pairs, "Type", "s", type);
  g_variant_dict_insert (&pairs, "Written", "s", written);
  g_variant_dict_insert (&pairs, "Default", "s", "same");
  g_variant_dict_insert_value (
      &pairs, "Words", g_variant_new_strv ((const char *const *) list, words[0] != '\0' ? -1 : 0));
  g_variant_dict_insert (&pairs, "Least", "u", least);
  g_variant_dict_insert (&pairs, "Most", "u", most);
  g_variant_dict_insert (&pairs, "Applies", "s", "restart");
  g_variant_dict_insert (&pairs, "Expects", "s", "a number from 1 to 65535, or same");
  return g_variant_ref_sink (g_variant_dict_end (&pairs));
}

static void
test_kinds (void)
{
  static const struct
  {
    const char *type;
    const char *words;
    guint least, most;
    SpSettingKind kind;
  } rows[] = {
    { "b", "", 0, 0, SP_SETTING_KIND_SWITCH },
    { "u", "", 1, 65535, SP_SETTING_KIND_NUMBER },
    { "s", "same off", 1, 65535, SP_SETTING_KIND_NUMBER },
    { "s", "nat off", 0, 0, SP_SETTING_KIND_CHOICE },
    { "s", "", 0, 255, SP_SETTING_KIND_TEXT },
    { "s", "auto", 1, 1, SP_SETTING_KIND_TEXT }, /* one network */
    { "as", "home all", 1, 200, SP_SETTING_KIND_LIST },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autoptr (SpSetting) setting = sp_setting_new ("UdpPort");
      g_autoptr (GVariant) description =
          describe (rows[i].type, "same", rows[i].words, rows[i].least, rows[i].most);

      sp_setting_describe (setting, description);
      g_assert_cmpint (sp_setting_get_kind (setting), ==, rows[i].kind);
    }
}

static void
test_check (void)
{
  g_autoptr (SpSetting) setting = sp_setting_new ("UdpPort");
  g_autoptr (GVariant) description = describe ("s", "same", "same off", 1, 65535);
  static const char *const good[] = { "1", "65535", "same", "off" };
  static const char *const bad[] = { "0", "65536", "-1", "", "on", "443 ", "99999999999999999999" };

  sp_setting_describe (setting, description);
  for (guint i = 0; i < G_N_ELEMENTS (good); i++)
    g_assert_null (sp_setting_check (setting, good[i]));
  for (guint i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      g_autofree char *words = sp_setting_check (setting, bad[i]);

      g_assert_cmpstr (words, ==, "write a number from 1 to 65535, or same");
    }
}

static void
count (guint *n)
{
  (*n)++;
}

/* What waits is shown, survives that the service is asked again, and is gone when it is the same.
 */
static void
test_staged (void)
{
  g_autoptr (SpSetting) setting = sp_setting_new ("UdpPort");
  g_autoptr (GVariant) before = describe ("s", "same", "same off", 1, 65535);
  g_autoptr (GVariant) after = describe ("s", "4443", "same off", 1, 65535);
  guint n = 0;

  sp_setting_describe (setting, before);
  (void) g_signal_connect_swapped (setting, "notify::value", G_CALLBACK (count), &n);
  sp_setting_stage (setting, "4443");
  g_assert_true (sp_setting_is_staged (setting));
  g_assert_cmpstr (sp_setting_get_value (setting), ==, "4443");
  g_assert_cmpstr (sp_setting_get_written (setting), ==, "same");
  g_assert_cmpuint (n, ==, 1);
  sp_setting_describe (setting, before);
  g_assert_cmpstr (sp_setting_get_value (setting), ==, "4443");
  sp_setting_describe (setting, after);
  g_assert_false (sp_setting_is_staged (setting));
  g_assert_cmpstr (sp_setting_get_value (setting), ==, "4443");
  sp_setting_stage (setting, "off");
  sp_setting_stage (setting, NULL);
  g_assert_cmpstr (sp_setting_get_value (setting), ==, "4443");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/setting/kinds", test_kinds);
  g_test_add_func ("/setting/check", test_check);
  g_test_add_func ("/setting/staged", test_staged);
  return g_test_run ();
}
