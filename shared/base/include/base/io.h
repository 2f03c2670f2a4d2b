/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "base/hex.h"

#include <glib.h>

G_BEGIN_DECLS

/* Closes *fd if it is one and sets it to -1; keeps errno. */
void sp_fd_clear (int *fd);
/* Gives the descriptor away: returns *fd and sets it to -1. */
int sp_fd_steal (int *fd);

#define sp_autofd __attribute__ ((cleanup (sp_fd_clear)))

/* A pair of connected SOCK_SEQPACKET sockets, close-on-exec and non-blocking. */
gboolean sp_socket_pair (int ret_pair[2], GError **error);

/* Lets this process and its children open that many descriptors, or as many as it may.  Returns how
 * many that are. */
guint sp_descriptors_allow (guint wanted);

/* Random bytes from the kernel.  Ends the process if there are none, since nothing safe is left. */
void sp_random_bytes (gpointer memory, gsize size);

G_END_DECLS
