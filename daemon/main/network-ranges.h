/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "network-range.h"
#include "network.h"

G_BEGIN_DECLS

/* The ranges that clients have addresses of.  They may become others while the server is on: who
 * has an address keeps it, new ones are of the new ranges, and what a range of before needed in the
 * network goes when nobody has an address of it any more. */

/* All of them, also those of before; owned by the setup, until they are others. */
const SpClientRange *sp_network_setup_get_ranges (SpNetworkSetup *setup, guint *ret_n);

/* Makes ready for those of other settings, without using them, or with `check_only` tells whether
 * that would go.  Errors: as sp_network_setup_start, and SP_ERROR_BUSY: there are too many of
 * before.
 */
gboolean sp_network_setup_claim_ranges (SpNetworkSetup *setup,
                                        const SpNetworkSettings *settings,
                                        gboolean check_only,
                                        GError **error);
/* New sessions get theirs; what was not claimed is now.  Errors: likewise. */
gboolean sp_network_setup_take_ranges (SpNetworkSetup *setup,
                                       const SpNetworkSettings *settings,
                                       GError **error);
/* Takes away what nobody needs, also what was claimed and not taken; FALSE: nothing of before is
 * left.
 */
gboolean sp_network_setup_thin_out (SpNetworkSetup *setup);

G_END_DECLS
