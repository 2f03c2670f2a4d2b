/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "network-range.h"
#include "platform/forwarding.h"

#include <glib.h>

G_BEGIN_DECLS

/* What a start changes in the machine's network, written down before it does so:
 * SP_NETWORK_JOURNAL_FILE in the state folder, JSON.  Whoever finds the file can undo what it says.
 */

typedef struct
{
  GArray *forwarding;    /* SpForwardingChange */
  GByteArray *addresses; /* the server's own in the tunnel, n × SP_ADDRESS_SIZE */
  GArray *ranges;        /* SpClientRange; at most SP_CLIENT_RANGES_MAX */
} SpNetworkJournal;

SpNetworkJournal *sp_network_journal_new (void);
void sp_network_journal_free (SpNetworkJournal *journal);

/* Atomically, and on the disk when it returns.  Errors: SP_ERROR_FAILED. */
gboolean sp_network_journal_write (const SpNetworkJournal *journal,
                                   const char *state_folder,
                                   GError **error);

/* Errors: SP_ERROR_NOT_FOUND: there is none; SP_ERROR_FAILED: it cannot be read or is not ours. */
SpNetworkJournal *sp_network_journal_read (const char *state_folder, GError **error);
/* It is fine if there is none. */
gboolean sp_network_journal_remove (const char *state_folder, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (SpNetworkJournal, sp_network_journal_free)

G_END_DECLS
