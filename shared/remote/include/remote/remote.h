/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* The system bus of another computer, reached over SSH: whatever uses a GDBusConnection works there
 * as it does here, descriptors and all.  Who may do what decides the other computer by the account
 * that was signed in to.
 *
 * On that side “sallyportctl bus-proxy” answers (remote/bridge-near.h says how), or, where there is
 * none, systemd-stdio-bridge, which carries no descriptors: calls that need them are refused. */

/* "user@host", "host", or "ssh://…", as ssh takes it; one word that is no option.  Errors:
 * G_IO_ERROR_INVALID_ARGUMENT. */
gboolean sp_remote_check_host (const char *host, GError **error);

/* ssh says on standard error what it has to say, and asks on the terminal if there is one.  Errors:
 * G_IO_ERROR_INVALID_ARGUMENT (the host), G_IO_ERROR_NOT_FOUND (there is no ssh here),
 * G_IO_ERROR_HOST_UNREACHABLE (ssh ended: it could not connect, does not know the other computer's
 * key, or was not let in), others of the bus.  Ends with its last reference. */
GDBusConnection *sp_remote_connect (const char *host, GCancellable *cancellable, GError **error);

/* The other side: stands between the two descriptors and the bus at this path of a socket, until
 * one of them ends.  The caller of `in`, the near end of a bridge or a client of a bus as its first
 * byte tells, was authenticated by whoever started us: what it says about itself does not count.
 * SIGPIPE must be ignored.  Errors: of GIO. */
gboolean sp_remote_relay (int in, int out, const char *socket_path, GError **error);

G_END_DECLS
