/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "bus/interfaces.h"
#include "server.h"

G_BEGIN_DECLS

/* A ban as the bus sees it.  Whether the caller may ask was decided before. */
#define SP_TYPE_EXPORTED_BAN (sp_exported_ban_get_type ())
G_DECLARE_FINAL_TYPE (SpExportedBan, sp_exported_ban, SP, EXPORTED_BAN, SpBusBanSkeleton)

SpExportedBan *sp_exported_ban_new (SpBanRegistry *bans, SpBan *ban);

/* The path of a ban's object. */
char *sp_exported_ban_path (SpBan *ban);

/* The server's method that makes one.  Answers the invocation. */
void sp_bus_ban_block (SpServer *server,
                       GDBusMethodInvocation *invocation,
                       const char *address,
                       GVariant *options);

/* Whether a ban could end then: 0, or a time that comes. */
gboolean sp_bus_ban_check_until (guint64 until, GError **error);

G_END_DECLS
