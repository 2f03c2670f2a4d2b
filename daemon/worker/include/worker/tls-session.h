/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "worker/equipment.h"

G_BEGIN_DECLS

/* The TLS server on a client's TCP connection.  GnuTLS reads from and writes to memory; the socket
 * is read in big pieces and written once a turn, however many records that is.  Nothing waits. */

typedef struct _SpTlsSession SpTlsSession;

typedef enum
{
  SP_TLS_OK,
  SP_TLS_AGAIN,  /* nothing more now */
  SP_TLS_CLOSED, /* the client ended the connection, with or without saying so */
  SP_TLS_HELLO,  /* the client wants to renegotiate: begin it, or end the connection */
  SP_TLS_BROKEN  /* against the protocol; see sp_tls_session_get_failure */
} SpTlsResult;

#define SP_TLS_RECORD_MAX 16384

/* Takes `fd`.  `equipment` must outlive the session. */
SpTlsSession *sp_tls_session_new (const SpEquipment *equipment, int fd);
void sp_tls_session_free (SpTlsSession *self);

/* In the handshake the client is asked for a certificate, which it need not have; before it. */
void sp_tls_session_ask_certificate (SpTlsSession *self, const SpEquipment *equipment);
/* It shows this certificate instead, which `credentials` has with its key (lent for as long as the
 * session lives), and only to who offers this one protocol; before the handshake. */
void sp_tls_session_show_instead (SpTlsSession *self,
                                  gnutls_certificate_credentials_t credentials,
                                  const char *protocol);
/* The client's own, DER, whose key it has, however long; NULL if it showed none. */
const guint8 *sp_tls_session_get_certificate (const SpTlsSession *self, gsize *ret_size);

int sp_tls_session_get_fd (const SpTlsSession *self);
gnutls_session_t sp_tls_session_get_gnutls (const SpTlsSession *self);
const char *sp_tls_session_get_failure (const SpTlsSession *self);

/* Reads what the socket has, up to the buffer's room. */
SpTlsResult sp_tls_session_fill (SpTlsSession *self);
/* Whether bytes or records wait in memory that no poll would tell of. */
gboolean sp_tls_session_has_input (const SpTlsSession *self);
void sp_tls_session_discard_input (SpTlsSession *self);
SpTlsResult sp_tls_session_handshake (SpTlsSession *self);
/* From now on packets are carried: data is opened without GnuTLS's record layer where that is
 * possible (tls-opener.h). */
void sp_tls_session_enter_tunnel (SpTlsSession *self);
/* One record into `buffer`, which holds SP_TLS_RECORD_MAX bytes; an empty record is skipped. */
SpTlsResult sp_tls_session_receive (SpTlsSession *self, guint8 *buffer, gsize *ret_size);

/* Whether a record of any size can be sent now. */
gboolean sp_tls_session_has_room (const SpTlsSession *self);
/* One record; FALSE if it was not sent (no room, too long, or the session is over). */
gboolean sp_tls_session_send (SpTlsSession *self, gconstpointer bytes, gsize size);
/* As many records as it takes. */
gboolean sp_tls_session_send_all (SpTlsSession *self, gconstpointer bytes, gsize size);
/* Writes what is queued as far as the socket takes it: OK when nothing is left. */
SpTlsResult sp_tls_session_flush (SpTlsSession *self);
gsize sp_tls_session_get_queued (const SpTlsSession *self);
/* Queues a fatal alert or, without one (GNUTLS_A_CLOSE_NOTIFY), the regular end. */
void sp_tls_session_say_goodbye (SpTlsSession *self, gnutls_alert_description_t alert);
/* Tells the kernel that nothing more will be written. */
void sp_tls_session_shut (SpTlsSession *self);
/* Gives buffer pages of an idle session back. */
void sp_tls_session_rest (SpTlsSession *self);

/* Rekeying in TLS 1.3: KeyUpdate (RFC 8446 4.6.3) */
typedef enum
{
  SP_TLS_NO_UPDATE,
  SP_TLS_UPDATED,       /* the client changed its sending keys */
  SP_TLS_UPDATED_ASKING /* and wanted ours changed: GnuTLS does that with the next record */
} SpTlsUpdate;
gboolean sp_tls_session_is_tls13 (const SpTlsSession *self);
void sp_tls_session_watch_updates (SpTlsSession *self);
/* What the client did since the last call. */
SpTlsUpdate sp_tls_session_take_update (SpTlsSession *self);
/* Changes our sending keys, and with `ask` asks the client to change its own; FALSE if there is no
 * room now, or the session is over. */
gboolean sp_tls_session_update_keys (SpTlsSession *self, gboolean ask);

/* Rekeying in TLS 1.2: renegotiation, with RFC 5746 only.  While it runs nothing can be sent, since
 * GnuTLS's client ends on data between our hello and our Finished; what the client sends meanwhile
 * is received as ever. */
gboolean sp_tls_session_can_renegotiate (const SpTlsSession *self);
/* Answers the hello; AGAIN: the rest is done while records are received. */
SpTlsResult sp_tls_session_renegotiate (SpTlsSession *self, const SpEquipment *equipment);
gboolean sp_tls_session_is_renegotiating (const SpTlsSession *self);

/* Key of the datagram channel: exporter of this session, without context. */
gboolean sp_tls_session_export_psk (const SpTlsSession *self, guint8 psk[SP_PSK_SIZE]);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (SpTlsSession, sp_tls_session_free)

G_END_DECLS
