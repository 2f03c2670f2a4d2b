/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "client/server-connection.h"
#include "client/user-census.h"
#include "subpage.h"

G_BEGIN_DECLS

/* All about one user.  Closes itself when the user is gone for good. */
#define SP_TYPE_USER_PAGE (sp_user_page_get_type ())
G_DECLARE_FINAL_TYPE (SpUserPage, sp_user_page, SP, USER_PAGE, SpSubpage)

SpSubpage *sp_user_page_new (SpServerConnection *connection, SpUserCensus *census, SpBusUser *user);

G_END_DECLS
