/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "client/server-connection.h"

#include <adwaita.h>

G_BEGIN_DECLS

/* The view of what happened: history, blocked addresses, log.  Follows the connection. */
#define SP_TYPE_ACTIVITY_PAGE (sp_activity_page_get_type ())
G_DECLARE_FINAL_TYPE (SpActivityPage, sp_activity_page, SP, ACTIVITY_PAGE, AdwBin)

void sp_activity_page_set_connection (SpActivityPage *page, SpServerConnection *connection);

/* Goes to one of its parts: "history", "blocked", "log". */
void sp_activity_page_show (SpActivityPage *page, const char *view);

G_END_DECLS
