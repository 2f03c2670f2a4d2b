/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "client/setting-list.h"
#include "subpage.h"

G_BEGIN_DECLS

/* All settings as the server's file has them, to be read; with Copy and Export. */
#define SP_TYPE_RAW_SETTINGS_PAGE (sp_raw_settings_page_get_type ())
G_DECLARE_FINAL_TYPE (SpRawSettingsPage, sp_raw_settings_page, SP, RAW_SETTINGS_PAGE, SpSubpage)

SpSubpage *sp_raw_settings_page_new (SpSettingList *settings);

G_END_DECLS
