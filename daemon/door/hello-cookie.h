/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "base/endpoint.h"
#include "codec/dtls-datagram.h"

#include <glib.h>
#include <gnutls/dtls.h>

G_BEGIN_DECLS

/* The stateless return-routability check of DTLS (RFC 6347 4.2.1), made by GnuTLS.  A cookie is a
 * MAC over peer address, port and the hello's id, so it is worth nothing elsewhere.  It bears no
 * time; instead keys change every SP_HELLO_COOKIE_SECONDS and the one before is still good. */

#define SP_HELLO_COOKIE_SECONDS 120

typedef struct _SpHelloCookie SpHelloCookie;

SpHelloCookie *sp_hello_cookie_new (gint64 now);
void sp_hello_cookie_free (SpHelloCookie *cookie); /* wipes the keys */

/* Changes keys if it is time; returns when it will be time again. */
gint64 sp_hello_cookie_rotate (SpHelloCookie *cookie, gint64 now);

/* Pushes a HelloVerifyRequest through `push`; FALSE if that failed. */
gboolean sp_hello_cookie_challenge (SpHelloCookie *cookie,
                                    const SpEndpoint *peer,
                                    const SpDtlsHello *hello,
                                    gnutls_push_func push,
                                    gpointer push_data);
/* `datagram` must have passed sp_dtls_hello_read(). */
gboolean sp_hello_cookie_verify (SpHelloCookie *cookie,
                                 const SpEndpoint *peer,
                                 const SpDtlsHello *hello,
                                 const guint8 *datagram,
                                 gsize size,
                                 gnutls_dtls_prestate_st *ret_prestate);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (SpHelloCookie, sp_hello_cookie_free)

G_END_DECLS
