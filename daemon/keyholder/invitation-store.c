/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "invitation-store.h"

#include "base/error.h"

#include <string.h>

#define KEPT (SP_INVITATION_DAYS * G_GINT64_CONSTANT (86400) * G_USEC_PER_SEC)

/* As read_row() wants them. */
#define COLUMNS                                                                                    \
  "invitations.id, user, device, state, created, expires, opened, downloaded, connected, "         \
  "not_after, address, name, url, login, file, (SELECT fingerprint FROM certificates WHERE "       \
  "certificates.device = invitations.device ORDER BY issued DESC LIMIT 1), label"
#define ROWS      "SELECT " COLUMNS " FROM invitations JOIN users ON users.id = user "
#define ONE_BY_ID ROWS "WHERE invitations.id = ?1"

enum
{
  INSERT,
  COUNT_OPEN,
  FIND_OPEN,
  FIND_CLAIMED,
  FIND,
  CLAIM,
  NOTE_DOWNLOAD,
  NOTE_CONNECTION,
  REVOKE,
  EXPIRE,
  FORGET,
  LIST,
  NEXT_END,
  N_STATEMENTS
};

#define OVER "claim = NULL, file = NULL, ended = ?2"

static const SpStatementText texts[N_STATEMENTS] = {
  [INSERT] = { SP_DURABLE, "INSERT INTO invitations (id, user, token, name, url, created, expires, "
                           "label) SELECT ?1, id, ?3, ?4, ?5, ?6, ?7, ?8 FROM users "
                           "WHERE id = ?2" },
  [COUNT_OPEN] = { SP_SOON, "SELECT count (*) FROM invitations WHERE state <= 1" },
  [FIND_OPEN] = { SP_SOON, ROWS "WHERE token = ?1 AND state = 0 AND expires > ?2 "
                                "AND enabled AND ends > ?2" },
  [FIND_CLAIMED] = { SP_SOON, ROWS "WHERE claim = ?1 AND state = 1 AND expires > ?2 "
                                   "AND enabled AND ends > ?2 "
                                   "AND NOT EXISTS (SELECT 1 FROM devices "
                                   "WHERE devices.id = device AND revoked)" },
  [FIND] = { SP_SOON, ONE_BY_ID },
  [CLAIM] = { SP_DURABLE, "UPDATE invitations SET state = 1, claim = ?2, device = ?3, opened = ?4, "
                          "expires = ?5, not_after = ?6, address = ?7, file = ?8 "
                          "WHERE id = ?1 AND state = 0" },
  [NOTE_DOWNLOAD] = { SP_DURABLE, "UPDATE invitations SET downloaded = ?2, address = ?3 "
                                  "WHERE id = ?1 AND downloaded = 0" },
  [NOTE_CONNECTION] = { SP_DURABLE, "UPDATE invitations SET connected = ?2, address = ?3, "
                                    "state = CASE state WHEN 1 THEN 2 ELSE state END, "
                                    "claim = NULL, file = NULL, "
                                    "ended = CASE ended WHEN 0 THEN ?2 ELSE ended END "
                                    "WHERE device = ?1 AND connected = 0 RETURNING id" },
  [REVOKE] = { SP_DURABLE,
               "UPDATE invitations SET state = 3, " OVER " WHERE id = ?1 AND state <= 1" },
  [EXPIRE] = { SP_DURABLE, "UPDATE invitations SET "
                           "state = CASE WHEN downloaded > 0 THEN 2 ELSE 4 END, " OVER
                           " WHERE state <= 1 AND expires <= ?1 RETURNING id" },
  [FORGET] = { SP_SOON, "DELETE FROM invitations WHERE state > 1 AND ended <= ?1 RETURNING id" },
  [LIST] = { SP_SOON, ROWS "ORDER BY created" },
  [NEXT_END] = { SP_SOON, "SELECT min (CASE WHEN state <= 1 THEN expires ELSE ended + ?1 END) "
                          "FROM invitations" },
};

struct _SpInvitationStore
{
  SpStatement *statements[N_STATEMENTS];
};

