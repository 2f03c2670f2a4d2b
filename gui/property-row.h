/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <adwaita.h>

G_BEGIN_DECLS

/* A name and its value, which can be selected and copied.  Properties: "title", "value" (text; an
 * empty one hides the row), "shown" (another text for the eye, when the value is for programs),
 * "copyable" (boolean, TRUE).  More buttons are appended with adw_action_row_add_suffix(). */
#define SP_TYPE_PROPERTY_ROW (sp_property_row_get_type ())
G_DECLARE_FINAL_TYPE (SpPropertyRow, sp_property_row, SP, PROPERTY_ROW, AdwActionRow)

GtkWidget *sp_property_row_new (const char *title, const char *value);
void sp_property_row_set_value (SpPropertyRow *row, const char *value);
const char *sp_property_row_get_value (SpPropertyRow *row);

/* What stands in the widget and may have to be typed or compared is broken without hyphens, which
 * would be read as part of it. */
void sp_property_row_leave_out_hyphens (GtkWidget *widget);

G_END_DECLS
