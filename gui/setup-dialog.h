/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "client/server-connection.h"

#include <adwaita.h>

G_BEGIN_DECLS

/* Sets a new server up: how devices find it and who its first user is, then everything at once,
 * each step ticked off.  Signal "done" (object path of the user), when the person closes the last
 * page. */
#define SP_TYPE_SETUP_DIALOG (sp_setup_dialog_get_type ())
G_DECLARE_FINAL_TYPE (SpSetupDialog, sp_setup_dialog, SP, SETUP_DIALOG, AdwWindow)

SpSetupDialog *sp_setup_dialog_new (GtkWindow *parent, SpServerConnection *connection);

G_END_DECLS
