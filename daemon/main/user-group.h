/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "user-registry.h"

G_BEGIN_DECLS

/* Which groups a user may choose when signing in: their names. */

/* Check of user-value-table.h; whether there are such groups the registry knows. */
gboolean sp_user_check_groups (const SpBusKey *key, GVariant *value, GError **error);

/* As PUT_USER has them; the length is returned. */
guint16 sp_user_groups_describe (const SpUserValues *values, guint8 ret_names[SP_GROUP_NAMES_MAX]);

gboolean sp_user_groups_have (const SpUserValues *values, const char *name);

/* Errors: SP_ERROR_INVALID_ARGUMENTS: a name of no group. */
gboolean sp_user_groups_check (const SpUserValues *values,
                               SpUserGroupKnown known,
                               gpointer user_data,
                               GError **error);
/* Drops the names of groups that are gone.  TRUE if there were any. */
gboolean sp_user_groups_prune (SpUserValues *values, SpUserGroupKnown known, gpointer user_data);

G_END_DECLS
