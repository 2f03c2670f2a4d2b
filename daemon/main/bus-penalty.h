/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "server.h"

#include <gio/gio.h>

G_BEGIN_DECLS

/* Answers ListPenalties(). */
void sp_bus_penalty_list (SpServer *server, GDBusMethodInvocation *invocation, GVariant *options);

G_END_DECLS
