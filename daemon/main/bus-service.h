/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "server.h"

#include <gio/gio.h>

G_BEGIN_DECLS

/* The whole service on the bus: exports the server with its users and sessions, lets in who may,
 * and owns the name.  The models know nothing of it. */
#define SP_TYPE_BUS_SERVICE (sp_bus_service_get_type ())
G_DECLARE_FINAL_TYPE (SpBusService, sp_bus_service, SP, BUS_SERVICE, GObject)

/* Signals:
 * "name-acquired"  callers can reach us
 * "name-lost"      the name went to somebody else, was never ours, or the bus is gone: end
 * "in-use-changed" sp_bus_service_is_in_use() may answer differently, or somebody called: an idle
 *                  program begins to count anew
 */

/* Exports everything on `connection` and then asks for the name. */
SpBusService *sp_bus_service_new (GDBusConnection *connection, SpServer *server, GError **error);

/* Lets go of the server and everything that hangs on it, and keeps the name: callers find no object
 * until another server is served. */
void sp_bus_service_leave (SpBusService *self);
gboolean sp_bus_service_serve (SpBusService *self, SpServer *server, GError **error);

/* Whether somebody holds a subscription or waits for an answer, or a job runs; then an idle server
 * must stay. */
gboolean sp_bus_service_is_in_use (SpBusService *self);

/* Gives the name back and answers no more; also done when the last reference goes. */
void sp_bus_service_close (SpBusService *self);

G_END_DECLS
