/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "session-registry-private.h"

G_BEGIN_DECLS

/* Sessions that outlive main, within the registry. */

/* The session has a holder that acknowledged: it shall outlive this main, as it is now. */
void sp_session_keep (SpSessionRegistry *self, SpSession *session);
/* A report came: is anything else to be kept? */
void sp_session_keep_transport (SpSessionRegistry *self, SpSession *session, guint8 transport);
/* The server goes off. */
void sp_session_keeping_close (SpSessionRegistry *self);

/* session-network.c: a device that an earlier main opened; takes *queue. */
gboolean sp_session_network_adopt (SpSessionRegistry *self,
                                   SpSession *session,
                                   int *queue,
                                   GError **error);

/* session-registry.c: the pieces of which a session is made */

/* Not announced yet, without a lease. */
SpSession *sp_session_registry_add (SpSessionRegistry *self, const guint8 *id, SpUser *user);
gboolean sp_session_registry_reserve (SpSessionRegistry *self, SpSession *session, GError **error);
/* Takes device, lease and loan away. */
void sp_session_registry_unfurnish (SpSessionRegistry *self, SpSession *session);
/* The group that the sign-in chose; NULL = none. */
SpGroup *sp_session_registry_find_group (SpSessionRegistry *self, const SpConnectionFacts *facts);

G_END_DECLS
