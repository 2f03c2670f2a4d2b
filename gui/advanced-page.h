/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "client/setting-list.h"
#include "subpage.h"

G_BEGIN_DECLS

/* Every setting that the server has, by the groups of its file, as the server describes them; and
 * the file itself, to be read and exported. */
#define SP_TYPE_ADVANCED_PAGE (sp_advanced_page_get_type ())
G_DECLARE_FINAL_TYPE (SpAdvancedPage, sp_advanced_page, SP, ADVANCED_PAGE, SpSubpage)

SpSubpage *sp_advanced_page_new (SpSettingList *settings);

G_END_DECLS
