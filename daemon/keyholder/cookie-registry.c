/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cookie-registry.h"

#include "base/error.h"
#include "base/io.h"
#include "base/secret.h"

#include <string.h>

#define HASH_SIZE 32 /* SHA-256 */

enum
{
  INSERT,
  NOTE_FIRST,
  COUNT_ALL,
  COUNT_UNUSED,
  FIRST_OF_USER,
  FIRST_OF_ALL,
  FIND,
  PROLONG,
  HOLD,
  RELEASE,
  BLOCK,
  FORGET,
  FORGET_USER,
  FORGET_DEVICE,
  FORGET_GROUPS,
  EXPIRE,
  EXPIRE_USERS,
  DROP_BARRED,
  DROP_PAUSED,
  DROP_REVOKED,
  RELEASE_HELD,
  SHORTEN,
  LIST,
  NEXT_END,
  NEXT_USER_END,
  N_STATEMENTS
};

static const SpStatementText texts[N_STATEMENTS] = {
  [INSERT] = { SP_WITHIN_A_SECOND,
               "INSERT INTO cookies (hash, session, user, expires, signed_in, address, device, "
               "group_name) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)" },
  [NOTE_FIRST] = { SP_WITHIN_A_SECOND, "UPDATE users SET first_login = ?2 WHERE id = ?1 "
                                       "AND first_login = 0" },
  [COUNT_ALL] = { SP_SOON, "SELECT count (*) FROM cookies" },
  [COUNT_UNUSED] = { SP_SOON, "SELECT count (*) FROM cookies "
                              "WHERE user = ?1 AND expires IS NOT NULL" },
  [FIRST_OF_USER] = { SP_SOON, "SELECT session FROM cookies WHERE user = ?1 "
                               "AND expires IS NOT NULL ORDER BY expires LIMIT 1" },
  [FIRST_OF_ALL] = { SP_SOON, "SELECT session FROM cookies "
                              "WHERE expires IS NOT NULL ORDER BY expires LIMIT 1" },
  [FIND] = { SP_SOON, "SELECT session, user, blocked, signed_in, address, device, group_name, "
                      "expires < ?2 + ?3 FROM cookies "
                      "JOIN users ON id = user "
                      "WHERE hash = ?1 AND (expires IS NULL OR expires > ?2) "
                      "AND (blocked OR (enabled AND ends > ?2 AND paused_until <= ?2 "
                      "AND NOT EXISTS (SELECT 1 FROM devices WHERE devices.id = device "
                      "AND (revoked OR blocked_until > ?2))))" },
  [PROLONG] = { SP_SOON, "UPDATE cookies SET expires = ?2 WHERE session = ?1 AND expires < ?2" },
  [HOLD] = { SP_LATER, "UPDATE cookies SET expires = NULL WHERE session = ?1" },
  [RELEASE] = { SP_LATER, "UPDATE cookies SET expires = ?2 WHERE session = ?1" },
  [BLOCK] = { SP_DURABLE, "UPDATE cookies SET blocked = ?2 WHERE session = ?1" },
  [FORGET] = { SP_DURABLE, "DELETE FROM cookies WHERE session = ?1" },
  [FORGET_USER] = { SP_DURABLE, "DELETE FROM cookies WHERE user = ?1 RETURNING session" },
  [FORGET_DEVICE] = { SP_DURABLE, "DELETE FROM cookies WHERE device = ?1 RETURNING session" },
  [FORGET_GROUPS] = { SP_DURABLE,
                      "DELETE FROM cookies WHERE user = ?1 AND length (group_name) > 0 AND "
                      "instr (x'0a' || ?2, x'0a' || group_name || x'0a') = 0 RETURNING session" },
  [EXPIRE] = { SP_SOON, "DELETE FROM cookies WHERE expires <= ?1 RETURNING session" },
  [EXPIRE_USERS] = { SP_SOON, "DELETE FROM cookies WHERE user IN "
                              "(SELECT id FROM users WHERE ends <= ?1) RETURNING session" },
  [DROP_BARRED] = { SP_SOON, "DELETE FROM cookies WHERE user IN "
                             "(SELECT id FROM users WHERE bar = ?1) RETURNING session" },
  [DROP_PAUSED] = { SP_SOON, "DELETE FROM cookies WHERE user IN "
                             "(SELECT id FROM users WHERE paused_until > ?1) RETURNING session" },
  [DROP_REVOKED] = { SP_SOON, "DELETE FROM cookies WHERE device IN (SELECT id FROM devices "
                              "WHERE revoked OR blocked_until > ?1) RETURNING session" },
  [RELEASE_HELD] = { SP_SOON, "UPDATE cookies SET expires = ?1 WHERE expires IS NULL" },
  [SHORTEN] = { SP_SOON, "UPDATE cookies SET expires = ?1 WHERE expires > ?1" },
  [LIST] = { SP_SOON, "SELECT session, user, expires FROM cookies" },
  [NEXT_END] = { SP_SOON, "SELECT min (expires) FROM cookies WHERE expires IS NOT NULL" },
  [NEXT_USER_END] = { SP_SOON, "SELECT ends FROM users WHERE ends < 9223372036854775807 AND "
                               "id IN (SELECT user FROM cookies) ORDER BY ends LIMIT 1" },
};

