/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "server.h"

G_BEGIN_DECLS

/* A restart that waits until nobody is connected, so that it disturbs nobody.  It is forgotten when
 * the server is turned off or on otherwise, and with the daemon.  Signal: "changed" (whether it
 * waits). */
#define SP_TYPE_IDLE_RESTART (sp_idle_restart_get_type ())
G_DECLARE_FINAL_TYPE (SpIdleRestart, sp_idle_restart, SP, IDLE_RESTART, GObject)

/* Borrows the server, which must outlive it. */
SpIdleRestart *sp_idle_restart_new (SpServer *server);

/* What goes wrong then is the server's last error. */
void sp_idle_restart_begin (SpIdleRestart *self);
void sp_idle_restart_forget (SpIdleRestart *self);
gboolean sp_idle_restart_is_waiting (SpIdleRestart *self);

G_END_DECLS
