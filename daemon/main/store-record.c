/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "store-record.h"

#include <string.h>

GVariant *
sp_store_load_record (SpStore *store, const char *name, const char *type, GError **error)
{
  g_autoptr (GBytes) bytes = sp_store_get_value (store, name, error);
  g_autofree char *text = NULL;

  if (bytes == NULL || g_bytes_get_size (bytes) == 0)
    return NULL;
  text = g_strndup (g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes));
  return g_variant_parse (G_VARIANT_TYPE (type), text, NULL, NULL, error);
}

gboolean
sp_store_keep_record (SpStore *store, const char *name, GVariant *record, GError **error)
{
  g_autoptr (GVariant) owned = record != NULL ? g_variant_ref_sink (record) : NULL;
  char *text = owned != NULL ? g_variant_print (owned, TRUE) : g_strdup ("");
  g_autoptr (GBytes) bytes = g_bytes_new_take (text, strlen (text));

  return sp_store_set_value (store, name, bytes, error);
}
