/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "server.h"

#include <gio/gio.h>

G_BEGIN_DECLS

/* Answers ListEvents(). */
void sp_bus_event_list (SpServer *server,
                        GDBusMethodInvocation *invocation,
                        GVariant *filter,
                        const char *cursor,
                        guint limit,
                        GVariant *options);

/* Settings were changed for the caller of `invocation`, between sp_event_book_hold() and now: that
 * is remembered once it is known who that is.  Before the answer. */
void sp_bus_event_note_change (SpServer *server, GDBusMethodInvocation *invocation);

G_END_DECLS
