/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "client/setting-list.h"

#include <adwaita.h>

G_BEGIN_DECLS

/* A setting of the server that is typed, with a sentence about its effect below, or what the server
 * says is wrong with what is being typed.  Enter and the button with the tick write it, Esc goes
 * back to what the server has.
 *
 * Properties: "title" (of its parent), "subtitle" (s), "setting-name" (s), "wide" (b): the field
 * takes a line of its own.  Signal "applied": the server took a value. */
#define SP_TYPE_SETTING_ENTRY_ROW (sp_setting_entry_row_get_type ())
G_DECLARE_FINAL_TYPE (
    SpSettingEntryRow, sp_setting_entry_row, SP, SETTING_ENTRY_ROW, AdwPreferencesRow)

/* Follows the setting from now on. */
void sp_setting_entry_row_bind (SpSettingEntryRow *row, SpSettingList *list);
/* For a setting that a word may stand for: values that the field shows as nothing, NULL at the end;
 * lent. */
void sp_setting_entry_row_set_words (SpSettingEntryRow *row, const char *const *words);
void sp_setting_entry_row_set_subtitle (SpSettingEntryRow *row, const char *subtitle);
/* Puts the cursor into the field. */
void sp_setting_entry_row_begin (SpSettingEntryRow *row);
/* Writes into the field in the place of the person, who is left to agree. */
void sp_setting_entry_row_propose (SpSettingEntryRow *row, const char *text);

G_END_DECLS
