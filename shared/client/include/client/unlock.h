/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "client/server-connection.h"

G_BEGIN_DECLS

/* One question for a person's password in the place of one for each kind of thing that they do. */

/* Whether there is something that the person may do after authenticating, and one question for all
 * of it. */
gboolean sp_unlock_is_called_for (SpServerConnection *connection);

/* Asks it, and the service then what is allowed now.  Of a connection that is ready. */
void sp_unlock_async (SpServerConnection *connection, GAsyncReadyCallback callback, gpointer data);
/* Errors: SP_BUS_ERROR_NOT_AUTHORIZED in its three kinds, and those of the bus. */
gboolean sp_unlock_finish (SpServerConnection *connection, GAsyncResult *result, GError **error);

G_END_DECLS
