/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "client/server-connection.h"

#include <adwaita.h>

G_BEGIN_DECLS

/* Asks which address nobody may come from any more, and for how long, and has the server do it. */
#define SP_TYPE_BLOCK_DIALOG (sp_block_dialog_get_type ())
G_DECLARE_FINAL_TYPE (SpBlockDialog, sp_block_dialog, SP, BLOCK_DIALOG, AdwWindow)

SpBlockDialog *sp_block_dialog_new (GtkWindow *parent, SpServerConnection *connection);

/* Begins with that address, which may be a network. */
void sp_block_dialog_propose (SpBlockDialog *dialog, const char *address);

G_END_DECLS
