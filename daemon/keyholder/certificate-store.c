/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "certificate-store.h"

#include "base/der.h"
#include "base/error.h"
#include "base/io.h"

#include <string.h>

enum
{
  INSERT,
  DELETE,
  LIST,
  LOAD_KEY,
  PUT_TOKEN,
  LOAD_PIN,
  FORGET_PIN,
  ACTIVATE,
  DEACTIVATE,
  GET_ACTIVE,
  N_STATEMENTS
};

static const SpStatementText texts[N_STATEMENTS] = {
  [INSERT] = { SP_DURABLE, "INSERT INTO server_certificates (id, pin, private_key, chain, added) "
                           "VALUES (?1, ?2, ?3, ?4, ?5)" },
  [DELETE] = { SP_DURABLE, "DELETE FROM server_certificates WHERE id = ?1" },
  [LIST] = { SP_SOON, "SELECT id, server_certificates.pin, chain, uri FROM server_certificates "
                      "LEFT JOIN token_keys USING (id) ORDER BY added, id" },
  [LOAD_KEY] = { SP_SOON, "SELECT private_key FROM server_certificates WHERE id = ?1" },
  [PUT_TOKEN] = { SP_DURABLE, "INSERT INTO token_keys VALUES (?1, ?2, ?3) ON CONFLICT DO UPDATE "
                              "SET uri = excluded.uri, pin = excluded.pin" },
  [LOAD_PIN] = { SP_SOON, "SELECT pin FROM token_keys WHERE id = ?1" },
  [FORGET_PIN] = { SP_DURABLE, "UPDATE token_keys SET pin = x'' WHERE id = ?1" },
  [ACTIVATE] = { SP_DURABLE, "INSERT INTO active_certificate VALUES (1, ?1) "
                             "ON CONFLICT DO UPDATE SET id = excluded.id" },
  [DEACTIVATE] = { SP_DURABLE, "DELETE FROM active_certificate" },
  [GET_ACTIVE] = { SP_SOON, "SELECT id FROM active_certificate" },
};

struct _SpCertificateStore
{
  SpDatabase *database;
  SpStatement *statements[N_STATEMENTS];
  GPtrArray *entries; /* of SpStoredCertificate */
  gboolean has_active;
  guint8 active[SP_ID_SIZE];
};

static void
entry_free (SpStoredCertificate *entry)
{
  g_clear_pointer (&entry->chain, g_bytes_unref);
  g_free (entry->token);
  g_free (entry);
}

SpCertificate *
sp_chain_read_first (GBytes *chain, GError **error)
{
  gsize size;
  const guint8 *bytes = g_bytes_get_data (chain, &size);
  gsize element = sp_der_measure (bytes, size);

  if (element > 0)
    return sp_certificate_read (bytes, element, error);
  g_set_error (error, SP_ERROR, SP_ERROR_CERTIFICATE_INVALID, "a chain has no certificate");
  return NULL;
}

static gboolean
read_entry (SpCertificateStore *store, SpStatement *row, GError **error)
{
  SpStoredCertificate *entry = g_new0 (SpStoredCertificate, 1);
  gsize size;
  gsize uri_size;
  const guint8 *chain = sp_statement_get_bytes (row, 2, &size);
  const guint8 *uri;

  g_ptr_array_add (store->entries, entry);
  entry->chain = g_bytes_new (chain, size);
  uri = sp_statement_get_bytes (row, 3, &uri_size);
  if (uri_size > 0)
    entry->token = g_strndup ((const char *) uri, uri_size);
  if (sp_statement_copy_bytes (row, 0, entry->id, SP_ID_SIZE) &&
      sp_statement_copy_bytes (row, 1, entry->pin, SP_PIN_SIZE) && size > 0 &&
      size <= SP_CERTIFICATE_CHAIN_MAX)
    return TRUE;
  g_set_error (error, SP_ERROR, SP_ERROR_CERTIFICATE_INVALID,
               "the database has a damaged certificate");
  return FALSE;
}

