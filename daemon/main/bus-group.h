/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "bus/interfaces.h"
#include "server.h"

G_BEGIN_DECLS

/* A group as the bus sees it.  Whether the caller may ask was decided before. */
#define SP_TYPE_EXPORTED_GROUP (sp_exported_group_get_type ())
G_DECLARE_FINAL_TYPE (SpExportedGroup, sp_exported_group, SP, EXPORTED_GROUP, SpBusGroupSkeleton)

SpExportedGroup *sp_exported_group_new (SpGroupRegistry *groups, SpGroup *group);

/* The path of a group's object. */
char *sp_exported_group_path (SpGroup *group);

/* The server's method that makes one.  Answers the invocation. */
/* RestoreGroup() of the server. */
void sp_bus_group_restore (SpServer *server,
                           GDBusMethodInvocation *invocation,
                           const char *name,
                           GVariant *options);
void sp_bus_group_add (SpServer *server,
                       GDBusMethodInvocation *invocation,
                       GVariant *values,
                       GVariant *options);

G_END_DECLS
