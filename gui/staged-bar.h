/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "client/setting-list.h"

#include <adwaita.h>

G_BEGIN_DECLS

/* The bar below settings that says what waits, whom it will disconnect, and has it applied or
 * discarded.  Hidden while nothing waits. */
#define SP_TYPE_STAGED_BAR (sp_staged_bar_get_type ())
G_DECLARE_FINAL_TYPE (SpStagedBar, sp_staged_bar, SP, STAGED_BAR, AdwBin)

GtkWidget *sp_staged_bar_new (void);
/* Follows the settings from now on. */
void sp_staged_bar_bind (SpStagedBar *bar, SpSettingList *list);

G_END_DECLS