static gboolean
read_all (SpCertificateStore *store, GError **error)
{
  g_autoptr (SpStatement) list = store->statements[LIST];
  SpRow row;

  while ((row = sp_statement_next (list, error)) == SP_ROW)
    if (!read_entry (store, list, error))
      return FALSE;
  return row == SP_ROW_NONE;
}

static gboolean
read_active (SpCertificateStore *store, GError **error)
{
  g_autoptr (SpStatement) get = store->statements[GET_ACTIVE];
  SpRow row = sp_statement_next (get, error);

  store->has_active = row == SP_ROW && sp_statement_copy_bytes (get, 0, store->active, SP_ID_SIZE);
  return row != SP_ROW_FAILED;
}

SpCertificateStore *
sp_certificate_store_new (SpDatabase *database, GError **error)
{
  g_autoptr (SpCertificateStore) store = g_new0 (SpCertificateStore, 1);

  store->database = database;
  store->entries = g_ptr_array_new_with_free_func ((GDestroyNotify) entry_free);
  if (!sp_database_prepare (database, texts, N_STATEMENTS, store->statements, error) ||
      !read_all (store, error) || !read_active (store, error))
    return NULL;
  return g_steal_pointer (&store);
}

void
sp_certificate_store_free (SpCertificateStore *store)
{
  if (store == NULL)
    return;
  g_ptr_array_unref (store->entries);
  g_free (store);
}

guint
sp_certificate_store_get_n (SpCertificateStore *store)
{
  return store->entries->len;
}

const SpStoredCertificate *
sp_certificate_store_get (SpCertificateStore *store, guint position)
{
  return store->entries->pdata[position];
}

const SpStoredCertificate *
sp_certificate_store_find (SpCertificateStore *store, const guint8 *id)
{
  for (guint i = 0; i < store->entries->len; i++)
    if (memcmp (((SpStoredCertificate *) store->entries->pdata[i])->id, id, SP_ID_SIZE) == 0)
      return store->entries->pdata[i];
  return NULL;
}

const SpStoredCertificate *
sp_certificate_store_get_active (SpCertificateStore *store)
{
  return store->has_active ? sp_certificate_store_find (store, store->active) : NULL;
}

static const SpStoredCertificate *
find_chain (SpCertificateStore *store, GBytes *chain)
{
  for (guint i = 0; i < store->entries->len; i++)
    if (g_bytes_equal (((SpStoredCertificate *) store->entries->pdata[i])->chain, chain))
      return store->entries->pdata[i];
  return NULL;
}

static gboolean
insert_row (SpCertificateStore *store,
            const SpStoredCertificate *entry,
            const GByteArray *bytes,
            gint64 now,
            GError **error)
{
  SpStatement *statement = store->statements[INSERT];

  sp_statement_set_bytes (statement, 1, entry->id, SP_ID_SIZE);
  sp_statement_set_bytes (statement, 2, entry->pin, SP_PIN_SIZE);
  sp_statement_set_bytes (statement, 3, bytes->data, bytes->len);
  sp_statement_set_bytes (statement, 4, g_bytes_get_data (entry->chain, NULL),
                          g_bytes_get_size (entry->chain));
  sp_statement_set_number (statement, 5, now * G_USEC_PER_SEC);
  return sp_statement_run (statement, error);
}

static gboolean
insert (SpCertificateStore *store,
        const SpStoredCertificate *entry,
        SpPrivateKey *key,
        gint64 now,
        GError **error)
{
  GByteArray *bytes = sp_private_key_write (key, error);
  gboolean stored;

  if (bytes == NULL)
    return FALSE;
  stored = insert_row (store, entry, bytes, now, error);
  sp_secret_bytes_free (bytes);
  return stored;
}

