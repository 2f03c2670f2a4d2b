/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "setting-variant.h"

#include "base/error.h"

#include <string.h>

char *
sp_setting_row_name (const SpSettingRow *row)
{
  GString *name = g_string_new (NULL);
  gboolean begins = TRUE;

  for (const char *next = row->member; *next != '\0'; next++)
    {
      if (*next != '_')
        g_string_append_c (name, begins ? g_ascii_toupper (*next) : *next);
      begins = *next == '_';
    }
  return g_string_free (name, FALSE);
}

const SpSettingRow *
sp_setting_row_find (const char *name)
{
  for (guint i = 0; i < sp_setting_rows_n; i++)
    {
      g_autofree char *own = sp_setting_row_name (&sp_setting_rows[i]);

      if (strcmp (own, name) == 0)
        return &sp_setting_rows[i];
    }
  return NULL;
}

const char *
sp_setting_row_type (const SpSettingRow *row)
{
  switch (row->kind)
    {
      case SP_SETTING_BOOLEAN:
        return "b";
      case SP_SETTING_NUMBER:
        return row->words == 0 ? "u" : "s";
      case SP_SETTING_ADDRESSES:
      case SP_SETTING_ENDPOINTS:
      case SP_SETTING_NETWORKS:
      case SP_SETTING_DOMAINS:
        return "as";
      case SP_SETTING_CHOICE:
      case SP_SETTING_HOST_NAME:
      case SP_SETTING_LINE:
      case SP_SETTING_NETWORK_IPV4:
      case SP_SETTING_NETWORK_IPV6:
        return "s";
    }
  g_assert_not_reached ();
}

const char *
sp_setting_row_text (const SpSettingRow *row, const SpSettings *settings)
{
  const char *written = settings->written[row - sp_setting_rows];

  return written != NULL ? written : row->standard;
}

GVariant *
sp_setting_row_value (const SpSettingRow *row, const char *text)
{
  const char *type = sp_setting_row_type (row);
  g_auto (GStrv) parts = NULL;

  if (type[0] == 'b')
    return g_variant_new_boolean (strcmp (text, "yes") == 0);
  if (type[0] == 'u')
    return g_variant_new_uint32 ((guint32) g_ascii_strtoull (text, NULL, 10));
  if (type[0] == 's')
    return g_variant_new_string (text);
  parts = g_strsplit (text, ",", -1);
  for (guint i = 0; parts[i] != NULL; i++)
    (void) g_strstrip (parts[i]);
  return g_variant_new_strv ((const char *const *) parts, -1);
}

char *
sp_setting_row_text_from (const SpSettingRow *row, GVariant *value, GError **error)
{
  g_autofree const char **parts = NULL;

  if (g_variant_is_of_type (value, G_VARIANT_TYPE_STRING))
    return g_strdup (g_variant_get_string (value, NULL));
  if (g_variant_is_of_type (value, G_VARIANT_TYPE_UINT32) && row->kind == SP_SETTING_NUMBER)
    return g_strdup_printf ("%u", g_variant_get_uint32 (value));
  if (g_variant_is_of_type (value, G_VARIANT_TYPE (sp_setting_row_type (row))))
    {
      if (g_variant_is_of_type (value, G_VARIANT_TYPE_BOOLEAN))
        return g_strdup (g_variant_get_boolean (value) ? "yes" : "no");
      parts = g_variant_get_strv (value, NULL);
      return g_strjoinv (", ", (char **) parts);
    }
  g_set_error (error, SP_ERROR, SP_ERROR_INVALID_ARGUMENTS, "must have the type “%s”, not “%s”",
               sp_setting_row_type (row), g_variant_get_type_string (value));
  return NULL;
}
