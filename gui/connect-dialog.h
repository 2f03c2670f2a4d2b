/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <adwaita.h>

G_BEGIN_DECLS

/* Asks which computer's server to show, and by which key it is reached; its window opens then. */
#define SP_TYPE_CONNECT_DIALOG (sp_connect_dialog_get_type ())
G_DECLARE_FINAL_TYPE (SpConnectDialog, sp_connect_dialog, SP, CONNECT_DIALOG, AdwWindow)

SpConnectDialog *sp_connect_dialog_new (GtkWindow *parent);

G_END_DECLS
