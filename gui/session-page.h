/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "client/live-session.h"
#include "subpage.h"

G_BEGIN_DECLS

/* Everything about one session.  When it ends while the page is open, the page says so and keeps
 * what was last known. */
#define SP_TYPE_SESSION_PAGE (sp_session_page_get_type ())
G_DECLARE_FINAL_TYPE (SpSessionPage, sp_session_page, SP, SESSION_PAGE, SpSubpage)

SpSubpage *sp_session_page_new (SpLiveSession *live);

G_END_DECLS
