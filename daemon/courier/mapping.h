/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "question.h"
#include "walls/main-courier.h"

G_BEGIN_DECLS

/* One question to the router of this network: to forward ports, or to forward them no longer.  What
 * it answers is hostile until it is understood. */

/* As question.h says; what is told is an SpPortsMapped. */
void sp_mapping_start (const SpMapPorts *order, SpQuestionEnded ended, gpointer user_data);

/* By one way, waiting for it.  pcp.c (RFC 6887), nat-pmp.c (RFC 6886), upnp.c (UPnP IGD,
 * WANIPConnection). */
void sp_pcp_map (const SpMapPorts *order, SpPortsMapped *ret);
void sp_nat_pmp_map (const SpMapPorts *order, SpPortsMapped *ret);
void sp_upnp_map (const SpMapPorts *order, SpPortsMapped *ret);

/* The protocols of an order, of which each port that is not 0 is asked for. */
typedef struct
{
  guint16 port;
  gboolean is_udp;
} SpMappingPort;

void sp_mapping_list_ports (const SpMapPorts *order, SpMappingPort ret[2]);

G_END_DECLS
