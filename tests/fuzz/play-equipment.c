/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "play-equipment.h"

#include <gnutls/x509.h>

/* The key is forgotten: nothing is ever signed. */
static void
make_certificate (gnutls_datum_t *ret_der)
{
  gnutls_x509_privkey_t key;
  gnutls_x509_crt_t certificate;
  guint8 serial = 1;

  g_assert_cmpint (gnutls_x509_privkey_init (&key), ==, 0);
  g_assert_cmpint (gnutls_x509_privkey_generate (
                       key, GNUTLS_PK_ECDSA, GNUTLS_CURVE_TO_BITS (GNUTLS_ECC_CURVE_SECP256R1), 0),
                   ==, 0);
  g_assert_cmpint (gnutls_x509_crt_init (&certificate), ==, 0);
  gnutls_x509_crt_set_version (certificate, 3);
  gnutls_x509_crt_set_serial (certificate, &serial, sizeof serial);
  gnutls_x509_crt_set_activation_time (certificate, 1577836800);
  gnutls_x509_crt_set_expiration_time (certificate, 2208988800);
  gnutls_x509_crt_set_dn (certificate, "CN=fuzz", NULL);
  gnutls_x509_crt_set_key (certificate, key);
  g_assert_cmpint (gnutls_x509_crt_sign2 (certificate, certificate, key, GNUTLS_DIG_SHA256, 0), ==,
                   0);
  g_assert_cmpint (gnutls_x509_crt_export2 (certificate, GNUTLS_X509_FMT_DER, ret_der), ==, 0);
  gnutls_x509_crt_deinit (certificate);
  gnutls_x509_privkey_deinit (key);
}

SpEquipment *
play_equipment_new (SpCipherOrder order)
{
  gnutls_datum_t der;
  g_autoptr (GError) error = NULL;
  SpEquipment *equipment;

  make_certificate (&der);
  equipment = sp_equipment_new (der.data, der.size, TRUE, order, &error);
  if (equipment == NULL)
    g_error ("%s", error->message);
  gnutls_free (der.data);
  return equipment;
}
