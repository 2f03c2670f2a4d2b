/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "footprint.h"

#include <malloc.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

/* What may lie free between what is used: powers of two, halves and all below, by libc's steps. */
#define GAP_MAX  (64 * 1024)
#define GAP_STEP (2 * sizeof (gsize))
#define GAP_FINE 2048 /* below it every size has a list of its own */

#define STACK_KEPT  4096         /* below the caller's frame, for the call itself */
#define STACK_DEPTH (256 * 1024) /* as deep as anything here reaches */

/* One of the gaps, which is now used. */
struct _SpHeapSeal
{
  SpHeapSeal *next;
};

/* Takes all gaps of that size; libc serves them first.  What is behind `end` is none. */
static SpHeapSeal *
fill_gaps (SpHeapSeal *seal, gsize size, const void *end)
{
  for (;;)
    {
      SpHeapSeal *gap = malloc (size);

      if (gap == NULL || (const void *) gap >= end)
        {
          free (gap);
          return seal;
        }
      gap->next = seal;
      seal = gap;
    }
}

SpHeapSeal *
sp_heap_seal (void)
{
  SpHeapSeal *seal = NULL;
  const void *end;

  /* Without it the last gap would be what is free at the end, which is nobody's page yet. */
  (void) malloc_trim (0);
  end = sbrk (0);
  for (gsize size = GAP_MAX; size >= GAP_STEP; size -= size > GAP_FINE ? size / 8 : GAP_STEP)
    seal = fill_gaps (seal, size, end);
  return seal;
}

void
sp_heap_unseal (SpHeapSeal *seal)
{
  while (seal != NULL)
    {
      SpHeapSeal *next = seal->next;

      free (seal);
      seal = next;
    }
}

static void
rest_stack (void)
{
  guint8 here = 0;
  guintptr page = (guintptr) getpagesize ();
  guintptr end = ((guintptr) &here - STACK_KEPT) & ~(page - 1);

  /* It fails where the stack never was so deep, and does the rest all the same. */
  (void) madvise ((void *) (end - STACK_DEPTH), STACK_DEPTH, MADV_DONTNEED);
}

void
sp_footprint_rest (void)
{
  (void) malloc_trim (0);
  rest_stack ();
}
