/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "worker/server-key.h"

static const SpServerKey keys[] = {
  {
      GNUTLS_PK_ECDSA,
      GNUTLS_ECC_CURVE_SECP256R1,
      GNUTLS_SIGN_ECDSA_SECP256R1_SHA256,
      GNUTLS_DIG_SHA256,
      { GNUTLS_SIGN_ECDSA_SHA384, GNUTLS_SIGN_ECDSA_SHA512 },
  },
  {
      GNUTLS_PK_ECDSA,
      GNUTLS_ECC_CURVE_SECP384R1,
      GNUTLS_SIGN_ECDSA_SECP384R1_SHA384,
      GNUTLS_DIG_SHA384,
      { GNUTLS_SIGN_ECDSA_SHA512 },
  },
  {
      GNUTLS_PK_RSA,
      GNUTLS_ECC_CURVE_INVALID,
      GNUTLS_SIGN_RSA_PSS_RSAE_SHA256,
      GNUTLS_DIG_SHA256,
      { GNUTLS_SIGN_RSA_SHA256, GNUTLS_SIGN_RSA_SHA384, GNUTLS_SIGN_RSA_SHA512 },
  },
};

const SpServerKey *
sp_server_key_find (gnutls_pubkey_t key)
{
  gnutls_ecc_curve_t curve = GNUTLS_ECC_CURVE_INVALID;
  int algorithm = gnutls_pubkey_get_pk_algorithm (key, NULL);

  if (algorithm == GNUTLS_PK_ECDSA &&
      gnutls_pubkey_export_ecc_raw2 (key, &curve, NULL, NULL, 0) < 0)
    return NULL;
  for (guint i = 0; i < G_N_ELEMENTS (keys); i++)
    if ((int) keys[i].algorithm == algorithm && keys[i].curve == curve)
      return &keys[i];
  return NULL;
}

gboolean
sp_server_key_signs (const SpServerKey *key,
                     gnutls_sign_algorithm_t algorithm,
                     gnutls_protocol_t version)
{
  if (algorithm == key->tls13)
    return version == GNUTLS_TLS1_3 || version == 0;
  if (version == GNUTLS_TLS1_3 || algorithm == 0)
    return FALSE;
  for (guint i = 0; i < G_N_ELEMENTS (key->tls12); i++)
    if (key->tls12[i] == algorithm)
      return TRUE;
  return FALSE;
}
