/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "delivery.h"

#include "tun-queue.h"

#include <sys/mman.h>

#define PLACES_SIZE (256 * 1024)
#define ALIGNMENT   16

struct _SpDeliveryMemory
{
  SpCoalescer coalescer;
  guint8 places[PLACES_SIZE] __attribute__ ((aligned (ALIGNMENT)));
};

void
sp_delivery_init (SpDelivery *self)
{
  *self = (SpDelivery){ 0 };
  self->memory =
      mmap (NULL, sizeof *self->memory, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (self->memory == MAP_FAILED)
    g_error ("out of memory");
}

void
sp_delivery_clear (SpDelivery *self)
{
  if (self->memory != NULL)
    (void) munmap (self->memory, sizeof *self->memory);
  self->memory = NULL;
}

void
sp_delivery_rest (SpDelivery *self)
{
  (void) madvise (self->memory, sizeof *self->memory, MADV_DONTNEED);
}

gboolean
sp_delivery_has_packets (const SpDelivery *self)
{
  return self->used > 0;
}

gboolean
sp_delivery_is_full (const SpDelivery *self)
{
  return PLACES_SIZE - self->used < SP_DELIVERY_PLACE ||
         (self->used > 0 && sp_coalescer_is_full (&self->memory->coalescer));
}

guint8 *
sp_delivery_get_place (SpDelivery *self)
{
  return self->memory->places + self->used;
}

void
sp_delivery_add (SpDelivery *self, gsize size)
{
  SpCoalescer *coalescer = &self->memory->coalescer;

  if (self->used == 0)
    sp_coalescer_reset (coalescer, !self->without_udp);
  sp_coalescer_add (coalescer, sp_delivery_get_place (self) + SP_PACKET_HEADROOM, size);
  self->used += (SP_PACKET_HEADROOM + size + ALIGNMENT - 1) & ~(gsize) (ALIGNMENT - 1);
}

static void
write_single (int fd, guint8 *packet, gsize size, SpDeliveryLoss *loss)
{
  if (sp_tun_queue_write (fd, packet, size))
    return;
  loss->packets++;
  loss->bytes += size;
}

static void
write_singly (int fd, const SpSuperPacket *super, SpDeliveryLoss *loss)
{
  for (guint i = 0; i < super->n_packets; i++)
    write_single (fd, super->packets[i].bytes, super->packets[i].size, loss);
}

/* Whether the kernel takes such a thing only the write itself tells. */
static void
write_joined (SpDelivery *self, int fd, const SpSuperPacket *super, SpDeliveryLoss *loss)
{
  switch (sp_tun_queue_write_super (fd, super))
    {
      case SP_TUN_WRITE_TAKEN:
        return;
      case SP_TUN_WRITE_UNKNOWN:
        self->without_udp |= super->kind == SP_SUPER_UDP_IPV4 || super->kind == SP_SUPER_UDP_IPV6;
        write_singly (fd, super, loss);
        return;
      case SP_TUN_WRITE_FAILED:
        loss->packets += super->n_packets;
        for (guint i = 0; i < super->n_packets; i++)
          loss->bytes += super->packets[i].size;
        return;
    }
}

SpDeliveryLoss
sp_delivery_flush (SpDelivery *self, int fd)
{
  SpDeliveryLoss loss = { 0 };
  SpSuperPacket super;

  if (self->used == 0)
    return loss;
  while (sp_coalescer_take (&self->memory->coalescer, &super))
    {
      if (super.kind == SP_SUPER_NONE)
        write_single (fd, super.packets[0].bytes, super.packets[0].size, &loss);
      else
        write_joined (self, fd, &super, &loss);
    }
  self->used = 0;
  return loss;
}
