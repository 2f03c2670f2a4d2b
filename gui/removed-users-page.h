/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "client/server-connection.h"
#include "client/user-census.h"
#include "subpage.h"

G_BEGIN_DECLS

/* Who was removed in the last 30 days: to be restored, or to be forgotten for good. */
#define SP_TYPE_REMOVED_USERS_PAGE (sp_removed_users_page_get_type ())
G_DECLARE_FINAL_TYPE (SpRemovedUsersPage, sp_removed_users_page, SP, REMOVED_USERS_PAGE, SpSubpage)

SpSubpage *sp_removed_users_page_new (SpServerConnection *connection, SpUserCensus *census);

G_END_DECLS
