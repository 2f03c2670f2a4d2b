/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "platform/uplink.h"

/* An empty picture, to be filled. */
SpUplink *sp_uplink_new (void);

/* Fills in name servers and domain.  When programs here ask a resolver of this machine, what that
 * one asks is looked for where its makers write it. */
void sp_uplink_read_resolvers (SpUplink *uplink);
