/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* What a service manager wants to know of whom it started: sd_notify(3), a datagram of lines to the
 * socket that NOTIFY_SOCKET names.  The protocol is stable and a few lines long; a library for it
 * would be the largest thing in a process that should have as little as possible. */

/* A socket to it, or -1 when nobody wants to know; then the environment names none any more, since
 * what we start has nothing to say there. */
int sp_service_manager_open (GError **error);

/* A wall to a service that is started for whoever connects to this path (Accept=,
 * systemd.socket(5)). Nobody is at it when there may be no other. */
int sp_service_manager_call (const char *path, GError **error);

/* `lines`: such as "READY=1".  Of no socket (-1) it does nothing. */
gboolean sp_service_manager_tell (int socket, const char *lines, GError **error);

G_END_DECLS
