/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <glib.h>
#include <gnutls/gnutls.h>

#include "../load-records.h"

G_BEGIN_DECLS

/* The datagram channel of one client: its handshake is GnuTLS's, its records are sealed and opened
 * here, runs of them go and come by one system call (UDP_SEGMENT, UDP_GRO).  There is no protection
 * from replays. */

#define LIMIT_DATAGRAM_READS 64
#define LIMIT_DATAGRAM_READ  65536
#define LIMIT_DATAGRAM_OUT   (192 * 1024)
#define LIMIT_DATAGRAMS_MAX  1024

typedef struct
{
  int fd;
  gboolean is_up; /* the handshake is over */
  gnutls_session_t session;
  LoadRecords records;
  guint8 *in; /* LIMIT_DATAGRAM_READS of LIMIT_DATAGRAM_READ bytes */
  guint n_reads;
  gsize sizes[LIMIT_DATAGRAM_READS], pieces[LIMIT_DATAGRAM_READS];
  guint8 *out;
  gsize out_size;
  guint n_out;
  guint16 out_sizes[LIMIT_DATAGRAMS_MAX];
} LimitDatagrams;

/* At a port that the kernel chooses. */
void limit_datagrams_init (LimitDatagrams *self, int fd);
/* Something came while the channel was not up yet.  `stream`: whose key both ends know. */
void limit_datagrams_shake_hands (LimitDatagrams *self,
                                  gnutls_session_t stream,
                                  gnutls_priority_t priority);
/* Reads what there is; how many datagrams. */
guint limit_datagrams_read (LimitDatagrams *self);
/* There is always room: what waits is sent if need be. */
void limit_datagrams_send (LimitDatagrams *self, const guint8 *frame, gsize size);
void limit_datagrams_flush (LimitDatagrams *self);

G_END_DECLS
