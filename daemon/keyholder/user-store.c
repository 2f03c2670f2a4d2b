/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "user-store.h"

#include "base/error.h"
#include "base/secret.h"

#include <string.h>

enum
{
  INSERT_USER,
  UPDATE_USER,
  DELETE_USER,
  DELETE_UNKNOWN,
  SET_VERIFIER,
  FIND_BY_LOGIN,
  FIND_BY_ID,
  NOTE_PLACE,
  TRIM_PLACES,
  LIST_PLACES,
  DROP_OLD_PLACES,
  N_STATEMENTS
};

static const SpStatementText texts[N_STATEMENTS] = {
  [INSERT_USER] = { SP_DURABLE, "INSERT INTO users (id, login, enabled, bar, expires_at, "
                                "expires_after, two_step_required, sign_in, paused_until, groups) "
                                "VALUES (?1, ?2, ?3 = 0, ?3, ?4, ?5, ?6, ?7, ?8, ?9)" },
  [UPDATE_USER] = { SP_DURABLE, "UPDATE users SET login = ?2, enabled = ?3 = 0, bar = ?3, "
                                "expires_at = ?4, expires_after = ?5, two_step_required = ?6, "
                                "sign_in = ?7, paused_until = ?8, groups = ?9 WHERE id = ?1" },
  [DELETE_USER] = { SP_DURABLE, "DELETE FROM users WHERE id = ?1" },
  [DELETE_UNKNOWN] = { SP_DURABLE, "DELETE FROM users WHERE login = ?1 AND id <> ?2 "
                                   "AND verifier IS NULL" },
  [SET_VERIFIER] = { SP_DURABLE, "UPDATE users SET verifier = ?2 WHERE id = ?1" },
  [FIND_BY_LOGIN] = { SP_SOON, "SELECT id, bar, verifier, ends, first_login, expires_at, "
                               "expires_after, two_step_required, sign_in, paused_until, groups "
                               "FROM users WHERE login = ?1" },
  [FIND_BY_ID] = { SP_SOON,
                   "SELECT id, bar, verifier, ends, first_login, expires_at, "
                   "expires_after, two_step_required, sign_in, paused_until, groups FROM users "
                   "WHERE id = ?1" },
  [NOTE_PLACE] = { SP_SOON, "INSERT INTO places (user, place, seen) VALUES (?1, ?2, ?3) "
                            "ON CONFLICT DO UPDATE SET seen = excluded.seen "
                            "WHERE excluded.seen - seen NOT BETWEEN 0 AND ?4" },
  [TRIM_PLACES] = { SP_SOON, "DELETE FROM places WHERE user = ?1 AND place NOT IN "
                             "(SELECT place FROM places WHERE user = ?1 "
                             "ORDER BY seen DESC, place LIMIT ?2)" },
  [LIST_PLACES] = { SP_SOON, "SELECT user, place FROM "
                             "(SELECT * FROM places ORDER BY seen DESC LIMIT ?1) "
                             "ORDER BY seen" },
  [DROP_OLD_PLACES] = { SP_SOON, "DELETE FROM places WHERE seen < ?1" },
};

struct _SpUserStore
{
  SpStatement *statements[N_STATEMENTS];
};

SpUserStore *
sp_user_store_new (SpDatabase *database, GError **error)
{
  g_autoptr (SpUserStore) store = g_new0 (SpUserStore, 1);

  if (!sp_database_prepare (database, texts, N_STATEMENTS, store->statements, error))
    return NULL;
  return g_steal_pointer (&store);
}

void
sp_user_store_free (SpUserStore *store)
{
  g_free (store);
}

/* Runs a change of one user that must exist. */
static gboolean
run_on_user (SpStatement *statement, GError **error)
{
  if (!sp_statement_run (statement, error))
    return FALSE;
  if (sp_statement_get_changes (statement) > 0)
    return TRUE;
  g_set_error (error, SP_ERROR, SP_ERROR_NOT_FOUND, "there is no such user");
  return FALSE;
}

static gboolean
has_groups (SpStatement *rows, const SpPutUser *user)
{
  gsize length;
  const guint8 *groups = sp_statement_get_bytes (rows, 10, &length);

  return length == user->groups_length &&
         (length == 0 || memcmp (groups, user->groups, length) == 0);
}

