/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "client/user-import.h"
#include "window.h"

G_BEGIN_DECLS

typedef struct
{
  const char *login;
  char *reason; /* in the reader's words */
} SpUserImportFailure;

typedef void (*SpUserImportProgress) (guint done, guint all, gpointer data);
/* `failures`: of SpUserImportFailure. */
typedef void (*SpUserImportDone) (GPtrArray *failures, gpointer data);

/* Adds and changes those that the import says, one after the other; one that is refused is noted,
 * and the others go on, but where the person may not.  Cancelling ends it after the call under way.
 * What was done is told in a toast of the window that undoes all of it.  The import must live until
 * `done`. */
void sp_user_import_run (SpWindow *window,
                         SpUserImport *import,
                         GCancellable *cancellable,
                         SpUserImportProgress progress,
                         SpUserImportDone done,
                         gpointer data);

G_END_DECLS