struct _SpCookieRegistry
{
  SpDatabase *database;
  SpStatement *statements[N_STATEMENTS];
  gint64 unused_time; /* microseconds, without the slack */
  SpCookieGone gone;
  gpointer user_data;
};

SpCookieRegistry *
sp_cookie_registry_new (
    SpDatabase *database, guint32 seconds, SpCookieGone gone, gpointer user_data, GError **error)
{
  g_autoptr (SpCookieRegistry) registry = g_new0 (SpCookieRegistry, 1);

  if (!sp_database_prepare (database, texts, N_STATEMENTS, registry->statements, error))
    return NULL;
  registry->database = database;
  registry->unused_time = (gint64) seconds * G_USEC_PER_SEC;
  registry->gone = gone;
  registry->user_data = user_data;
  return g_steal_pointer (&registry);
}

void
sp_cookie_registry_free (SpCookieRegistry *registry)
{
  g_free (registry);
}

void
sp_cookie_registry_set_unused_seconds (SpCookieRegistry *registry, guint32 seconds)
{
  registry->unused_time = (gint64) seconds * G_USEC_PER_SEC;
}

static void
hash_cookie (const guint8 *cookie, guint8 *ret_hash)
{
  GChecksum *checksum = g_checksum_new (G_CHECKSUM_SHA256);
  gsize size = HASH_SIZE;

  g_checksum_update (checksum, cookie, SP_COOKIE_SIZE);
  g_checksum_get_digest (checksum, ret_hash, &size);
  g_checksum_free (checksum);
}

/* Runs a deletion that returns sessions.  They are told when all are deleted and stored, not
 * before. */
static gboolean
delete_and_tell (SpCookieRegistry *registry, SpStatement *statement, SpBar bar, GError **error)
{
  g_autoptr (GByteArray) sessions = g_byte_array_new ();
  guint8 session[SP_ID_SIZE];
  SpRow row;

  while ((row = sp_statement_next (statement, error)) == SP_ROW)
    if (sp_statement_copy_bytes (statement, 0, session, sizeof session))
      g_byte_array_append (sessions, session, sizeof session);
  sp_statement_reset (statement);
  if (row == SP_ROW_FAILED)
    return FALSE;
  for (guint i = 0; i < sessions->len; i += SP_ID_SIZE)
    registry->gone (registry->user_data, sessions->data + i, bar);
  return TRUE;
}

static gboolean
run_with_time (SpCookieRegistry *registry, guint which, gint64 time, GError **error)
{
  sp_statement_set_number (registry->statements[which], 1, time);
  return sp_statement_run (registry->statements[which], error);
}

static gboolean
tell_known (SpCookieRegistry *registry, SpCookieKnown known, GError **error)
{
  g_autoptr (SpStatement) list = registry->statements[LIST];
  guint8 session[SP_ID_SIZE];
  guint8 user[SP_ID_SIZE];
  SpRow row;

  while ((row = sp_statement_next (list, error)) == SP_ROW)
    if (sp_statement_copy_bytes (list, 0, session, sizeof session) &&
        sp_statement_copy_bytes (list, 1, user, sizeof user))
      known (registry->user_data, session, user, sp_statement_get_number (list, 2));
  return row == SP_ROW_NONE;
}

