/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "client/server-connection.h"

#include <adwaita.h>

G_BEGIN_DECLS

/* Makes new invitations for devices that were set up before, as after the server moved to another
 * name or port, and shows their links. */
#define SP_TYPE_REINVITE_DIALOG (sp_reinvite_dialog_get_type ())
G_DECLARE_FINAL_TYPE (SpReinviteDialog, sp_reinvite_dialog, SP, REINVITE_DIALOG, AdwWindow)

/* How many devices that concerns: those with a certificate that are not revoked, of users who were
 * not removed. */
guint sp_reinvite_count (SpServerConnection *connection);

GtkWindow *sp_reinvite_dialog_new (GtkWindow *parent, SpServerConnection *connection);

G_END_DECLS
