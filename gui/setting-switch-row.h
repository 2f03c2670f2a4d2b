/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "client/setting-list.h"

#include <adwaita.h>

G_BEGIN_DECLS

/* A setting of the server that is one of two things.  Properties: "setting-name" (s), "on-word",
 * "off-word" (s; "yes" and "no" when not set): what the switch writes.  The switch stays where it
 * is until the server has said yes. */
#define SP_TYPE_SETTING_SWITCH_ROW (sp_setting_switch_row_get_type ())
G_DECLARE_FINAL_TYPE (
    SpSettingSwitchRow, sp_setting_switch_row, SP, SETTING_SWITCH_ROW, AdwActionRow)

/* Follows the setting from now on. */
void sp_setting_switch_row_bind (SpSettingSwitchRow *row, SpSettingList *list);

G_END_DECLS
