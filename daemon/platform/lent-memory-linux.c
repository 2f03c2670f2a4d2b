/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "platform/lent-memory.h"

#include "base/error.h"
#include "base/secret.h"
#include "sanitizer.h"

#include <errno.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#define HUGE_PAGE ((gsize) 2 * 1024 * 1024)

struct _SpLentMemory
{
  guint8 *mapped; /* from the kernel */
  gsize mapped_size;
  guint8 *start; /* within, where a large page may begin */
  gsize size;
  gboolean out;
  gsize used;  /* since it was lent last */
  gsize dirty; /* since it was wiped last */
};

/* nocheck: mmap has no argument for it; each thread has its own. */
static _Thread_local SpLentMemory *offered;

static gsize
round_up (gsize size)
{
  return (size + HUGE_PAGE - 1) & ~(HUGE_PAGE - 1);
}

SpLentMemory *
sp_lent_memory_new (gsize size, GError **error)
{
  g_autofree SpLentMemory *self = g_new0 (SpLentMemory, 1);
  guintptr start;

  self->size = round_up (size);
  self->mapped_size = self->size + HUGE_PAGE;
  self->mapped = mmap (NULL, self->mapped_size, PROT_READ | PROT_WRITE,
                       MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (self->mapped == MAP_FAILED)
    {
      sp_error_set_errno (error, errno, "reserving memory");
      return NULL;
    }
  start = round_up ((guintptr) self->mapped);
  self->start = self->mapped + (start - (guintptr) self->mapped);
  /* A kernel that has none of them goes on with small ones. */
  (void) madvise (self->start, self->size, MADV_HUGEPAGE);
  return g_steal_pointer (&self);
}

void
sp_lent_memory_free (SpLentMemory *self)
{
  if (self == NULL)
    return;
  sp_lent_memory_wipe (self);
  (void) munmap (self->mapped, self->mapped_size);
  g_free (self);
}

void
sp_lent_memory_lend (SpLentMemory *self)
{
  if (self == NULL)
    return;
  g_return_if_fail (offered == NULL && !self->out);
  self->used = 0;
  offered = self;
}

gsize
sp_lent_memory_take_back (SpLentMemory *self)
{
  if (self == NULL)
    return 0;
  g_return_val_if_fail (offered == self && !self->out, 0);
  offered = NULL;
  self->dirty = MAX (self->dirty, self->used);
  return self->used;
}

void
sp_lent_memory_wipe (SpLentMemory *self)
{
  if (self == NULL)
    return;
  sp_secret_wipe (self->start, self->dirty);
  self->dirty = 0;
}

void
sp_lent_memory_rest (SpLentMemory *self)
{
  if (self == NULL)
    return;
  sp_lent_memory_wipe (self);
  (void) madvise (self->start, self->size, MADV_DONTNEED);
}

#if !SP_HAS_SANITIZER && __SIZEOF_POINTER__ == 8

/* In the place of libc's for all libraries of this process, which go on calling them by these
 * names. */
void *sp_lent_mmap (
    void *address, size_t size, int protection, int flags, int fd, off64_t offset) __asm__("mmap")
    __attribute__ ((visibility ("default")));
int sp_lent_munmap (void *address, size_t size) __asm__("munmap")
    __attribute__ ((visibility ("default")));

static gboolean
is_lendable (const SpLentMemory *self, const void *address, gsize size, int protection, int flags)
{
  return self != NULL && !self->out && address == NULL && size <= self->size &&
         protection == (PROT_READ | PROT_WRITE) && (flags & MAP_ANONYMOUS) != 0 &&
         (flags & MAP_TYPE) == MAP_PRIVATE && (flags & MAP_FIXED) == 0;
}

void *
sp_lent_mmap (void *address, size_t size, int protection, int flags, int fd, off64_t offset)
{
  SpLentMemory *self = offered;

  /* Of these machines' two names for it the other one. */
  if (!is_lendable (self, address, size, protection, flags))
    return mmap64 (address, size, protection, flags, fd, offset);
  self->out = TRUE;
  self->used = MAX (self->used, size);
  return self->start;
}

int
sp_lent_munmap (void *address, size_t size)
{
  SpLentMemory *self = offered;

  if (self == NULL || !self->out || address != self->start)
    return (int) syscall (SYS_munmap, address, size);
  self->out = FALSE;
  return 0;
}

#endif
