/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "worker/byte-queue.h"

#include <string.h>
#include <sys/mman.h>

void
sp_byte_queue_init (SpByteQueue *self, gsize capacity)
{
  void *memory = mmap (NULL, capacity, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

  if (memory == MAP_FAILED)
    g_error ("out of memory");
  *self = (SpByteQueue){ .bytes = memory, .capacity = capacity };
}

void
sp_byte_queue_clear (SpByteQueue *self)
{
  /* Unmapped pages are zeroed by the kernel before anybody else sees them. */
  if (self->bytes != NULL)
    (void) munmap (self->bytes, self->capacity);
  *self = (SpByteQueue){ 0 };
}

static void
move_to_front (SpByteQueue *self)
{
  gsize length = sp_byte_queue_length (self);

  if (self->start == 0)
    return;
  memmove (self->bytes, self->bytes + self->start, length);
  self->start = 0;
  self->end = length;
}

guint8 *
sp_byte_queue_reserve (SpByteQueue *self, gsize size)
{
  if (sp_byte_queue_room (self) < size)
    return NULL;
  if (self->capacity - self->end < size)
    move_to_front (self);
  return self->bytes + self->end;
}

void
sp_byte_queue_added (SpByteQueue *self, gsize size)
{
  g_return_if_fail (size <= self->capacity - self->end);
  self->end += size;
}

gboolean
sp_byte_queue_append (SpByteQueue *self, gconstpointer bytes, gsize size)
{
  guint8 *room = sp_byte_queue_reserve (self, size);

  if (room == NULL)
    return FALSE;
  memcpy (room, bytes, size);
  self->end += size;
  return TRUE;
}

void
sp_byte_queue_drop (SpByteQueue *self, gsize size)
{
  g_return_if_fail (size <= sp_byte_queue_length (self));
  self->start += size;
  if (self->start == self->end)
    self->start = self->end = 0;
}

gsize
sp_byte_queue_take (SpByteQueue *self, gpointer memory, gsize size)
{
  size = MIN (size, sp_byte_queue_length (self));
  memcpy (memory, sp_byte_queue_peek (self), size);
  sp_byte_queue_drop (self, size);
  return size;
}

void
sp_byte_queue_rest (SpByteQueue *self)
{
  if (sp_byte_queue_length (self) == 0)
    (void) madvise (self->bytes, self->capacity, MADV_DONTNEED);
}
