/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "bus/interfaces.h"
#include "invitation-registry.h"

G_BEGIN_DECLS

/* A user as the bus sees it: follows the model's properties and carries out what is asked.  Whether
 * the caller may ask was decided before. */
#define SP_TYPE_EXPORTED_USER (sp_exported_user_get_type ())
G_DECLARE_FINAL_TYPE (SpExportedUser, sp_exported_user, SP, EXPORTED_USER, SpBusUserSkeleton)

SpExportedUser *sp_exported_user_new (SpUserRegistry *users,
                                      SpDeviceRegistry *devices,
                                      SpInvitationRegistry *invitations,
                                      SpUser *user);

/* The path of a user's object. */
char *sp_exported_user_path (SpUser *user);

/* Takes back the removal that the token stands for and answers the invocation; FALSE if it stands
 * for none. */
gboolean sp_bus_user_undo (SpUserRegistry *users,
                           const char *token,
                           GDBusMethodInvocation *invocation);

G_END_DECLS
