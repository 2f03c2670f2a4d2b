/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "listener-set.h"
#include "server.h"

G_BEGIN_DECLS

/* The server's part in where clients come in. */

/* All that the settings name or, on failure, none. */
gboolean sp_server_open_listeners (SpServer *self, GError **error);
void sp_server_close_listeners (SpServer *self);
/* Those that an earlier main left, as far as they are wanted, and others; FALSE: these cannot be
 * had, and all that was kept is let go. */
gboolean sp_server_adopt_listeners (SpServer *self);

/* An SpSettingsJudge: can a server that is on have these? */
gboolean sp_server_judge_settings (gpointer server,
                                   SpSettings *fresh,
                                   gboolean check_only,
                                   GError **error);
/* It has the new settings now. */
void sp_server_take_live (SpServer *self, const SpSettings *before);

/* For a next main: those of now are kept.  Those of `before` that there are not any more let nobody
 * in. */
void sp_server_keep_listeners (SpServer *self);
void sp_server_let_listeners_go (SpServer *self, const SpListenerSet *before);
/* The packet filter has their ports, and retired ones go when nobody needs them. */
void sp_server_follow_listeners (SpServer *self);

/* The door is told which connections begin with a header. */
void sp_server_tell_proxies (SpServer *self);

G_END_DECLS
