/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cipher-name.h"

void
sp_cipher_name (gnutls_session_t session, char text[SP_CIPHER_MAX + 1])
{
  const char *protocol = gnutls_protocol_get_name (gnutls_protocol_get_version (session));
  const char *cipher = gnutls_cipher_get_name (gnutls_cipher_get (session));

  g_snprintf (text, SP_CIPHER_MAX + 1, "%s %s", protocol != NULL ? protocol : "?",
              cipher != NULL ? cipher : "?");
}
