/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "certificate.h"

#include "base/endpoint.h"
#include "base/error.h"
#include "base/log.h"

#include <string.h>

#define LABEL_MAX 63 /* RFC 1035 2.3.4 */

static gboolean
is_label (const char *label)
{
  gsize length = strlen (label);

  if (length == 0 || length > LABEL_MAX || label[0] == '-' || label[length - 1] == '-')
    return FALSE;
  for (gsize i = 0; i < length; i++)
    if (!g_ascii_isalnum (label[i]) && label[i] != '-' && label[i] != '_')
      return FALSE;
  return TRUE;
}

/* Letters, digits, hyphens and, since home networks have them, underscores; a star may stand for
 * the first label (RFC 6125 6.4.3). */
static gboolean
is_host_name (const char *name)
{
  g_auto (GStrv) labels = g_strsplit (name, ".", -1);
  guint first = labels[0] != NULL && labels[1] != NULL && strcmp (labels[0], "*") == 0 ? 1 : 0;

  if (labels[0] == NULL || strlen (name) > SP_DOMAIN_MAX)
    return FALSE;
  for (guint i = first; labels[i] != NULL; i++)
    if (!is_label (labels[i]))
      return FALSE;
  return TRUE;
}

static gboolean
is_usable (const char *name)
{
  guint8 address[SP_ADDRESS_SIZE];

  return sp_address_from_text (name, address) || is_host_name (name);
}

GStrv
sp_certificate_names_read (const guint8 *bytes, gsize size, GError **error)
{
  g_autoptr (GStrvBuilder) names = g_strv_builder_new ();
  const guint8 *next = bytes;
  const guint8 *end = bytes + size;

  if (size > 0 && bytes[size - 1] != 0)
    {
      g_set_error (error, SP_ERROR, SP_ERROR_INVALID_ARGUMENTS, "the last name has no end");
      return NULL;
    }
  while (next < end)
    {
      const char *name = (const char *) next;

      if (is_usable (name))
        g_strv_builder_add (names, name);
      else
        sp_log (SP_LOG_WARNING, "keys",
                "\"%s\" is neither a host name nor an address: not put into the certificate", name);
      next += strlen (name) + 1;
    }
  return g_strv_builder_end (names);
}

#define NAME_SHOWN 60 /* characters of a name that is refused */

gboolean
sp_certificate_names_check (const guint8 *bytes, gsize size, GError **error)
{
  const guint8 *next = bytes;

  if (size > 0 && bytes[size - 1] != 0)
    {
      g_set_error (error, SP_ERROR, SP_ERROR_INVALID_ARGUMENTS, "the last name has no end");
      return FALSE;
    }
  for (; next < bytes + size; next += strlen ((const char *) next) + 1)
    {
      g_autofree char *valid = NULL;

      if (is_usable ((const char *) next))
        continue;
      valid = g_utf8_make_valid ((const char *) next, -1);
      g_set_error (error, SP_ERROR, SP_ERROR_INVALID_ARGUMENTS,
                   "“%.*s” is neither a host name nor an address", NAME_SHOWN, valid);
      return FALSE;
    }
  return TRUE;
}

static char *
read_name (unsigned type, const guint8 *name, gsize length)
{
  char text[SP_ENDPOINT_TEXT_MAX];
  guint8 address[SP_ADDRESS_SIZE];

  if (type == GNUTLS_SAN_DNSNAME)
    return g_strndup ((const char *) name, length);
  if (type != GNUTLS_SAN_IPADDRESS || (length != 4 && length != sizeof address))
    return NULL;
  if (length == 4)
    sp_address_from_ipv4 (address,
                          (guint32) name[0] << 24 | name[1] << 16 | name[2] << 8 | name[3]);
  else
    memcpy (address, name, sizeof address);
  sp_address_to_text (address, text);
  return g_strdup (text);
}

GStrv
sp_certificate_get_names (SpCertificate *certificate)
{
  g_autoptr (GStrvBuilder) names = g_strv_builder_new ();

  for (unsigned i = 0;; i++)
    {
      guint8 bytes[SP_DOMAIN_MAX + 1];
      gsize size = sizeof bytes;
      unsigned type = 0;
      g_autofree char *name = NULL;
      int code = gnutls_x509_crt_get_subject_alt_name2 (certificate, i, bytes, &size, &type, NULL);

      if (code < 0 && code != GNUTLS_E_SHORT_MEMORY_BUFFER)
        return g_strv_builder_end (names); /* there are no more, or none that can be read */
      if (code >= 0)
        name = read_name (type, bytes, size);
      if (name != NULL)
        g_strv_builder_add (names, name);
    }
}

/* In the one form that get_names has: host names as they are, addresses as inet_ntop writes them.
 * gnutls_x509_crt_check_hostname would also look at the subject, and let a star match. */
static gboolean
has_name (const char *const *present, const char *name)
{
  char text[SP_ENDPOINT_TEXT_MAX];
  guint8 address[SP_ADDRESS_SIZE];

  if (!sp_address_from_text (name, address))
    return g_strv_contains (present, name);
  sp_address_to_text (address, text);
  return g_strv_contains (present, text);
}

gboolean
sp_certificate_has_names (SpCertificate *certificate, const char *const *names)
{
  g_auto (GStrv) present = sp_certificate_get_names (certificate);

  for (guint i = 0; names[i] != NULL; i++)
    if (!has_name ((const char *const *) present, names[i]))
      return FALSE;
  return TRUE;
}
