/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "client/server-connection.h"

G_BEGIN_DECLS

/* One session of the history, as it was when it was asked for. */
#define SP_TYPE_HISTORY_ENTRY (sp_history_entry_get_type ())
G_DECLARE_FINAL_TYPE (SpHistoryEntry, sp_history_entry, SP, HISTORY_ENTRY, GObject)

/* Texts by key ("Session", "User", "Login", "DeviceName", "ClientName", "UserAgent",
 * "RemoteAddress", "Transport", "Reason"); "" when there is none; lent. */
const char *sp_history_entry_get_text (SpHistoryEntry *entry, const char *key);
/* Numbers by key ("StartedAt", "EndedAt", "RxBytes", "TxBytes"); 0 when there is none. */
guint64 sp_history_entry_get_number (SpHistoryEntry *entry, const char *key);

/* The history of sessions, those that began last first, as a list model that grows page by page.
 * It begins anew when a session opens or closes.  Properties with notify, read only: "loading",
 * "complete" (there is no more), "error" (GError, boxed; NULL when the last page came). */
#define SP_TYPE_HISTORY_LIST (sp_history_list_get_type ())
G_DECLARE_FINAL_TYPE (SpHistoryList, sp_history_list, SP, HISTORY_LIST, GObject)

/* `page`: how many rows are asked for at a time, 1 to 500. */
SpHistoryList *sp_history_list_new (SpServerConnection *connection, guint page);

/* Only the sessions of one user, by identifier; only those that began since then (microseconds
 * since 1970 UTC).  NULL and 0: all.  Begins anew. */
void sp_history_list_set_filter (SpHistoryList *list, const char *user, guint64 since);

/* Begins anew with the first page; what was shown stays until it comes. */
void sp_history_list_reload (SpHistoryList *list);
/* Asks for the next page, unless one is under way or there is none. */
void sp_history_list_load_more (SpHistoryList *list);

gboolean sp_history_list_is_loading (SpHistoryList *list);
gboolean sp_history_list_is_complete (SpHistoryList *list);
const GError *sp_history_list_get_error (SpHistoryList *list);

G_END_DECLS
