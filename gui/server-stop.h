/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "client/server-connection.h"

#include <adwaita.h>

G_BEGIN_DECLS

/* Turns the server off.  Where devices are connected they are held first, and for some seconds the
 * window around `near` offers to let them, and the server, go on; closing the window meanwhile
 * shortens nothing.  `done` is called once, when the server is off, goes on, or did not do it (with
 * the error, which it has to tell); `near` lives at least until then. */
void sp_server_stop (SpServerConnection *connection,
                     GtkWidget *near,
                     void (*done) (GtkWidget *near, const GError *error));

G_END_DECLS
