/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "command.h"

G_BEGIN_DECLS

/* What a document lists or shows, kept as named values until it is printed: as JSON, or the chosen
 * fields of each thing as a line.  Filled by SpJson. */
typedef struct _SpRecords SpRecords;

SpRecords *sp_records_new (const SpControl *control, const SpCommand *command);

/* '[' begins the list, '{' a thing in it.  What comes outside of things is printed only where there
 * is no list: then the document is the thing. */
void sp_records_open (SpRecords *records, const char *key, char bracket);
void sp_records_close (SpRecords *records, char bracket);
/* A value of the thing; NULL: it has none, as a time that did not come yet. */
void sp_records_take (SpRecords *records, const char *key, GVariant *value);

/* Prints and frees it. */
void sp_records_print (SpRecords *records);

/* A value as text.  Parts of one of several parts have commas between them.  With `escape` every
 * colon, comma inside a part and backslash follows a backslash. */
char *sp_record_text (GVariant *value, gboolean escape);

G_END_DECLS