static gboolean
drop_barred (SpCookieRegistry *registry, gint64 now, GError **error)
{
  for (SpBar bar = SP_BAR_NONE + 1; bar <= SP_BAR_LAST; bar++)
    {
      sp_statement_set_number (registry->statements[DROP_BARRED], 1, bar);
      if (!delete_and_tell (registry, registry->statements[DROP_BARRED], bar, error))
        return FALSE;
    }
  sp_statement_set_number (registry->statements[DROP_PAUSED], 1, now);
  sp_statement_set_number (registry->statements[DROP_REVOKED], 1, now);
  return delete_and_tell (registry, registry->statements[DROP_PAUSED], SP_BAR_PAUSED, error) &&
         delete_and_tell (registry, registry->statements[DROP_REVOKED], SP_BAR_NONE, error);
}

gboolean
sp_cookie_registry_restore (SpCookieRegistry *registry,
                            gint64 now,
                            SpCookieKnown known,
                            GError **error)
{
  gint64 longest = now + registry->unused_time + SP_COOKIE_SLACK;

  /* shortened: a clock that was once wrong must not leave cookies for years */
  return sp_cookie_registry_expire (registry, now, error) && drop_barred (registry, now, error) &&
         run_with_time (registry, RELEASE_HELD, now + registry->unused_time, error) &&
         run_with_time (registry, SHORTEN, longest, error) && tell_known (registry, known, error);
}

static gboolean
count (SpStatement *statement, guint *ret_count, GError **error)
{
  g_autoptr (SpStatement) rows = statement;

  if (sp_statement_next (rows, error) != SP_ROW)
    return FALSE;
  *ret_count = (guint) sp_statement_get_number (rows, 0);
  return TRUE;
}

/* Whose place a new cookie takes: one of its user, or of anybody when all places are taken. */
static gboolean
choose_victim (SpCookieRegistry *registry,
               const guint8 *user,
               gboolean *ret_found,
               guint8 *ret_session,
               GError **error)
{
  SpStatement **statements = registry->statements;
  g_autoptr (SpStatement) first = NULL;
  guint all;
  guint unused;
  SpRow row;

  *ret_found = FALSE;
  sp_statement_set_bytes (statements[COUNT_UNUSED], 1, user, SP_ID_SIZE);
  if (!count (statements[COUNT_UNUSED], &unused, error) ||
      !count (statements[COUNT_ALL], &all, error))
    return FALSE;
  if (unused < SP_COOKIES_UNUSED_MAX && all < SP_COOKIES_MAX)
    return TRUE;
  first = statements[unused < SP_COOKIES_UNUSED_MAX ? FIRST_OF_ALL : FIRST_OF_USER];
  if (unused >= SP_COOKIES_UNUSED_MAX)
    sp_statement_set_bytes (first, 1, user, SP_ID_SIZE);
  row = sp_statement_next (first, error);
  if (row == SP_ROW_NONE)
    g_set_error (error, SP_ERROR, SP_ERROR_BUSY, "all %d cookies are in use", SP_COOKIES_MAX);
  *ret_found = row == SP_ROW && sp_statement_copy_bytes (first, 0, ret_session, SP_ID_SIZE);
  return row == SP_ROW;
}

static gboolean
insert (SpCookieRegistry *registry,
        const SpCookieOwner *owner,
        gint64 expires,
        const guint8 *cookie,
        GError **error)
{
  SpStatement *statement = registry->statements[INSERT];
  guint8 hash[HASH_SIZE];

  hash_cookie (cookie, hash);
  sp_statement_set_bytes (statement, 1, hash, sizeof hash);
  sp_statement_set_bytes (statement, 2, owner->session, SP_ID_SIZE);
  sp_statement_set_bytes (statement, 3, owner->user, SP_ID_SIZE);
  sp_statement_set_number (statement, 4, expires);
  sp_statement_set_number (statement, 5, owner->signed_in);
  sp_statement_set_bytes (statement, 6, owner->address, SP_ADDRESS_SIZE);
  sp_statement_set_bytes (statement, 7, owner->device, SP_ID_SIZE);
  sp_statement_set_bytes (statement, 8, owner->group, owner->group_length);
  return sp_statement_run (statement, error);
}

static gboolean
note_first (
    SpCookieRegistry *registry, const guint8 *user, gint64 now, gboolean *ret_first, GError **error)
{
  SpStatement *note = registry->statements[NOTE_FIRST];

  sp_statement_set_bytes (note, 1, user, SP_ID_SIZE);
  sp_statement_set_number (note, 2, now);
  if (!sp_statement_run (note, error))
    return FALSE;
  *ret_first = sp_statement_get_changes (note) > 0;
  return TRUE;
}

