/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "traffic-ledger.h"

#include <string.h>

#define SECONDS     120  /* as sp_steps_kept says */
#define WAITING_MAX 1440 /* minutes that wait for a store that cannot write; then the oldest go */

typedef struct
{
  SpUsage usage;
  gboolean usage_changed;
  gboolean is_dirty;
  gint64 newest;         /* second */
  SpTrafficRow *seconds; /* by the second modulo SECONDS; NULL: nothing lately */
  GArray *waiting;       /* of SpTrafficRow: minutes, the first first */
} Account;

struct _SpTrafficLedger
{
  guint64 rx_total;
  guint64 tx_total;
  SpStore *store;
  GHashTable *accounts; /* id → Account */
  GPtrArray *dirty;     /* of Account, lent */
};

static const guint8 everybody[SP_ID_SIZE] = { 0 };

static guint
hash_id (gconstpointer id)
{
  guint32 hash;

  memcpy (&hash, id, sizeof hash);
  return hash; /* ids are random */
}

static gboolean
equal_ids (gconstpointer left, gconstpointer right)
{
  return memcmp (left, right, SP_ID_SIZE) == 0;
}

static void
account_free (Account *account)
{
  g_free (account->seconds);
  g_array_unref (account->waiting);
  g_free (account);
}

static Account *
get_account (SpTrafficLedger *self, const guint8 *user)
{
  Account *account = g_hash_table_lookup (self->accounts, user);

  if (account != NULL)
    return account;
  account = g_new0 (Account, 1);
  memcpy (account->usage.user, user, SP_ID_SIZE);
  account->waiting = g_array_new (FALSE, FALSE, sizeof (SpTrafficRow));
  (void) g_hash_table_insert (self->accounts, account->usage.user, account);
  return account;
}

SpTrafficLedger *
sp_traffic_ledger_new (SpStore *store, GError **error)
{
  g_autoptr (SpTrafficLedger) self = g_new0 (SpTrafficLedger, 1);
  g_autoptr (GArray) usage = sp_store_list_usage (store, error);

  self->store = store;
  self->accounts = g_hash_table_new_full (hash_id, equal_ids, NULL, (GDestroyNotify) account_free);
  self->dirty = g_ptr_array_new ();
  if (usage == NULL)
    return NULL;
  for (guint i = 0; i < usage->len; i++)
    {
      const SpUsage *stored = &g_array_index (usage, SpUsage, i);

      get_account (self, stored->user)->usage = *stored;
    }
  return g_steal_pointer (&self);
}

void
sp_traffic_ledger_free (SpTrafficLedger *self)
{
  if (self == NULL)
    return;
  g_hash_table_unref (self->accounts);
  g_ptr_array_unref (self->dirty);
  g_free (self);
}

/* --- counting --- */

static void
add (SpTrafficRow *row, gint64 start, guint64 rx_bytes, guint64 tx_bytes)
{
  if (row->start != start)
    *row = (SpTrafficRow){ .start = start };
  row->rx_bytes += rx_bytes;
  row->tx_bytes += tx_bytes;
}

static void
mark (SpTrafficLedger *self, Account *account)
{
  if (!account->is_dirty)
    g_ptr_array_add (self->dirty, account);
  account->is_dirty = TRUE;
}

static void
count (SpTrafficLedger *self, Account *account, guint64 rx_bytes, guint64 tx_bytes, gint64 now)
{
  const gint64 minute_length = sp_step_lengths[SP_STEP_MINUTE];
  SpTrafficRow fresh = { .start = now - now % minute_length };
  gint64 second = now / sp_step_lengths[SP_STEP_SECOND];

  account->newest = now;
  if (account->seconds == NULL)
    account->seconds = g_new0 (SpTrafficRow, SECONDS);
  add (&account->seconds[second % SECONDS], second * sp_step_lengths[SP_STEP_SECOND], rx_bytes,
       tx_bytes);
  if (account->waiting->len == 0 ||
      g_array_index (account->waiting, SpTrafficRow, account->waiting->len - 1).start !=
          fresh.start)
    g_array_append_val (account->waiting, fresh);
  if (account->waiting->len > WAITING_MAX)
    (void) g_array_remove_index (account->waiting, 0);
  add (&g_array_index (account->waiting, SpTrafficRow, account->waiting->len - 1), fresh.start,
       rx_bytes, tx_bytes);
  mark (self, account);
}

void
sp_traffic_ledger_count (
    SpTrafficLedger *self, const guint8 *user, guint64 rx_bytes, guint64 tx_bytes, gint64 now)
{
  Account *account;

  if (rx_bytes + tx_bytes == 0)
    return;
  self->rx_total += rx_bytes;
  self->tx_total += tx_bytes;
  account = get_account (self, user);
  account->usage.bytes += rx_bytes + tx_bytes;
  account->usage_changed = TRUE;
  count (self, account, rx_bytes, tx_bytes, now);
  count (self, get_account (self, everybody), rx_bytes, tx_bytes, now);
}

void
sp_traffic_ledger_get_totals (SpTrafficLedger *self, guint64 *ret_rx, guint64 *ret_tx)
{
  *ret_rx = self->rx_total;
  *ret_tx = self->tx_total;
}

SpUsage
sp_traffic_ledger_get_usage (SpTrafficLedger *self, const guint8 *user)
{
  const Account *account = g_hash_table_lookup (self->accounts, user);
  SpUsage none = { .since = 0 };

  memcpy (none.user, user, SP_ID_SIZE);
  return account != NULL ? account->usage : none;
}

