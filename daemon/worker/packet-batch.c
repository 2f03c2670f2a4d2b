/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "packet-batch.h"

#include <sys/mman.h>

#define MEMORY_SIZE (160 * 1024)
#define ALIGNMENT   16

void
sp_packet_batch_init (SpPacketBatch *self)
{
  self->memory =
      mmap (NULL, MEMORY_SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (self->memory == MAP_FAILED)
    g_error ("out of memory");
  sp_packet_batch_reset (self);
}

void
sp_packet_batch_clear (SpPacketBatch *self)
{
  if (self->memory != NULL)
    (void) munmap (self->memory, MEMORY_SIZE);
  self->memory = NULL;
}

void
sp_packet_batch_reset (SpPacketBatch *self)
{
  self->used = 0;
  self->n_packets = 0;
}

void
sp_packet_batch_rest (SpPacketBatch *self)
{
  (void) madvise (self->memory, MEMORY_SIZE, MADV_DONTNEED);
}

guint8 *
sp_packet_batch_reserve (SpPacketBatch *self, gsize *ret_size)
{
  if (self->n_packets == SP_PACKET_BATCH_MAX ||
      MEMORY_SIZE - self->used < SP_PACKET_HEADROOM + SP_PACKET_MAX)
    return NULL;
  *ret_size = SP_PACKET_HEADROOM + SP_PACKET_MAX;
  return self->memory + self->used;
}

void
sp_packet_batch_add (SpPacketBatch *self, gsize size)
{
  SpPacket *packet = &self->packets[self->n_packets++];

  packet->bytes = self->memory + self->used + SP_PACKET_HEADROOM;
  packet->size = size;
  self->used += (SP_PACKET_HEADROOM + size + ALIGNMENT - 1) & ~(gsize) (ALIGNMENT - 1);
}
