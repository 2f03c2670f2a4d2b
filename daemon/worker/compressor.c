/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "compressor.h"

#include <sys/mman.h>

/* One buffer each way: a bad LZ4 block may bring back what its buffer held before, and that has to
 * be from this client. */
struct _SpCompressorMemory
{
  SpCompressionTable table;
  guint8 packed[SP_PACKET_HEADROOM + SP_PACKET_MAX];
  guint8 unpacked[SP_PACKET_HEADROOM + SP_PACKET_MAX];
};

void
sp_compressor_init (SpCompressor *self, gboolean wanted)
{
  self->memory = NULL;
  if (!wanted)
    return;
  self->memory =
      mmap (NULL, sizeof *self->memory, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (self->memory == MAP_FAILED)
    g_error ("out of memory");
}

void
sp_compressor_clear (SpCompressor *self)
{
  if (self->memory != NULL)
    (void) munmap (self->memory, sizeof *self->memory);
  self->memory = NULL;
}

void
sp_compressor_rest (SpCompressor *self)
{
  if (self->memory != NULL)
    (void) madvise (self->memory, sizeof *self->memory, MADV_DONTNEED);
}

gboolean
sp_compressor_pack (SpCompressor *self,
                    SpCompression kind,
                    const SpPacket *packet,
                    SpPacket *ret_packed)
{
  if (kind == SP_COMPRESSION_NONE || packet->size < SP_COMPRESSION_PACKET_MIN ||
      packet->size > SP_PACKET_MAX)
    return FALSE;
  ret_packed->bytes = self->memory->packed + SP_PACKET_HEADROOM;
  ret_packed->size = sp_compression_pack (kind, &self->memory->table, packet->bytes, packet->size,
                                          ret_packed->bytes, packet->size - 1);
  return ret_packed->size > 0;
}

gboolean
sp_compressor_unpack (SpCompressor *self,
                      SpCompression kind,
                      const guint8 *bytes,
                      gsize size,
                      gsize room,
                      SpPacket *ret_packet)
{
  if (size > SP_PACKET_MAX)
    return FALSE;
  ret_packet->bytes = self->memory->unpacked + SP_PACKET_HEADROOM;
  ret_packet->size =
      sp_compression_unpack (kind, bytes, size, ret_packet->bytes, MIN (room, SP_PACKET_MAX));
  return ret_packet->size > 0;
}