static gboolean
check_fit (SpPrivateKey *key, GBytes *chain, guint8 *ret_pin, GError **error)
{
  g_autoptr (SpCertificate) first = sp_chain_read_first (chain, error);

  if (first == NULL)
    return FALSE;
  if (sp_certificate_is_of_key (first, key) && sp_certificate_get_pin (first, ret_pin))
    return TRUE;
  g_set_error (error, SP_ERROR, SP_ERROR_INVALID_ARGUMENTS,
               "the key is that of another certificate");
  return FALSE;
}

static gboolean
has_room (const SpCertificateStore *store, GError **error)
{
  if (store->entries->len < SP_STORED_CERTIFICATES_MAX)
    return TRUE;
  g_set_error (error, SP_ERROR, SP_ERROR_INVALID_ARGUMENTS,
               "there are %d imported certificates already: remove one first",
               SP_STORED_CERTIFICATES_MAX);
  return FALSE;
}

static SpStoredCertificate *
entry_new (GBytes *chain)
{
  SpStoredCertificate *entry = g_new0 (SpStoredCertificate, 1);

  entry->chain = g_bytes_ref (chain);
  sp_random_bytes (entry->id, SP_ID_SIZE);
  return entry;
}

gboolean
sp_certificate_store_add (SpCertificateStore *store,
                          SpPrivateKey *key,
                          GBytes *chain,
                          gint64 now,
                          guint8 *ret_id,
                          GError **error)
{
  const SpStoredCertificate *known = find_chain (store, chain);
  SpStoredCertificate *entry;

  if (known != NULL)
    {
      memcpy (ret_id, known->id, SP_ID_SIZE);
      return TRUE;
    }
  if (!has_room (store, error))
    return FALSE;
  entry = entry_new (chain);
  if (!check_fit (key, chain, entry->pin, error) || !insert (store, entry, key, now, error))
    {
      entry_free (entry);
      return FALSE;
    }
  g_ptr_array_add (store->entries, entry);
  memcpy (ret_id, entry->id, SP_ID_SIZE);
  return TRUE;
}

/* --- keys in tokens --- */

static gboolean
put_token (SpCertificateStore *store,
           const SpStoredCertificate *entry,
           const char *uri,
           const char *pin,
           GError **error)
{
  SpStatement *statement = store->statements[PUT_TOKEN];

  sp_statement_set_bytes (statement, 1, entry->id, SP_ID_SIZE);
  sp_statement_set_bytes (statement, 2, uri, strlen (uri));
  sp_statement_set_bytes (statement, 3, pin, strlen (pin));
  return sp_statement_run (statement, error);
}

static gboolean
add_with_token (SpCertificateStore *store,
                SpStoredCertificate *entry,
                const char *uri,
                const char *pin,
                gint64 now,
                GError **error)
{
  g_autoptr (SpTransaction) transaction = sp_transaction_begin (store->database, SP_DURABLE, error);
  g_autoptr (SpCertificate) first = sp_chain_read_first (entry->chain, error);
  static const GByteArray nothing = { (guint8 *) "", 0 };

  if (first == NULL || transaction == NULL)
    return FALSE;
  if (!sp_certificate_get_pin (first, entry->pin))
    {
      g_set_error (error, SP_ERROR, SP_ERROR_FAILED, "the certificate's key cannot be read");
      return FALSE;
    }
  return insert_row (store, entry, &nothing, now, error) &&
         put_token (store, entry, uri, pin, error) && sp_transaction_commit (&transaction, error);
}

gboolean
sp_certificate_store_add_token (SpCertificateStore *store,
                                const char *uri,
                                const char *pin,
                                GBytes *chain,
                                gint64 now,
                                guint8 *ret_id,
                                GError **error)
{
  SpStoredCertificate *entry = (SpStoredCertificate *) find_chain (store, chain);
  gboolean known = entry != NULL;

  if (known && entry->token == NULL) /* its key is here, which is better */
    {
      memcpy (ret_id, entry->id, SP_ID_SIZE);
      return TRUE;
    }
  if (!known && !has_room (store, error))
    return FALSE;
  if (!known)
    entry = entry_new (chain);
  if (known ? !put_token (store, entry, uri, pin, error)
            : !add_with_token (store, entry, uri, pin, now, error))
    {
      if (!known)
        entry_free (entry);
      return FALSE;
    }
  g_free (entry->token);
  entry->token = g_strdup (uri);
  if (!known)
    g_ptr_array_add (store->entries, entry);
  memcpy (ret_id, entry->id, SP_ID_SIZE);
  return TRUE;
}

