/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* Values of a user as people write and read them.  Which there are and of what type says the
 * description of the user's interface; which of them can be set decides the service. */

/* Reads "full-name=Anna" into the dictionary of changes.  Numbers may end in K, M, G or T (of
 * 1000), flags are yes or no, lists have commas between their entries, and nothing behind the sign
 * is the empty text or list.  Errors: SP_CTL_ERROR_USAGE, which names the value. */
gboolean sp_user_value_read (const GDBusInterfaceInfo *info,
                             const char *noun,
                             const char *assignment,
                             GVariantDict *changes,
                             GError **error);

/* As people read it; free it. */
char *sp_user_value_text (const char *name, GVariant *value);

G_END_DECLS