SpInvitationStore *
sp_invitation_store_new (SpDatabase *database, GError **error)
{
  g_autoptr (SpInvitationStore) store = g_new0 (SpInvitationStore, 1);

  if (!sp_database_prepare (database, texts, N_STATEMENTS, store->statements, error))
    return NULL;
  return g_steal_pointer (&store);
}

void
sp_invitation_store_free (SpInvitationStore *store)
{
  g_free (store);
}

void
sp_token_hash (const guint8 *token, guint8 *ret_hash)
{
  GChecksum *checksum = g_checksum_new (G_CHECKSUM_SHA256);
  gsize size = SP_TOKEN_HASH_SIZE;

  g_checksum_update (checksum, token, SP_TOKEN_SIZE);
  g_checksum_get_digest (checksum, ret_hash, &size);
  g_checksum_free (checksum);
}

/* --- reading --- */

static gsize
copy_text (SpStatement *row, int column, void *text, gsize most)
{
  gsize size = 0;
  const guint8 *bytes = sp_statement_get_bytes (row, column, &size);

  size = MIN (size, most);
  if (size > 0)
    memcpy (text, bytes, size);
  return size;
}

static void
read_row (SpStatement *row, SpInvitationEntry *ret_entry)
{
  SpInvitationKnown *known = &ret_entry->known;

  memset (ret_entry, 0, sizeof *ret_entry);
  (void) sp_statement_copy_bytes (row, 0, known->invitation, SP_ID_SIZE);
  (void) sp_statement_copy_bytes (row, 1, known->user, SP_ID_SIZE);
  (void) sp_statement_copy_bytes (row, 2, known->device, SP_ID_SIZE);
  known->state = (guint8) sp_statement_get_number (row, 3);
  known->created = (guint64) sp_statement_get_number (row, 4);
  known->expires = (guint64) sp_statement_get_number (row, 5);
  known->opened = (guint64) sp_statement_get_number (row, 6);
  known->downloaded = (guint64) sp_statement_get_number (row, 7);
  known->connected = (guint64) sp_statement_get_number (row, 8);
  known->not_after = (guint64) sp_statement_get_number (row, 9);
  (void) sp_statement_copy_bytes (row, 10, known->address, SP_ADDRESS_SIZE);
  known->name_length = (guint16) copy_text (row, 11, known->name, sizeof known->name);
  (void) copy_text (row, 12, ret_entry->url, SP_URL_MAX);
  (void) copy_text (row, 13, ret_entry->login, SP_LOGIN_MAX);
  (void) sp_statement_copy_bytes (row, 15, known->fingerprint, SP_FINGERPRINT_SIZE);
  (void) sp_statement_copy_bytes (row, 16, known->label, SP_LABEL_LENGTH);
}

/* `ret_file` may be NULL. */
static gboolean
find (SpStatement *statement, SpInvitationEntry *ret_entry, GBytes **ret_file, GError **error)
{
  g_autoptr (SpStatement) row = statement;
  SpRow found = sp_statement_next (row, error);
  gsize size = 0;

  if (found == SP_ROW_NONE)
    g_set_error (error, SP_ERROR, SP_ERROR_NOT_FOUND, "there is no such invitation");
  if (found != SP_ROW)
    return FALSE;
  read_row (row, ret_entry);
  if (ret_file != NULL)
    {
      const guint8 *bytes = sp_statement_get_bytes (row, 14, &size);

      *ret_file = g_bytes_new (bytes, size);
    }
  return TRUE;
}

gboolean
sp_invitation_store_find_open (SpInvitationStore *store,
                               const guint8 *token_hash,
                               gint64 now,
                               SpInvitationEntry *ret_entry,
                               GError **error)
{
  sp_statement_set_bytes (store->statements[FIND_OPEN], 1, token_hash, SP_TOKEN_HASH_SIZE);
  sp_statement_set_number (store->statements[FIND_OPEN], 2, now);
  return find (store->statements[FIND_OPEN], ret_entry, NULL, error);
}

