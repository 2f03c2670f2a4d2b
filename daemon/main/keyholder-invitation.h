/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "keyholder-client.h"

G_BEGIN_DECLS

/* What the keyholder is asked about invitations.  The first one's task returns a SpInvited, to be
 * freed with g_free; the descriptor is lent. */
void sp_keyholder_client_invite (SpKeyholderClient *self,
                                 const SpInvite *message,
                                 int link,
                                 GTask *task);
void sp_keyholder_client_revoke_invitation (SpKeyholderClient *self,
                                            const guint8 *invitation,
                                            GTask *task);

G_END_DECLS
