/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "request-store.h"

#include "base/error.h"
#include "base/io.h"
#include "certificate-request.h"

#include <string.h>

enum
{
  INSERT,
  DELETE,
  LIST,
  LOAD_KEY,
  N_STATEMENTS
};

static const SpStatementText texts[N_STATEMENTS] = {
  [INSERT] = { SP_DURABLE, "INSERT INTO certificate_requests "
                           "(id, pin, private_key, request, names, added) "
                           "VALUES (?1, ?2, ?3, ?4, ?5, ?6)" },
  [DELETE] = { SP_DURABLE, "DELETE FROM certificate_requests WHERE id = ?1" },
  [LIST] = { SP_SOON, "SELECT id, pin, request, names FROM certificate_requests "
                      "ORDER BY added, id" },
  [LOAD_KEY] = { SP_SOON, "SELECT private_key FROM certificate_requests WHERE id = ?1" },
};

struct _SpRequestStore
{
  SpStatement *statements[N_STATEMENTS];
  GPtrArray *entries; /* of SpStoredRequest */
};

static void
entry_free (SpStoredRequest *entry)
{
  g_clear_pointer (&entry->request, g_bytes_unref);
  g_clear_pointer (&entry->names, g_bytes_unref);
  g_free (entry);
}

static GBytes *
copy_bytes (SpStatement *row, int column)
{
  gsize size;
  const guint8 *bytes = sp_statement_get_bytes (row, column, &size);

  return g_bytes_new (bytes, size);
}

static gboolean
read_all (SpRequestStore *store, GError **error)
{
  g_autoptr (SpStatement) list = store->statements[LIST];
  SpRow row;

  while ((row = sp_statement_next (list, error)) == SP_ROW)
    {
      SpStoredRequest *entry = g_new0 (SpStoredRequest, 1);

      g_ptr_array_add (store->entries, entry);
      entry->request = copy_bytes (list, 2);
      entry->names = copy_bytes (list, 3);
      if (sp_statement_copy_bytes (list, 0, entry->id, SP_ID_SIZE) &&
          sp_statement_copy_bytes (list, 1, entry->pin, SP_PIN_SIZE) &&
          g_bytes_get_size (entry->request) <= SP_CERTIFICATE_MAX)
        continue;
      g_set_error (error, SP_ERROR, SP_ERROR_FAILED, "the database has a damaged request");
      return FALSE;
    }
  return row == SP_ROW_NONE;
}

SpRequestStore *
sp_request_store_new (SpDatabase *database, GError **error)
{
  g_autoptr (SpRequestStore) store = g_new0 (SpRequestStore, 1);

  store->entries = g_ptr_array_new_with_free_func ((GDestroyNotify) entry_free);
  if (!sp_database_prepare (database, texts, N_STATEMENTS, store->statements, error) ||
      !read_all (store, error))
    return NULL;
  return g_steal_pointer (&store);
}

void
sp_request_store_free (SpRequestStore *store)
{
  if (store == NULL)
    return;
  g_ptr_array_unref (store->entries);
  g_free (store);
}

guint
sp_request_store_get_n (SpRequestStore *store)
{
  return store->entries->len;
}

const SpStoredRequest *
sp_request_store_get (SpRequestStore *store, guint position)
{
  return store->entries->pdata[position];
}

const SpStoredRequest *
sp_request_store_find (SpRequestStore *store, const guint8 *id)
{
  for (guint i = 0; i < store->entries->len; i++)
    if (memcmp (((SpStoredRequest *) store->entries->pdata[i])->id, id, SP_ID_SIZE) == 0)
      return store->entries->pdata[i];
  return NULL;
}

const SpStoredRequest *
sp_request_store_find_pin (SpRequestStore *store, const guint8 *pin)
{
  for (guint i = 0; i < store->entries->len; i++)
    if (memcmp (((SpStoredRequest *) store->entries->pdata[i])->pin, pin, SP_PIN_SIZE) == 0)
      return store->entries->pdata[i];
  return NULL;
}

