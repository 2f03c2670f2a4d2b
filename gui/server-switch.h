/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <adwaita.h>

G_BEGIN_DECLS

/* A switch that shows what the server has, and asks the server when somebody moves it: it stands
 * where the person put it, pending, until the server's value follows; a refusal moves it back. */

/* Asks the server for `wanted`. */
typedef void (*SpServerSwitchAsk) (GtkWidget *owner, gboolean wanted);

/* `owner` is lent, and outlives the switch. */
void sp_server_switch_set_up (GtkSwitch *self, GtkWidget *owner, SpServerSwitchAsk ask);
/* What the server has; also after a refusal. */
void sp_server_switch_show (GtkSwitch *self, gboolean state);

G_END_DECLS