/* TRUE if there is such a user and it is as main says. */
static gboolean
is_so_already (SpUserStore *store, const SpPutUser *user, GError **error)
{
  g_autoptr (SpStatement) rows = store->statements[FIND_BY_LOGIN];
  guint8 id[SP_ID_SIZE];

  sp_statement_set_bytes (rows, 1, user->login, user->login_length);
  return sp_statement_next (rows, error) == SP_ROW &&
         sp_statement_copy_bytes (rows, 0, id, sizeof id) &&
         memcmp (id, user->user, SP_ID_SIZE) == 0 &&
         sp_statement_get_number (rows, 1) == user->bar &&
         sp_statement_get_number (rows, 5) == (gint64) user->expires_at &&
         sp_statement_get_number (rows, 6) == user->expires_after &&
         sp_statement_get_number (rows, 7) == user->two_step_required &&
         sp_statement_get_number (rows, 8) == user->sign_in &&
         sp_statement_get_number (rows, 9) == (gint64) user->paused_until &&
         has_groups (rows, user);
}

/* What main does not know was left when main died between asking and storing; it never got a
 * password. */
static gboolean
free_login (SpUserStore *store, const SpPutUser *user, GError **error)
{
  SpStatement *delete = store->statements[DELETE_UNKNOWN];
  SpUserEntry found;
  gboolean taken;

  sp_statement_set_bytes (delete, 1, user->login, user->login_length);
  sp_statement_set_bytes (delete, 2, user->user, SP_ID_SIZE);
  if (!sp_statement_run (delete, error))
    return FALSE;
  if (!sp_user_store_find_by_login (store, user->login, user->login_length, &found, NULL))
    return TRUE;
  taken = memcmp (found.id, user->user, SP_ID_SIZE) != 0;
  sp_user_entry_clear (&found);
  if (taken)
    g_set_error (error, SP_ERROR, SP_ERROR_EXISTS, "another user has this login");
  return !taken;
}

static gboolean
put (SpStatement *statement, const SpPutUser *user, GError **error)
{
  sp_statement_set_bytes (statement, 1, user->user, SP_ID_SIZE);
  sp_statement_set_bytes (statement, 2, user->login, user->login_length);
  sp_statement_set_number (statement, 3, user->bar);
  sp_statement_set_number (statement, 4, (gint64) user->expires_at);
  sp_statement_set_number (statement, 5, user->expires_after);
  sp_statement_set_number (statement, 6, user->two_step_required);
  sp_statement_set_number (statement, 7, user->sign_in);
  sp_statement_set_number (statement, 8, (gint64) user->paused_until);
  sp_statement_set_bytes (statement, 9, user->groups, user->groups_length);
  return sp_statement_run (statement, error);
}

static gboolean
check (const SpPutUser *user, GError **error)
{
  if (user->login_length == 0 || user->login_length > SP_LOGIN_MAX ||
      memchr (user->login, 0, user->login_length) != NULL)
    {
      g_set_error (error, SP_ERROR, SP_ERROR_INVALID_ARGUMENTS,
                   "a login has 1 to %d bytes and no zero among them", SP_LOGIN_MAX);
      return FALSE;
    }
  if (user->bar > SP_BAR_REMOVED || user->expires_at > G_MAXINT64 ||
      user->paused_until > G_MAXINT64 || user->sign_in > SP_SIGN_IN_LAST)
    {
      g_set_error (error, SP_ERROR, SP_ERROR_INVALID_ARGUMENTS,
                   "there is no such bar, time, or way to sign in");
      return FALSE;
    }
  return TRUE;
}

gboolean
sp_user_store_put (SpUserStore *store, const SpPutUser *user, GError **error)
{
  SpStatement *update = store->statements[UPDATE_USER];
  g_autoptr (GError) failed = NULL;

  if (!check (user, error))
    return FALSE;
  if (is_so_already (store, user, &failed))
    return TRUE;
  if (failed != NULL)
    {
      g_propagate_error (error, g_steal_pointer (&failed));
      return FALSE;
    }
  if (!free_login (store, user, error) || !put (update, user, error))
    return FALSE;
  return sp_statement_get_changes (update) > 0 || put (store->statements[INSERT_USER], user, error);
}

gboolean
sp_user_store_remove (SpUserStore *store, const guint8 *user, GError **error)
{
  sp_statement_set_bytes (store->statements[DELETE_USER], 1, user, SP_ID_SIZE);
  return run_on_user (store->statements[DELETE_USER], error);
}

gboolean
sp_user_store_set_verifier (SpUserStore *store,
                            const guint8 *user,
                            const char *verifier,
                            GError **error)
{
  SpStatement *statement = store->statements[SET_VERIFIER];

  sp_statement_set_bytes (statement, 1, user, SP_ID_SIZE);
  sp_statement_set_bytes (statement, 2, verifier, strlen (verifier));
  return run_on_user (statement, error);
}

/* What is too long is none. */
static void
read_groups (SpStatement *rows, SpUserEntry *ret_user)
{
  gsize length;
  const guint8 *groups = sp_statement_get_bytes (rows, 10, &length);

  if (length == 0 || length > sizeof ret_user->groups)
    return;
  ret_user->groups_length = (guint16) length;
  memcpy (ret_user->groups, groups, length);
}

