/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "acme-plan.h"
#include "server.h"

G_BEGIN_DECLS

/* How an authority is shown that a name leads here (RFC 8555 8): each way is a row of a table. */

/* What it looks for. */
typedef struct
{
  char name[SP_DOMAIN_MAX + 1];
  char token[SP_ACME_TOKEN_MAX + 1];     /* of the alphabet of base64url */
  guint8 thumbprint[SP_VALIDATION_SIZE]; /* of the account's key (RFC 7638) */
  guint8 digest[SP_VALIDATION_SIZE];     /* of the key authorization (RFC 8555 8.1) */
} SpAcmeProof;

/* Those that the settings allow, the one that is liked best first; returns how many.  That by which
 * the authority did not find the server the last time is last. */
guint sp_acme_ways_list (const SpSettings *settings,
                         const SpAcmeRecord *record,
                         guint8 ret[SP_ACME_WAYS_N]);

/* Instead of what was shown before, in whichever way.  The task returns TRUE when the authority may
 * look, or an error, SP_ERROR_PORT_IN_USE and of SP_ACME_ERROR among others; it may be cancelled,
 * as by hiding. */
void sp_acme_way_show (SpAcmeWay way, SpServer *server, const SpAcmeProof *proof, GTask *task);
/* Nobody looks any more.  Nothing, if nothing is shown. */
void sp_acme_ways_hide (SpServer *server);

G_END_DECLS
