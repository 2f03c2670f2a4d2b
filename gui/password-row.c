/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "password-row.h"

#include "peek-icon.h"

static void
on_destroyed (GtkWidget *row, GtkEditable *text)
{
  (void) g_signal_handlers_disconnect_by_data (text, row);
}

void
sp_password_row_mend (AdwPasswordEntryRow *row)
{
  GtkEditable *text = gtk_editable_get_delegate (GTK_EDITABLE (row));

  sp_peek_icon_name (GTK_WIDGET (row));
  (void) g_signal_connect_object (row, "destroy", G_CALLBACK (on_destroyed), text, 0);
}