static gboolean
insert (SpRequestStore *store,
        const SpStoredRequest *entry,
        SpPrivateKey *key,
        gint64 now,
        GError **error)
{
  SpStatement *statement = store->statements[INSERT];
  GByteArray *bytes = sp_private_key_write (key, error);
  gboolean stored;

  if (bytes == NULL)
    return FALSE;
  sp_statement_set_bytes (statement, 1, entry->id, SP_ID_SIZE);
  sp_statement_set_bytes (statement, 2, entry->pin, SP_PIN_SIZE);
  sp_statement_set_bytes (statement, 3, bytes->data, bytes->len);
  sp_statement_set_bytes (statement, 4, g_bytes_get_data (entry->request, NULL),
                          g_bytes_get_size (entry->request));
  sp_statement_set_bytes (statement, 5, g_bytes_get_data (entry->names, NULL),
                          g_bytes_get_size (entry->names));
  sp_statement_set_number (statement, 6, now * G_USEC_PER_SEC);
  stored = sp_statement_run (statement, error);
  sp_secret_bytes_free (bytes);
  return stored;
}

static gboolean
check (SpRequestStore *store, GBytes *names, GError **error)
{
  gsize size;
  const guint8 *bytes = g_bytes_get_data (names, &size);

  if (size == 0)
    g_set_error (error, SP_ERROR, SP_ERROR_INVALID_ARGUMENTS, "a request needs a name");
  else if (store->entries->len >= SP_REQUESTS_MAX)
    g_set_error (error, SP_ERROR, SP_ERROR_INVALID_ARGUMENTS,
                 "there are %d requests already: remove one first", SP_REQUESTS_MAX);
  else
    return sp_certificate_names_check (bytes, size, error);
  return FALSE;
}

static gboolean
fill_in (SpStoredRequest *entry, SpPrivateKey *key, GBytes *names, GError **error)
{
  gsize size = SP_PIN_SIZE;
  g_auto (GStrv) list =
      sp_certificate_names_read (g_bytes_get_data (names, NULL), g_bytes_get_size (names), error);

  if (list == NULL)
    return FALSE;
  sp_random_bytes (entry->id, SP_ID_SIZE);
  entry->names = g_bytes_ref (names);
  entry->request = sp_certificate_request_make (key, (const char *const *) list, error);
  if (entry->request == NULL)
    return FALSE;
  if (g_bytes_get_size (entry->request) <= SP_CERTIFICATE_MAX &&
      gnutls_x509_privkey_get_key_id (key, GNUTLS_KEYID_USE_SHA256, entry->pin, &size) >= 0)
    return TRUE;
  g_set_error (error, SP_ERROR, SP_ERROR_INVALID_ARGUMENTS, "these are too many names");
  return FALSE;
}

const SpStoredRequest *
sp_request_store_make (SpRequestStore *store, GBytes *names, gint64 now, GError **error)
{
  g_autoptr (SpPrivateKey) key = NULL;
  SpStoredRequest *entry;

  if (!check (store, names, error))
    return NULL;
  key = sp_private_key_make (error);
  if (key == NULL)
    return NULL;
  entry = g_new0 (SpStoredRequest, 1);
  if (!fill_in (entry, key, names, error) || !insert (store, entry, key, now, error))
    {
      entry_free (entry);
      return NULL;
    }
  g_ptr_array_add (store->entries, entry);
  return entry;
}

SpPrivateKey *
sp_request_store_load_key (SpRequestStore *store, const guint8 *id, GError **error)
{
  g_autoptr (SpStatement) load = store->statements[LOAD_KEY];
  const guint8 *bytes;
  gsize size;
  SpRow row;

  sp_statement_set_bytes (load, 1, id, SP_ID_SIZE);
  row = sp_statement_next (load, error);
  if (row == SP_ROW_NONE)
    g_set_error (error, SP_ERROR, SP_ERROR_NOT_FOUND, "there is no such request");
  if (row != SP_ROW)
    return NULL;
  bytes = sp_statement_get_bytes (load, 0, &size);
  return sp_private_key_read (bytes, size, error);
}

gboolean
sp_request_store_remove (SpRequestStore *store, const guint8 *id, GError **error)
{
  SpStatement *statement = store->statements[DELETE];
  const SpStoredRequest *entry = sp_request_store_find (store, id);

  if (entry == NULL)
    {
      g_set_error (error, SP_ERROR, SP_ERROR_NOT_FOUND, "there is no such request");
      return FALSE;
    }
  sp_statement_set_bytes (statement, 1, id, SP_ID_SIZE);
  if (!sp_statement_run (statement, error))
    return FALSE;
  (void) g_ptr_array_remove (store->entries, (gpointer) entry);
  return TRUE;
}
