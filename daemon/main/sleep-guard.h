/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "server.h"

#include <gio/gio.h>

G_BEGIN_DECLS

/* Keeps this computer awake while the server is on and the settings say so, by an inhibitor of
 * logind (org.freedesktop.login1).  Where there is no logind nothing happens.
 * Signal: "changed" when an answer below may be another. */
#define SP_TYPE_SLEEP_GUARD (sp_sleep_guard_get_type ())
G_DECLARE_FINAL_TYPE (SpSleepGuard, sp_sleep_guard, SP, SLEEP_GUARD, GObject)

SpSleepGuard *sp_sleep_guard_new (GDBusConnection *connection, SpServer *server);

/* The server is on, nothing keeps this computer awake for it, and it is one that can sleep. */
gboolean sp_sleep_guard_may_sleep (SpSleepGuard *self);

/* Why logind does not keep it awake although it should; NULL: it does, or nobody asked for that. */
const char *sp_sleep_guard_get_trouble (SpSleepGuard *self);

G_END_DECLS
