/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "platform/uplink.h"
#include "resolver-file.h"

/* An empty picture, to be filled. */
SpUplink *sp_uplink_new (void);

/* Adds name servers and domains. */
void sp_uplink_add_names (SpUplink *uplink, const SpResolverFile *names);

/* Fills in name servers, domains and connectivity, after interfaces and routes are known.  Where
 * `manager` (or NULL) does not know the names, resolv.conf(5) does; when programs here ask a
 * resolver of this machine, what that one asks is looked for where its makers write it. */
void sp_uplink_read_names (SpUplink *uplink, SpUplinkManager *manager);
