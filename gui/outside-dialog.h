/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "client/server-connection.h"

#include <adwaita.h>

G_BEGIN_DECLS

/* Tests whether people reach the server from outside: shows a link as a picture for a phone whose
 * Wi-Fi is off, and what becomes of it. */
#define SP_TYPE_OUTSIDE_DIALOG (sp_outside_dialog_get_type ())
G_DECLARE_FINAL_TYPE (SpOutsideDialog, sp_outside_dialog, SP, OUTSIDE_DIALOG, AdwWindow)

GtkWindow *sp_outside_dialog_new (GtkWindow *parent, SpServerConnection *connection);

G_END_DECLS
