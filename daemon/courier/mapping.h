/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "question.h"
#include "walls/main-courier.h"

G_BEGIN_DECLS

/* One question to the router of this network: to forward ports, or to forward them no longer.  What
 * it answers is hostile until it is understood. */

/* As question.h says; what is told is an SpPortsMapped. */
void sp_mapping_start (const SpMapPorts *order, SpQuestionEnded ended, gpointer user_data);

/* By one way, waiting for it: first TCP, without which nobody connects, then UDP.  pcp.c (RFC
 * 6887), nat-pmp.c (RFC 6886), upnp.c (UPnP IGD, WANIPConnection). */
void sp_pcp_map (const SpMapPorts *order, SpPortsMapped *ret);
void sp_nat_pmp_map (const SpMapPorts *order, SpPortsMapped *ret);
void sp_upnp_map (const SpMapPorts *order, SpPortsMapped *ret);

/* One port of an order, which is not 0. */
typedef struct
{
  guint16 port;
  gboolean is_udp;
} SpMappingPort;

/* How a way has a port lead here, and no longer.  `map` leaves nothing behind that is not DONE, and
 * lowers `seconds` of the answer to what the router grants. */
typedef struct
{
  SpMappingOutcome (*map) (gpointer talk, const SpMappingPort *port, SpPortsMapped *ret);
  SpMappingOutcome (*unmap) (gpointer talk, const SpMappingPort *port);
} SpMappingSteps;

/* What is ordered, port by port; writes the outcomes and the seconds, which are to be those of the
 * order before.  A port that the router does not give leaves the other one as it is; whatever else
 * fails undoes it. */
void sp_mapping_take_steps (const SpMappingSteps *steps,
                            gpointer talk,
                            const SpMapPorts *order,
                            SpPortsMapped *ret);

/* Both outcomes, of what concerns no port by itself. */
void sp_mapping_set_outcome (SpPortsMapped *ret, SpMappingOutcome outcome);
gboolean sp_mapping_has_done (const SpPortsMapped *done); /* at least one */

G_END_DECLS
