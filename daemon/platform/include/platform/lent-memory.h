/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Memory for a library that maps some for each piece of work and unmaps it afterwards, as libcrypt
 * does for a password: looking up thousands of new pages takes as long as half of the work.  While
 * it is lent, the first private, anonymous mapping that this thread's libraries ask the kernel for
 * (mmap, not malloc) is a part of this memory, in large pages where the kernel has them; what does
 * not fit, or comes while that is out, is mapped as ever.  Where this is not possible (a build with
 * a sanitizer, machines of 32 bits) nothing is lent, and all works the same.
 *
 * Of one thread.  NULL is none: everything below then does nothing. */
typedef struct _SpLentMemory SpLentMemory;

/* Of up to `size` bytes, of which none are used yet.  Errors: SP_ERROR_FAILED. */
SpLentMemory *sp_lent_memory_new (gsize size, GError **error);
void sp_lent_memory_free (SpLentMemory *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (SpLentMemory, sp_lent_memory_free)

void sp_lent_memory_lend (SpLentMemory *self);
/* Returns how many bytes a library had meanwhile; it must have unmapped them. */
gsize sp_lent_memory_take_back (SpLentMemory *self);

/* Overwrites what was lent since the last time; the pages stay. */
void sp_lent_memory_wipe (SpLentMemory *self);
/* Gives the pages back to the system, wiped before. */
void sp_lent_memory_rest (SpLentMemory *self);

G_END_DECLS
