/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "client/server-connection.h"

#include <adwaita.h>

G_BEGIN_DECLS

/* The view of who may connect.  Follows the connection. */
#define SP_TYPE_USERS_PAGE (sp_users_page_get_type ())
G_DECLARE_FINAL_TYPE (SpUsersPage, sp_users_page, SP, USERS_PAGE, AdwBin)

void sp_users_page_set_connection (SpUsersPage *page, SpServerConnection *connection);

/* Asks for a new user and adds it. */
void sp_users_page_add_user (SpUsersPage *page);
/* Opens the page of a user, over whatever is open. */
void sp_users_page_open_user (SpUsersPage *page, SpBusUser *user);
/* Opens the search. */
void sp_users_page_search (SpUsersPage *page);

G_END_DECLS
