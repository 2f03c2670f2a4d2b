/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "base/limits.h"

#include <glib.h>

G_BEGIN_DECLS

/* A look at the first bytes of a TCP connection, before anything is spent on it: is it a TLS
 * ClientHello (RFC 8446 4.1.2, 5.1), is it complete, which server does it name (RFC 6066 3), and is
 * it an authority's, who looks whether this server answers under that name (RFC 8737 3)? */

typedef struct
{
  gboolean has_server_name;
  gsize server_name_length;
  char server_name[SP_DOMAIN_MAX + 1]; /* first host name, lower case, terminated */
  gboolean asks_validation;            /* "acme-tls/1" is the only protocol that it offers */
  gsize total_size;                    /* bytes of the stream that the hello's records take */
} SpClientHello;

typedef enum
{
  SP_CLIENT_HELLO_COMPLETE,
  SP_CLIENT_HELLO_INCOMPLETE, /* nothing wrong so far: look again when there are more bytes */
  SP_CLIENT_HELLO_NOT_TLS,    /* not a handshake record with a ClientHello */
  SP_CLIENT_HELLO_MALFORMED,  /* a ClientHello whose inner lengths do not fit */
  SP_CLIENT_HELLO_TOO_LONG,   /* does not end within SP_CLIENT_HELLO_MAX bytes of the stream */
  SP_CLIENT_HELLO_LAST = SP_CLIENT_HELLO_TOO_LONG
} SpClientHelloVerdict;

const char *sp_client_hello_verdict_to_string (SpClientHelloVerdict verdict);

/* The hello may span several records.  No more than SP_CLIENT_HELLO_MAX bytes are looked at, so
 * that is what a caller needs to peek.  A name that is no host name counts as absent.  `ret` is
 * filled only if COMPLETE. */
SpClientHelloVerdict sp_client_hello_peek (const guint8 *bytes, gsize size, SpClientHello *ret);

G_END_DECLS
