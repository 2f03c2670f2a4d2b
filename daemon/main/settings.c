/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "setting-row.h"

SpSettings *
sp_setting_make_standard (void)
{
  SpSettings *settings = g_new0 (SpSettings, 1);

  g_atomic_ref_count_init (&settings->references);
  settings->written = g_new0 (char *, sp_setting_rows_n);
  for (guint i = 0; i < sp_setting_rows_n; i++)
    {
      g_autoptr (GError) error = NULL;
      const SpSettingRow *row = &sp_setting_rows[i];
      if (!sp_setting_row_set (row, settings, row->standard, &error))
        g_error ("[%s] %s: %s", row->group, row->key, error->message);
    }
  return settings;
}

void
sp_setting_resolve (SpSettings *settings)
{
  if (settings->udp_port == SP_NUMBER_SAME)
    settings->udp_port = settings->port;
  if (settings->mobile_dpd == SP_NUMBER_SAME)
    settings->mobile_dpd = settings->dpd;
  if (settings->mobile_idle_timeout == SP_NUMBER_SAME)
    settings->mobile_idle_timeout = settings->idle_timeout;
}

SpSettings *
sp_settings_new_default (void)
{
  SpSettings *settings = sp_setting_make_standard ();

  sp_setting_resolve (settings);
  return settings;
}

SpSettings *
sp_settings_ref (SpSettings *settings)
{
  g_atomic_ref_count_inc (&settings->references);
  return settings;
}

void
sp_settings_unref (SpSettings *settings)
{
  if (settings == NULL || !g_atomic_ref_count_dec (&settings->references))
    return;
  for (guint i = 0; i < sp_setting_rows_n; i++)
    {
      sp_setting_row_clear (&sp_setting_rows[i], settings);
      g_free (settings->written[i]);
    }
  g_free (settings->written);
  g_free (settings);
}

GStrv
sp_settings_list_changes (const SpSettings *old_settings, const SpSettings *new_settings)
{
  g_autoptr (GStrvBuilder) keys = g_strv_builder_new ();

  for (guint i = 0; i < sp_setting_rows_n; i++)
    {
      const SpSettingRow *row = &sp_setting_rows[i];
      g_autofree char *key = g_strdup_printf ("[%s] %s", row->group, row->key);
      if (!sp_setting_row_equal (row, old_settings, new_settings))
        g_strv_builder_add (keys, key);
    }
  return g_strv_builder_end (keys);
}

SpLogLevel
sp_settings_get_log_level (const SpSettings *settings)
{
  return SP_LOG_ERROR + (settings->log_level - SP_WORD_ERROR);
}
