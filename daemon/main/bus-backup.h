/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "server.h"

#include <gio/gunixfdlist.h>

G_BEGIN_DECLS

/* The server's methods about backups.  Each answers the invocation. */
typedef struct
{
  GDBusMethodInvocation *invocation;
  GUnixFDList *descriptors;
  GVariant *file;
  GVariant *passphrase;
  GVariant *options;
} SpBusBackupCall;

void sp_bus_backup_export (SpServer *server, const SpBusBackupCall *call);
void sp_bus_backup_check (SpServer *server, const SpBusBackupCall *call);
void sp_bus_backup_import (SpServer *server, const SpBusBackupCall *call);
void sp_bus_backup_set_passphrase (SpServer *server, const SpBusBackupCall *call); /* no file */
void sp_bus_backup_forget_passphrase (SpServer *server,
                                      GDBusMethodInvocation *invocation,
                                      GVariant *options);
void sp_bus_backup_reset (SpServer *server, GDBusMethodInvocation *invocation, GVariant *options);

/* What waits for a new server (the signal "replaced"): answers it, with `error` (NULL: none) from
 * turning that on.  Frees it. */
typedef struct _SpBusAnswer SpBusAnswer;
void sp_bus_answer_give (SpBusAnswer *answer, const GError *error);

G_END_DECLS
