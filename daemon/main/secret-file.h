/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* A file in memory in which a secret goes from the room that has it to whoever asked for it on the
 * bus.  Main hands it from the one to the other and does not read it. */

/* An empty one, or -1.  Errors: SP_ERROR_FAILED. */
int sp_secret_file_new (GError **error);
/* Nobody changes it any more. */
gboolean sp_secret_file_seal (int fd, GError **error);

G_END_DECLS
