/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "client/server-connection.h"

#include <adwaita.h>

G_BEGIN_DECLS

/* How a computer of a user connects: what to enter, a line for a terminal, files for
 * NetworkManager, a certificate, and all of it on paper. */
#define SP_TYPE_COMPUTER_DIALOG (sp_computer_dialog_get_type ())
G_DECLARE_FINAL_TYPE (SpComputerDialog, sp_computer_dialog, SP, COMPUTER_DIALOG, AdwWindow)

GtkWindow *sp_computer_dialog_new (GtkWindow *parent,
                                   SpServerConnection *connection,
                                   SpBusUser *user);

G_END_DECLS
