/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "store.h"

G_BEGIN_DECLS

/* What can be taken back still, as the id of a user or a device, by the token that the bus gave out
 * for it.  Main may be another one by then. */

/* `until`: µs since the epoch, G_MAXINT64 = as long as `id` is there.  What is over is forgotten
 * with it. */
gboolean sp_store_put_undo (
    SpStore *store, const char *token, const guint8 *id, gint64 until, GError **error);
/* FALSE without an error: never given out, used before, or too late. */
gboolean sp_store_find_undo (SpStore *store, const char *token, guint8 *ret_id, GError **error);
/* All tokens of `id`. */
gboolean sp_store_remove_undo (SpStore *store, const guint8 *id, GError **error);

G_END_DECLS
