/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "datagram-batch.h"
#include "dtls-set-up.h"
#include "record-protection.h"
#include "walls/main-worker.h"
#include "worker/equipment.h"
#include "worker/rekey.h"

G_BEGIN_DECLS

/* One DTLS association: first a candidate with a handshake of its own, then perhaps the current
 * channel.  It shares nothing with another one.  It is fed one whole datagram at a time, and takes
 * only such as tile.  What GnuTLS does of it, and what not, says record-layer.h. */

typedef struct _SpDtlsChannel SpDtlsChannel;

typedef enum
{
  SP_DTLS_SHAKING_HANDS,
  SP_DTLS_FINISHED, /* the peer has the key */
  SP_DTLS_OVER      /* ended by the peer, or failed */
} SpDtlsState;

#define SP_DTLS_RECORD_MAX SP_DTLS_TEXT_MAX

/* Takes `fd`; `keys` must live as long as the channel.  `payload` is the largest UDP payload of the
 * path.  The verified hello in `message` is answered at once. */
SpDtlsChannel *sp_dtls_channel_new (const SpEquipment *equipment,
                                    const SpCandidate *message,
                                    int fd,
                                    const SpDtlsKeys *keys,
                                    guint32 payload,
                                    gint64 now);
/* Says close_notify if there is a session to end, and closes. */
void sp_dtls_channel_free (SpDtlsChannel *self);

int sp_dtls_channel_get_fd (const SpDtlsChannel *self);
guint32 sp_dtls_channel_get_association (const SpDtlsChannel *self);
SpDtlsState sp_dtls_channel_get_state (const SpDtlsChannel *self);
/* Which of the keys it was begun with, and whether a peer that was through with its part of the
 * handshake was not understood: it must have another key. */
guint sp_dtls_channel_get_key (const SpDtlsChannel *self);
gboolean sp_dtls_channel_has_other_key (const SpDtlsChannel *self);
gnutls_session_t sp_dtls_channel_get_gnutls (const SpDtlsChannel *self);

/* One datagram from the peer.  FALSE if it does not tile, or is an alert of
 * nobody: nothing was done with it. */
gboolean sp_dtls_channel_feed (SpDtlsChannel *self, const guint8 *datagram, gsize size, gint64 now);
/* Whether this is a hello that would begin another channel of the same attachment, and not the one
 * that began this one come again. */
gboolean sp_dtls_channel_is_other_hello (const SpDtlsChannel *self,
                                         const guint8 *datagram,
                                         gsize size);
/* The next authenticated record of what was fed; FALSE when there is none left. `buffer` holds
 * SP_DTLS_RECORD_MAX bytes. */
gboolean sp_dtls_channel_receive (SpDtlsChannel *self, guint8 *buffer, gsize *ret_size);
/* The record that was received last came from elsewhere than where the client is thought to be. */
void sp_dtls_channel_note_elsewhere (SpDtlsChannel *self);
/* It was sent before one that came from elsewhere, so it says nothing about where the client is. */
gboolean sp_dtls_channel_was_overtaken (const SpDtlsChannel *self);
/* Records that did not authenticate, since the handshake. */
guint32 sp_dtls_channel_get_discarded (const SpDtlsChannel *self);

/* Handshake's deadlines: the next retransmission; how long it may last in all says
 * worker/candidacy.h, and of a renegotiation SP_DTLS_RENEWAL_SECONDS. */
gint64 sp_dtls_channel_get_deadline (const SpDtlsChannel *self);
void sp_dtls_channel_expire (SpDtlsChannel *self, gint64 now);
/* It became current: no more deadlines.  From now on the client may renegotiate, but not sooner
 * than half of `rekey` seconds after the last time; 0 = never. */
void sp_dtls_channel_settle (SpDtlsChannel *self, guint32 rekey, gint64 now);
/* It does so now.  Nothing can be sent meanwhile: data in a handshake is lost on GnuTLS's client.
 * What the client sends arrives.  If it comes to nothing, the channel is over. */
#define SP_DTLS_RENEWAL_SECONDS 15
gboolean sp_dtls_channel_is_renewing (const SpDtlsChannel *self);

/* Largest inner frame (type byte included). */
gsize sp_dtls_channel_get_frame_max (const SpDtlsChannel *self);
void sp_dtls_channel_set_payload (SpDtlsChannel *self, guint32 payload);
gboolean sp_dtls_channel_has_room (const SpDtlsChannel *self);
/* Queues one record; FALSE if it cannot be sent. */
gboolean sp_dtls_channel_send (SpDtlsChannel *self, gconstpointer frame, gsize size);
/* Sends one record at once through another socket, outside the queue; it may be lost. */
void sp_dtls_channel_send_through (SpDtlsChannel *self, int fd, gconstpointer frame, gsize size);
/* The peer is to be reached by another socket now, which it takes, as that association.  Returns
 * the one before. */
int sp_dtls_channel_move (SpDtlsChannel *self, int fd, guint32 association);
/* Writes what is queued. */
SpOutboxResult sp_dtls_channel_flush (SpDtlsChannel *self, guint32 *ret_dropped);
gboolean sp_dtls_channel_is_waiting (const SpDtlsChannel *self);
void sp_dtls_channel_rest (SpDtlsChannel *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (SpDtlsChannel, sp_dtls_channel_free)

G_END_DECLS
