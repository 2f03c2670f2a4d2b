/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "group.h"
#include "store.h"

G_BEGIN_DECLS

/* All groups, stored, in the order in which they were made, which is that of the list at the
 * sign-in.  Signals: "added" (SpGroup), "changed" (SpGroup), "removed" (SpGroup). */
#define SP_TYPE_GROUP_REGISTRY (sp_group_registry_get_type ())
G_DECLARE_FINAL_TYPE (SpGroupRegistry, sp_group_registry, SP, GROUP_REGISTRY, GObject)

/* Borrows it. */
SpGroupRegistry *sp_group_registry_new (SpStore *store, GError **error);

guint sp_group_registry_get_n (SpGroupRegistry *self);
SpGroup *sp_group_registry_get (SpGroupRegistry *self, guint position);    /* lent */
SpGroup *sp_group_registry_find (SpGroupRegistry *self, const char *name); /* lent or NULL */

/* `values`, `changes`: dictionaries a{sv} that were checked against sp_group_keys; lent.
 * Errors: SP_ERROR_INVALID_ARGUMENTS (the name), SP_ERROR_EXISTS (another group has the name, or a
 * name or label that clients could take for it), SP_ERROR_BUSY (there are SP_GROUPS_MAX),
 * SP_ERROR_NOT_FOUND, SP_ERROR_FAILED. */
SpGroup *sp_group_registry_add (SpGroupRegistry *self,
                                const char *name,
                                GVariant *values,
                                GError **error); /* lent */
/* One that was removed, as it was.  Errors: SP_ERROR_EXISTS, SP_ERROR_BUSY, SP_ERROR_FAILED. */
SpGroup *sp_group_registry_restore (SpGroupRegistry *self,
                                    const SpGroupRecord *record,
                                    GError **error); /* lent */
gboolean sp_group_registry_update (SpGroupRegistry *self,
                                   SpGroup *group,
                                   GVariant *changes,
                                   GError **error);
gboolean sp_group_registry_remove (SpGroupRegistry *self, SpGroup *group, GError **error);

/* What the sign-in form offers, as ADOPT_CLIENT has it; `none`: the label for connecting without a
 * group.  Empty where there is no group. */
char *sp_group_registry_describe (SpGroupRegistry *self, const char *none);

G_END_DECLS
