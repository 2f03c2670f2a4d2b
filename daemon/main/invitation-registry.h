/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "device-registry.h"
#include "invitation.h"

G_BEGIN_DECLS

/* All invitations.  The keyholder keeps them, since their links open something; this is what it
 * told of them.  Signals: "added" (SpInvitation), "removed" (SpInvitation), "step" (SpInvitation,
 * guint: somebody took it just now). */
#define SP_TYPE_INVITATION_REGISTRY (sp_invitation_registry_get_type ())
G_DECLARE_FINAL_TYPE (
    SpInvitationRegistry, sp_invitation_registry, SP, INVITATION_REGISTRY, GObject)

/* How a device with that label reaches the server from outside, "https://NAME"; free with g_free;
 * NULL if it does not. */
typedef char *(*SpUrlFinder) (gpointer user_data, const char *label);

/* Borrows all of them, which must outlive the registry. */
SpInvitationRegistry *sp_invitation_registry_new (SpKeyholderClient *keyholder,
                                                  SpUserRegistry *users,
                                                  SpDeviceRegistry *devices,
                                                  SpUrlFinder find_url,
                                                  gpointer user_data);

guint sp_invitation_registry_get_n (SpInvitationRegistry *self);
SpInvitation *sp_invitation_registry_get (SpInvitationRegistry *self, guint position); /* lent */

/* From the keyholder. */
void sp_invitation_registry_known (SpInvitationRegistry *self, const SpInvitationKnown *known);
void sp_invitation_registry_gone (SpInvitationRegistry *self, const guint8 *id);

/* `name`: of the device; `seconds`: how long the link is good.  Errors: SP_ERROR_INVALID_ARGUMENTS,
 * SP_ERROR_BUSY (as many devices as the user may have, or the keyholder is away), SP_ERROR_FAILED.
 */
void sp_invitation_registry_invite_async (SpInvitationRegistry *self,
                                          SpUser *user,
                                          const char *name,
                                          guint seconds,
                                          GCancellable *cancellable,
                                          GAsyncReadyCallback callback,
                                          gpointer user_data);
/* Lent; `ret_link` is a sealed memory file with the link in it. */
SpInvitation *sp_invitation_registry_invite_finish (SpInvitationRegistry *self,
                                                    GAsyncResult *result,
                                                    int *ret_link,
                                                    GError **error);

/* Neither the link nor a device that came of it and never connected is good for anything any more.
 * Errors: SP_ERROR_NOT_FOUND (it is over already), SP_ERROR_BUSY, SP_ERROR_FAILED. */
void sp_invitation_registry_revoke_async (SpInvitationRegistry *self,
                                          SpInvitation *invitation,
                                          GCancellable *cancellable,
                                          GAsyncReadyCallback callback,
                                          gpointer user_data);
gboolean sp_invitation_registry_revoke_finish (SpInvitationRegistry *self,
                                               GAsyncResult *result,
                                               GError **error);

G_END_DECLS
