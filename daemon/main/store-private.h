/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "store.h"

#include <sqlite3.h>

G_BEGIN_DECLS

/* For the files that the store consists of. */

struct _SpStore
{
  sqlite3 *database;
  char *trouble;    /* of a stand-in: why it is one; otherwise NULL */
  GHashTable *kept; /* constant text → its statement */
  gboolean is_soon; /* as SQLite was told: what is written is not on the disk yet when it is done */
  gboolean within_soon; /* between sp_store_begin_soon() and its end */
};

G_DEFINE_AUTOPTR_CLEANUP_FUNC (sqlite3_stmt, sqlite3_finalize)

/* Sets what the database says went wrong, and returns FALSE. */
gboolean sp_store_fail (SpStore *store, GError **error);
/* NULL on failure. */
sqlite3_stmt *sp_store_prepare (SpStore *store, const char *sql, GError **error);
/* Likewise, of a text that comes again and again: prepared once, lent, and ready for the next time
 * when it is released.  The text is a constant, and is known by its address. */
typedef sqlite3_stmt SpKeptStatement;
SpKeptStatement *sp_store_keep (SpStore *store, const char *sql, GError **error);
void sp_kept_statement_release (SpKeptStatement *statement);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (SpKeptStatement, sp_kept_statement_release)
/* A statement without rows. */
gboolean sp_store_run (SpStore *store, sqlite3_stmt *statement, GError **error);
/* Text of one or more statements without rows. */
gboolean sp_store_execute (SpStore *store, const char *sql, GError **error);
/* One whose only parameter is an id. */
gboolean sp_store_run_on_id (SpStore *store, const char *sql, const guint8 *id, GError **error);
/* Zeros, if the column has another size. */
void sp_store_read_blob (sqlite3_stmt *statement, int column, guint8 *memory, gsize size);

/* store-user.c: how a value lies in a column.  What is returned is floating. */
GVariant *sp_store_read_value (const SpBusKey *key, sqlite3_stmt *statement, int column);
void sp_store_bind_value (sqlite3_stmt *statement, int parameter, GVariant *value);

/* store-history.c: what went on when the program died is over since it was last seen. */
gboolean sp_store_bury_history (SpStore *store, GError **error);

G_END_DECLS