gboolean
sp_invitation_store_find_claimed (SpInvitationStore *store,
                                  const guint8 *claim_hash,
                                  gint64 now,
                                  SpInvitationEntry *ret_entry,
                                  GBytes **ret_file,
                                  GError **error)
{
  sp_statement_set_bytes (store->statements[FIND_CLAIMED], 1, claim_hash, SP_TOKEN_HASH_SIZE);
  sp_statement_set_number (store->statements[FIND_CLAIMED], 2, now);
  return find (store->statements[FIND_CLAIMED], ret_entry, ret_file, error);
}

gboolean
sp_invitation_store_find (SpInvitationStore *store,
                          const guint8 *id,
                          SpInvitationEntry *ret_entry,
                          GError **error)
{
  sp_statement_set_bytes (store->statements[FIND], 1, id, SP_ID_SIZE);
  return find (store->statements[FIND], ret_entry, NULL, error);
}

/* --- writing --- */

static gboolean
has_changed (SpStatement *statement, const char *missing, GError **error)
{
  if (!sp_statement_run (statement, error))
    return FALSE;
  if (sp_statement_get_changes (statement) > 0)
    return TRUE;
  g_set_error_literal (error, SP_ERROR, SP_ERROR_NOT_FOUND, missing);
  return FALSE;
}

static gboolean
check_room (SpInvitationStore *store, GError **error)
{
  g_autoptr (SpStatement) count = store->statements[COUNT_OPEN];

  if (sp_statement_next (count, error) != SP_ROW)
    return FALSE;
  if (sp_statement_get_number (count, 0) < SP_INVITATIONS_MAX)
    return TRUE;
  g_set_error (error, SP_ERROR, SP_ERROR_BUSY,
               "%d invitations are open, and there cannot be more; revoke some first",
               SP_INVITATIONS_MAX);
  return FALSE;
}

gboolean
sp_invitation_store_add (SpInvitationStore *store,
                         const SpInvitationKnown *known,
                         const char *url,
                         const guint8 *token_hash,
                         GError **error)
{
  SpStatement *insert = store->statements[INSERT];

  if (!check_room (store, error))
    return FALSE;
  sp_statement_set_bytes (insert, 1, known->invitation, SP_ID_SIZE);
  sp_statement_set_bytes (insert, 2, known->user, SP_ID_SIZE);
  sp_statement_set_bytes (insert, 3, token_hash, SP_TOKEN_HASH_SIZE);
  sp_statement_set_bytes (insert, 4, known->name, known->name_length);
  sp_statement_set_bytes (insert, 5, url, strlen (url));
  sp_statement_set_number (insert, 6, (gint64) known->created);
  sp_statement_set_number (insert, 7, (gint64) known->expires);
  sp_statement_set_bytes (insert, 8, known->label, SP_LABEL_LENGTH);
  return has_changed (insert, "there is no such user", error);
}

gboolean
sp_invitation_store_claim (SpInvitationStore *store,
                           const SpInvitationKnown *known,
                           const guint8 *claim_hash,
                           const guint8 *file,
                           gsize file_size,
                           GError **error)
{
  SpStatement *claim = store->statements[CLAIM];

  sp_statement_set_bytes (claim, 1, known->invitation, SP_ID_SIZE);
  sp_statement_set_bytes (claim, 2, claim_hash, SP_TOKEN_HASH_SIZE);
  sp_statement_set_bytes (claim, 3, known->device, SP_ID_SIZE);
  sp_statement_set_number (claim, 4, (gint64) known->opened);
  sp_statement_set_number (claim, 5, (gint64) known->expires);
  sp_statement_set_number (claim, 6, (gint64) known->not_after);
  sp_statement_set_bytes (claim, 7, known->address, SP_ADDRESS_SIZE);
  sp_statement_set_bytes (claim, 8, file, file_size);
  return has_changed (claim, "somebody was faster", error);
}

gboolean
sp_invitation_store_note_download (
    SpInvitationStore *store, const guint8 *id, const guint8 *address, gint64 now, GError **error)
{
  SpStatement *note = store->statements[NOTE_DOWNLOAD];

  sp_statement_set_bytes (note, 1, id, SP_ID_SIZE);
  sp_statement_set_number (note, 2, now);
  sp_statement_set_bytes (note, 3, address, SP_ADDRESS_SIZE);
  return sp_statement_run (note, error);
}

