/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* The keyholder's only file.  SQLite with a write-ahead log, locked for this process as long as it
 * is open, mode 0600.  Used by the thread of the main loop alone. */

typedef struct _SpDatabase SpDatabase;

typedef enum
{
  SP_DURABLE,         /* on the disk when the call returns: what is acknowledged */
  SP_WITHIN_A_SECOND, /* outlives this process when the call returns, and is on the disk a second
                         later: what somebody waits for, and who does without it after a loss of
                         power loses nothing that cannot be had again */
  SP_SOON,            /* outlives this process at once, the machine with the next durable change */
  SP_LATER            /* outlives this process in a second, or with the next change that is not of
                         its kind: what happens often, and can be made good when it is lost */
} SpDurability;

typedef struct _SpStatement SpStatement;

typedef struct
{
  SpDurability durability;
  const char *sql;
} SpStatementText;

typedef enum
{
  SP_ROW,
  SP_ROW_NONE, /* no more */
  SP_ROW_FAILED
} SpRow;

/* Makes the file if there is none and brings its tables up to date.  Errors: SP_ERROR_BUSY (another
 * process has it open), SP_ERROR_NOT_SUPPORTED (made by a newer version), SP_ERROR_FAILED. */
SpDatabase *sp_database_open (const char *file, GError **error);
void sp_database_close (SpDatabase *database);
/* Moves what the log has into the database itself, so that a damaged log loses nothing old.  When
 * that fails nothing is lost. */
gboolean sp_database_fold (SpDatabase *database, GError **error);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (SpDatabase, sp_database_close)

/* Writes a consistent copy into another file, which must not be there, and leaves out of it what no
 * other time or machine shall have: cookies.  It is private and has no log beside it. */
gboolean sp_database_copy (SpDatabase *database, const char *file, GError **error);
/* Reads all of it.  Errors: SP_ERROR_FAILED if its structure is damaged. */
gboolean sp_database_check (SpDatabase *database, GError **error);

/* Prepares statements that live as long as the database. */
gboolean sp_database_prepare (SpDatabase *database,
                              const SpStatementText *texts,
                              guint n_texts,
                              SpStatement **ret_statements,
                              GError **error);

/* A change of several statements, all as durable as is said here (never SP_LATER).  What was not
 * committed when the scope ends is undone. */
typedef struct _SpDatabase SpTransaction;
SpTransaction *sp_transaction_begin (SpDatabase *database, SpDurability durability, GError **error);
/* Takes *transaction and sets it to NULL. */
gboolean sp_transaction_commit (SpTransaction **transaction, GError **error);
void sp_transaction_undo (SpTransaction *transaction);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (SpTransaction, sp_transaction_undo)

/* Parameters count from 1, columns from 0.  Bytes and texts are lent until the statement is
 * reset. */
void sp_statement_set_bytes (SpStatement *statement, int parameter, gconstpointer bytes, gsize n);
void sp_statement_set_text (SpStatement *statement, int parameter, const char *text);
void sp_statement_set_number (SpStatement *statement, int parameter, gint64 number);

/* Runs a statement that yields no rows, and resets it. */
gboolean sp_statement_run (SpStatement *statement, GError **error);
/* How many rows the last run changed. */
guint sp_statement_get_changes (SpStatement *statement);

SpRow sp_statement_next (SpStatement *statement, GError **error);
gboolean sp_statement_is_null (SpStatement *statement, int column);
gint64 sp_statement_get_number (SpStatement *statement, int column);
/* Valid until the next call on the statement. */
const guint8 *sp_statement_get_bytes (SpStatement *statement, int column, gsize *ret_size);
/* FALSE unless the column holds exactly `size` bytes. */
gboolean sp_statement_copy_bytes (SpStatement *statement, int column, gpointer copy, gsize size);

/* Ends a use: parameters are unset, rows are gone.  The statement itself is the database's. */
void sp_statement_reset (SpStatement *statement);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (SpStatement, sp_statement_reset)

G_END_DECLS
