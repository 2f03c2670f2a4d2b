/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "certificate-registry.h"
#include "door-client.h"
#include "invitation-registry.h"

G_BEGIN_DECLS

/* Which server names the door asks strangers for: what the settings say, which names are ours, and
 * which labels devices have.  A label is good while its invitation is open, and then while its
 * device is neither revoked nor of a user who was removed. */
typedef struct _SpDoorNames SpDoorNames;

/* Borrows all. */
SpDoorNames *sp_door_names_new (SpDoorClient *door, SpCertificateRegistry *certificates);
/* Once there are some; both borrowed. */
void sp_door_names_follow_devices (SpDoorNames *self,
                                   SpDeviceRegistry *devices,
                                   SpInvitationRegistry *invitations);
void sp_door_names_free (SpDoorNames *self);

/* From now on.  `own`: the server's public name, or an address, or empty; `former`: what it was
 * when the server was turned on, and those who are connected call it when they come back. */
void sp_door_names_set (SpDoorNames *self, SpGateMode mode, const char *own, const char *former);

/* Another door begins. */
void sp_door_names_tell_door (SpDoorNames *self);

G_END_DECLS
