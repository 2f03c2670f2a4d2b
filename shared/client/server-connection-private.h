/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "client/server-connection.h"

#include <gio/gunixfdlist.h>

G_BEGIN_DECLS

/* server-connection.c has the states and the bus, connection-attempt.c what is asked of the service
 * until there is a connection. */

typedef enum
{
  SP_SERVER_USERS,
  SP_SERVER_DEVICES,
  SP_SERVER_SESSIONS,
  SP_SERVER_STATISTICS,
  SP_SERVER_CERTIFICATES,
  SP_SERVER_INVITATIONS,
  SP_SERVER_BANS,
  SP_SERVER_JOBS,
  SP_SERVER_LISTS
} SpServerList;

struct _SpServerConnection
{
  GObject parent_instance;
  GDBusConnection *bus;
  gulong closed; /* handler of the bus */
  GObject *way;  /* to another computer's bus, or NULL */
  const SpBusWay *steps;
  char *name;
  GError *error; /* that ended the last attempt, or NULL */
  SpConnectionState state;
  char *message;
  SpBusServer *server;
  SpBusSettings *settings;
  GDBusObjectManager *manager;
  SpObjectList *lists[SP_SERVER_LISTS];
  GVariant *permissions; /* a{ss}, or NULL */

  GCancellable *attempt; /* the one under way, or NULL */
  GDBusCallFlags asking; /* of its subscription */
  gboolean follows;      /* starts nothing */
  GUnixFDList *subscription;
  guint watch; /* of the service's name */
  guint retry; /* a timer */
  guint retry_seconds;
};

/* The one place that changes the state. */
void sp_server_connection_set_state (SpServerConnection *connection,
                                     SpConnectionState state,
                                     const char *message);
void sp_server_connection_notify (SpServerConnection *connection, const char *property);
/* Whether the step of an attempt may go on; says what ended it otherwise.  Takes the error. */
gboolean sp_server_connection_goes_on (SpServerConnection *connection, GError *error);

/* connection-attempt.c: begins with who is there. */
void sp_server_connection_look_for_service (SpServerConnection *connection);

G_END_DECLS
