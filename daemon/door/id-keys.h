/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "id-minter.h"

G_BEGIN_DECLS

/* The keys of the ids outlive the door: they lie in a piece of memory that main makes, hands to
 * each door and never reads.  So a door that replaces a killed one knows the ids that it minted. */

#define SP_ID_KEYS_SIZE (2 * SP_ID_KEY_SIZE)

/* Reads the keys from `fd`, which stands at its beginning; into empty memory it writes new ones. If
 * that fails they are good for this door's life alone, and the log says so. */
SpIdMinter *sp_id_keys_recall (int fd);

G_END_DECLS
