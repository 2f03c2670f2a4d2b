/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "door.h"

G_BEGIN_DECLS

/* Reads what main sent and does it.  Errors: SP_ERROR_PEER_GONE, SP_ERROR_PEER_BROKE_RULES. */
gboolean sp_from_main_receive (SpDoor *door, gint64 now, GError **error);

G_END_DECLS
