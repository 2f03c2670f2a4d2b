/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "client/server-connection.h"
#include "client/user-file.h"

#include <adwaita.h>

G_BEGIN_DECLS

/* Says what would become of the people in a file, then adds and changes them one after the other;
 * what was done can be undone. */
#define SP_TYPE_USER_IMPORT_DIALOG (sp_user_import_dialog_get_type ())
G_DECLARE_FINAL_TYPE (SpUserImportDialog, sp_user_import_dialog, SP, USER_IMPORT_DIALOG, AdwWindow)

/* Takes the file. */
GtkWindow *sp_user_import_dialog_new (GtkWindow *parent,
                                      SpServerConnection *connection,
                                      SpUserFile *file);

G_END_DECLS
