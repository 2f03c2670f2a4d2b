/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "client/history-list.h"

#include <adwaita.h>

G_BEGIN_DECLS

/* One session of the history in a list, below the name of its day where a day begins. */
#define SP_TYPE_HISTORY_ROW (sp_history_row_get_type ())
G_DECLARE_FINAL_TYPE (SpHistoryRow, sp_history_row, SP, HISTORY_ROW, AdwBin)

GtkWidget *sp_history_row_new (void);
/* `before`: the entry in the row above, or NULL. */
void sp_history_row_show (SpHistoryRow *row, SpHistoryEntry *entry, SpHistoryEntry *before);

G_END_DECLS
