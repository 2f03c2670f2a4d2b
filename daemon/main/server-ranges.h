/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "server.h"

G_BEGIN_DECLS

/* The server's part in the network and in the addresses that clients get. */

gboolean sp_server_start_network (SpServer *self, GError **error);
void sp_server_stop_network (SpServer *self);

/* A part of sp_server_judge_settings(); what was claimed and is not taken goes with the next look.
 */
gboolean sp_server_judge_ranges (SpServer *self,
                                 SpSettings *fresh,
                                 gboolean check_only,
                                 GError **error);
/* New sessions get addresses as the settings say now. */
void sp_server_take_ranges (SpServer *self);
/* What nobody needs any more goes, now and later. */
void sp_server_look_at_ranges (SpServer *self);

G_END_DECLS