char *
sp_certificate_store_load_pin (SpCertificateStore *store, const guint8 *id, GError **error)
{
  g_autoptr (SpStatement) load = store->statements[LOAD_PIN];
  const guint8 *bytes;
  gsize size;
  SpRow row;

  sp_statement_set_bytes (load, 1, id, SP_ID_SIZE);
  row = sp_statement_next (load, error);
  if (row == SP_ROW_NONE)
    g_set_error (error, SP_ERROR, SP_ERROR_NOT_FOUND, "its key is in no token");
  if (row != SP_ROW)
    return NULL;
  bytes = sp_statement_get_bytes (load, 0, &size);
  return g_strndup (size > 0 ? (const char *) bytes : "", size);
}

gboolean
sp_certificate_store_forget_pin (SpCertificateStore *store, const guint8 *id, GError **error)
{
  SpStatement *statement = store->statements[FORGET_PIN];

  sp_statement_set_bytes (statement, 1, id, SP_ID_SIZE);
  return sp_statement_run (statement, error);
}

/* --- keys that are here, and which certificate is shown --- */

static gboolean
must_be_there (SpCertificateStore *store, const guint8 *id, GError **error)
{
  if (sp_certificate_store_find (store, id) != NULL)
    return TRUE;
  g_set_error (error, SP_ERROR, SP_ERROR_NOT_FOUND, "there is no such certificate");
  return FALSE;
}

SpPrivateKey *
sp_certificate_store_load_key (SpCertificateStore *store, const guint8 *id, GError **error)
{
  g_autoptr (SpStatement) load = store->statements[LOAD_KEY];
  const guint8 *bytes;
  gsize size;
  SpRow row;

  sp_statement_set_bytes (load, 1, id, SP_ID_SIZE);
  row = sp_statement_next (load, error);
  if (row == SP_ROW_NONE)
    g_set_error (error, SP_ERROR, SP_ERROR_NOT_FOUND, "there is no such certificate");
  if (row != SP_ROW)
    return NULL;
  bytes = sp_statement_get_bytes (load, 0, &size);
  return sp_private_key_read (bytes, size, error);
}

gboolean
sp_certificate_store_activate (SpCertificateStore *store, const guint8 *id, GError **error)
{
  SpStatement *statement = store->statements[id != NULL ? ACTIVATE : DEACTIVATE];

  if (id != NULL && !must_be_there (store, id, error))
    return FALSE;
  if (id != NULL)
    sp_statement_set_bytes (statement, 1, id, SP_ID_SIZE);
  if (!sp_statement_run (statement, error))
    return FALSE;
  store->has_active = id != NULL;
  if (id != NULL)
    memcpy (store->active, id, SP_ID_SIZE);
  return TRUE;
}

gboolean
sp_certificate_store_remove (SpCertificateStore *store, const guint8 *id, GError **error)
{
  SpStatement *statement = store->statements[DELETE];
  const SpStoredCertificate *entry = sp_certificate_store_find (store, id);

  if (!must_be_there (store, id, error))
    return FALSE;
  if (entry == sp_certificate_store_get_active (store))
    {
      g_set_error (error, SP_ERROR, SP_ERROR_INVALID_ARGUMENTS,
                   "the certificate is in use: activate another first");
      return FALSE;
    }
  sp_statement_set_bytes (statement, 1, id, SP_ID_SIZE);
  if (!sp_statement_run (statement, error))
    return FALSE;
  (void) g_ptr_array_remove (store->entries, (gpointer) entry);
  return TRUE;
}
