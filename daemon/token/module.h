/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Where the module of a token is, as its URI says (RFC 7512 2.4, module-path), if it may be loaded:
 * who may manage certificates is not for that somebody who may run code here.  So it must lie where
 * packages put libraries, and only root may change it.  Free with g_free.  Errors:
 * SP_ERROR_INVALID_ARGUMENTS. */
char *sp_module_find (const char *uri, GError **error);

G_END_DECLS
