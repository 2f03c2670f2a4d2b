/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "to-keyholder.h"
#include "worker/certificate-verify.h"
#include "worker/equipment.h"

G_BEGIN_DECLS

/* The one signature of a handshake: what GnuTLS wants signed becomes a question to the keyholder.
 */
typedef struct
{
  SpKeyholderWall *keyholder;
  gnutls_session_t session;
  const SpServerKey *key;
  SpTranscript transcript;
  gboolean renewal; /* of a renegotiation, TLS 1.2 */
  gboolean asked;
  char *refusal; /* why none came, if it was asked for */
} SpServerSignature;

/* Listens to the handshake of `session` and becomes the signer of `equipment`. */
void sp_server_signature_begin (SpServerSignature *self,
                                SpEquipment *equipment,
                                SpKeyholderWall *keyholder,
                                gnutls_session_t session);
/* The same for a renegotiation. */
void sp_server_signature_begin_renewal (SpServerSignature *self,
                                        SpEquipment *equipment,
                                        SpKeyholderWall *keyholder,
                                        gnutls_session_t session);
void sp_server_signature_end (SpServerSignature *self, SpEquipment *equipment);

G_END_DECLS
