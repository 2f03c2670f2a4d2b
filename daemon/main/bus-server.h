/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "boot-switch.h"
#include "bus-audience.h"
#include "bus-porter.h"
#include "bus-tree.h"
#include "bus/interfaces.h"
#include "server.h"
#include "firewalld-guest.h"
#include "sleep-guard.h"

G_BEGIN_DECLS

/* The server as the bus sees it.  Whether the caller may ask was decided before; the porter is here
 * only to list permissions, the audience to subscribe to, the tree (lent) to read what users show.
 */
#define SP_TYPE_EXPORTED_SERVER (sp_exported_server_get_type ())
G_DECLARE_FINAL_TYPE (
    SpExportedServer, sp_exported_server, SP, EXPORTED_SERVER, SpBusServerSkeleton)

SpExportedServer *sp_exported_server_new (SpServer *server,
                                          SpBusPorter *porter,
                                          SpBusAudience *audience,
                                          SpBusTree *tree,
                                          SpSleepGuard *guard,
                                          SpFirewalldGuest *guest,
                                          SpBootSwitch *boot);

G_END_DECLS
