/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "walls/main-courier.h"

G_BEGIN_DECLS

/* An update of a zone (RFC 2136) that is signed with a key (TSIG, RFC 8945), and what a name server
 * answers: hostile bytes until their signature is verified.  Pure but for the clock, which is in
 * signatures. */
typedef struct _SpZoneUpdate SpZoneUpdate;

/* `secret`: of the key, in base64.  NULL: it is none of a key, or what was ordered cannot be asked
 * for; `ret_outcome` says which. */
SpZoneUpdate *sp_zone_update_new (const SpRunErrand *order,
                                  const char *secret,
                                  SpErrandOutcome *ret_outcome);
void sp_zone_update_free (SpZoneUpdate *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (SpZoneUpdate, sp_zone_update_free)

/* To be sent; it stays here. */
const guint8 *sp_zone_update_get_message (SpZoneUpdate *self, gsize *ret_size);

/* `ret_code`: the RCODE, 0 where there is none. */
SpErrandOutcome sp_zone_update_judge (SpZoneUpdate *self,
                                      const guint8 *answer,
                                      gsize size,
                                      guint16 *ret_code);

G_END_DECLS
