/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "base/limits.h"
#include "codec/dtls-suite.h"
#include "worker/server-key.h"

#include <glib.h>
#include <gnutls/gnutls.h>

G_BEGIN_DECLS

/* What the nursery makes once and every worker finds ready after its fork: the public certificate
 * chain with a key that somebody else holds, and the parsed priorities.  No secret is in here. */

/* Signs a digest with the server's key; returns a GnuTLS error code.  `ret_signature` is allocated
 * with gnutls_malloc. */
typedef int (*SpSigner) (gpointer signer_data,
                         gnutls_sign_algorithm_t algorithm,
                         const gnutls_datum_t *digest,
                         gnutls_datum_t *ret_signature);

typedef struct
{
  gnutls_certificate_credentials_t certificate;
  gnutls_psk_server_credentials_t psk; /* key: the session pointer, SP_PSK_SIZE bytes */
  gnutls_priority_t tls_priority;
  gnutls_priority_t asking_priority;  /* the same, of one that is asked for a certificate */
  gnutls_priority_t renewal_priority; /* of a renegotiation: TLS 1.2 stays TLS 1.2 */
  gnutls_priority_t dtls_priority;
  guint32 resumable;                                 /* a bit a suite that can be resumed */
  gnutls_priority_t resumptions[SP_DTLS_SUITES_MAX]; /* by its index; the others are NULL */
  const SpServerKey *key;                            /* of the first certificate */
  guint key_bits;
  char certificate_sha1[41]; /* upper-case hexadecimal, of the first certificate */
  SpSigner signer;           /* set in a worker before its handshake */
  gpointer signer_data;
  gnutls_session_t signing; /* whose handshake that is */
} SpEquipment;

/* Which of the ciphers that a client offers is taken. */
typedef enum
{
  SP_CIPHERS_AES_FIRST,
  SP_CIPHERS_CHACHA20_FIRST, /* for a CPU that has no instructions for AES */
  SP_CIPHERS_LAST = SP_CIPHERS_CHACHA20_FIRST
} SpCipherOrder;

/* `chain`: DER certificates one after the other, the server's own first; its key must be one of
 * server-key.h.
 * `tls13`: whether that is offered; 1.2 always is, older versions never.  Errors:
 * SP_ERROR_CERTIFICATE_INVALID. */
SpEquipment *sp_equipment_new (
    const guint8 *chain, gsize size, gboolean tls13, SpCipherOrder order, GError **error);
/* Whose certificates clients are asked for, where they are; DER. */
gboolean sp_equipment_set_authority (SpEquipment *equipment,
                                     const guint8 *authority,
                                     gsize size,
                                     GError **error);
void sp_equipment_free (SpEquipment *equipment);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (SpEquipment, sp_equipment_free)

G_END_DECLS
