/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "base/limits.h"

#include <glib.h>

G_BEGIN_DECLS

/* What can be said of a DTLS datagram without a key (RFC 6347 4.1, 4.2; RFC 5246 7.4.1.2). */

#define SP_DTLS_RECORD_HEADER_SIZE 13
#define SP_DTLS_RANDOM_SIZE        32

/* RFC 6347 4.1; the last one is what was spoken before the standard (protocol 0.9) */
#define SP_DTLS_VERSION_1_0 0xfeff
#define SP_DTLS_VERSION_1_2 0xfefd
#define SP_DTLS_VERSION_0_9 0x0100

/* Private extension in which openconnect 7.08 sent its id */
#define SP_DTLS_EXTENSION_APP_ID 48018

/* TRUE if the datagram is nothing but whole, non-empty records of known type and version.  No
 * other datagram may reach GnuTLS: an empty one ends a session of 3.7.9, and a short one corrupts
 * the next.  `ret_records` (may be NULL) counts them. */
gboolean sp_dtls_datagram_tiles (const guint8 *bytes, gsize size, guint *ret_records);

/* TRUE if the datagram can be what an established peer sends: it tiles, and is exactly one record
 * of application data under keys (epoch 1 or later), long enough to carry proof.  Of a peer that
 * is not known by its address nothing else may reach a session. */
gboolean sp_dtls_datagram_can_prove (const guint8 *bytes, gsize size);

/* Points into the datagram. */
typedef struct
{
  guint8 app_id[SP_APP_ID_SIZE]; /* from extension 48018 if present, else the session id */
  gboolean from_extension;
  guint16 client_version;
  guint16 message_sequence; /* 1 in the answer to a HelloVerifyRequest */
  const guint8 *random;     /* SP_DTLS_RANDOM_SIZE bytes */
  gboolean has_cookie;
  const guint8 *cookie; /* 1–255 bytes if there is one */
  guint8 cookie_length;
} SpDtlsHello;

typedef enum
{
  SP_DTLS_HELLO_COMPLETE,
  SP_DTLS_HELLO_NOT_TILED, /* not DTLS, or sp_dtls_datagram_tiles() says no */
  SP_DTLS_HELLO_OTHER,     /* well-formed records, but not a ClientHello in epoch 0 */
  SP_DTLS_HELLO_MALFORMED, /* a hello whose inner lengths do not fit, or more than one record */
  SP_DTLS_HELLO_TOO_LONG,  /* more than SP_FIRST_DATAGRAM_MAX bytes */
  SP_DTLS_HELLO_FRAGMENT,  /* not the whole message */
  SP_DTLS_HELLO_NO_RANDOM, /* all zero: a client with a broken GnuTLS (3.6.3–3.6.12) */
  SP_DTLS_HELLO_NO_ID,     /* no id of our length */
  SP_DTLS_HELLO_LAST = SP_DTLS_HELLO_NO_ID
} SpDtlsHelloVerdict;

const char *sp_dtls_hello_verdict_to_string (SpDtlsHelloVerdict verdict);

/* Reads the first datagram of an unknown peer: exactly one record with one unfragmented
 * ClientHello.  `ret` is filled only if COMPLETE. */
SpDtlsHelloVerdict sp_dtls_hello_read (const guint8 *bytes, gsize size, SpDtlsHello *ret);

G_END_DECLS
