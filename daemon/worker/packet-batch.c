/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "packet-batch.h"

#include <sys/mman.h>

#define MEMORY_SIZE (SP_PACKET_HEADROOM + SP_PACKET_READ_MAX)

/* The header ends where the first packet begins. */
#define HEADER_OFFSET (SP_PACKET_HEADROOM - SP_SEGMENTER_HEADER_SIZE)
G_STATIC_ASSERT (SP_PACKET_HEADROOM >= SP_SEGMENTER_HEADER_SIZE);

void
sp_packet_batch_init (SpPacketBatch *self)
{
  *self = (SpPacketBatch){ 0 };
  self->memory =
      mmap (NULL, MEMORY_SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (self->memory == MAP_FAILED)
    g_error ("out of memory");
}

void
sp_packet_batch_clear (SpPacketBatch *self)
{
  if (self->memory != NULL)
    (void) munmap (self->memory, MEMORY_SIZE);
  self->memory = NULL;
}

void
sp_packet_batch_rest (SpPacketBatch *self)
{
  (void) madvise (self->memory, MEMORY_SIZE, MADV_DONTNEED);
}

guint8 *
sp_packet_batch_get_room (SpPacketBatch *self)
{
  return self->memory + HEADER_OFFSET;
}

gboolean
sp_packet_batch_fill (SpPacketBatch *self, gsize size)
{
  return size > SP_SEGMENTER_HEADER_SIZE &&
         sp_segmenter_begin (&self->segmenter, self->memory + HEADER_OFFSET,
                             self->memory + SP_PACKET_HEADROOM, size - SP_SEGMENTER_HEADER_SIZE);
}

gboolean
sp_packet_batch_take (SpPacketBatch *self, SpPacket *ret_packet)
{
  return sp_segmenter_next (&self->segmenter, &ret_packet->bytes, &ret_packet->size);
}

guint
sp_packet_batch_count (const SpPacketBatch *self)
{
  return sp_segmenter_count (&self->segmenter);
}
