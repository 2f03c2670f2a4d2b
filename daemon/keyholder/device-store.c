/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "device-store.h"

#include "base/error.h"

#include <string.h>

enum
{
  INSERT,
  SET_BARRED,
  DELETE,
  FIND,
  FIND_USER,
  ADD_CERTIFICATE,
  FIND_CERTIFICATE,
  DROP_OLDER,
  N_STATEMENTS
};

static const SpStatementText texts[N_STATEMENTS] = {
  [INSERT] = { SP_DURABLE, "INSERT OR IGNORE INTO devices (id, user) VALUES (?1, ?2)" },
  [SET_BARRED] = { SP_DURABLE, "UPDATE devices SET revoked = ?2, blocked_until = ?3 "
                               "WHERE id = ?1" },
  [DELETE] = { SP_DURABLE, "DELETE FROM devices WHERE id = ?1" },
  [FIND] = { SP_SOON, "SELECT user, revoked, blocked_until FROM devices WHERE id = ?1" },
  [FIND_USER] = { SP_SOON, "SELECT 1 FROM users WHERE id = ?1" },
  [ADD_CERTIFICATE] = { SP_DURABLE, "INSERT INTO certificates (fingerprint, device, issued) "
                                    "VALUES (?1, ?2, ?3)" },
  [FIND_CERTIFICATE] = { SP_SOON, "SELECT id, user, revoked, blocked_until FROM certificates "
                                  "JOIN devices ON id = device WHERE fingerprint = ?1" },
  [DROP_OLDER] = { SP_SOON, "DELETE FROM certificates WHERE device = "
                            "(SELECT device FROM certificates WHERE fingerprint = ?1) AND issued < "
                            "(SELECT issued FROM certificates WHERE fingerprint = ?1)" },
};

struct _SpDeviceStore
{
  SpStatement *statements[N_STATEMENTS];
};

SpDeviceStore *
sp_device_store_new (SpDatabase *database, GError **error)
{
  g_autoptr (SpDeviceStore) store = g_new0 (SpDeviceStore, 1);

  if (!sp_database_prepare (database, texts, N_STATEMENTS, store->statements, error))
    return NULL;
  return g_steal_pointer (&store);
}

void
sp_device_store_free (SpDeviceStore *store)
{
  g_free (store);
}

static gboolean
has_user (SpDeviceStore *store, const guint8 *user, GError **error)
{
  g_autoptr (SpStatement) rows = store->statements[FIND_USER];
  SpRow row;

  sp_statement_set_bytes (rows, 1, user, SP_ID_SIZE);
  row = sp_statement_next (rows, error);
  if (row == SP_ROW_NONE)
    g_set_error (error, SP_ERROR, SP_ERROR_NOT_FOUND, "there is no such user");
  return row == SP_ROW;
}

gboolean
sp_device_store_add (SpDeviceStore *store, const guint8 *device, const guint8 *user, GError **error)
{
  SpStatement *insert = store->statements[INSERT];

  if (!has_user (store, user, error))
    return FALSE;
  sp_statement_set_bytes (insert, 1, device, SP_ID_SIZE);
  sp_statement_set_bytes (insert, 2, user, SP_ID_SIZE);
  if (!sp_statement_run (insert, error))
    return FALSE;
  if (sp_statement_get_changes (insert) > 0)
    return TRUE;
  g_set_error (error, SP_ERROR, SP_ERROR_EXISTS, "there is such a device already");
  return FALSE;
}

/* Runs a change of one device that must exist. */
static gboolean
run_on_device (SpStatement *statement, const guint8 *device, GError **error)
{
  sp_statement_set_bytes (statement, 1, device, SP_ID_SIZE);
  if (!sp_statement_run (statement, error))
    return FALSE;
  if (sp_statement_get_changes (statement) > 0)
    return TRUE;
  g_set_error (error, SP_ERROR, SP_ERROR_NOT_FOUND, "there is no such device");
  return FALSE;
}

gboolean
sp_device_entry_is_barred (const SpDeviceEntry *device, gint64 now)
{
  return device->revoked || device->blocked_until > now;
}

