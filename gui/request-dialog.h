/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "client/server-connection.h"

#include <adwaita.h>

G_BEGIN_DECLS

/* Asks for the names that a certificate shall be good for, has the server make a key and a request,
 * and saves the request. */
void sp_request_dialog_present (GtkWidget *near, SpServerConnection *connection);

G_END_DECLS
