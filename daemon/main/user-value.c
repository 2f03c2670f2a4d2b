/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "user-value.h"

#include "platform/shaper.h"
#include "user-group.h"
#include "user-network.h"
#include "user-sign-in.h"

#include <string.h>

#define KEY(NAME, name, type, standard, least, most, check)                                        \
  [SP_USER_##NAME] = { name, type, least, most, FALSE, check },
const SpBusKey sp_user_value_keys[SP_USER_N_VALUES] = { SP_USER_VALUES (KEY) };
#undef KEY

#define STANDARD(NAME, name, type, standard, least, most, check) [SP_USER_##NAME] = standard,
static const char *const standard_texts[SP_USER_N_VALUES] = { SP_USER_VALUES (STANDARD) };
#undef STANDARD

/* The defaults, made once and kept. */
static GVariant *
get_standard (SpUserValue which)
{
  static GVariant *standards[SP_USER_N_VALUES]; /* nocheck: set once, under the lock below */
  static gsize made;                            /* nocheck: likewise */

  if (g_once_init_enter (&made))
    {
      for (guint i = 0; i < SP_USER_N_VALUES; i++)
        {
          GVariant *standard = g_variant_parse (G_VARIANT_TYPE (sp_user_value_keys[i].type),
                                                standard_texts[i], NULL, NULL, NULL);

          g_assert (standard != NULL);
          standards[i] = g_variant_ref_sink (standard);
        }
      g_once_init_leave (&made, 1);
    }
  return standards[which];
}

void
sp_user_values_copy (SpUserValues *ret_copy, const SpUserValues *values)
{
  for (guint i = 0; i < SP_USER_N_VALUES; i++)
    ret_copy->set[i] = values->set[i] != NULL ? g_variant_ref (values->set[i]) : NULL;
}

void
sp_user_values_clear (SpUserValues *values)
{
  for (guint i = 0; i < SP_USER_N_VALUES; i++)
    g_clear_pointer (&values->set[i], g_variant_unref);
}

void
sp_user_values_set (SpUserValues *values, SpUserValue which, GVariant *value)
{
  g_autoptr (GVariant) owned = value != NULL ? g_variant_ref_sink (value) : NULL;

  g_clear_pointer (&values->set[which], g_variant_unref);
  if (owned != NULL && !g_variant_equal (owned, get_standard (which)))
    values->set[which] = g_steal_pointer (&owned);
}

void
sp_user_values_apply (SpUserValues *values, GVariant *changes)
{
  for (guint i = 0; i < SP_USER_N_VALUES; i++)
    {
      g_autoptr (GVariant) value = g_variant_lookup_value (
          changes, sp_user_value_keys[i].name, G_VARIANT_TYPE (sp_user_value_keys[i].type));

      if (value != NULL)
        sp_user_values_set (values, i, value);
    }
}

GVariant *
sp_user_values_get (const SpUserValues *values, SpUserValue which)
{
  return values->set[which] != NULL ? values->set[which] : get_standard (which);
}

gboolean
sp_user_values_is_default (const SpUserValues *values, SpUserValue which)
{
  return values->set[which] == NULL;
}

guint64
sp_user_values_get_number (const SpUserValues *values, SpUserValue which)
{
  GVariant *value = sp_user_values_get (values, which);

  return g_variant_is_of_type (value, G_VARIANT_TYPE_UINT32) ? g_variant_get_uint32 (value)
                                                             : g_variant_get_uint64 (value);
}

gboolean
sp_user_values_get_flag (const SpUserValues *values, SpUserValue which)
{
  return g_variant_get_boolean (sp_user_values_get (values, which));
}

const char *
sp_user_values_get_text (const SpUserValues *values, SpUserValue which)
{
  return g_variant_get_string (sp_user_values_get (values, which), NULL);
}

const char **
sp_user_values_get_texts (const SpUserValues *values, SpUserValue which)
{
  return g_variant_get_strv (sp_user_values_get (values, which), NULL);
}

SpUserValue
sp_user_value_find (const char *name)
{
  guint i = 0;

  while (i < SP_USER_N_VALUES && !g_str_equal (sp_user_value_keys[i].name, name))
    i++;
  return i;
}
