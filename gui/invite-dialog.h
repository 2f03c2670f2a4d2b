/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "client/server-connection.h"

#include <adwaita.h>

G_BEGIN_DECLS

/* Makes an invitation for a device of a user, shows its link as a picture and as text, and ticks
 * off what the visitor does with it. */
#define SP_TYPE_INVITE_DIALOG (sp_invite_dialog_get_type ())
G_DECLARE_FINAL_TYPE (SpInviteDialog, sp_invite_dialog, SP, INVITE_DIALOG, AdwWindow)

GtkWindow *sp_invite_dialog_new (GtkWindow *parent,
                                 SpServerConnection *connection,
                                 SpBusUser *user);

G_END_DECLS
