/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "client/server-connection.h"

#include <adwaita.h>

G_BEGIN_DECLS

/* The view of the server, who is connected and what needs a look.  Follows the connection. */
#define SP_TYPE_OVERVIEW_PAGE (sp_overview_page_get_type ())
G_DECLARE_FINAL_TYPE (SpOverviewPage, sp_overview_page, SP, OVERVIEW_PAGE, AdwBin)

void sp_overview_page_set_connection (SpOverviewPage *page, SpServerConnection *connection);

G_END_DECLS