gboolean
sp_cookie_registry_issue (SpCookieRegistry *registry,
                          SpCookieOwner *owner,
                          gint64 now,
                          guint8 *ret_cookie,
                          gboolean *ret_first,
                          GError **error)
{
  g_autoptr (SpTransaction) transaction =
      sp_transaction_begin (registry->database, SP_WITHIN_A_SECOND, error);
  gint64 expires = now + registry->unused_time + SP_COOKIE_SLACK;
  guint8 victim[SP_ID_SIZE];
  gboolean found;

  if (transaction == NULL || !choose_victim (registry, owner->user, &found, victim, error) ||
      (found && !sp_cookie_registry_forget (registry, victim, error)))
    return FALSE;
  sp_random_bytes (ret_cookie, SP_COOKIE_SIZE);
  sp_random_bytes (owner->session, SP_ID_SIZE);
  owner->signed_in = now;
  if (!insert (registry, owner, expires, ret_cookie, error) ||
      !note_first (registry, owner->user, now, ret_first, error) ||
      !sp_transaction_commit (&transaction, error))
    {
      sp_secret_wipe (ret_cookie, SP_COOKIE_SIZE);
      return FALSE;
    }
  if (found)
    registry->gone (registry->user_data, victim, SP_BAR_NONE);
  return TRUE;
}

static void
read_group (SpStatement *rows, int column, SpCookieOwner *ret_owner)
{
  gsize length;
  const guint8 *group = sp_statement_get_bytes (rows, column, &length);

  ret_owner->group_length = (guint16) MIN (length, sizeof ret_owner->group);
  if (length > 0)
    memcpy (ret_owner->group, group, ret_owner->group_length);
}

/* `ret_ends_soon`: within the slack. */
static SpCookieState
find (SpCookieRegistry *registry,
      const guint8 *cookie,
      gint64 now,
      SpCookieOwner *ret_owner,
      gboolean *ret_ends_soon,
      GError **error)
{
  g_autoptr (SpStatement) rows = registry->statements[FIND];
  guint8 hash[HASH_SIZE];

  *ret_ends_soon = FALSE;
  hash_cookie (cookie, hash);
  sp_statement_set_bytes (rows, 1, hash, sizeof hash);
  sp_statement_set_number (rows, 2, now);
  sp_statement_set_number (rows, 3, SP_COOKIE_SLACK);
  switch (sp_statement_next (rows, error))
    {
      case SP_ROW_FAILED:
        return SP_COOKIE_FAILED;
      case SP_ROW_NONE:
        return SP_COOKIE_UNKNOWN;
      case SP_ROW:
        break;
    }
  if (!sp_statement_copy_bytes (rows, 0, ret_owner->session, SP_ID_SIZE) ||
      !sp_statement_copy_bytes (rows, 1, ret_owner->user, SP_ID_SIZE) ||
      !sp_statement_copy_bytes (rows, 4, ret_owner->address, SP_ADDRESS_SIZE) ||
      !sp_statement_copy_bytes (rows, 5, ret_owner->device, SP_ID_SIZE))
    return SP_COOKIE_UNKNOWN;
  ret_owner->signed_in = sp_statement_get_number (rows, 3);
  read_group (rows, 6, ret_owner);
  *ret_ends_soon = sp_statement_get_number (rows, 7) != 0; /* NULL, a held one, is 0 */
  return sp_statement_get_number (rows, 2) != 0 ? SP_COOKIE_BLOCKED : SP_COOKIE_GOOD;
}

SpCookieState
sp_cookie_registry_redeem (SpCookieRegistry *registry,
                           const guint8 *cookie,
                           gint64 now,
                           SpCookieOwner *ret_owner,
                           GError **error)
{
  SpStatement *prolong = registry->statements[PROLONG];
  gboolean ends_soon;
  SpCookieState state = find (registry, cookie, now, ret_owner, &ends_soon, error);

  if (state != SP_COOKIE_GOOD || !ends_soon)
    return state;
  sp_statement_set_bytes (prolong, 1, ret_owner->session, SP_ID_SIZE);
  sp_statement_set_number (prolong, 2, now + SP_COOKIE_SLACK);
  return sp_statement_run (prolong, error) ? SP_COOKIE_GOOD : SP_COOKIE_FAILED;
}

