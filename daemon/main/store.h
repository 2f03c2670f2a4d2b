/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "base/endpoint.h"
#include "group.h"
#include "user.h"

#include <glib.h>

G_BEGIN_DECLS

/* Main's SQLite database: users, the addresses that belong to sessions, their history
 * (store-history.h), and a few remembered values. Write-ahead log, synchronous=FULL: what a
 * function acknowledged survives any crash. */
typedef struct _SpStore SpStore;

typedef struct
{
  guint8 id[SP_ID_SIZE];
  guint8 user[SP_ID_SIZE];
  guint8 ipv4[SP_ADDRESS_SIZE];
  guint8 ipv6[SP_ADDRESS_SIZE]; /* unset when the session has none */
  gint64 created;               /* µs since the epoch: when its person signed in */
  guint64 rx_bytes;             /* what the session carried so far, inner bytes */
  guint64 tx_bytes;
} SpSessionRecord;

typedef struct
{
  guint8 id[SP_ID_SIZE];
  SpNetwork network;
  char *reason;
  gint64 created; /* µs since the epoch */
  gint64 until;   /* likewise; 0: no end */
  gboolean by_owner;
} SpBanRecord;

void sp_ban_record_free (SpBanRecord *record);

/* `folder` exists.  A database of a newer version is refused. */
SpStore *sp_store_open (const char *folder, GError **error);
/* An empty one in memory that refuses every change with this text, for when the true one cannot be
 * opened: who asks is told why, and nothing is written over what may still be mended. */
SpStore *sp_store_new_stand_in (const char *trouble, GError **error);
void sp_store_free (SpStore *store);

/* The version of the tables, and so of databases that this program can read. */
guint sp_store_get_schema (void);

/* Reads all of it.  Errors: SP_ERROR_FAILED if its structure is damaged. */
gboolean sp_store_check (SpStore *store, GError **error);

/* A consistent copy of the database in `folder`, without what no other time or machine shall have:
 * sessions, and whether the server is wanted on.  Has a connection of its own, so that it may run
 * in another thread while main works.  Returns a descriptor of a file without a name, -1 on
 * failure. */
int sp_store_copy (const char *folder, GError **error);

/* What is written between the two is acknowledged by the second, and costs one flush. */
gboolean sp_store_begin (SpStore *store, GError **error);
/* Without a flush: it survives the end of this program, whatever that is, and is lost when the
 * power fails before the next one. */
gboolean sp_store_begin_soon (SpStore *store, GError **error);
gboolean sp_store_end (SpStore *store, GError **error);

/* Around statements that belong together, also within sp_store_begin(): all of them or none. */
gboolean sp_store_enter (SpStore *store, GError **error);
/* `done`: whether they went well; otherwise `error` is set already and they are taken back. */
gboolean sp_store_leave (SpStore *store, gboolean done, GError **error);

/* Users, in the order in which they were made; free with g_ptr_array_unref.  Values that this
 * version does not know stay in the database, those that it would refuse are the default. */
GPtrArray *sp_store_list_users (SpStore *store, GError **error);
/* With all values, or nothing. */
gboolean sp_store_put_user (SpStore *store, const SpUserRecord *record, GError **error);
/* Says nothing of a first login, but for a new user. */
gboolean sp_store_set_first_login (SpStore *store, const guint8 *id, gint64 at, GError **error);
gboolean sp_store_remove_user (SpStore *store, const guint8 *id, GError **error);

/* FALSE without an error when there is no such session. */
gboolean sp_store_find_session (SpStore *store,
                                const guint8 *id,
                                SpSessionRecord *ret_record,
                                GError **error);
gboolean sp_store_put_session (SpStore *store, const SpSessionRecord *record, GError **error);
gboolean sp_store_remove_session (SpStore *store, const guint8 *id, GError **error);

/* Whether the owner wants the server on, as a named value. */
#define SP_STORE_WANTED_ON "wanted-on"
gboolean sp_store_set_wanted (SpStore *store, gboolean wanted, GError **error);

/* Bans, in the order in which they were made; free with g_ptr_array_unref. */
GPtrArray *sp_store_list_bans (SpStore *store, GError **error);
gboolean sp_store_put_ban (SpStore *store, const SpBanRecord *record, GError **error);
gboolean sp_store_remove_ban (SpStore *store, const guint8 *id, GError **error);

/* Groups, likewise; one with its values, or nothing. */
GPtrArray *sp_store_list_groups (SpStore *store, GError **error);
gboolean sp_store_put_group (SpStore *store, const SpGroupRecord *record, GError **error);
gboolean sp_store_remove_group (SpStore *store, const guint8 *id, GError **error);

/* Small named values; NULL without an error when it was never set. */
GBytes *sp_store_get_value (SpStore *store, const char *name, GError **error);
gboolean sp_store_set_value (SpStore *store, const char *name, GBytes *value, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (SpStore, sp_store_free)

G_END_DECLS
