/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "client/server-connection.h"

#include <adwaita.h>

G_BEGIN_DECLS

/* A button with the name of the window's computer; its menu has the others, what is known of them,
 * and the way to more. */
#define SP_TYPE_SERVER_MENU (sp_server_menu_get_type ())
G_DECLARE_FINAL_TYPE (SpServerMenu, sp_server_menu, SP, SERVER_MENU, AdwBin)

void sp_server_menu_set_connection (SpServerMenu *menu, SpServerConnection *connection);
void sp_server_menu_popup (SpServerMenu *menu);

G_END_DECLS
