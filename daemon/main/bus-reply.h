/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* Each of these ends a call and consumes the invocation. */

/* The error under its bus name; takes `error`. */
void sp_bus_reply_error (GDBusMethodInvocation *invocation, GError *error);
/* Nothing but success, or the error if there is one (taken). */
void sp_bus_reply (GDBusMethodInvocation *invocation, GError *error);

G_END_DECLS
