/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "dtls-channel.h"

G_BEGIN_DECLS

/* GnuTLS as the client of one of our channels.  Datagrams of the client are handed over one by one,
 * as the test likes; those of the channel come through a socket, and no two of their records may
 * ever have the same epoch and sequence number. */

typedef struct
{
  SpEquipment equipment;
  SpDtlsKeys keys;
  SpDtlsChannel *channel;
  gint64 now;
  int fd; /* the client's end */
  gnutls_session_t client;
  gnutls_psk_client_credentials_t credentials;
  GQueue sent;     /* GBytes: by the client, and not handed over yet */
  GQueue received; /* GBytes: by the client, and not pulled yet */
  GHashTable *numbers;
} DtlsPeer;

/* Not connected yet. */
DtlsPeer *dtls_peer_new (const char *cipher);
void dtls_peer_free (DtlsPeer *self);

/* Sends what the channel has queued, and takes it in. */
void dtls_peer_collect (DtlsPeer *self);
/* Hands one datagram to the channel; returns how many records of data came of it, whose last is in
 * `text`. */
guint dtls_peer_hand_over (DtlsPeer *self, GBytes *datagram, guint8 *text, gsize *ret_size);
/* Handshakes, of both ends, until the client is through. */
void dtls_peer_connect (DtlsPeer *self);
/* One turn of it: what the client has, then what the channel has; returns the client's code. */
int dtls_peer_shake_hands (DtlsPeer *self);

/* The one datagram that the client makes of this, not handed over. */
GBytes *dtls_peer_seal (DtlsPeer *self, gconstpointer text, gsize size);
/* Goes there and back, and is the same. */
void dtls_peer_exchange (DtlsPeer *self, gsize size);
gssize dtls_peer_receive (DtlsPeer *self, gpointer text, gsize size);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (DtlsPeer, dtls_peer_free)

G_END_DECLS
