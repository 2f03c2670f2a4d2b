/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "log-book.h"

#include <gio/gio.h>

G_BEGIN_DECLS

/* The server's method OpenLog(): answers the invocation. */
void sp_bus_log_open (SpLogBook *book,
                      GDBusMethodInvocation *invocation,
                      GVariant *filter,
                      GVariant *options);

G_END_DECLS
