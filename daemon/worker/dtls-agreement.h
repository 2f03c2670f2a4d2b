/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "worker-private.h"

G_BEGIN_DECLS

/* Which datagram channel client and server agree on in CONNECT, and what keys it. */

/* SP_TUNNEL_WANTS_DTLS and its like: what the client offers and this worker can do. */
guint8 sp_dtls_agreement_describe (const SpWorker *worker);

/* Fills the keys from the offer, as main granted it.  FALSE: there will be no datagram channel. */
gboolean sp_dtls_agreement_make (const SpWorker *worker,
                                 const SpTunnelGranted *grant,
                                 SpDtlsKeys *ret);

/* What a record of that channel adds to a packet, in bytes. */
guint32 sp_dtls_agreement_get_overhead (const SpWorker *worker, const SpDtlsKeys *keys);

G_END_DECLS
