/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* What stands at the head of a message of a bus (D-Bus specification, "Message Format"), as far as
 * who carries messages must know it.  PURE.  What is inside of the body is nobody's business here.
 */

#define SP_BUS_MESSAGE_START 16                 /* bytes that tell how long it is */
#define SP_BUS_MESSAGE_MAX   (32 * 1024 * 1024) /* bytes; a system bus takes no more */

typedef enum
{
  SP_BUS_MESSAGE_CALL = 1,
  SP_BUS_MESSAGE_RETURN,
  SP_BUS_MESSAGE_ERROR,
  SP_BUS_MESSAGE_SIGNAL
} SpBusMessageType;

typedef struct
{
  guint8 type;
  gboolean wants_no_reply;
  guint32 serial;
  guint32 reply_serial;  /* 0: it is no answer */
  guint32 n_descriptors; /* that came with it */
  const char *interface; /* in the bytes that were read, or NULL */
  const char *member;    /* likewise */
} SpBusMessage;

/* How many bytes the message has that begins here; 0: more than these must come to know, -1: it is
 * none, or longer than SP_BUS_MESSAGE_MAX. */
gssize sp_bus_message_measure (const guint8 *bytes, gsize size);

/* A whole message.  FALSE: it is malformed. */
gboolean sp_bus_message_read (const guint8 *bytes, gsize size, SpBusMessage *ret);

/* The error that answers a call, or stands for an answer that cannot be delivered.  NULL: the
 * message is neither, or nobody waits. */
GByteArray *sp_bus_message_refuse (const SpBusMessage *message, const char *name, const char *text);

G_END_DECLS
