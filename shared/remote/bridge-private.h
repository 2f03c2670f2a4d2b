/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "bridge-channel.h"
#include "bridge.h"

G_BEGIN_DECLS

/* The parts of a bridge, for the files that it is made of. */

#define SP_BRIDGE_LEAVING_MAX                                                                      \
  (1024 * 1024) /* bytes of messages that wait for the pipe, but for the last */
#define SP_BRIDGE_ARRIVING_MAX (4 * 1024 * 1024) /* likewise for the socket */
#define SP_BRIDGE_CARRYING_MAX (1024 * 1024)     /* bytes of a message with descriptors */
#define SP_BRIDGE_IN_SIZE      (2 * SP_BRIDGE_FRAME_MAX)
#define SP_BRIDGE_OUT_SIZE     (4 * SP_BRIDGE_FRAME_MAX)
#define SP_BRIDGE_ERROR(name)  "org.freedesktop.DBus.Error." name

/* A message with a channel for each of its descriptors. */
typedef struct
{
  SpBusParcel *parcel; /* NULL while it comes */
  SpBridgeChannel *channels[SP_BRIDGE_DESCRIPTORS_MAX];
  guint n_channels;
  guint n_announced; /* of those */
  gsize sent;        /* bytes of the message */
} SpBridgeLoad;

typedef struct
{
  SpBridgeSide side;
  SpBusSocket *bus;
  int from;
  int to;
  guint32 next;  /* number of a channel of ours */
  guint32 heard; /* the last one of theirs */
  gboolean greeted;
  gboolean bus_ended;  /* what it said last still goes over */
  GPtrArray *channels; /* of SpBridgeChannel, those that are not over */

  GQueue leaving;     /* of Load */
  gsize leaving_size; /* bytes */
  GPtrArray *held;    /* of SpBusParcel: answers that wait for what was written to a file */

  SpBridgeLoad arriving;
  GByteArray *bytes;    /* of its message */
  GPtrArray *deferred;  /* of Load: messages that wait for the content of a file */
  GHashTable *failures; /* serial of a call → why its file could not be written here */

  guint8 in[SP_BRIDGE_IN_SIZE];
  gsize in_size;
  guint8 out[SP_BRIDGE_OUT_SIZE];
  gsize out_size;
} SpBridge;

/* Empties it; frees it, too. */
void sp_bridge_load_clear (SpBridgeLoad *load);
void sp_bridge_load_free (gpointer load);

/* bridge-sending.c: messages of the socket, as many as there is room for, and frames of them and of
 * channels into `out`. */
gboolean sp_bridge_take_messages (SpBridge *self, GError **error);
void sp_bridge_fill (SpBridge *self);
/* Answers a call to where it came from; for an answer an error goes on. */
void sp_bridge_refuse (SpBridge *self,
                       const SpBusMessage *message,
                       gboolean from_bus,
                       const char *name,
                       const char *text);

/* bridge-receiving.c: what stands in `in`.  FALSE: the other end breaks the rules. */
gboolean sp_bridge_take_frames (SpBridge *self, GError **error);

G_END_DECLS
