/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

/* Two children beside each other where there is room, the second below the first where there is
 * not.  Beside, the first has what the second leaves.  Properties: "fold-width" (int, pixels: what
 * is narrower is folded; 400), "spacing" (int, pixels; 12). */
#define SP_TYPE_FOLD_LAYOUT (sp_fold_layout_get_type ())
G_DECLARE_FINAL_TYPE (SpFoldLayout, sp_fold_layout, SP, FOLD_LAYOUT, GtkLayoutManager)

G_END_DECLS
