/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "command.h"

#include <gio/gio.h>

G_BEGIN_DECLS

/* The names by which --fields chooses; the same as the keys of --json. */

/* `own` (NULL-terminated), then what the properties of the interfaces (NULL-terminated) are called:
 * a time ("…At") has two fields, the second with "-usec". */
char **sp_field_list (const char *const *own, GDBusInterfaceInfo *const *interfaces);

/* Whether the caller wants something to be read by a program, or chose fields. */
gboolean sp_fields_wanted (const SpControl *control);

/* SP_CTL_ERROR_USAGE when the command has no fields, or not one of those that were named. */
gboolean sp_fields_check (SpControl *control, const SpCommand *command, GError **error);

/* What to print, in this order: the fields that were named; for --terse those that the command's
 * own list shows; else all. */
char **sp_fields_choose (const SpControl *control, const SpCommand *command);

G_END_DECLS
