/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "dns-leftover.h"

#include "base/log.h"

#include <string.h>

#define VALUE_NAME "acme-records"

/* As text, which every machine reads alike. */
void
sp_dns_leftover_store (GPtrArray *records, SpStore *store)
{
  GVariantBuilder rows = G_VARIANT_BUILDER_INIT (G_VARIANT_TYPE ("a(ss)"));
  g_autoptr (GVariant) value = NULL;
  g_autoptr (GBytes) bytes = NULL;
  g_autoptr (GError) error = NULL;
  char *text;

  for (guint i = 0; i < records->len; i++)
    {
      const SpDnsRecord *record = g_ptr_array_index (records, i);

      g_variant_builder_add (&rows, "(ss)", record->owner, record->text);
    }
  value = g_variant_ref_sink (g_variant_builder_end (&rows));
  text = g_variant_print (value, TRUE);
  bytes = g_bytes_new_take (text, strlen (text));
  if (!sp_store_set_value (store, VALUE_NAME, bytes, &error))
    sp_log (SP_LOG_WARNING, "acme", "which records there are is not remembered: %s",
            error->message);
}

GPtrArray *
sp_dns_leftover_load (SpStore *store)
{
  GPtrArray *records = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) bytes = sp_store_get_value (store, VALUE_NAME, &error);
  g_autofree char *printed = NULL;
  g_autoptr (GVariant) stored = NULL;
  const char *owner;
  const char *text;
  GVariantIter iter;

  if (bytes != NULL)
    {
      printed = g_strndup (g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes));
      stored = g_variant_parse (G_VARIANT_TYPE ("a(ss)"), printed, NULL, NULL, &error);
    }
  if (error != NULL)
    sp_log (SP_LOG_WARNING, "acme", "which records were left is not known: %s", error->message);
  if (stored == NULL)
    return records;
  (void) g_variant_iter_init (&iter, stored);
  while (g_variant_iter_next (&iter, "(&s&s)", &owner, &text))
    {
      SpDnsRecord *record = g_new0 (SpDnsRecord, 1);

      (void) g_strlcpy (record->owner, owner, sizeof record->owner);
      (void) g_strlcpy (record->text, text, sizeof record->text);
      g_ptr_array_add (records, record);
    }
  return records;
}
