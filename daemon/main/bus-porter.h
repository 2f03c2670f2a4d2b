/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "bus-permission.h"

#include <gio/gio.h>

G_BEGIN_DECLS

/* Decides who may pass.  The superuser may always, so that a broken polkit locks nobody out;
 * about everybody else polkit is asked, and where it does not answer nobody else may.  Who asks is
 * known from the bus, by the sender of the message, and never from what the message says. */
#define SP_TYPE_BUS_PORTER (sp_bus_porter_get_type ())
G_DECLARE_FINAL_TYPE (SpBusPorter, sp_bus_porter, SP, BUS_PORTER, GObject)

SpBusPorter *sp_bus_porter_new (GDBusConnection *connection);

/* May `sender` do what needs `permission`?  `login` (or NULL) is who it is about, for the question.
 * Only an interactive check may open a dialog; it is closed when the sender leaves the bus. */
void sp_bus_porter_check_async (SpBusPorter *self,
                                const char *sender,
                                const SpBusPermission *permission,
                                const char *login,
                                gboolean interactive,
                                GAsyncReadyCallback callback,
                                gpointer data);
/* Errors: SP_BUS_ERROR_NOT_AUTHORIZED in its three kinds, SP_BUS_ERROR_BUSY when too many questions
 * of the same account wait. */
gboolean sp_bus_porter_check_finish (SpBusPorter *self, GAsyncResult *result, GError **error);

/* What `sender` may do: a{ss} from action to "yes", "auth" or "no".  Never asks a person. */
void sp_bus_porter_list_async (SpBusPorter *self,
                               const char *sender,
                               GAsyncReadyCallback callback,
                               gpointer data);
GVariant *sp_bus_porter_list_finish (SpBusPorter *self, GAsyncResult *result, GError **error);

G_END_DECLS
