/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "lease-pool.h"
#include "user-registry.h"

G_BEGIN_DECLS

/* Addresses and networks belong to one user each. */

/* What the values say; unset where they say nothing. */
void sp_user_network_read_fixed (const SpUserRecord *record, SpLease *ret);
/* Of SpNetwork; the caller's.  Unused bytes are zero, so that elements can be compared as bytes. */
GArray *sp_user_network_list_behind (const SpUserRecord *record);

/* Whether a change is one of addresses or networks. */
gboolean sp_user_conflict_is_possible (const SpUserRecord *before, const SpUserRecord *record);
/* Whether those of `record` are those of nobody else.  Errors: SP_ERROR_ADDRESS_CONFLICT, with the
 * name of the other. */
gboolean sp_user_conflict_check (SpUserRegistry *users, const SpUserRecord *record, GError **error);

G_END_DECLS
