/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "store.h"

G_BEGIN_DECLS

/* What the server remembers from one life to the next, as one typed value under a name of the
 * store's small values.  It is kept as text, which every machine reads alike. */

/* New reference; NULL without an error when nothing is kept, and with one when what is kept is not
 * of that type. */
GVariant *sp_store_load_record (SpStore *store, const char *name, const char *type, GError **error);
/* `record`: taken if floating; NULL: nothing is kept from now on. */
gboolean sp_store_keep_record (SpStore *store, const char *name, GVariant *record, GError **error);

G_END_DECLS
