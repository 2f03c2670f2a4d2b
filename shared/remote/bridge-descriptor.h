/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "remote/bridge-frame.h"

G_BEGIN_DECLS

/* What descriptors are, and others of the same kind. */

/* `of_call`: it goes to the far end with a call that is answered.  FALSE: it cannot cross. */
gboolean sp_bridge_descriptor_tell (int fd, gboolean of_call, SpBridgeDescriptor *ret);

/* The ends of what stands for it: `ret_handed` goes with the message, of the others the caller
 * writes to `ret_sink` and reads from `ret_source`; -1 where its kind has none.  A sealed file and
 * a file to be read are handed when they are complete, so they are but sinks.  FALSE with errno. */
gboolean sp_bridge_descriptor_make (const SpBridgeDescriptor *descriptor,
                                    int *ret_handed,
                                    int *ret_source,
                                    int *ret_sink);

/* The memory file is complete: makes it what the descriptor says.  FALSE with errno. */
gboolean sp_bridge_descriptor_seal (const SpBridgeDescriptor *descriptor, int fd);

G_END_DECLS
