/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "load-records.h"
#include "swarm-client.h"

G_BEGIN_DECLS

/* What lies between a session and one socket of a load client, so that a system call carries many
 * records: datagrams leave as runs of one size (UDP_SEGMENT) and come joined (UDP_GRO), records of
 * a stream are written and read by the quarter of a megabyte. */

#define LOAD_DATAGRAMS_MAX 1024
#define LOAD_READS         8
#define LOAD_READ_SIZE     65536

typedef struct
{
  SwarmEnd *end;
  gboolean by_itself; /* each datagram a send of its own, as stock clients do */
  guint64 n_lost;     /* for which there was no room */
  gboolean is_own;    /* datagrams by `records`, not by GnuTLS */
  LoadRecords records;

  guint8 *out;
  gsize out_size;
  gsize out_sent;
  guint n_datagrams;
  guint next; /* that is not sent */
  guint16 sizes[LOAD_DATAGRAMS_MAX];
  gboolean is_waiting; /* the socket was full; epoll tells when it is not */

  guint8 *in; /* LOAD_READS pieces */
  guint n_reads;
  guint read;
  gsize offset;
  gsize lengths[LOAD_READS];
  gsize pieces[LOAD_READS];
  gboolean may_fill; /* one harvest a turn */
} LoadChannel;

/* From here on `end`, whose handshake is over, sends and receives through it. */
void load_channel_init (LoadChannel *channel, SwarmEnd *end);
void load_channel_clear (LoadChannel *channel);

/* epoll told of it: its client takes one harvest. */
void load_channel_receive (LoadChannel *channel);
/* Whether another super-packet has room. */
gboolean load_channel_has_room (const LoadChannel *channel);
/* Writes what is queued; `is_waiting` tells whether that is all. */
void load_channel_flush (LoadChannel *channel);
/* The same, until all is written or the connection is lost. */
void load_channel_drain (LoadChannel *channel);

G_END_DECLS
