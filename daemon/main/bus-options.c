/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "bus-options.h"

#include "bus/error.h"

#include <string.h>

static const SpBusKey *
find_key (const SpBusKey *keys, gsize n_keys, const char *name)
{
  for (gsize i = 0; i < n_keys; i++)
    {
      if (g_str_equal (keys[i].name, name))
        return &keys[i];
    }
  return NULL;
}

/* A text is one line: it may end in a log, a header or a terminal. */
static gboolean
check_text (const SpBusKey *key, const char *text, GError **error)
{
  gsize size = strlen (text);

  if (size < key->least || size > key->most)
    {
      g_set_error (error, SP_BUS_ERROR, SP_BUS_ERROR_INVALID_ARGS,
                   "“%s” must be a text of %u to %u bytes", key->name, key->least, key->most);
      return FALSE;
    }
  for (const char *next = text; *next != '\0'; next = g_utf8_next_char (next))
    {
      if (g_unichar_iscntrl (g_utf8_get_char (next)))
        {
          g_set_error (error, SP_BUS_ERROR, SP_BUS_ERROR_INVALID_ARGS,
                       "“%s” must be one line without control characters", key->name);
          return FALSE;
        }
    }
  return TRUE;
}

static gboolean
check_number (const SpBusKey *key, guint32 number, GError **error)
{
  if (number >= key->least && number <= key->most)
    return TRUE;
  g_set_error (error, SP_BUS_ERROR, SP_BUS_ERROR_INVALID_ARGS,
               "“%s” must be a number from %u to %u", key->name, key->least, key->most);
  return FALSE;
}

static gboolean
check_range (const SpBusKey *key, GVariant *value, GError **error)
{
  if (g_str_equal (key->type, "s"))
    return check_text (key, g_variant_get_string (value, NULL), error);
  if (g_str_equal (key->type, "u"))
    return check_number (key, g_variant_get_uint32 (value), error);
  return TRUE;
}

static gboolean
check_pair (const SpBusKey *key, const char *name, GVariant *value, GError **error)
{
  if (key == NULL)
    {
      g_autofree char *shown = g_utf8_substring (name, 0, MIN (g_utf8_strlen (name, -1), 64));

      g_set_error (error, SP_BUS_ERROR, SP_BUS_ERROR_INVALID_ARGS, "unknown key “%s”", shown);
      return FALSE;
    }
  if (!g_variant_is_of_type (value, G_VARIANT_TYPE (key->type)))
    {
      g_set_error (error, SP_BUS_ERROR, SP_BUS_ERROR_INVALID_ARGS,
                   "“%s” must have the type “%s”, not “%s”", key->name, key->type,
                   g_variant_get_type_string (value));
      return FALSE;
    }
  return check_range (key, value, error);
}

static gboolean
check_required (const SpBusKey *keys, gsize n_keys, GHashTable *given, GError **error)
{
  for (gsize i = 0; i < n_keys; i++)
    {
      if (keys[i].required && !g_hash_table_contains (given, keys[i].name))
        {
          g_set_error (error, SP_BUS_ERROR, SP_BUS_ERROR_INVALID_ARGS, "“%s” must be given",
                       keys[i].name);
          return FALSE;
        }
    }
  return TRUE;
}

gboolean
sp_bus_options_check (GVariant *dictionary, const SpBusKey *keys, gsize n_keys, GError **error)
{
  g_autoptr (GHashTable) given = g_hash_table_new (g_str_hash, g_str_equal);
  GVariantIter pairs;
  const char *name;
  GVariant *value;

  g_variant_iter_init (&pairs, dictionary);
  while (g_variant_iter_next (&pairs, "{&sv}", &name, &value))
    {
      g_autoptr (GVariant) owned = value;

      if (!check_pair (find_key (keys, n_keys, name), name, owned, error))
        return FALSE;
      if (!g_hash_table_add (given, (gpointer) name))
        {
          g_set_error (error, SP_BUS_ERROR, SP_BUS_ERROR_INVALID_ARGS, "“%s” is given twice", name);
          return FALSE;
        }
    }
  return check_required (keys, n_keys, given, error);
}

gboolean
sp_bus_options_check_empty (GVariant *dictionary, GError **error)
{
  return sp_bus_options_check (dictionary, NULL, 0, error);
}
