/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "client/server-connection.h"

#include <gtk/gtk.h>

G_BEGIN_DECLS

/* Asks whether to keep settings that go back by themselves, for as long as the server waits for the
 * answer, whoever changed them; also after the connection was lost meanwhile. */
#define SP_TYPE_CHECKPOINT_DIALOG (sp_checkpoint_dialog_get_type ())
G_DECLARE_FINAL_TYPE (SpCheckpointDialog, sp_checkpoint_dialog, SP, CHECKPOINT_DIALOG, GObject)

/* `near`: a widget of the window that it is for. */
SpCheckpointDialog *sp_checkpoint_dialog_new (GtkWidget *near, SpServerConnection *connection);

G_END_DECLS
