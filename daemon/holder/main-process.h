/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <glib.h>
#include <sys/types.h>

G_BEGIN_DECLS

/* Executes main: no signal blocked, in a session of its own (what the terminal sends goes through
 * the holder alone), with its end of the wall where SP_HOLDER_VARIABLE says, and with the sockets
 * that a service manager handed to this process (sd_listen_fds(3)), each time.  It is asked to end
 * (SIGTERM) when this process dies.  `wall` stays the caller's.  Errors: SP_ERROR_FAILED. */
pid_t sp_main_process_start (char *const *arguments, int wall, GError **error);

/* Executes main's program once more, with SP_UNDO_NETWORK_OPTION, and waits for its end, with an
 * end.  FALSE: it could not do that. */
gboolean sp_main_process_undo_network (char *const *arguments);

G_END_DECLS
