/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "walls/permit.h"

G_BEGIN_DECLS

/* The only input and output of walls: one SEQPACKET datagram a message, descriptors beside it.
 * Nothing here waits; sockets are non-blocking.  Copies that it makes are wiped: a message may be a
 * password. */

typedef struct
{
  SpMessageHeader header;
  int fds[SP_MESSAGE_FDS_MAX]; /* owned by the receiver; -1 where there is none */
  gsize message_size;          /* of the decoded struct */
  union
  {
    guint8 bytes[SP_MESSAGE_MAX];
    guint64 alignment;
  } message; /* the decoded struct */
} SpEnvelope;

/* Closes descriptors that nobody took with sp_fd_steal, and wipes the message. */
void sp_envelope_clear (SpEnvelope *envelope);

/* Sends one message; `fds` are only lent.  Errors: SP_ERROR_AGAIN (the peer's queue is full),
 * SP_ERROR_PEER_GONE, SP_ERROR_INVALID_ARGUMENTS (the message exceeds its own limits). */
gboolean sp_channel_send (int fd,
                          const SpWall *wall,
                          guint8 type,
                          guint32 serial,
                          gconstpointer message,
                          const int *fds,
                          guint n_fds,
                          GError **error);

/* Receives and checks one message.  Errors: SP_ERROR_AGAIN, SP_ERROR_PEER_GONE,
 * SP_ERROR_PEER_BROKE_RULES (the message says which rule). */
gboolean sp_channel_receive (int fd, SpPermit *permit, SpEnvelope *envelope, GError **error);

G_END_DECLS
