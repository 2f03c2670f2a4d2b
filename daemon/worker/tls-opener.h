/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <glib.h>
#include <gnutls/gnutls.h>

G_BEGIN_DECLS

/* Opens the records of data that a client sends over TLS 1.2 or 1.3, with the keys that GnuTLS
 * negotiated but without its record layer, which copies each record twice, allocates 16 KiB for it
 * and costs as much again as the cipher.  For AES-128-GCM, AES-256-GCM and ChaCha20-Poly1305.
 *
 * Records are numbered in their order, without gaps, and the number is not on the wire (RFC 5246
 * 6.1, RFC 8446 5.3): each record is read either here, or by GnuTLS with the number that it is
 * lent. Whatever is not plainly data GnuTLS reads: alerts, handshakes, changes of keys, what is not
 * authentic. */

#define SP_TLS_RECORD_HEADER_SIZE 5
#define SP_TLS_TEXT_MAX           16384

typedef struct _SpTlsOpener SpTlsOpener;

/* At the boundary of two records; NULL if this is not for us, or not to be had. */
SpTlsOpener *sp_tls_opener_new (gnutls_session_t session);
void sp_tls_opener_free (SpTlsOpener *self); /* wiped; NULL is fine */

/* A whole record into `ret_text`, which holds SP_TLS_TEXT_MAX bytes and may be empty; FALSE: GnuTLS
 * is to read it. */
gboolean sp_tls_opener_open (
    SpTlsOpener *self, const guint8 *record, gsize size, guint8 *ret_text, gsize *ret_size);

/* Before and after GnuTLS reads.  FALSE afterwards: it has changed the keys, so that another opener
 * is needed. */
void sp_tls_opener_lend (SpTlsOpener *self);
gboolean sp_tls_opener_take_back (SpTlsOpener *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (SpTlsOpener, sp_tls_opener_free)

G_END_DECLS
