/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* What a worker shares with the nursery that it was forked from, and what it gives back. */

/* The heap of this moment, closed: what is allocated afterwards comes from pages of its own, side
 * by side, and not from gaps among what is there.  A process that is forked off then keeps sharing
 * all of it.  The gaps are lost until the seal is broken. */
typedef struct _SpHeapSeal SpHeapSeal;

SpHeapSeal *sp_heap_seal (void);
void sp_heap_unseal (SpHeapSeal *seal);

/* Gives back what lies free in the heap and below the stack's present end.  For the first thread of
 * a process, which alone has a stack with nothing below it. */
void sp_footprint_rest (void);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (SpHeapSeal, sp_heap_unseal)

G_END_DECLS
