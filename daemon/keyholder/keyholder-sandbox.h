/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Closes the room: called once, before the loop.  Errors: SP_ERROR_NOT_SUPPORTED. */
gboolean sp_keyholder_sandbox_enter (GError **error);

G_END_DECLS
