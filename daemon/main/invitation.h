/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "user.h"
#include "walls/main-keyholder.h"

G_BEGIN_DECLS

/* A link that makes a device of whoever opens it first.  The link itself nobody here knows.
 * Signal: "changed". */
#define SP_TYPE_INVITATION (sp_invitation_get_type ())
G_DECLARE_FINAL_TYPE (SpInvitation, sp_invitation, SP, INVITATION, GObject)

SpInvitation *sp_invitation_new (SpUser *user, const SpInvitationKnown *known);
const SpInvitationKnown *sp_invitation_get_known (SpInvitation *self);
SpUser *sp_invitation_get_user (SpInvitation *self);     /* lent */
const char *sp_invitation_get_name (SpInvitation *self); /* of the device */
/* Of the device; NULL: it has none. */
const char *sp_invitation_get_label (SpInvitation *self);
const char *sp_invitation_state_to_string (guint8 state);
/* The id in lower-case hexadecimal. */
const char *sp_invitation_get_path_element (SpInvitation *self);

/* What somebody did with it, in this order. */
#define SP_INVITATION_STEPS 3
const char *sp_invitation_step_to_string (guint step);
/* When; 0 = not yet. */
gint64 sp_invitation_get_step (SpInvitation *self, guint step);

/* For the registry alone. */
void sp_invitation_change (SpInvitation *self, const SpInvitationKnown *known);

G_END_DECLS
