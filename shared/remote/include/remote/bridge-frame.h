/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* What the two ends of a bridge say to each other over the two pipes of ssh.  PURE.
 *
 * A frame is a head of 8 bytes, its numbers big endian, and what belongs to it:
 *   0  type       SpBridgeFrameType
 *   1  flags      of that type, else 0
 *   2  length     of what follows the head, bytes, at most SP_BRIDGE_PAYLOAD_MAX
 *   4  channel    which channel, 0 where it is not about one
 *
 * Each end says HELLO first.  A message of the bus goes over in MESSAGE frames, one message at a
 * time; before the first of them stands a DESCRIPTOR frame for each descriptor that it came with,
 * in their order, which opens a channel.  The near end, where the client is, gives channels odd
 * numbers, the far end even ones, rising; none is used twice.
 *
 * In each direction of a channel that its kind has, SP_BRIDGE_WINDOW bytes may be under way
 * without CREDIT.  END follows the last byte of a direction.  STOP says that nobody takes them any
 * more, and is answered with END if that was not said yet; until then what comes is thrown away.
 * A channel is over when each of its directions ended.  About one that is over CREDIT and STOP may
 * still come, since they crossed its END. */

#define SP_BRIDGE_VERSION         1
#define SP_BRIDGE_HEAD_SIZE       8
#define SP_BRIDGE_PAYLOAD_MAX     32768
#define SP_BRIDGE_FRAME_MAX       (SP_BRIDGE_HEAD_SIZE + SP_BRIDGE_PAYLOAD_MAX)
#define SP_BRIDGE_WINDOW          (256 * 1024) /* bytes */
#define SP_BRIDGE_CHANNELS_MAX    64           /* at a time */
#define SP_BRIDGE_DESCRIPTORS_MAX 16           /* of one message; a system bus takes no more */
#define SP_BRIDGE_SEALED_MAX      (1024 * 1024)
#define SP_BRIDGE_FILE_MAX        (G_GUINT64_CONSTANT (64) << 30) /* bytes */

typedef enum
{
  SP_BRIDGE_HELLO = 1,      /* "bridge", version (2 bytes) */
  SP_BRIDGE_MESSAGE = 2,    /* bytes of it, at least one; flag: SP_BRIDGE_LAST */
  SP_BRIDGE_DESCRIPTOR = 3, /* kind (1), 0 (1), seals (2), size (8) */
  SP_BRIDGE_DATA = 4,       /* bytes, at least one */
  SP_BRIDGE_CREDIT = 5,     /* how many bytes more (4), at least one */
  SP_BRIDGE_END = 6,        /* nothing; flag: SP_BRIDGE_BROKEN */
  SP_BRIDGE_STOP = 7        /* nothing */
} SpBridgeFrameType;

#define SP_BRIDGE_LAST   1 /* the message is complete */
#define SP_BRIDGE_BROKEN 1 /* what was sent is not all: reading failed */

/* What the descriptor was, and so what the other end puts in its place.  “Out” is the direction of
 * its message. */
typedef enum
{
  SP_BRIDGE_SEALED = 1, /* a sealed memory file; out: its `size` bytes.  One with the same `seals`,
                           and the message waits until it is complete. */
  SP_BRIDGE_FILE = 2, /* a regular file to be read; out: the rest of it.  An unlinked file, and the
                         message waits until it is complete.  Of near calls only. */
  SP_BRIDGE_RETURNED = 3, /* a regular file to be written; back: what was written, when the call is
                             answered, and the answer waits until that went.  Of near calls only. */
  SP_BRIDGE_READER = 4,   /* the end of a pipe to read from; out */
  SP_BRIDGE_WRITER = 5,   /* the end of a pipe to write to; back */
  SP_BRIDGE_SOCKET = 6    /* a stream socket; out and back */
} SpBridgeKind;

typedef struct
{
  guint8 kind;
  guint16 seals; /* F_SEAL_… of fcntl(2), as of Linux; 0 for what is not SEALED */
  guint64 size;  /* bytes; 0 for what is not SEALED */
} SpBridgeDescriptor;

typedef struct
{
  guint8 type;
  guint8 flags;
  guint32 channel;
  const guint8 *payload; /* in the bytes that were read */
  gsize size;
  guint32 credit;                /* of CREDIT */
  guint16 version;               /* of HELLO */
  SpBridgeDescriptor descriptor; /* of DESCRIPTOR */
} SpBridgeFrame;

/* How many bytes the frame has that begins here; 0: it is not complete, -1: it is none. */
gssize sp_bridge_frame_read (const guint8 *bytes, gsize size, SpBridgeFrame *ret);

/* Writes a head, and returns where the payload goes; the others write all of a frame.  What they
 * return is how many bytes it has, of at most SP_BRIDGE_SMALL_MAX. */
#define SP_BRIDGE_SMALL_MAX 32
void sp_bridge_frame_write_head (
    guint8 *bytes, SpBridgeFrameType type, guint8 flags, guint32 channel, gsize size);
gsize sp_bridge_frame_write_hello (guint8 *bytes);
gsize sp_bridge_frame_write_descriptor (guint8 *bytes,
                                        guint32 channel,
                                        const SpBridgeDescriptor *descriptor);
gsize sp_bridge_frame_write_credit (guint8 *bytes, guint32 channel, guint32 credit);

/* Which directions a channel of that kind has. */
gboolean sp_bridge_kind_goes_out (guint8 kind);
gboolean sp_bridge_kind_comes_back (guint8 kind);

G_END_DECLS
