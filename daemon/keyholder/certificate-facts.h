/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "certificate.h"
#include "walls/main-keyholder.h"

G_BEGIN_DECLS

/* What main is told of a certificate. */

/* The last byte of the ids of our own two; all others of them are zero. */
#define SP_CERTIFICATE_ID_AUTHORITY 1
#define SP_CERTIFICATE_ID_SERVER    2

/* Fills in all but id, kind, origin and active; what a certificate lacks stays empty, what is too
 * long is cut. */
void sp_certificate_facts_read (SpCertificate *certificate, SpCertificateKnown *ret_facts);

/* "EC P-256", "RSA 2048": what people call such a key; `text` has SP_KEY_TEXT_MAX bytes and gets
 * no terminator.  Returns the length. */
guint16 sp_certificate_facts_name_key (SpCertificate *certificate, guint8 *text);

G_END_DECLS
