/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "server.h"
#include "walls/main-worker.h"

G_BEGIN_DECLS

/* The server's part in reachability: what its other parts know of the way in. */

/* Once everything else is open. */
void sp_server_open_reachability (SpServer *self, const char *libexec_folder);

/* sp_reachability_begin_test(), by a link to this host. */
void sp_server_begin_reach_test (SpServer *self,
                                 const char *host,
                                 guint seconds,
                                 guint8 ret_token[SP_TOKEN_SIZE]);

G_END_DECLS
