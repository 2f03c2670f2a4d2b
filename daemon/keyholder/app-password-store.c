/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "app-password-store.h"

#include "base/error.h"
#include "base/secret.h"

#include <string.h>

#define SELECTORS_TRIED 8 /* before we give up finding one that is free */

enum
{
  ADD,
  FIND,
  N_STATEMENTS
};

static const SpStatementText texts[N_STATEMENTS] = {
  [ADD] = { SP_DURABLE, "INSERT OR IGNORE INTO app_passwords (selector, device, hash) "
                        "VALUES (?1, ?2, ?3)" },
  [FIND] = { SP_SOON, "SELECT a.device, a.hash FROM app_passwords AS a "
                      "JOIN devices AS d ON d.id = a.device "
                      "WHERE a.selector = ?1 AND d.user = ?2 AND d.revoked = 0 "
                      "AND d.blocked_until <= ?3" },
};

struct _SpAppPasswordStore
{
  SpDatabase *database;
  SpStatement *statements[N_STATEMENTS];
};

SpAppPasswordStore *
sp_app_password_store_new (SpDatabase *database, GError **error)
{
  g_autoptr (SpAppPasswordStore) store = g_new0 (SpAppPasswordStore, 1);

  store->database = database;
  if (!sp_database_prepare (database, texts, N_STATEMENTS, store->statements, error))
    return NULL;
  return g_steal_pointer (&store);
}

void
sp_app_password_store_free (SpAppPasswordStore *store)
{
  g_free (store);
}

/* FALSE without an error: the selector is another's. */
static gboolean
insert (SpAppPasswordStore *store,
        const guint8 *device,
        const guint8 *user,
        const char *text,
        GError **error)
{
  SpStatement *add = store->statements[ADD];
  guint8 normal[SP_APP_PASSWORD_SIZE];
  guint8 hash[SP_READABLE_HASH_SIZE];
  gboolean run;

  (void) sp_readable_secret_normalise ((const guint8 *) text, strlen (text), normal, sizeof normal);
  sp_readable_secret_hash (user, normal, sizeof normal, hash);
  sp_statement_set_bytes (add, 1, normal, SP_APP_PASSWORD_SELECTOR);
  sp_statement_set_bytes (add, 2, device, SP_ID_SIZE);
  sp_statement_set_bytes (add, 3, hash, sizeof hash);
  run = sp_statement_run (add, error);
  sp_secret_wipe (normal, sizeof normal);
  return run && sp_statement_get_changes (add) > 0;
}

gboolean
sp_app_password_store_add (SpAppPasswordStore *store,
                           SpDeviceStore *devices,
                           const guint8 *device,
                           const guint8 *user,
                           char ret_text[SP_APP_PASSWORD_TEXT_SIZE],
                           GError **error)
{
  g_autoptr (SpTransaction) transaction = sp_transaction_begin (store->database, SP_DURABLE, error);
  g_autoptr (GError) failed = NULL;

  if (transaction == NULL || !sp_device_store_add (devices, device, user, error))
    return FALSE;
  for (guint i = 0; i < SELECTORS_TRIED && failed == NULL; i++)
    {
      sp_readable_secret_make (SP_APP_PASSWORD_SIZE, SP_APP_PASSWORD_GROUP, ret_text);
      if (insert (store, device, user, ret_text, &failed))
        return sp_transaction_commit (&transaction, error);
    }
  if (failed == NULL)
    failed = g_error_new_literal (SP_ERROR, SP_ERROR_FAILED, "there are too many passwords");
  g_propagate_error (error, g_steal_pointer (&failed));
  return FALSE;
}

gboolean
sp_app_password_store_check (SpAppPasswordStore *store,
                             const guint8 *user,
                             const guint8 *password,
                             gsize length,
                             guint8 ret_device[SP_ID_SIZE],
                             GError **error)
{
  g_autoptr (SpStatement) rows = NULL;
  guint8 normal[SP_APP_PASSWORD_SIZE + 1]; /* one more, to notice what is too long */
  guint8 hash[SP_READABLE_HASH_SIZE];
  guint8 stored[SP_READABLE_HASH_SIZE];
  gsize size = sp_readable_secret_normalise (password, length, normal, sizeof normal);

  if (size != SP_APP_PASSWORD_SIZE)
    return FALSE;
  sp_readable_secret_hash (user, normal, size, hash);
  rows = store->statements[FIND];
  sp_statement_set_bytes (rows, 1, normal, SP_APP_PASSWORD_SELECTOR);
  sp_statement_set_bytes (rows, 2, user, SP_ID_SIZE);
  sp_statement_set_number (rows, 3, g_get_real_time ());
  return sp_statement_next (rows, error) == SP_ROW &&
         sp_statement_copy_bytes (rows, 0, ret_device, SP_ID_SIZE) &&
         sp_statement_copy_bytes (rows, 1, stored, sizeof stored) &&
         sp_secret_equal (hash, stored, sizeof hash);
}
