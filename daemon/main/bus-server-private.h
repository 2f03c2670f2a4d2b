/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "bus-server.h"

#include "history-stream.h"
#include "idle-restart.h"

G_BEGIN_DECLS

/* For the files that the server's interface consists of: each answers some of its methods. */

struct _SpExportedServer
{
  SpBusServerSkeleton parent_instance;
  SpServer *server;
  SpBusPorter *porter;
  SpBusAudience *audience;
  SpBusTree *tree; /* that has it */
  SpHistoryStreams *streams;
  SpIdleRestart *idle_restart;
  SpBootSwitch *boot;
};

/* bus-server-control.c: on and off, the settings' file, checkpoints */
void sp_exported_server_init_control (SpBusServerIface *iface);
void sp_exported_server_follow_checkpoint (SpExportedServer *self);
void sp_exported_server_follow_restart (SpExportedServer *self);
void sp_exported_server_follow_boot (SpExportedServer *self);
/* bus-server-people.c: users, sessions, devices, bans, history */
void sp_exported_server_init_people (SpBusServerIface *iface);
/* bus-dynamic-dns.c */
void sp_exported_server_init_dynamic_dns (SpBusServerIface *iface);
/* bus-port-mapping.c */
void sp_exported_server_init_port_mapping (SpBusServerIface *iface);
/* bus-acme.c */
void sp_exported_server_init_acme (SpBusServerIface *iface);
/* bus-server-keeping.c: certificates, log, backups */
void sp_exported_server_init_keeping (SpBusServerIface *iface);

G_END_DECLS
