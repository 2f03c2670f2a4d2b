/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "bus-options.h"

G_BEGIN_DECLS

/* What a user's values say about the network.  Pure. */

/* Checks of user-value-table.h: the errors name the key and what would be right. */
gboolean sp_user_check_rate (const SpBusKey *key, GVariant *value, GError **error);

G_END_DECLS
