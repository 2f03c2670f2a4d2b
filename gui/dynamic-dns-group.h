/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "client/server-connection.h"

#include <adwaita.h>

G_BEGIN_DECLS

/* The name that follows the address of this network: the way to that, how it is with it, and the
 * end of it. */
#define SP_TYPE_DYNAMIC_DNS_GROUP (sp_dynamic_dns_group_get_type ())
G_DECLARE_FINAL_TYPE (
    SpDynamicDnsGroup, sp_dynamic_dns_group, SP, DYNAMIC_DNS_GROUP, AdwPreferencesGroup)

/* To be called once. */
void sp_dynamic_dns_group_set_connection (SpDynamicDnsGroup *group, SpServerConnection *connection);

G_END_DECLS
