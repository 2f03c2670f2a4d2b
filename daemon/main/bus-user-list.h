/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "bus-tree.h"
#include "bus/interfaces.h"
#include "server.h"

G_BEGIN_DECLS

#define SP_USER_PAGE_MAX 500

/* The server's method that lists users page by page.  Answers the invocation. */
void sp_bus_user_list (SpServer *server,
                       SpBusTree *tree,
                       GDBusMethodInvocation *invocation,
                       GVariant *filter,
                       const char *cursor,
                       guint limit,
                       GVariant *options);

G_END_DECLS
