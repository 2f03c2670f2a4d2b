/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "store-devices.h"

#include "base/error.h"
#include "store-private.h"
#include "store-undo.h"

#include <string.h>

#define COLUMNS                                                                                    \
  "number, id, user, kind, name, created, seen, not_after, revoked, blocked_until, fingerprint, "  \
  "issued, label"

static SpDeviceRecord *
read_record (sqlite3_stmt *statement)
{
  SpDeviceRecord *record = g_new0 (SpDeviceRecord, 1);

  sp_store_read_blob (statement, 1, record->id, SP_ID_SIZE);
  sp_store_read_blob (statement, 2, record->user, SP_ID_SIZE);
  record->kind = (SpDeviceKind) CLAMP (sqlite3_column_int (statement, 3), 0, SP_DEVICE_LAST);
  record->name = g_strdup ((const char *) sqlite3_column_text (statement, 4));
  record->created = sqlite3_column_int64 (statement, 5);
  record->seen = sqlite3_column_int64 (statement, 6);
  record->not_after = sqlite3_column_int64 (statement, 7);
  record->revoked = sqlite3_column_int64 (statement, 8);
  record->blocked_until = sqlite3_column_int64 (statement, 9);
  sp_store_read_blob (statement, 10, record->fingerprint, SP_FINGERPRINT_SIZE);
  record->issued = sqlite3_column_int64 (statement, 11);
  (void) g_strlcpy (record->label, (const char *) sqlite3_column_text (statement, 12),
                    sizeof record->label);
  return record;
}

static GPtrArray *
new_records (void)
{
  return g_ptr_array_new_with_free_func ((GDestroyNotify) sp_device_record_free);
}

GPtrArray *
sp_store_read_devices (SpStore *store, GError **error)
{
  g_autoptr (sqlite3_stmt) statement =
      sp_store_prepare (store, "SELECT " COLUMNS " FROM devices ORDER BY number", error);
  g_autoptr (GPtrArray) records = new_records ();
  int step;

  if (statement == NULL)
    return NULL;
  while ((step = sqlite3_step (statement)) == SQLITE_ROW)
    g_ptr_array_add (records, read_record (statement));
  if (step == SQLITE_DONE)
    return g_steal_pointer (&records);
  (void) sp_store_fail (store, error);
  return NULL;
}

static gboolean
put (SpStore *store, const SpDeviceRecord *record, GError **error)
{
  g_autoptr (sqlite3_stmt) statement = sp_store_prepare (
      store,
      "INSERT INTO devices (id, user, kind, name, created, seen, not_after, revoked,"
      " blocked_until, fingerprint, issued, label)"
      " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)"
      " ON CONFLICT (id) DO UPDATE SET name = ?4, seen = ?6, not_after = ?7, revoked = ?8,"
      " blocked_until = ?9, fingerprint = ?10, issued = ?11, label = ?12",
      error);

  if (statement == NULL)
    return FALSE;
  (void) sqlite3_bind_blob (statement, 1, record->id, SP_ID_SIZE, SQLITE_STATIC);
  (void) sqlite3_bind_blob (statement, 2, record->user, SP_ID_SIZE, SQLITE_STATIC);
  (void) sqlite3_bind_int (statement, 3, (int) record->kind);
  (void) sqlite3_bind_text (statement, 4, record->name, -1, SQLITE_STATIC);
  (void) sqlite3_bind_int64 (statement, 5, record->created);
  (void) sqlite3_bind_int64 (statement, 6, record->seen);
  (void) sqlite3_bind_int64 (statement, 7, record->not_after);
  (void) sqlite3_bind_int64 (statement, 8, record->revoked);
  (void) sqlite3_bind_int64 (statement, 9, record->blocked_until);
  (void) sqlite3_bind_blob (statement, 10, record->fingerprint, SP_FINGERPRINT_SIZE, SQLITE_STATIC);
  (void) sqlite3_bind_int64 (statement, 11, record->issued);
  (void) sqlite3_bind_text (statement, 12, record->label, -1, SQLITE_STATIC);
  return sp_store_run (store, statement, error) &&
         (record->revoked != 0 || sp_store_remove_undo (store, record->id, error));
}

