/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/fixed-table.h"

#include <string.h>

#define WAYS 4

struct _SpFixedTable
{
  guint8 *entries;
  gsize entry_size;
  guint n_entries;
  guint set_bits;
  guint64 seed[2];
};

SpFixedTable *
sp_fixed_table_new (gsize entry_size, guint n_entries, const guint64 seed[2])
{
  SpFixedTable *table;

  g_return_val_if_fail (entry_size >= sizeof (SpFixedEntry) && entry_size % 8 == 0, NULL);
  g_return_val_if_fail (n_entries >= 2 * WAYS && (n_entries & (n_entries - 1)) == 0, NULL);
  table = g_new0 (SpFixedTable, 1);
  table->entries = g_malloc0_n (n_entries, entry_size);
  table->entry_size = entry_size;
  table->n_entries = n_entries;
  table->set_bits = g_bit_storage (n_entries / WAYS) - 1;
  table->seed[0] = seed[0] | 1;
  table->seed[1] = seed[1];
  return table;
}

void
sp_fixed_table_free (SpFixedTable *table)
{
  if (table == NULL)
    return;
  g_free (table->entries);
  g_free (table);
}

/* Multiply and shift with a secret odd factor: for any two keys that somebody picks without
 * knowing the factor, the chance to meet is at most 2 in the number of sets. */
static guint8 *
find_set (SpFixedTable *table, guint64 key)
{
  guint64 set = (table->seed[0] * key + table->seed[1]) >> (64 - table->set_bits);

  return table->entries + set * WAYS * table->entry_size;
}

gpointer
sp_fixed_table_find (SpFixedTable *table, guint64 key)
{
  guint8 *set = find_set (table, key);

  for (guint i = 0; i < WAYS; i++)
    {
      SpFixedEntry *entry = (SpFixedEntry *) (set + i * table->entry_size);
      if (entry->keep_until != 0 && entry->key == key)
        return entry;
    }
  return NULL;
}

gpointer
sp_fixed_table_claim (SpFixedTable *table, guint64 key)
{
  guint8 *set = find_set (table, key);
  SpFixedEntry *worst = (SpFixedEntry *) set;
  SpFixedEntry *entry = sp_fixed_table_find (table, key);

  if (entry != NULL)
    return entry;
  for (guint i = 1; i < WAYS; i++)
    {
      entry = (SpFixedEntry *) (set + i * table->entry_size);
      if (entry->keep_until < worst->keep_until)
        worst = entry;
    }
  memset (worst, 0, table->entry_size);
  worst->key = key;
  worst->keep_until = 1;
  return worst;
}

gsize
sp_fixed_table_get_size (const SpFixedTable *table)
{
  return sizeof *table + table->n_entries * table->entry_size;
}
