/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "keyholder.h"

G_BEGIN_DECLS

/* What main orders about invitations: handlers of wall C. */
void sp_invitation_order_invite (gpointer user_data,
                                 guint32 serial,
                                 gconstpointer message,
                                 int *fds);
void sp_invitation_order_revoke (gpointer user_data,
                                 guint32 serial,
                                 gconstpointer message,
                                 int *fds);

/* Tells main of all; once, at the start. */
gboolean sp_invitation_order_tell_all (SpKeyholder *keyholder, GError **error);
/* Ends those whose time is over, and forgets those that were over for long. */
void sp_invitation_order_expire (SpKeyholder *keyholder);
/* A session of the device asks for a tunnel. */
void sp_invitation_order_connected (SpKeyholder *keyholder,
                                    const guint8 *device,
                                    const guint8 *address);
/* Tells main how the invitation is now. */
void sp_invitation_order_tell (SpKeyholder *keyholder, const guint8 *invitation);

G_END_DECLS
