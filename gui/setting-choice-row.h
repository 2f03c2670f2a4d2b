/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "setting-entry-row.h"

G_BEGIN_DECLS

/* One of the values that a setting is offered to have. */
typedef struct
{
  const char *value; /* as the server writes it */
  const char *label; /* to be translated; of times NULL: it is said in hours and minutes */
} SpSettingChoice;

/* A setting of the server that is chosen from a list.  Property "setting-name" (s).  A value that
 * is not among the choices is shown as it is. */
#define SP_TYPE_SETTING_CHOICE_ROW (sp_setting_choice_row_get_type ())
G_DECLARE_FINAL_TYPE (
    SpSettingChoiceRow, sp_setting_choice_row, SP, SETTING_CHOICE_ROW, AdwComboRow)

/* What there is to choose, in the place of what was; lent. */
void sp_setting_choice_row_set_choices (SpSettingChoiceRow *row,
                                        const SpSettingChoice *choices,
                                        guint n_choices);
/* One choice more, after the others, for values that are typed: `custom` is a row of the same
 * setting, shown while that is chosen.  After set_choices(). */
void sp_setting_choice_row_set_custom (SpSettingChoiceRow *row,
                                       const char *label,
                                       SpSettingEntryRow *custom);
/* Follows the setting from now on, as does the row for others. */
void sp_setting_choice_row_bind (SpSettingChoiceRow *row, SpSettingList *list);

G_END_DECLS
