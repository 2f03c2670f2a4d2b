/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "penalty-book.h"
#include "platform/uplink.h"
#include "walls/keyholder-token.h"
#include "walls/main-keyholder.h"

G_BEGIN_DECLS

/* What the owner should look after.  An entry is "(ssa{sv})": its id, which is also its kind; how
 * grave it is ("warning" or "problem"); and details, "Text" (s) among them. */

#define SP_HEALTH_TYPE "(ssa{sv})"
#define SP_HEALTH_SOON (14 * (gint64) 24 * 3600 * G_USEC_PER_SEC) /* before a certificate's end */

/* Adds what there is to say of the certificate that is shown to clients: `path` is its object's,
 * `name` the server's in its settings or empty, `now` in microseconds since the epoch, 0 if that is
 * not known. */
void sp_health_add_certificate (GVariantBuilder *entries,
                                const SpCertificateKnown *certificate,
                                const char *path,
                                const char *name,
                                gint64 now);

/* Says so if it is not good for `name` with a label before it. */
void sp_health_add_wildcard (GVariantBuilder *entries,
                             const SpCertificateKnown *certificate,
                             const char *path,
                             const char *name);

/* Adds what there is to say of its key, where that is in a token; `text` says what is wrong. */
void sp_health_add_token (GVariantBuilder *entries,
                          SpTokenState state,
                          const char *text,
                          const char *path);

/* Adds that speed limits are not kept, as `trouble` says; NULL: they are. */
void sp_health_add_limits (GVariantBuilder *entries, const char *trouble);

/* Adds that this computer's clock says `now`, which is before `latest`, when it has been on before.
 */
void sp_health_add_clock (GVariantBuilder *entries, gint64 now, gint64 latest);

/* Adds that this computer may sleep while the server is on: `trouble` says why nothing keeps it
 * awake; NULL: nobody asked for that. */
void sp_health_add_sleep (GVariantBuilder *entries, const char *trouble);

/* Adds that the provider of dynamic DNS does not know our address: a word for why, what mends it,
 * and what the provider said, or empty. */
void sp_health_add_dynamic_dns (GVariantBuilder *entries,
                                const char *reason,
                                const char *advice,
                                const char *word);

/* Adds that no router forwards the ports, though the settings want it: a word for why, and what
 * mends it. */
void sp_health_add_port_mapping (GVariantBuilder *entries, const char *reason, const char *advice);
/* Adds that the router's firewall lets nobody in over IPv6; likewise. */
void sp_health_add_pinholes (GVariantBuilder *entries, const char *reason, const char *advice);
/* Adds that no certificate came from the authority: a word for why, and what mends it.  `renewal`:
 * the one that is there is good for a while. */
void sp_health_add_acme (GVariantBuilder *entries,
                         const char *reason,
                         const char *advice,
                         gboolean renewal);

/* Adds that the devices' range overlaps `network`, one that this computer is in. */
void sp_health_add_overlap (GVariantBuilder *entries, const char *range, const char *network);

/* Adds that this computer does not reach the internet, as far as that is known. */
void sp_health_add_connectivity (GVariantBuilder *entries, SpConnectivity connectivity);

/* Adds that we are under attack; NULL: we are not.  `culprit`: where most comes from and what can
 * be blocked, or NULL. */
void sp_health_add_attack (GVariantBuilder *entries,
                           const SpAttack *attack,
                           const SpPenalty *culprit,
                           gint64 now);

/* Whether one of a certificate's names, each ended by a zero byte, stands for this host name
 * (RFC 6125 6.4: a star for the whole first label) or address. */
gboolean sp_health_has_name (const guint8 *names, gsize length, const char *name);

G_END_DECLS
