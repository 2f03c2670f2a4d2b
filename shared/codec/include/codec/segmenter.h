/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* What the kernel leaves undone of a packet that it hands to a TUN device with offloads
 * (TUNSETOFFLOAD): a checksum, or the division of up to 64 KiB of one TCP or UDP flow into packets
 * that fit the device.  Before such a packet stands a struct virtio_net_hdr_v1, little-endian, as
 * the device was told.
 *
 * The division is done in place: each packet's headers are written over the end of the packet
 * before it, which whoever takes the packets is done with by then. */

#define SP_SEGMENTER_HEADER_SIZE 12 /* struct virtio_net_hdr_v1 */
#define SP_SEGMENTER_COPY_MAX    256

typedef struct
{
  guint8 *next; /* payload that no packet was made of yet; of a single packet all */
  gsize left;   /* bytes of it */
  gsize most;   /* of payload in one packet */
  gsize size;   /* of all headers before it; 0 = a single packet, complete */
  gsize transport;
  gboolean ipv6;
  gboolean tcp;
  guint8 headers[SP_SEGMENTER_COPY_MAX]; /* of the next packet; checksums are 0 */
  guint64 pseudo;                        /* sum of the pseudo header but for the length */
  guint8 at_end;                         /* flags that belong to the last packet alone */
} SpSegmenter;

/* `packet` has `size` bytes; they and SP_SEGMENTER_HEADER_SIZE of `header` are not believed.  FALSE
 * if it is nothing that could be sent; nothing is to be taken then. */
gboolean sp_segmenter_begin (SpSegmenter *self, const guint8 *header, guint8 *packet, gsize size);

/* The next IP packet; FALSE when there is none left.  As many bytes before it may be written as
 * were writable before the first one; none behind it. */
gboolean sp_segmenter_next (SpSegmenter *self, guint8 **ret_packet, gsize *ret_size);

/* How many are left to be taken. */
guint sp_segmenter_count (const SpSegmenter *self);

G_END_DECLS
