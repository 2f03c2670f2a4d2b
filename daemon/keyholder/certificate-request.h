/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "certificate.h"

G_BEGIN_DECLS

/* PKCS #10 (RFC 2986), DER: asks an authority for a server's certificate for these names. */
GBytes *sp_certificate_request_make (SpPrivateKey *key, const char *const *names, GError **error);

/* Its subject as text; free with g_free. */
char *sp_certificate_request_get_subject (GBytes *request);
/* "EC P-256" */
char *sp_certificate_request_get_key (GBytes *request);

G_END_DECLS
