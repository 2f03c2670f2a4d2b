/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <glib.h>
#include <linux/virtio_net.h>

G_BEGIN_DECLS

/* Super-packets of a TUN device (virtio_net_hdr before each) taken apart and put together, for the
 * load client.  It shares no code with the server's own, so that neither hides what the other does
 * wrong: it verifies every checksum that the server wrote. */

#define LOAD_HEADER_SIZE ((gsize) sizeof (struct virtio_net_hdr))
#define LOAD_SUPER_MAX   65536 /* the header included */

/* `packet` is valid during the call. */
typedef void (*LoadPacketFunc) (gpointer data, const guint8 *packet, gsize size);

/* `bytes`, changed meanwhile, are what the device gave: one packet, or TCP segments that are handed
 * out one by one.  FALSE if it is nothing of both. */
gboolean load_split (guint8 *bytes, gsize size, LoadPacketFunc packet_cb, gpointer data);

/* TCP segments that follow each other in one stream become one write to the device. */
typedef struct
{
  int device;
  guint8 *memory; /* LOAD_SUPER_MAX */
  gsize size;     /* of what waits, without the header; 0 = nothing */
  gsize segment;  /* payload of each but the last; 0: it takes no more */
  gsize headers;
  guint32 next; /* sequence number that would follow */
  guint n_segments;
  guint64 n_broken; /* packets with a wrong checksum, which are not written */
} LoadJoiner;

void load_joiner_init (LoadJoiner *joiner, int device);
void load_joiner_clear (LoadJoiner *joiner);
void load_joiner_add (LoadJoiner *joiner, const guint8 *packet, gsize size);
void load_joiner_flush (LoadJoiner *joiner);

G_END_DECLS
