/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "kept.h"
#include "link/channel.h"

G_BEGIN_DECLS

/* Reads all that main has said by now.  Errors: SP_ERROR_PEER_GONE, SP_ERROR_PEER_BROKE_RULES. */
gboolean sp_holder_hear_main (
    int wall, SpPermit *permit, SpKept *kept, gboolean *ret_is_on, GError **error);

G_END_DECLS
