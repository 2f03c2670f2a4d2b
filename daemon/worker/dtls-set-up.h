/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "base/limits.h"
#include "codec/dtls-suite.h"
#include "walls/main-worker.h"
#include "worker/equipment.h"

G_BEGIN_DECLS

/* What a DTLS session of this client is keyed by, and how GnuTLS is told.  Either a key of 32 bytes
 * (PSK-NEGOTIATE), or the master secret of a session that is resumed (codec/dtls-suite.h).
 *
 * openconnect built on OpenSSL makes the 32-byte key only once: after a reconnect it goes on with
 * that of its first TLS session, and sends it, unaware, as the beginning of the master secret in
 * its CONNECT.  So there may be a second key to try.  Whoever sends that header has signed in on
 * the same TLS session, which also hides it: a weak or known one harms nobody but its sender.
 *
 * openconnect built on GnuTLS makes the key for each handshake anew, so that after a renegotiation
 * of the stream it is another one; the one before is then the second to try. */

enum
{
  SP_DTLS_KEY_EXPORTED, /* of this TLS session */
  SP_DTLS_KEY_TOLD,     /* the beginning of the client's master secret, or the one before */
  SP_DTLS_KEYS
};

typedef struct
{
  const SpDtlsSuite *suite; /* to be resumed; NULL: PSK */
  guint8 session_id[SP_APP_ID_SIZE];
  guint8 master[SP_DTLS_MASTER_SIZE];
  guint8 psk[SP_DTLS_KEYS][SP_PSK_SIZE];
  gboolean may_be_stale; /* SP_DTLS_KEY_TOLD is a key */
  guint next;            /* SP_DTLS_KEY_… that the next handshake uses */
} SpDtlsKeys;

/* For the equipment: exactly this suite.  A GnuTLS error code, if the system's policy forbids it.
 */
int sp_dtls_suite_init_priority (const SpDtlsSuite *suite, gnutls_priority_t *ret_priority);

void sp_dtls_keys_wipe (SpDtlsKeys *keys);
/* The stream was renegotiated, and this is what its exporter gives now. */
void sp_dtls_keys_renew (SpDtlsKeys *keys, const guint8 psk[SP_PSK_SIZE]);
/* A handshake with the key came to nothing although the client had it, or another. */
void sp_dtls_keys_failed (SpDtlsKeys *keys, guint key);

/* Priority, credentials and, to be resumed, the session itself; `keys` must outlive the session.
 * `ret_psk` gets the key in use and must outlive the session, too, which renegotiates with it. */
void sp_dtls_set_up (gnutls_session_t session,
                     const SpEquipment *equipment,
                     const SpDtlsKeys *keys,
                     guint8 ret_psk[SP_PSK_SIZE],
                     const SpCandidate *message);
/* FALSE if the handshake that finished is not the one that was prepared. */
gboolean sp_dtls_set_up_held (gnutls_session_t session, const SpDtlsKeys *keys);

G_END_DECLS