/* Runs what returns ids; they are told when all is stored, by `tell`. */
static GByteArray *
collect_ids (SpStatement *statement, GError **error)
{
  g_autoptr (GByteArray) ids = g_byte_array_new ();
  guint8 id[SP_ID_SIZE];
  SpRow row;

  while ((row = sp_statement_next (statement, error)) == SP_ROW)
    if (sp_statement_copy_bytes (statement, 0, id, sizeof id))
      g_byte_array_append (ids, id, sizeof id);
  sp_statement_reset (statement);
  return row == SP_ROW_FAILED ? NULL : g_steal_pointer (&ids);
}

static gboolean
change_and_tell (SpInvitationStore *store,
                 SpStatement *statement,
                 SpInvitationTold told,
                 gpointer user_data,
                 GError **error)
{
  g_autoptr (GByteArray) ids = collect_ids (statement, error);
  SpInvitationEntry entry;

  for (guint i = 0; ids != NULL && i < ids->len; i += SP_ID_SIZE)
    {
      if (!sp_invitation_store_find (store, ids->data + i, &entry, error))
        return FALSE;
      told (user_data, &entry.known);
    }
  return ids != NULL;
}

gboolean
sp_invitation_store_note_connection (SpInvitationStore *store,
                                     const guint8 *device,
                                     const guint8 *address,
                                     gint64 now,
                                     SpInvitationTold told,
                                     gpointer user_data,
                                     GError **error)
{
  SpStatement *note = store->statements[NOTE_CONNECTION];

  sp_statement_set_bytes (note, 1, device, SP_ID_SIZE);
  sp_statement_set_number (note, 2, now);
  sp_statement_set_bytes (note, 3, address, SP_ADDRESS_SIZE);
  return change_and_tell (store, note, told, user_data, error);
}

gboolean
sp_invitation_store_revoke (SpInvitationStore *store, const guint8 *id, gint64 now, GError **error)
{
  sp_statement_set_bytes (store->statements[REVOKE], 1, id, SP_ID_SIZE);
  sp_statement_set_number (store->statements[REVOKE], 2, now);
  return has_changed (store->statements[REVOKE], "the invitation is over already", error);
}

gboolean
sp_invitation_store_expire (
    SpInvitationStore *store, gint64 now, SpInvitationTold told, gpointer user_data, GError **error)
{
  sp_statement_set_number (store->statements[EXPIRE], 1, now);
  sp_statement_set_number (store->statements[EXPIRE], 2, now);
  return change_and_tell (store, store->statements[EXPIRE], told, user_data, error);
}

gboolean
sp_invitation_store_forget (
    SpInvitationStore *store, gint64 now, SpInvitationTold told, gpointer user_data, GError **error)
{
  g_autoptr (GByteArray) ids = NULL;

  sp_statement_set_number (store->statements[FORGET], 1, now - KEPT);
  ids = collect_ids (store->statements[FORGET], error);
  for (guint i = 0; ids != NULL && i < ids->len; i += SP_ID_SIZE)
    {
      SpInvitationKnown known = { 0 };

      memcpy (known.invitation, ids->data + i, SP_ID_SIZE);
      told (user_data, &known);
    }
  return ids != NULL;
}

gboolean
sp_invitation_store_tell_all (SpInvitationStore *store,
                              SpInvitationTold told,
                              gpointer user_data,
                              GError **error)
{
  g_autoptr (SpStatement) list = store->statements[LIST];
  SpInvitationEntry entry;
  SpRow row;

  while ((row = sp_statement_next (list, error)) == SP_ROW)
    {
      read_row (list, &entry);
      told (user_data, &entry.known);
    }
  return row == SP_ROW_NONE;
}

gint64
sp_invitation_store_get_next_end (SpInvitationStore *store)
{
  g_autoptr (SpStatement) rows = store->statements[NEXT_END];

  sp_statement_set_number (rows, 1, KEPT);
  if (sp_statement_next (rows, NULL) != SP_ROW || sp_statement_is_null (rows, 0))
    return G_MAXINT64;
  return sp_statement_get_number (rows, 0);
}
