/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <glib.h>
#include <sys/types.h>

G_BEGIN_DECLS

/* Executes main: no signal blocked, in a session of its own (what the terminal sends goes through
 * the holder alone), with its end of the wall where SP_HOLDER_VARIABLE says.  It is asked to end
 * (SIGTERM) when this process dies.  `wall` stays the caller's.  Errors: SP_ERROR_FAILED. */
pid_t sp_main_process_start (char *const *arguments, int wall, GError **error);

G_END_DECLS
