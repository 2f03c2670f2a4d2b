/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "fuzz.h"

#include "codec/handshake-proof.h"

/* The first byte says which version; what is found lies within the messages, and in their order. */

static void
check_part (const uint8_t *bytes, size_t size, const guint8 *part, gsize part_size)
{
  g_assert_true (part >= bytes && part + part_size <= bytes + size);
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  gboolean tls13;
  SpHandshakeProof proof;

  if (size == 0)
    return 0;
  tls13 = data[0] % 2 != 0;
  data++;
  size--;
  if (!sp_handshake_proof_read (data, size, tls13, &proof))
    return 0;
  g_assert_cmpuint (proof.client_signed, <, size);
  check_part (data, proof.client_signed, proof.certificate, proof.certificate_size);
  check_part (data, size, proof.signature, proof.signature_size);
  g_assert_true (proof.signature + proof.signature_size == data + size);
  g_assert_cmpuint (proof.server_signed, <, proof.client_signed);
  g_assert_cmpuint (proof.first_hello, <=, proof.server_signed);
  if (tls13)
    return 0;
  check_part (data, proof.client_signed, proof.client_random, SP_HANDSHAKE_RANDOM_SIZE);
  check_part (data, proof.client_signed, proof.server_random, SP_HANDSHAKE_RANDOM_SIZE);
  check_part (data, proof.client_signed, proof.parameters, proof.parameters_size);
  return 0;
}
