/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Writes a secret at the beginning of an empty file in memory, for whoever main hands it on to.
 * Only what cannot make us wait is written to.  Errors: SP_ERROR_INVALID_ARGUMENTS. */
gboolean sp_secret_hand_over (int fd, const char *text, GError **error);

G_END_DECLS
