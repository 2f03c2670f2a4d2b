/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "client/server-connection.h"

#include <adwaita.h>

G_BEGIN_DECLS

/* Has an authority certify the server: for which names, who, and on which terms; then what becomes
 * of it, step by step.  Closed before the end, it goes on all the same. */
#define SP_TYPE_AUTHORITY_DIALOG (sp_authority_dialog_get_type ())
G_DECLARE_FINAL_TYPE (SpAuthorityDialog, sp_authority_dialog, SP, AUTHORITY_DIALOG, AdwWindow)

GtkWindow *sp_authority_dialog_new (GtkWindow *parent, SpServerConnection *connection);

G_END_DECLS