gboolean
sp_store_put_device (SpStore *store, const SpDeviceRecord *record, GError **error)
{
  return sp_store_enter (store, error) && sp_store_leave (store, put (store, record, error), error);
}

static gboolean
remove_by (SpStore *store, const char *sql, const guint8 *id, GError **error)
{
  g_autoptr (sqlite3_stmt) statement = sp_store_prepare (store, sql, error);

  if (statement == NULL)
    return FALSE;
  (void) sqlite3_bind_blob (statement, 1, id, SP_ID_SIZE, SQLITE_STATIC);
  return sp_store_run (store, statement, error);
}

gboolean
sp_store_remove_device (SpStore *store, const guint8 *id, GError **error)
{
  return remove_by (store, "DELETE FROM devices WHERE id = ?1", id, error);
}

gboolean
sp_store_remove_devices_of (SpStore *store, const guint8 *user, GError **error)
{
  return remove_by (store, "DELETE FROM devices WHERE user = ?1", user, error);
}

/* The number of the last row of a page: whatever is added or removed meanwhile, those after it are
 * the same. */
static gboolean
read_cursor (const char *cursor, gint64 *ret_number, GError **error)
{
  *ret_number = 0;
  if (cursor[0] == '\0' || (strlen (cursor) <= SP_DEVICE_CURSOR_MAX &&
                            g_ascii_string_to_signed (cursor, 10, 1, G_MAXINT64, ret_number, NULL)))
    return TRUE;
  g_set_error (error, SP_ERROR, SP_ERROR_INVALID_ARGUMENTS,
               "the cursor must be empty or what an earlier page gave");
  return FALSE;
}

static sqlite3_stmt *
prepare_page (SpStore *store, const SpDeviceFilter *filter, GError **error)
{
  g_autofree char *sql = g_strconcat ("SELECT " COLUMNS " FROM devices WHERE number > ?1",
                                      filter->user != NULL ? " AND user = ?2" : "",
                                      filter->kind >= 0 ? " AND kind = ?3" : "",
                                      filter->revoked > 0    ? " AND revoked > 0"
                                      : filter->revoked == 0 ? " AND revoked = 0"
                                                             : "",
                                      " ORDER BY number LIMIT ?4", NULL);

  return sp_store_prepare (store, sql, error);
}

GPtrArray *
sp_store_list_devices (SpStore *store,
                       const SpDeviceFilter *filter,
                       const char *cursor,
                       guint limit,
                       char **ret_cursor,
                       GError **error)
{
  g_autoptr (GPtrArray) records = new_records ();
  g_autoptr (sqlite3_stmt) statement = NULL;
  gint64 number;
  int step;

  if (!read_cursor (cursor, &number, error))
    return NULL;
  statement = prepare_page (store, filter, error);
  if (statement == NULL)
    return NULL;
  (void) sqlite3_bind_int64 (statement, 1, number);
  if (filter->user != NULL)
    (void) sqlite3_bind_blob (statement, 2, filter->user, SP_ID_SIZE, SQLITE_STATIC);
  if (filter->kind >= 0)
    (void) sqlite3_bind_int (statement, 3, filter->kind);
  (void) sqlite3_bind_int64 (statement, 4, (sqlite3_int64) limit + 1);
  while ((step = sqlite3_step (statement)) == SQLITE_ROW && records->len < limit)
    {
      number = sqlite3_column_int64 (statement, 0);
      g_ptr_array_add (records, read_record (statement));
    }
  if (step != SQLITE_DONE && step != SQLITE_ROW)
    {
      (void) sp_store_fail (store, error);
      return NULL;
    }
  /* A row more than asked for was there. */
  *ret_cursor = step == SQLITE_ROW ? g_strdup_printf ("%" G_GINT64_FORMAT, number) : g_strdup ("");
  return g_steal_pointer (&records);
}
