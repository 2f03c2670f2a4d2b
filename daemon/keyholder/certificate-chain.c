/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "certificate-chain.h"

#include "base/error.h"

static SpCertificate *
find_issuer (GPtrArray *certificates, SpCertificate *of)
{
  for (guint i = 0; i < certificates->len; i++)
    if (certificates->pdata[i] != (gpointer) of &&
        sp_certificate_is_signed_by (of, certificates->pdata[i]))
      return certificates->pdata[i];
  return NULL;
}

static gboolean
is_self_signed (SpCertificate *certificate)
{
  return sp_certificate_is_signed_by (certificate, certificate);
}

static gboolean
is_trusted (const SpChain *chain, GBytes *trust)
{
  gnutls_x509_trust_list_t list = NULL;
  gnutls_datum_t pem = { NULL, 0 };
  unsigned failures = 1;
  gsize size;

  if (trust == NULL || gnutls_x509_trust_list_init (&list, 0) < 0)
    return FALSE;
  pem.data = (guint8 *) g_bytes_get_data (trust, &size);
  pem.size = (unsigned) size;
  if (gnutls_x509_trust_list_add_trust_mem (list, &pem, NULL, GNUTLS_X509_FMT_PEM, 0, 0) <= 0 ||
      gnutls_x509_trust_list_verify_crt (
          list, (gnutls_x509_crt_t *) chain->certificates->pdata, chain->certificates->len,
          GNUTLS_VERIFY_DISABLE_TIME_CHECKS | GNUTLS_VERIFY_DISABLE_TRUSTED_TIME_CHECKS, &failures,
          NULL) < 0)
    failures = 1;
  gnutls_x509_trust_list_deinit (list, 1);
  return failures == 0;
}

static SpChainEnd
find_end (const SpChain *chain, GBytes *trust)
{
  if (is_trusted (chain, trust))
    return SP_CHAIN_TRUSTED;
  if (chain->root == NULL)
    return SP_CHAIN_INCOMPLETE;
  return chain->root == chain->certificates->pdata[0] ? SP_CHAIN_SELF_SIGNED : SP_CHAIN_OWN_ROOT;
}

void
sp_chain_build (SpChain *chain, GPtrArray *certificates, SpCertificate *first, GBytes *trust)
{
  SpCertificate *next = first;

  chain->certificates = g_ptr_array_new ();
  chain->root = NULL;
  /* A circle of cross-signed authorities ends at the greatest length. */
  while (next != NULL && chain->certificates->len < SP_CHAIN_LENGTH_MAX)
    {
      if (is_self_signed (next))
        chain->root = next;
      if (chain->root == NULL || next == first)
        g_ptr_array_add (chain->certificates, next);
      next = chain->root == NULL ? find_issuer (certificates, next) : NULL;
    }
  chain->end = find_end (chain, trust);
}

void
sp_chain_clear (SpChain *chain)
{
  g_clear_pointer (&chain->certificates, g_ptr_array_unref);
}

GBytes *
sp_chain_write (const SpChain *chain, GError **error)
{
  g_autoptr (GByteArray) bytes = g_byte_array_new ();

  for (guint i = 0; i < chain->certificates->len; i++)
    {
      g_autoptr (GBytes) der = sp_certificate_write (chain->certificates->pdata[i], error);

      if (der == NULL)
        return NULL;
      g_byte_array_append (bytes, g_bytes_get_data (der, NULL), (guint) g_bytes_get_size (der));
      if (g_bytes_get_size (der) <= SP_CERTIFICATE_MAX && bytes->len <= SP_CERTIFICATE_CHAIN_MAX)
        continue;
      g_set_error (error, SP_ERROR, SP_ERROR_CERTIFICATE_INVALID,
                   "a certificate has at most %d bytes, all of a chain together %d",
                   SP_CERTIFICATE_MAX, SP_CERTIFICATE_CHAIN_MAX);
      return NULL;
    }
  return g_byte_array_free_to_bytes (g_steal_pointer (&bytes));
}
