/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "dns-leftover.h"

#include "base/log.h"
#include "store-record.h"

#define VALUE_NAME "acme-records"
#define TYPE       "a(ss)"

void
sp_dns_leftover_store (GPtrArray *records, SpStore *store)
{
  GVariantBuilder rows = G_VARIANT_BUILDER_INIT (G_VARIANT_TYPE (TYPE));
  g_autoptr (GError) error = NULL;

  for (guint i = 0; i < records->len; i++)
    {
      const SpDnsRecord *record = g_ptr_array_index (records, i);

      g_variant_builder_add (&rows, "(ss)", record->owner, record->text);
    }
  if (!sp_store_keep_record (store, VALUE_NAME, g_variant_builder_end (&rows), &error))
    sp_log (SP_LOG_WARNING, "acme", "which records there are is not remembered: %s",
            error->message);
}

GPtrArray *
sp_dns_leftover_load (SpStore *store)
{
  GPtrArray *records = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) stored = sp_store_load_record (store, VALUE_NAME, TYPE, &error);
  const char *owner;
  const char *text;
  GVariantIter iter;

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
