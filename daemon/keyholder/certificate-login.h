/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "from-worker.h"

G_BEGIN_DECLS

/* The worker's client showed a certificate, and signed with its key (certificate-proof.h).  Is it
 * our authority's, of its time, for clients, and does a device have exactly this one?  Whose device
 * that is says our record, not what stands in the certificate. */
void sp_certificate_login_try (SpWorkerPeer *peer, guint32 serial, const SpTryCertificate *message);

/* The first half of that, which needs no record: ACCEPTED, or what is wrong with the certificate
 * itself.  `der`: a stranger's bytes; `now` in seconds since the epoch. */
SpLogin sp_certificate_login_judge (SpCertificate *authority,
                                    const guint8 *der,
                                    gsize size,
                                    gint64 now);

G_END_DECLS
