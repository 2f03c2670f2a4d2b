/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "remote/bridge-frame.h"

G_BEGIN_DECLS

/* One end of a channel: what stands here for a descriptor that is on the other side of the bridge.
 * It reads from its source what goes over there, and gives its sink what comes from there; either
 * may be missing.  Nothing here waits, but for the disk. */
typedef struct
{
  guint32 number;
  SpBridgeDescriptor descriptor;
  guint32 serial;     /* RETURNED: of the call whose answer tells that the file is complete */
  gboolean announced; /* the other end knows of it */
  char *failure;      /* why it does not work here, or NULL */

  gboolean sending; /* END was not said yet */
  gboolean ending;  /* but is due */
  gboolean broken;  /* and what was sent is not all */
  gboolean held;    /* until the answer */
  gboolean ready;   /* the source can be read */
  int source;       /* -1: none any more */
  guint64 offset;   /* in a source that is a file */
  guint64 sent;     /* bytes in all */
  gsize credit;     /* bytes */

  gboolean receiving;  /* END did not come yet */
  gboolean stopping;   /* STOP is due */
  gboolean cut;        /* what came is not all */
  int sink;            /* -1: none any more */
  GByteArray *pending; /* for it */
  gsize given;         /* of these */
  guint64 received;    /* bytes in all */
  gsize outstanding;   /* bytes that came and got no credit again */
  gsize owed;          /* of these, what has found its place */

  int handed; /* what goes with the message here, or -1 */
} SpBridgeChannel;

/* For a descriptor that goes over with a message; takes it.  `of_call`: of one whose answer is
 * waited for, going to the far end.  NULL: that cannot cross. */
SpBridgeChannel *sp_bridge_channel_new_for (int fd, gboolean of_call, guint32 number);
/* For one that came; with a `failure` when there is no place for it. */
SpBridgeChannel *sp_bridge_channel_new_from (guint32 number, const SpBridgeDescriptor *descriptor);

SpBridgeChannel *sp_bridge_channel_ref (SpBridgeChannel *channel);
void sp_bridge_channel_unref (SpBridgeChannel *channel);

/* The message must wait for what comes. */
gboolean sp_bridge_channel_is_incomplete (const SpBridgeChannel *channel);
gboolean sp_bridge_channel_is_over (const SpBridgeChannel *channel);
/* Whether it waits until its source can be read. */
gboolean sp_bridge_channel_waits (const SpBridgeChannel *channel);

/* How many bytes came from the source; 0: none now. */
gsize sp_bridge_channel_read (SpBridgeChannel *channel, guint8 *bytes, gsize room);
/* Of the other end, in order.  FALSE: it breaks the rules. */
gboolean sp_bridge_channel_take_data (SpBridgeChannel *channel, const guint8 *bytes, gsize size);
gboolean sp_bridge_channel_take_end (SpBridgeChannel *channel, gboolean broken);
gboolean sp_bridge_channel_take_credit (SpBridgeChannel *channel, guint32 credit);
void sp_bridge_channel_take_stop (SpBridgeChannel *channel);

/* Lets the sink have what it takes now. */
void sp_bridge_channel_flush (SpBridgeChannel *channel);
/* Nobody is behind the sink any more. */
void sp_bridge_channel_stop (SpBridgeChannel *channel);

G_END_DECLS
