/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "client/server-connection.h"

#include <adwaita.h>

G_BEGIN_DECLS

/* What fills the window while no server can be shown: that it is being reached, or why it is not
 * and what to do.  Follows the connection. */
#define SP_TYPE_CONNECTION_PAGE (sp_connection_page_get_type ())
G_DECLARE_FINAL_TYPE (SpConnectionPage, sp_connection_page, SP, CONNECTION_PAGE, AdwBin)

void sp_connection_page_set_connection (SpConnectionPage *page, SpServerConnection *connection);

G_END_DECLS
