/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "peek-icon.h"

#include <glib/gi18n.h>

/* Lent; NULL: it has a name. */
static const char *
find_name (GtkWidget *widget)
{
  const char *icon = GTK_IS_BUTTON (widget) ? gtk_button_get_icon_name (GTK_BUTTON (widget)) : NULL;

  if (g_strcmp0 (icon, "view-reveal-symbolic") == 0)
    return _ ("Show the Password");
  return g_strcmp0 (icon, "adw-entry-apply-symbolic") == 0 ? _ ("Apply") : NULL;
}

void
sp_peek_icon_name (GtkWidget *row)
{
  for (GtkWidget *child = gtk_widget_get_first_child (row); child != NULL;
       child = gtk_widget_get_next_sibling (child))
    if (find_name (child) != NULL)
      gtk_accessible_update_property (GTK_ACCESSIBLE (child), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                      find_name (child), -1);
    else
      sp_peek_icon_name (child);
}
