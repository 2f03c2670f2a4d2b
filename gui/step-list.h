/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <adwaita.h>

G_BEGIN_DECLS

/* What is done one after the other, each step ticked off. */
#define SP_TYPE_STEP_LIST (sp_step_list_get_type ())
G_DECLARE_FINAL_TYPE (SpStepList, sp_step_list, SP, STEP_LIST, AdwPreferencesGroup)

/* One more, after those that are there. */
void sp_step_list_add (SpStepList *list, const char *text);
/* What is not as it should be about a step that is over; NULL: nothing. */
void sp_step_list_note (SpStepList *list, guint step, const char *text);
/* Those before `step` are done; it is under way itself, or failed.  As many as there are: all is
 * done. */
void sp_step_list_show (SpStepList *list, guint step, gboolean failed);

G_END_DECLS