gboolean
sp_device_store_set_barred (SpDeviceStore *store,
                            const guint8 *device,
                            gboolean revoked,
                            gint64 blocked_until,
                            GError **error)
{
  SpStatement *set = store->statements[SET_BARRED];
  SpDeviceEntry entry;

  if (!sp_device_store_find (store, device, &entry, error))
    return FALSE;
  if (entry.revoked == (revoked != 0) && entry.blocked_until == blocked_until)
    return TRUE;
  sp_statement_set_number (set, 2, revoked ? 1 : 0);
  sp_statement_set_number (set, 3, blocked_until);
  return run_on_device (set, device, error);
}

gboolean
sp_device_store_remove (SpDeviceStore *store, const guint8 *device, GError **error)
{
  return run_on_device (store->statements[DELETE], device, error);
}

gboolean
sp_device_store_find (SpDeviceStore *store,
                      const guint8 *device,
                      SpDeviceEntry *ret_device,
                      GError **error)
{
  g_autoptr (SpStatement) rows = store->statements[FIND];

  sp_statement_set_bytes (rows, 1, device, SP_ID_SIZE);
  switch (sp_statement_next (rows, error))
    {
      case SP_ROW_FAILED:
        return FALSE;
      case SP_ROW_NONE:
        g_set_error (error, SP_ERROR, SP_ERROR_NOT_FOUND, "there is no such device");
        return FALSE;
      case SP_ROW:
        break;
    }
  memcpy (ret_device->id, device, SP_ID_SIZE);
  ret_device->revoked = sp_statement_get_number (rows, 1) != 0;
  ret_device->blocked_until = sp_statement_get_number (rows, 2);
  if (sp_statement_copy_bytes (rows, 0, ret_device->user, SP_ID_SIZE))
    return TRUE;
  g_set_error (error, SP_ERROR, SP_ERROR_FAILED, "the database has a damaged device");
  return FALSE;
}

gboolean
sp_device_store_fingerprint (const guint8 *der, gsize size, guint8 *ret_fingerprint)
{
  GChecksum *checksum = g_checksum_new (G_CHECKSUM_SHA256);
  gsize length = SP_FINGERPRINT_SIZE;

  g_checksum_update (checksum, der, (gssize) size);
  g_checksum_get_digest (checksum, ret_fingerprint, &length);
  g_checksum_free (checksum);
  return length == SP_FINGERPRINT_SIZE;
}

gboolean
sp_device_store_add_certificate (SpDeviceStore *store,
                                 const guint8 *device,
                                 const guint8 *fingerprint,
                                 gint64 now,
                                 GError **error)
{
  SpStatement *add = store->statements[ADD_CERTIFICATE];

  sp_statement_set_bytes (add, 1, fingerprint, SP_FINGERPRINT_SIZE);
  sp_statement_set_bytes (add, 2, device, SP_ID_SIZE);
  sp_statement_set_number (add, 3, now);
  return sp_statement_run (add, error);
}

gboolean
sp_device_store_find_certificate (SpDeviceStore *store,
                                  const guint8 *fingerprint,
                                  SpDeviceEntry *ret_device,
                                  GError **error)
{
  g_autoptr (SpStatement) rows = store->statements[FIND_CERTIFICATE];

  sp_statement_set_bytes (rows, 1, fingerprint, SP_FINGERPRINT_SIZE);
  switch (sp_statement_next (rows, error))
    {
      case SP_ROW_FAILED:
        return FALSE;
      case SP_ROW_NONE:
        g_set_error (error, SP_ERROR, SP_ERROR_NOT_FOUND, "no device has that certificate");
        return FALSE;
      case SP_ROW:
        break;
    }
  ret_device->revoked = sp_statement_get_number (rows, 2) != 0;
  ret_device->blocked_until = sp_statement_get_number (rows, 3);
  if (sp_statement_copy_bytes (rows, 0, ret_device->id, SP_ID_SIZE) &&
      sp_statement_copy_bytes (rows, 1, ret_device->user, SP_ID_SIZE))
    return TRUE;
  g_set_error (error, SP_ERROR, SP_ERROR_FAILED, "the database has a damaged device");
  return FALSE;
}

gboolean
sp_device_store_use_certificate (SpDeviceStore *store, const guint8 *fingerprint, GError **error)
{
  sp_statement_set_bytes (store->statements[DROP_OLDER], 1, fingerprint, SP_FINGERPRINT_SIZE);
  return sp_statement_run (store->statements[DROP_OLDER], error);
}
