/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "client/live-session-list.h"
#include "subpage.h"

G_BEGIN_DECLS

/* All sessions, to be searched and sorted: for more of them than the overview shows. */
#define SP_TYPE_SESSION_LIST_PAGE (sp_session_list_page_get_type ())
G_DECLARE_FINAL_TYPE (SpSessionListPage, sp_session_list_page, SP, SESSION_LIST_PAGE, SpSubpage)

SpSubpage *sp_session_list_page_new (SpLiveSessionList *sessions);

G_END_DECLS
