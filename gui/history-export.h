/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "client/server-connection.h"

G_BEGIN_DECLS

/* Writes the whole history to a file as comma-separated values (RFC 4180) with a line of names; a
 * file of that name is replaced when everything is there.  Texts that a spreadsheet would take for
 * a formula are made harmless. */
void sp_history_export (SpServerConnection *connection,
                        GFile *file,
                        GAsyncReadyCallback callback,
                        gpointer data);
/* `rows`: how many sessions were written. */
gboolean sp_history_export_finish (GAsyncResult *result, guint *rows, GError **error);

G_END_DECLS
