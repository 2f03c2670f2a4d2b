/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "store.h"

G_BEGIN_DECLS

/* The history of sessions: a row each, made when its client is connected for the first time.  More
 * than SP_HISTORY_ROWS_MAX are never kept. */

#define SP_HISTORY_ROWS_MAX   1000000
#define SP_HISTORY_PAGE_MAX   500
#define SP_HISTORY_CURSOR_MAX 48
#define SP_HISTORY_CHUNK      1000 /* rows that one call removes */

/* Texts are valid UTF-8.  Times in µs since the epoch. */
typedef struct
{
  guint8 session[SP_ID_SIZE];
  guint8 user[SP_ID_SIZE];
  char *login; /* as it was when the session began */
  char *client_name;
  char *user_agent;
  char *remote_address;
  char *addresses; /* inside the VPN, with a space between */
  char *transport; /* the last one */
  gint64 started;
  gint64 ended;              /* 0: it goes on */
  char *reason;              /* a word, "" while it goes on */
  guint8 device[SP_ID_SIZE]; /* all zero = none that is known */
  char *device_name;         /* as it was when the session began */
  char *group;               /* the name of the one that was chosen; empty: none */
  guint64 rx_bytes;          /* never less than before, whatever happened between */
  guint64 tx_bytes;
} SpHistoryRow;

void sp_history_row_free (SpHistoryRow *row);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (SpHistoryRow, sp_history_row_free)

/* Which rows: NULL and 0 leave it open. */
typedef struct
{
  const guint8 *user;
  const char *login;
  const char *reason;
  gint64 since; /* it began then or later */
  gint64 until; /* it began before */
} SpHistoryFilter;

/* The session is connected or was a moment ago: makes its row, or brings it up to date; one that
 * was over goes on.  `ended` and `reason` are not looked at; login, user and beginning stay. */
gboolean sp_store_put_history (SpStore *store, const SpHistoryRow *row, GError **error);
/* Whether the user had a session before with the row's device; for a row without a device, with a
 * client of its name and without a device.  As far as history is kept. */
gboolean sp_store_knows_client (SpStore *store,
                                const SpHistoryRow *row,
                                gboolean *ret_known,
                                GError **error);
/* It is over.  A row that was over before, or is not there, stays as it is. */
gboolean sp_store_finish_history (SpStore *store, const SpHistoryRow *row, GError **error);

/* Up to `limit` rows (SpHistoryRow), those that began last first, from `cursor` ("": the first) on.
 * `ret_cursor` is for the rows that follow, "" when there are none.  Errors:
 * SP_ERROR_INVALID_ARGUMENTS (no such cursor). */
GPtrArray *sp_store_list_history (SpStore *store,
                                  const SpHistoryFilter *filter,
                                  const char *cursor,
                                  guint limit,
                                  char **ret_cursor,
                                  GError **error);

/* Removes what is over, of one user, and what is known of the user's failures to sign in. */
gboolean sp_store_erase_history (SpStore *store,
                                 const guint8 *user,
                                 guint *ret_n_rows,
                                 GError **error);
/* How many rows of the filter are over, and the removal of some of them, at most a chunk at a time.
 */
gboolean sp_store_count_history (SpStore *store,
                                 const SpHistoryFilter *filter,
                                 guint64 *ret_n_rows,
                                 GError **error);
gboolean sp_store_forget_history (SpStore *store,
                                  const SpHistoryFilter *filter,
                                  guint *ret_n_rows,
                                  GError **error);
/* Removes what was over before `before`, and the oldest rows that are too many; at most a chunk at
 * a time. */
gboolean sp_store_prune_history (SpStore *store, gint64 before, guint *ret_n_rows, GError **error);

G_END_DECLS
