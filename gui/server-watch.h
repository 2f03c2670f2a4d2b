/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "client/server-connection.h"

G_BEGIN_DECLS

/* Following what a connection has as "server" or "settings", whichever that is at the time: `show`
 * is called with `widget`, and for the first time now, when that is another object (NULL among
 * them), and when it emits one of `signals`, such as "notify::acme"; they end with a NULL.  Ends
 * when the widget is disposed of.  Once for each widget and `property`. */
void sp_server_watch (gpointer widget,
                      SpServerConnection *connection,
                      const char *property,
                      const char *const *signals,
                      GCallback show);

G_END_DECLS
