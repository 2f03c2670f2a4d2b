/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "errand.h"

G_BEGIN_DECLS

/* One update of a zone at a name server, over TCP (RFC 2136, RFC 7766), since the answer says
 * whether it was done and has to come. */
typedef struct _SpZoneErrand SpZoneErrand;

/* `secret` is a text; it is taken. */
SpZoneErrand *sp_zone_errand_start (const SpRunErrand *order,
                                    char *secret,
                                    SpErrandEnded ended,
                                    gpointer user_data);
void sp_zone_errand_free (SpZoneErrand *errand);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (SpZoneErrand, sp_zone_errand_free)

G_END_DECLS
