/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "bus/interfaces.h"
#include "invitation-registry.h"

G_BEGIN_DECLS

/* An invitation as the bus sees it: follows the model and carries out what is asked.  Whether the
 * caller may ask was decided before. */
#define SP_TYPE_EXPORTED_INVITATION (sp_exported_invitation_get_type ())
G_DECLARE_FINAL_TYPE (
    SpExportedInvitation, sp_exported_invitation, SP, EXPORTED_INVITATION, SpBusInvitationSkeleton)

SpExportedInvitation *sp_exported_invitation_new (SpInvitationRegistry *invitations,
                                                  SpInvitation *invitation);

/* The path of an invitation's object. */
char *sp_exported_invitation_path (SpInvitation *invitation);

/* The arguments of StepTaken. */
GVariant *sp_exported_invitation_step (SpInvitation *invitation, guint step);

/* Invite() of a user; answers the invocation. */
void sp_bus_invitation_invite (SpInvitationRegistry *invitations,
                               SpUser *user,
                               GDBusMethodInvocation *invocation,
                               GVariant *options);

G_END_DECLS
