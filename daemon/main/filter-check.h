/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "platform/foreign-filter.h"
#include "platform/uplink.h"

G_BEGIN_DECLS

/* Whether the packet filters of other programs on this computer let through what the server needs:
 * packets of devices, their answers, and connections to the port. */
typedef struct _SpFilterCheck SpFilterCheck;

/* `changed` is called when others' rules did.  Where they cannot be followed (that is logged) only
 * sp_filter_check_look() finds out. */
SpFilterCheck *sp_filter_check_new (SpForeignFilterChanged changed, gpointer user_data);
void sp_filter_check_free (SpFilterCheck *check);

/* Reads their rules anew. */
void sp_filter_check_look (SpFilterCheck *check);

/* What the server is like that they may be in the way of; lent. */
typedef struct
{
  const SpUplink *uplink;
  gboolean has_ipv6;           /* devices have addresses of it, and may go out with it */
  guint port;                  /* TCP */
  guint udp_port;              /* 0: none */
  gboolean firewalld_is_asked; /* to let us through, and has not answered yet */
} SpFilterNeeds;

/* Whether connections (IPPROTO_TCP) or datagrams (IPPROTO_UDP) to the server certainly are dropped.
 */
gboolean sp_filter_check_drops (const SpFilterCheck *check,
                                const SpFilterNeeds *needs,
                                guint8 protocol);

/* Adds entries of the health (health.h): "forwarding-blocked", and "port-blocked" or
 * "datagrams-blocked". */
void sp_filter_check_add (const SpFilterCheck *check,
                          const SpFilterNeeds *needs,
                          GVariantBuilder *entries);

G_END_DECLS
