/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "client/server-connection.h"
#include "remote/contact.h"

G_BEGIN_DECLS

/* Servers of other computers, as the window reaches them. */

/* Where the app's own key and the keys of trusted computers are. */
char *sp_remote_server_get_folder (void);
/* Where the computers stand that were connected to (sp_computer_list_read()). */
char *sp_remote_server_get_list_path (void);

/* Nothing happens before sp_server_connection_open().  Once it is reached it stands among those
 * that were connected to. */
SpServerConnection *sp_remote_server_new (const SpTarget *target, gboolean own_key);

/* The way to a server of new(); NULL for that of this computer; lent. */
SpContact *sp_remote_server_get_contact (SpServerConnection *connection);
/* Its computer as a person would write it; "" for this one.  Free with g_free(). */
char *sp_remote_server_get_address (SpServerConnection *connection);
/* Whether the way to it leads through its own VPN, as far as can be told. */
gboolean sp_remote_server_is_inside (SpServerConnection *connection);
/* What lets its account there do everything, or NULL.  Free with g_free(). */
char *sp_remote_server_get_remedy (SpServerConnection *connection);

G_END_DECLS