static gboolean
run_on_session (SpCookieRegistry *registry, guint which, const guint8 *session, GError **error)
{
  sp_statement_set_bytes (registry->statements[which], 1, session, SP_ID_SIZE);
  return sp_statement_run (registry->statements[which], error);
}

gboolean
sp_cookie_registry_hold (SpCookieRegistry *registry, const guint8 *session, GError **error)
{
  return run_on_session (registry, HOLD, session, error);
}

gboolean
sp_cookie_registry_release (
    SpCookieRegistry *registry, const guint8 *session, guint32 seconds, gint64 now, GError **error)
{
  sp_statement_set_number (registry->statements[RELEASE], 2,
                           now + (gint64) seconds * G_USEC_PER_SEC);
  return run_on_session (registry, RELEASE, session, error);
}

gboolean
sp_cookie_registry_block (SpCookieRegistry *registry,
                          const guint8 *session,
                          gboolean on,
                          GError **error)
{
  sp_statement_set_number (registry->statements[BLOCK], 2, on ? 1 : 0);
  return run_on_session (registry, BLOCK, session, error);
}

gboolean
sp_cookie_registry_forget (SpCookieRegistry *registry, const guint8 *session, GError **error)
{
  return run_on_session (registry, FORGET, session, error);
}

SpCookieState
sp_cookie_registry_give_up (SpCookieRegistry *registry,
                            const guint8 *cookie,
                            gint64 now,
                            guint8 *ret_session,
                            GError **error)
{
  SpCookieOwner owner;
  gboolean ends_soon;
  SpCookieState state = find (registry, cookie, now, &owner, &ends_soon, error);

  if (state == SP_COOKIE_GOOD || state == SP_COOKIE_BLOCKED)
    memcpy (ret_session, owner.session, SP_ID_SIZE);
  if ((state == SP_COOKIE_GOOD || state == SP_COOKIE_BLOCKED) &&
      !sp_cookie_registry_forget (registry, ret_session, error))
    return SP_COOKIE_FAILED;
  return state;
}

gboolean
sp_cookie_registry_forget_user (SpCookieRegistry *registry,
                                const guint8 *user,
                                SpBar bar,
                                GError **error)
{
  sp_statement_set_bytes (registry->statements[FORGET_USER], 1, user, SP_ID_SIZE);
  return delete_and_tell (registry, registry->statements[FORGET_USER], bar, error);
}

gboolean
sp_cookie_registry_forget_device (SpCookieRegistry *registry, const guint8 *device, GError **error)
{
  sp_statement_set_bytes (registry->statements[FORGET_DEVICE], 1, device, SP_ID_SIZE);
  return delete_and_tell (registry, registry->statements[FORGET_DEVICE], SP_BAR_NONE, error);
}

gboolean
sp_cookie_registry_forget_groups (SpCookieRegistry *registry,
                                  const guint8 *user,
                                  const guint8 *groups,
                                  gsize length,
                                  GError **error)
{
  SpStatement *statement = registry->statements[FORGET_GROUPS];

  sp_statement_set_bytes (statement, 1, user, SP_ID_SIZE);
  sp_statement_set_bytes (statement, 2, groups, length);
  return delete_and_tell (registry, statement, SP_BAR_GROUP, error);
}

gboolean
sp_cookie_registry_expire (SpCookieRegistry *registry, gint64 now, GError **error)
{
  sp_statement_set_number (registry->statements[EXPIRE], 1, now);
  sp_statement_set_number (registry->statements[EXPIRE_USERS], 1, now);
  return delete_and_tell (registry, registry->statements[EXPIRE_USERS], SP_BAR_EXPIRED, error) &&
         delete_and_tell (registry, registry->statements[EXPIRE], SP_BAR_NONE, error);
}

static gint64
read_end (SpStatement *statement)
{
  g_autoptr (SpStatement) rows = statement;

  if (sp_statement_next (rows, NULL) != SP_ROW || sp_statement_is_null (rows, 0))
    return G_MAXINT64;
  return sp_statement_get_number (rows, 0);
}

gint64
sp_cookie_registry_get_next_end (SpCookieRegistry *registry)
{
  return MIN (read_end (registry->statements[NEXT_END]),
              read_end (registry->statements[NEXT_USER_END]));
}
