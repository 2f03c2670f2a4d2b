/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "client/server-connection.h"

#include <adwaita.h>

G_BEGIN_DECLS

/* Asks for a new user and adds it; then, where that is wanted, invites the first device. */
#define SP_TYPE_ADD_USER_DIALOG (sp_add_user_dialog_get_type ())
G_DECLARE_FINAL_TYPE (SpAddUserDialog, sp_add_user_dialog, SP, ADD_USER_DIALOG, AdwWindow)

GtkWindow *sp_add_user_dialog_new (GtkWindow *parent, SpServerConnection *connection);
/* What is known of the person; a login is made of it as if it was typed. */
void sp_add_user_dialog_fill (SpAddUserDialog *dialog, const char *full_name);

G_END_DECLS
