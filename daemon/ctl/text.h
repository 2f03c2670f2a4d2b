/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* What people read. */

/* A copy without characters that would move the cursor or change the terminal: clients choose some
 * of these texts. */
char *sp_text_printable (const char *text);

/* Microseconds since 1970 in local time, "" for 0. */
char *sp_text_time (guint64 microseconds);

/* Rows in aligned columns under a head. */
typedef struct _SpTable SpTable;

SpTable *sp_table_new (const char *const *head);
/* Takes the cells, as many as the head has, NULL-terminated. */
void sp_table_take_row (SpTable *table, char **cells);
/* Prints and frees it. */
void sp_table_print (SpTable *table);

G_END_DECLS
