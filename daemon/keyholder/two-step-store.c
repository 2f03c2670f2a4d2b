/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "two-step-store.h"

#include "base/error.h"
#include "base/io.h"
#include "base/secret.h"

#include <string.h>

enum
{
  ENROLL,
  LOOK,
  CONFIRM,
  REMOVE,
  USE_STEP,
  USE_RECOVERY,
  ADD_RECOVERY,
  DROP_RECOVERY,
  LIST,
  N_STATEMENTS
};

#define COUNT "(SELECT count (*) FROM recovery_codes AS r WHERE r.user = t.user)"

static const SpStatementText texts[N_STATEMENTS] = {
  [ENROLL] = { SP_DURABLE, "INSERT INTO two_step (user, pending) VALUES (?1, ?2) "
                           "ON CONFLICT DO UPDATE SET pending = excluded.pending" },
  [LOOK] = { SP_SOON, "SELECT secret, pending, " COUNT " FROM two_step AS t WHERE user = ?1" },
  [CONFIRM] = { SP_DURABLE, "UPDATE two_step SET secret = pending, pending = NULL, step = ?2 "
                            "WHERE user = ?1" },
  [REMOVE] = { SP_DURABLE, "DELETE FROM two_step WHERE user = ?1" },
  [USE_STEP] = { SP_DURABLE, "UPDATE two_step SET step = ?2 WHERE user = ?1 AND step < ?2" },
  [USE_RECOVERY] = { SP_DURABLE, "DELETE FROM recovery_codes WHERE user = ?1 AND hash = ?2" },
  [ADD_RECOVERY] = { SP_DURABLE, "INSERT INTO recovery_codes (user, hash) VALUES (?1, ?2)" },
  [DROP_RECOVERY] = { SP_DURABLE, "DELETE FROM recovery_codes WHERE user = ?1" },
  [LIST] = { SP_SOON, "SELECT user, " COUNT " FROM two_step AS t WHERE secret IS NOT NULL" },
};

struct _SpTwoStepStore
{
  SpDatabase *database;
  SpStatement *statements[N_STATEMENTS];
};

/* One user's row. */
typedef struct
{
  gboolean has_secret;
  gboolean has_pending;
  guint8 secret[SP_TOTP_SECRET_SIZE];
  guint8 pending[SP_TOTP_SECRET_SIZE];
  guint recovery_codes;
} Entry;

static void
entry_clear (Entry *entry)
{
  sp_secret_wipe (entry, sizeof *entry);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Entry, entry_clear)

SpTwoStepStore *
sp_two_step_store_new (SpDatabase *database, GError **error)
{
  g_autoptr (SpTwoStepStore) store = g_new0 (SpTwoStepStore, 1);

  store->database = database;
  if (!sp_totp_prepare (error) ||
      !sp_database_prepare (database, texts, N_STATEMENTS, store->statements, error))
    return NULL;
  return g_steal_pointer (&store);
}

void
sp_two_step_store_free (SpTwoStepStore *store)
{
  g_free (store);
}

/* No row is an empty entry. */
static gboolean
look (SpTwoStepStore *store, const guint8 *user, Entry *ret_entry, GError **error)
{
  g_autoptr (SpStatement) rows = store->statements[LOOK];
  SpRow row;

  memset (ret_entry, 0, sizeof *ret_entry);
  sp_statement_set_bytes (rows, 1, user, SP_ID_SIZE);
  row = sp_statement_next (rows, error);
  if (row != SP_ROW)
    return row == SP_ROW_NONE;
  ret_entry->has_secret =
      sp_statement_copy_bytes (rows, 0, ret_entry->secret, sizeof ret_entry->secret);
  ret_entry->has_pending =
      sp_statement_copy_bytes (rows, 1, ret_entry->pending, sizeof ret_entry->pending);
  ret_entry->recovery_codes = (guint) sp_statement_get_number (rows, 2);
  return TRUE;
}

static gboolean
run (SpTwoStepStore *store, guint which, const guint8 *user, GError **error)
{
  sp_statement_set_bytes (store->statements[which], 1, user, SP_ID_SIZE);
  return sp_statement_run (store->statements[which], error);
}

gboolean
sp_two_step_store_enroll (SpTwoStepStore *store,
                          const guint8 *user,
                          guint8 ret_secret[SP_TOTP_SECRET_SIZE],
                          GError **error)
{
  sp_random_bytes (ret_secret, SP_TOTP_SECRET_SIZE);
  sp_statement_set_bytes (store->statements[ENROLL], 2, ret_secret, SP_TOTP_SECRET_SIZE);
  return run (store, ENROLL, user, error);
}

static gboolean
put_recovery_codes (SpTwoStepStore *store,
                    const guint8 *user,
                    SpRecoveryTexts ret_texts,
                    GError **error)
{
  for (guint i = 0; i < SP_RECOVERY_CODES; i++)
    {
      guint8 normal[SP_CODE_MAX];
      guint8 hash[SP_READABLE_HASH_SIZE];
      gsize length;

      sp_readable_secret_make (SP_RECOVERY_CODE_SIZE, SP_RECOVERY_GROUP, ret_texts[i]);
      length = sp_readable_secret_normalise ((const guint8 *) ret_texts[i], strlen (ret_texts[i]),
                                             normal, sizeof normal);
      sp_readable_secret_hash (user, normal, length, hash);
      sp_secret_wipe (normal, sizeof normal);
      sp_statement_set_bytes (store->statements[ADD_RECOVERY], 2, hash, sizeof hash);
      if (!run (store, ADD_RECOVERY, user, error))
        return FALSE;
    }
  return TRUE;
}

