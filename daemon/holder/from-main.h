/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "kept.h"
#include "link/channel.h"

G_BEGIN_DECLS

/* What main said of itself. */
typedef struct
{
  gboolean is_on;
  gboolean is_serving;
} SpNews;

/* Reads all that main has said by now; what it did not say stays in `news` as it was.
 * Errors: SP_ERROR_PEER_GONE, SP_ERROR_PEER_BROKE_RULES. */
gboolean sp_holder_hear_main (
    int wall, SpPermit *permit, SpKept *kept, SpNews *news, GError **error);

G_END_DECLS
