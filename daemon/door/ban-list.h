/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "base/endpoint.h"
#include "walls/main-door.h"

G_BEGIN_DECLS

/* Networks that are not let in, as main told them.  PURE; memory of a fixed size. */
typedef struct _SpBanList SpBanList;

SpBanList *sp_ban_list_new (void);
void sp_ban_list_free (SpBanList *list);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (SpBanList, sp_ban_list_free)

/* SP_BAN_NOBODY takes it off.  FALSE: there is no room. */
gboolean sp_ban_list_set (SpBanList *list, const SpNetwork *network, SpBanWhom whom);
/* The strictest of those that the address is in. */
SpBanWhom sp_ban_list_find (const SpBanList *list, const guint8 *address);

G_END_DECLS
