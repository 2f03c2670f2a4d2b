/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "bus-options.h"

#include "base/text.h"
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

static gboolean
check_line (const SpBusKey *key, const char *text, GError **error)
{
  if (sp_text_is_line (text))
    return TRUE;
  g_set_error (error, SP_BUS_ERROR, SP_BUS_ERROR_INVALID_ARGS,
               "“%s” must be one line without control characters", key->name);
  return FALSE;
}

static gboolean
check_text (const SpBusKey *key, const char *text, GError **error)
{
  gsize size = strlen (text);

  if (size >= key->least && size <= key->most)
    return check_line (key, text, error);
  g_set_error (error, SP_BUS_ERROR, SP_BUS_ERROR_INVALID_ARGS,
               "“%s” must be a text of %" G_GUINT64_FORMAT " to %" G_GUINT64_FORMAT " bytes",
               key->name, key->least, key->most);
  return FALSE;
}

static gboolean
check_texts (const SpBusKey *key, GVariant *list, GError **error)
{
  gsize n = g_variant_n_children (list);

  if (n < key->least || n > key->most)
    {
      g_set_error (error, SP_BUS_ERROR, SP_BUS_ERROR_INVALID_ARGS,
                   "“%s” must have %" G_GUINT64_FORMAT " to %" G_GUINT64_FORMAT " entries",
                   key->name, key->least, key->most);
      return FALSE;
    }
  for (gsize i = 0; i < n; i++)
    {
      const char *text;

      g_variant_get_child (list, i, "&s", &text);
      if (*text == '\0' || strlen (text) > SP_BUS_LIST_TEXT_MAX)
        {
          g_set_error (error, SP_BUS_ERROR, SP_BUS_ERROR_INVALID_ARGS,
                       "each entry of “%s” must be a text of 1 to %d bytes", key->name,
                       SP_BUS_LIST_TEXT_MAX);
          return FALSE;
        }
      if (!check_line (key, text, error))
        return FALSE;
    }
  return TRUE;
}

static gboolean
check_number (const SpBusKey *key, guint64 number, GError **error)
{
  if (number >= key->least && number <= key->most)
    return TRUE;
  g_set_error (error, SP_BUS_ERROR, SP_BUS_ERROR_INVALID_ARGS,
               "“%s” must be a number from %" G_GUINT64_FORMAT " to %" G_GUINT64_FORMAT, key->name,
               key->least, key->most);
  return FALSE;
}

static gboolean
check_range (const SpBusKey *key, GVariant *value, GError **error)
{
  switch (*key->type)
    {
      case 's':
        return check_text (key, g_variant_get_string (value, NULL), error);
      case 'u':
        return check_number (key, g_variant_get_uint32 (value), error);
      case 't':
        return check_number (key, g_variant_get_uint64 (value), error);
      case 'a':
        return check_texts (key, value, error);
      default:
        return TRUE;
    }
}

/* Only what looks like a key is repeated: the message ends in logs and terminals. */
static gboolean
is_word (const char *name)
{
  gsize length = strspn (name, G_CSET_A_2_Z G_CSET_a_2_z G_CSET_DIGITS "-_");

  return length > 0 && length <= 64 && name[length] == '\0';
}

void
sp_bus_set_unknown_key (const char *name, GError **error)
{
  if (is_word (name))
    g_set_error (error, SP_BUS_ERROR, SP_BUS_ERROR_INVALID_ARGS, "unknown key “%s”", name);
  else
    g_set_error (error, SP_BUS_ERROR, SP_BUS_ERROR_INVALID_ARGS,
                 "unknown key, which is no word of at most 64 ASCII letters");
}

static gboolean
check_pair (const SpBusKey *key, const char *name, GVariant *value, GError **error)
{
  if (key == NULL)
    {
      sp_bus_set_unknown_key (name, error);
      return FALSE;
    }
  if (!g_variant_is_of_type (value, G_VARIANT_TYPE (key->type)))
    {
      g_set_error (error, SP_BUS_ERROR, SP_BUS_ERROR_INVALID_ARGS,
                   "“%s” must have the type “%s”, not “%.32s”", key->name, key->type,
                   g_variant_get_type_string (value));
      return FALSE;
    }
  return check_range (key, value, error) && (key->check == NULL || key->check (key, value, error));
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