gboolean
sp_traffic_ledger_begin_period (SpTrafficLedger *self,
                                const guint8 *user,
                                gint64 since,
                                GError **error)
{
  Account *account = get_account (self, user);
  guint64 bytes;

  if (!sp_store_sum_traffic (self->store, user, since, &bytes, error))
    return FALSE;
  for (guint i = 0; i < account->waiting->len; i++)
    {
      const SpTrafficRow *row = &g_array_index (account->waiting, SpTrafficRow, i);

      if (row->start >= since)
        bytes += row->rx_bytes + row->tx_bytes;
    }
  account->usage.since = since;
  account->usage.bytes = bytes;
  account->usage_changed = TRUE;
  mark (self, account);
  return TRUE;
}

void
sp_traffic_ledger_drop (SpTrafficLedger *self, const guint8 *user)
{
  Account *account = g_hash_table_lookup (self->accounts, user);

  if (account == NULL)
    return;
  (void) g_ptr_array_remove (self->dirty, account);
  (void) g_hash_table_remove (self->accounts, user);
}

/* --- writing --- */

gboolean
sp_traffic_ledger_is_dirty (SpTrafficLedger *self)
{
  return self->dirty->len > 0;
}

static gboolean
write_account (SpTrafficLedger *self, const Account *account, GError **error)
{
  for (guint i = 0; i < account->waiting->len; i++)
    if (!sp_store_add_traffic (self->store, account->usage.user,
                               &g_array_index (account->waiting, SpTrafficRow, i), error))
      return FALSE;
  return !account->usage_changed || sp_store_put_usage (self->store, &account->usage, error);
}

static gboolean
write_accounts (SpTrafficLedger *self, GError **error)
{
  for (guint i = 0; i < self->dirty->len; i++)
    if (!write_account (self, self->dirty->pdata[i], error))
      return FALSE;
  return TRUE;
}

/* All of it or nothing, since what was not written is added again. */
gboolean
sp_traffic_ledger_write (SpTrafficLedger *self, GError **error)
{
  return sp_store_enter (self->store, error) &&
         sp_store_leave (self->store, write_accounts (self, error), error);
}

void
sp_traffic_ledger_written (SpTrafficLedger *self, gboolean done)
{
  if (!done)
    return;
  for (guint i = 0; i < self->dirty->len; i++)
    {
      Account *account = self->dirty->pdata[i];

      g_array_set_size (account->waiting, 0);
      account->usage_changed = account->is_dirty = FALSE;
    }
  g_ptr_array_set_size (self->dirty, 0);
}

gboolean
sp_traffic_ledger_prune (SpTrafficLedger *self, GError **error)
{
  gint64 now = g_get_real_time ();
  GHashTableIter accounts;
  gpointer account;

  g_hash_table_iter_init (&accounts, self->accounts);
  while (g_hash_table_iter_next (&accounts, NULL, &account))
    if (((Account *) account)->newest < now - SECONDS * sp_step_lengths[SP_STEP_SECOND])
      g_clear_pointer (&((Account *) account)->seconds, g_free);
  return sp_store_prune_traffic (self->store, now, error);
}

/* --- telling --- */

static int
compare_rows (gconstpointer left, gconstpointer right)
{
  gint64 a = ((const SpTrafficRow *) left)->start;
  gint64 b = ((const SpTrafficRow *) right)->start;

  return a < b ? -1 : a > b;
}

static GArray *
list_seconds (const Account *account, gint64 from, gint64 to, gint64 now)
{
  GArray *rows = g_array_new (FALSE, FALSE, sizeof (SpTrafficRow));
  gint64 oldest = now - SECONDS * sp_step_lengths[SP_STEP_SECOND];

  for (guint i = 0; account != NULL && account->seconds != NULL && i < SECONDS; i++)
    {
      const SpTrafficRow *row = &account->seconds[i];

      if (row->start > oldest && row->start >= from && row->start < to)
        g_array_append_val (rows, *row);
    }
  g_array_sort (rows, compare_rows);
  return rows;
}

/* Adds what waits to the rows of the store, of which it can only be in the last or after it. */
static void
merge_waiting (GArray *rows, const Account *account, SpTrafficStep step, gint64 from, gint64 to)
{
  for (guint i = 0; account != NULL && i < account->waiting->len; i++)
    {
      const SpTrafficRow *waiting = &g_array_index (account->waiting, SpTrafficRow, i);
      SpTrafficRow fresh = { .start = waiting->start - waiting->start % sp_step_lengths[step] };
      guint last = rows->len;

      if (fresh.start < from || fresh.start >= to)
        continue;
      while (last > 0 && g_array_index (rows, SpTrafficRow, last - 1).start > fresh.start)
        last--;
      if (last == 0 || g_array_index (rows, SpTrafficRow, last - 1).start < fresh.start)
        g_array_insert_val (rows, last++, fresh);
      add (&g_array_index (rows, SpTrafficRow, last - 1), fresh.start, waiting->rx_bytes,
           waiting->tx_bytes);
    }
}

GArray *
sp_traffic_ledger_list (SpTrafficLedger *self,
                        const guint8 *user,
                        SpTrafficStep step,
                        gint64 from,
                        gint64 to,
                        GError **error)
{
  const Account *account = g_hash_table_lookup (self->accounts, user);
  gint64 now = g_get_real_time ();
  GArray *rows;

  if (step == SP_STEP_SECOND)
    return list_seconds (account, from, to, now);
  from = MAX (from, now - sp_steps_kept[step] * sp_step_lengths[step]);
  rows = sp_store_list_traffic (self->store, user, step, from, to, error);
  if (rows != NULL)
    merge_waiting (rows, account, step, from, to);
  return rows;
}
