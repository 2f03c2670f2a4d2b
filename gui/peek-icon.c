/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "peek-icon.h"

#include <glib/gi18n.h>

#define ICON "view-reveal-symbolic"

void
sp_peek_icon_name (GtkWidget *row)
{
  for (GtkWidget *child = gtk_widget_get_first_child (row); child != NULL;
       child = gtk_widget_get_next_sibling (child))
    if (GTK_IS_BUTTON (child) &&
        g_strcmp0 (gtk_button_get_icon_name (GTK_BUTTON (child)), ICON) == 0)
      gtk_accessible_update_property (GTK_ACCESSIBLE (child), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                      _ ("Show the Password"), -1);
    else
      sp_peek_icon_name (child);
}
