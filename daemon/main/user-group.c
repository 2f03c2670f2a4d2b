/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "user-group.h"

#include "base/error.h"
#include "codec/group-list.h"

#include <string.h>

gboolean
sp_user_check_groups (const SpBusKey *key, GVariant *value, GError **error)
{
  g_autofree const char **names = g_variant_get_strv (value, NULL);

  for (guint i = 0; names[i] != NULL; i++)
    {
      gboolean twice = FALSE;

      for (guint j = 0; j < i; j++)
        twice = twice || g_str_equal (names[i], names[j]);
      if (sp_group_name_is_valid (names[i]) && !twice)
        continue;
      g_set_error (error, SP_ERROR, SP_ERROR_INVALID_ARGUMENTS,
                   "“%s”: entry %u must be the name of a group, each once", key->name, i + 1);
      return FALSE;
    }
  return TRUE;
}

guint16
sp_user_groups_describe (const SpUserValues *values, guint8 ret_names[SP_GROUP_NAMES_MAX])
{
  g_autofree const char **names = sp_user_values_get_texts (values, SP_USER_GROUPS);
  gsize length = 0;

  for (guint i = 0; names[i] != NULL; i++)
    {
      gsize size = strlen (names[i]);

      if (length + size + 1 > SP_GROUP_NAMES_MAX)
        break;
      memcpy (ret_names + length, names[i], size);
      ret_names[length + size] = '\n';
      length += size + 1;
    }
  return (guint16) length;
}

gboolean
sp_user_groups_have (const SpUserValues *values, const char *name)
{
  g_autofree const char **names = sp_user_values_get_texts (values, SP_USER_GROUPS);

  return g_strv_contains ((const char *const *) names, name);
}

gboolean
sp_user_groups_check (const SpUserValues *values,
                      SpUserGroupKnown known,
                      gpointer user_data,
                      GError **error)
{
  g_autofree const char **names = sp_user_values_get_texts (values, SP_USER_GROUPS);

  for (guint i = 0; names[i] != NULL; i++)
    if (!known (user_data, names[i]))
      {
        g_set_error (error, SP_ERROR, SP_ERROR_INVALID_ARGUMENTS,
                     "“Groups”: there is no group “%s”", names[i]);
        return FALSE;
      }
  return TRUE;
}

gboolean
sp_user_groups_prune (SpUserValues *values, SpUserGroupKnown known, gpointer user_data)
{
  g_autofree const char **names = sp_user_values_get_texts (values, SP_USER_GROUPS);
  g_autoptr (GPtrArray) kept = g_ptr_array_new ();
  guint n = 0;

  for (; names[n] != NULL; n++)
    if (known (user_data, names[n]))
      g_ptr_array_add (kept, (gpointer) names[n]);
  if (kept->len == n)
    return FALSE;
  sp_user_values_set (values, SP_USER_GROUPS,
                      g_variant_new_strv ((const char *const *) kept->pdata, (gssize) kept->len));
  return TRUE;
}
