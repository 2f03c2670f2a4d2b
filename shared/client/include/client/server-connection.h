/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "bus/interfaces.h"
#include "client/object-list.h"

G_BEGIN_DECLS

/* How a server is reached through a bus, and everything that it has as live models.  Nothing here
 * is truth: it all follows the service.  Main thread only. */

typedef enum
{
  SP_CONNECTION_LOADING,  /* on the way */
  SP_CONNECTION_ABSENT,   /* the bus knows no such service, and can start none */
  SP_CONNECTION_FAILED,   /* it could not be reached or started; the message tells why */
  SP_CONNECTION_OUTDATED, /* it speaks an older API than we need */
  SP_CONNECTION_DENIED,   /* we may not look; sp_server_connection_unlock() asks */
  SP_CONNECTION_LOST,     /* it was ready and went away; what the models have is of before */
  SP_CONNECTION_READY,
} SpConnectionState;

/* What the caller may do, by polkit action. */
typedef enum
{
  SP_PERMISSION_NO,
  SP_PERMISSION_ASK, /* after authentication */
  SP_PERMISSION_YES,
} SpPermission;

/* Flags and timeout of every call that a person waits for: they may have to type a password. */
#define SP_CALL_FLAGS   G_DBUS_CALL_FLAGS_ALLOW_INTERACTIVE_AUTHORIZATION
#define SP_CALL_TIMEOUT (10 * 60 * 1000) /* ms */

/* The oldest ApiVersion that the models can work with. */
#define SP_API_VERSION_NEEDED 1

/* Properties (read only, with notify): "state" (uint, an SpConnectionState), "server" (SpBusServer,
 * NULL before the first READY), "settings" (SpBusSettings, likewise), "message" (text of FAILED, an
 * English sentence of the service or the bus), "permissions" (boxed, no value: asks to look again
 * at sp_server_connection_get_permission()). */
#define SP_TYPE_SERVER_CONNECTION (sp_server_connection_get_type ())
G_DECLARE_FINAL_TYPE (SpServerConnection, sp_server_connection, SP, SERVER_CONNECTION, GObject)

/* `name`: what people call the computer.  `bus`: its system bus; NULL: that of this computer.
 * Nothing happens before sp_server_connection_open(). */
SpServerConnection *sp_server_connection_new (GDBusConnection *bus, const char *name);

/* How the bus of another computer is reached, as often as it is lost.  The bus is the caller's, and
 * carries nothing any more once it is closed. */
typedef struct
{
  void (*connect) (GObject *way,
                   GCancellable *cancellable,
                   GAsyncReadyCallback callback,
                   gpointer data);
  GDBusConnection *(*finish) (GObject *way, GAsyncResult *result, GError **error);
  /* Whether it is no use to try again by itself: FAILED then, and not LOST. */
  gboolean (*is_final) (const GError *error);
  /* Ends what was reached, at once. */
  void (*end) (GObject *way);
} SpBusWay;

/* `steps` outlives it. */
SpServerConnection *sp_server_connection_new_remote (GObject *way,
                                                     const SpBusWay *steps,
                                                     const char *name);

/* Begins, or tries again now. */
void sp_server_connection_open (SpServerConnection *connection);
/* Instead of open(): starts no service, and is there when somebody else did. */
void sp_server_connection_follow (SpServerConnection *connection);
/* As open(), and lets the person authenticate for looking and all that follows. */
void sp_server_connection_unlock (SpServerConnection *connection);
/* Asks the service again what the caller may do. */
void sp_server_connection_look_at_permissions (SpServerConnection *connection);

/* As open(), by a new bus if it is another computer's: what somebody may do there is found anew. */
void sp_server_connection_reconnect (SpServerConnection *connection);

/* Nobody wants it any more: ends the way to another computer.  What is under way holds a reference,
 * so that it would not end by itself. */
void sp_server_connection_close (SpServerConnection *connection);

SpConnectionState sp_server_connection_get_state (SpServerConnection *connection);
const char *sp_server_connection_get_name (SpServerConnection *connection);
const char *sp_server_connection_get_message (SpServerConnection *connection);
/* What ended the last attempt, or NULL; lent. */
const GError *sp_server_connection_get_error (SpServerConnection *connection);
/* Of new_remote(), or NULL; lent. */
GObject *sp_server_connection_get_way (SpServerConnection *connection);
SpBusServer *sp_server_connection_get_server (SpServerConnection *connection);
SpBusSettings *sp_server_connection_get_settings (SpServerConnection *connection);
/* Whether it is another computer's: the way there may lead through the VPN. */
gboolean sp_server_connection_is_remote (SpServerConnection *connection);
GDBusConnection *sp_server_connection_get_bus (SpServerConnection *connection);

/* `action`: the last part of the polkit action, "manage-users".  NO while it is not known. */
SpPermission sp_server_connection_get_permission (SpServerConnection *connection,
                                                  const char *action);
/* Whether Server.Features names it. */
gboolean sp_server_connection_has_feature (SpServerConnection *connection, const char *feature);

/* Live lists, each of the proxies of one interface; they live as long as the connection; lent. */
SpObjectList *sp_server_connection_get_users (SpServerConnection *connection);
SpObjectList *sp_server_connection_get_devices (SpServerConnection *connection);
SpObjectList *sp_server_connection_get_sessions (SpServerConnection *connection);
SpObjectList *sp_server_connection_get_statistics (SpServerConnection *connection); /* same paths */
SpObjectList *sp_server_connection_get_certificates (SpServerConnection *connection);
SpObjectList *sp_server_connection_get_invitations (SpServerConnection *connection);
SpObjectList *sp_server_connection_get_bans (SpServerConnection *connection);
SpObjectList *sp_server_connection_get_jobs (SpServerConnection *connection);

G_END_DECLS
