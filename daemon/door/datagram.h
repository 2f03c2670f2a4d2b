/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "base/endpoint.h"

#include <glib.h>
#include <netinet/in.h>

G_BEGIN_DECLS

/* Receiving many datagrams with one call, each with the local address that it was sent to if the
 * socket tells (IP_PKTINFO, IPV6_RECVPKTINFO: udp(7), RFC 3542 6.1); and answering from there. */

#define SP_DATAGRAM_BATCH 64

typedef struct
{
  const guint8 *bytes;
  gsize size;
  gsize segment; /* a socket with UDP_GRO: this many bytes each, the last may be shorter; 0 = one */
  gboolean truncated; /* longer than SP_FIRST_DATAGRAM_MAX; that much of it is there */
  SpEndpoint peer;
  SpEndpoint local; /* unset address: the kernel did not tell */

  /* How an answer finds the way back */
  int fd;
  gboolean connected;
  struct sockaddr_storage name;
  socklen_t name_length;
  guint interface; /* where it came in */
} SpDatagram;

typedef struct _SpDatagramBatch SpDatagramBatch;

SpDatagramBatch *sp_datagram_batch_new (void);
void sp_datagram_batch_free (SpDatagramBatch *batch);

/* Receives what is there now, one batch at most.  Returns how many.  `local_port`: of the socket.
 */
guint sp_datagram_batch_receive (SpDatagramBatch *batch, int fd, guint16 local_port);
/* The n-th, valid until the next call.  FALSE if its sender has no address of our kinds. */
gboolean sp_datagram_batch_get (SpDatagramBatch *batch, guint n, SpDatagram *ret);

/* Takes the datagrams apart that the kernel joined.  `offset` is 0 at first. */
gboolean sp_datagram_split (const SpDatagram *coalesced, gsize *offset, SpDatagram *ret);

/* Sends through the socket that the datagram came from, to where it came from, from the address
 * that it was sent to. */
gssize sp_datagram_reply (const SpDatagram *datagram, gconstpointer bytes, gsize size);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (SpDatagramBatch, sp_datagram_batch_free)

G_END_DECLS