static gboolean
read_user (SpStatement *statement, SpUserEntry *ret_user, GError **error)
{
  g_autoptr (SpStatement) rows = statement;
  const guint8 *verifier;
  gsize length;

  switch (sp_statement_next (rows, error))
    {
      case SP_ROW_FAILED:
        return FALSE;
      case SP_ROW_NONE:
        g_set_error (error, SP_ERROR, SP_ERROR_NOT_FOUND, "there is no such user");
        return FALSE;
      case SP_ROW:
        break;
    }
  memset (ret_user, 0, sizeof *ret_user);
  verifier = sp_statement_get_bytes (rows, 2, &length);
  if (!sp_statement_copy_bytes (rows, 0, ret_user->id, SP_ID_SIZE) || length >= SP_VERIFIER_MAX)
    {
      g_set_error (error, SP_ERROR, SP_ERROR_FAILED, "the database has a damaged user");
      return FALSE;
    }
  ret_user->bar = (SpBar) sp_statement_get_number (rows, 1);
  ret_user->ends = sp_statement_get_number (rows, 3);
  ret_user->sign_in = (SpSignInMethod) sp_statement_get_number (rows, 8);
  ret_user->first_login = sp_statement_get_number (rows, 4);
  ret_user->two_step_required = sp_statement_get_number (rows, 7) != 0;
  ret_user->paused_until = sp_statement_get_number (rows, 9);
  ret_user->has_verifier = length > 0;
  if (length > 0)
    memcpy (ret_user->verifier, verifier, length);
  read_groups (rows, ret_user);
  return TRUE;
}

gboolean
sp_user_store_find_by_login (SpUserStore *store,
                             const guint8 *login,
                             gsize login_length,
                             SpUserEntry *ret_user,
                             GError **error)
{
  sp_statement_set_bytes (store->statements[FIND_BY_LOGIN], 1, login, login_length);
  return read_user (store->statements[FIND_BY_LOGIN], ret_user, error);
}

gboolean
sp_user_store_find_by_id (SpUserStore *store,
                          const guint8 *user,
                          SpUserEntry *ret_user,
                          GError **error)
{
  sp_statement_set_bytes (store->statements[FIND_BY_ID], 1, user, SP_ID_SIZE);
  return read_user (store->statements[FIND_BY_ID], ret_user, error);
}

void
sp_user_entry_clear (SpUserEntry *user)
{
  sp_secret_wipe (user, sizeof *user);
}

SpBar
sp_user_entry_get_bar (const SpUserEntry *user, gint64 now)
{
  if (user->bar != SP_BAR_NONE)
    return user->bar;
  if (user->ends <= now)
    return SP_BAR_EXPIRED;
  return user->paused_until > now ? SP_BAR_PAUSED : SP_BAR_NONE;
}

gboolean
sp_user_store_note_place (
    SpUserStore *store, const guint8 *user, guint64 place, gint64 now, GError **error)
{
  SpStatement *note = store->statements[NOTE_PLACE];
  SpStatement *trim = store->statements[TRIM_PLACES];

  sp_statement_set_bytes (note, 1, user, SP_ID_SIZE);
  sp_statement_set_number (note, 2, (gint64) place);
  sp_statement_set_number (note, 3, now * G_USEC_PER_SEC);
  sp_statement_set_number (note, 4, SP_PLACE_INTERVAL * G_USEC_PER_SEC);
  if (!sp_statement_run (note, error))
    return FALSE;
  if (sp_statement_get_changes (note) == 0)
    return TRUE;
  sp_statement_set_bytes (trim, 1, user, SP_ID_SIZE);
  sp_statement_set_number (trim, 2, SP_PLACES_MAX);
  return sp_statement_run (trim, error);
}

gboolean
sp_user_store_tell_places (SpUserStore *store,
                           gint64 now,
                           guint most,
                           SpPlaceSeen seen,
                           gpointer user_data,
                           GError **error)
{
  g_autoptr (SpStatement) list = NULL;
  guint8 user[SP_ID_SIZE];
  SpRow row;

  sp_statement_set_number (store->statements[DROP_OLD_PLACES], 1,
                           (now - SP_PLACE_KEPT) * G_USEC_PER_SEC);
  if (!sp_statement_run (store->statements[DROP_OLD_PLACES], error))
    return FALSE;
  list = store->statements[LIST_PLACES];
  sp_statement_set_number (list, 1, most);
  while ((row = sp_statement_next (list, error)) == SP_ROW)
    if (sp_statement_copy_bytes (list, 0, user, sizeof user))
      seen (user_data, user, (guint64) sp_statement_get_number (list, 1));
  return row == SP_ROW_NONE;
}