static gboolean
start_counting (SpTwoStepStore *store,
                const guint8 *user,
                gint64 step,
                SpRecoveryTexts ret_texts,
                GError **error)
{
  g_autoptr (SpTransaction) transaction = sp_transaction_begin (store->database, SP_DURABLE, error);

  if (transaction == NULL || !run (store, DROP_RECOVERY, user, error))
    return FALSE;
  sp_statement_set_number (store->statements[CONFIRM], 2, step);
  return run (store, CONFIRM, user, error) && put_recovery_codes (store, user, ret_texts, error) &&
         sp_transaction_commit (&transaction, error);
}

gboolean
sp_two_step_store_confirm (SpTwoStepStore *store,
                           const guint8 *user,
                           const guint8 *code,
                           gsize length,
                           gint64 now,
                           SpRecoveryTexts ret_texts,
                           GError **error)
{
  g_auto (Entry) entry = { 0 };
  guint8 normal[SP_CODE_MAX];
  gsize normal_length = sp_readable_secret_normalise (code, length, normal, sizeof normal);
  gint64 step;

  if (!look (store, user, &entry, error))
    return FALSE;
  if (!entry.has_pending)
    {
      g_set_error (error, SP_ERROR, SP_ERROR_NOT_FOUND, "there is nothing to confirm");
      return FALSE;
    }
  if (!sp_totp_find_step (entry.pending, now, normal, normal_length, &step))
    {
      g_set_error (error, SP_ERROR, SP_ERROR_INVALID_ARGUMENTS,
                   "the code is not the one that the phone shows now, or its clock is wrong");
      return FALSE;
    }
  return start_counting (store, user, step, ret_texts, error);
}

gboolean
sp_two_step_store_remove (SpTwoStepStore *store, const guint8 *user, GError **error)
{
  if (!run (store, REMOVE, user, error))
    return FALSE;
  if (sp_statement_get_changes (store->statements[REMOVE]) > 0)
    return TRUE;
  g_set_error (error, SP_ERROR, SP_ERROR_NOT_FOUND, "there is no second step");
  return FALSE;
}

SpTwoStepState
sp_two_step_store_look (SpTwoStepStore *store,
                        const guint8 *user,
                        guint *ret_recovery_codes,
                        GError **error)
{
  g_auto (Entry) entry = { 0 };

  if (!look (store, user, &entry, error))
    return SP_TWO_STEP_FAILED;
  if (ret_recovery_codes != NULL)
    *ret_recovery_codes = entry.recovery_codes;
  return entry.has_secret ? SP_TWO_STEP_ON : SP_TWO_STEP_OFF;
}

/* A change that happens once: whoever made it was the first. */
static SpCodeOutcome
use_up (SpTwoStepStore *store, guint which, const guint8 *user, SpCodeOutcome right, GError **error)
{
  if (!run (store, which, user, error))
    return SP_CODE_FAILED;
  return sp_statement_get_changes (store->statements[which]) > 0 ? right : SP_CODE_WRONG;
}

SpCodeOutcome
sp_two_step_store_use (SpTwoStepStore *store,
                       const guint8 *user,
                       const guint8 *code,
                       gsize length,
                       gint64 now,
                       GError **error)
{
  g_auto (Entry) entry = { 0 };
  guint8 normal[SP_CODE_MAX];
  guint8 hash[SP_READABLE_HASH_SIZE];
  gsize normal_length = sp_readable_secret_normalise (code, length, normal, sizeof normal);
  gint64 step;

  if (!look (store, user, &entry, error))
    return SP_CODE_FAILED;
  if (!entry.has_secret)
    return SP_CODE_WRONG;
  if (normal_length == SP_RECOVERY_CODE_SIZE)
    {
      sp_readable_secret_hash (user, normal, normal_length, hash);
      sp_statement_set_bytes (store->statements[USE_RECOVERY], 2, hash, sizeof hash);
      return use_up (store, USE_RECOVERY, user, SP_CODE_RECOVERY, error);
    }
  if (!sp_totp_find_step (entry.secret, now, normal, normal_length, &step))
    return SP_CODE_WRONG;
  sp_statement_set_number (store->statements[USE_STEP], 2, step);
  return use_up (store, USE_STEP, user, SP_CODE_RIGHT, error);
}

gboolean
sp_two_step_store_tell (SpTwoStepStore *store,
                        SpTwoStepSeen seen,
                        gpointer user_data,
                        GError **error)
{
  g_autoptr (SpStatement) list = store->statements[LIST];
  guint8 user[SP_ID_SIZE];
  SpRow row;

  while ((row = sp_statement_next (list, error)) == SP_ROW)
    if (sp_statement_copy_bytes (list, 0, user, sizeof user))
      seen (user_data, user, (guint) sp_statement_get_number (list, 1));
  return row == SP_ROW_NONE;
}
