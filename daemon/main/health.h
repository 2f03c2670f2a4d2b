/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "walls/keyholder-token.h"
#include "walls/main-keyholder.h"

G_BEGIN_DECLS

/* What the owner should look after.  An entry is "(ssa{sv})": its id, which is also its kind; how
 * grave it is ("warning" or "problem"); and details, "Text" (s) among them. */

#define SP_HEALTH_TYPE "(ssa{sv})"
#define SP_HEALTH_SOON (14 * (gint64) 24 * 3600 * G_USEC_PER_SEC) /* before a certificate's end */

/* Adds what there is to say of the certificate that is shown to clients: `path` is its object's,
 * `name` the server's in its settings or empty, `now` in microseconds since the epoch. */
void sp_health_add_certificate (GVariantBuilder *entries,
                                const SpCertificateKnown *certificate,
                                const char *path,
                                const char *name,
                                gint64 now);

/* Adds what there is to say of its key, where that is in a token; `text` says what is wrong. */
void sp_health_add_token (GVariantBuilder *entries,
                          SpTokenState state,
                          const char *text,
                          const char *path);

/* Adds that speed limits are not kept, as `trouble` says; NULL: they are. */
void sp_health_add_limits (GVariantBuilder *entries, const char *trouble);

/* Whether one of a certificate's names, each ended by a zero byte, stands for this host name
 * (RFC 6125 6.4: a star for the whole first label) or address. */
gboolean sp_health_has_name (const guint8 *names, gsize length, const char *name);

G_END_DECLS
