/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "codec/coalescer.h"
#include "packet-batch.h"

G_BEGIN_DECLS

/* A client's packets of one turn, on their way to the TUN.  Each record is decrypted into a place
 * of its own, so that its packet can wait there until all have come and be joined with others
 * without a copy. */

/* Room for any record; its packet has to begin SP_PACKET_HEADROOM bytes behind the beginning. */
#define SP_DELIVERY_PLACE (SP_PACKET_HEADROOM + SP_PACKET_MAX)

typedef struct _SpDeliveryMemory SpDeliveryMemory;

typedef struct
{
  SpDeliveryMemory *memory;
  gsize used;
  gboolean without_udp; /* the kernel takes no super-packets of UDP (before Linux 6.2) */
} SpDelivery;

/* What the device did not take. */
typedef struct
{
  guint32 packets;
  guint64 bytes;
} SpDeliveryLoss;

void sp_delivery_init (SpDelivery *self);
void sp_delivery_clear (SpDelivery *self);
void sp_delivery_rest (SpDelivery *self); /* gives the pages back; nothing may wait */

/* Whether any waits to be flushed. */
gboolean sp_delivery_has_packets (const SpDelivery *self);
/* It has to be flushed before there is another place. */
gboolean sp_delivery_is_full (const SpDelivery *self);
/* The next place; the same one until something was added. */
guint8 *sp_delivery_get_place (SpDelivery *self);
/* There is a whole packet of exactly this size in it. */
void sp_delivery_add (SpDelivery *self, gsize size);
/* Writes all that waits. */
SpDeliveryLoss sp_delivery_flush (SpDelivery *self, int fd);

G_END_DECLS
