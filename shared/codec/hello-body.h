/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "cursor.h"

#define SP_HELLO_RANDOM_SIZE    32
#define SP_HELLO_SESSION_ID_MAX 32

/* The inside of a ClientHello (RFC 5246 7.4.1.2, RFC 8446 4.1.2; with the cookie of RFC 6347 4.2.1
 * in DTLS).  Cursors point into the given bytes. */
typedef struct
{
  guint16 version;
  const guint8 *random;
  SpCursor session_id; /* at most SP_HELLO_SESSION_ID_MAX bytes */
  SpCursor cookie;     /* empty in TLS */
  SpCursor extensions; /* the list's content; each extension is known to fit */
} SpHelloBody;

/* FALSE unless the body is used up exactly by well-formed parts. */
gboolean sp_hello_body_read (const guint8 *bytes,
                             gsize size,
                             gboolean has_cookie,
                             SpHelloBody *ret);

/* The content of the first extension of that type. */
gboolean sp_hello_body_find_extension (const SpHelloBody *body, guint16 type, SpCursor *ret);
