/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "bus/interfaces.h"
#include "device-registry.h"

G_BEGIN_DECLS

/* The methods of a user's second step, for the user's object (bus-user.c).  Each takes the
 * invocation. */

void sp_bus_two_step_enroll (SpUserRegistry *users,
                             SpUser *user,
                             GDBusMethodInvocation *invocation,
                             GVariant *options);
void sp_bus_two_step_confirm (SpUserRegistry *users,
                              SpUser *user,
                              GDBusMethodInvocation *invocation,
                              const char *code,
                              GVariant *options);
void sp_bus_two_step_remove (SpUserRegistry *users,
                             SpUser *user,
                             GDBusMethodInvocation *invocation,
                             GVariant *options);

/* A password of a program, which needs no second step. */
void sp_bus_two_step_add_app_password (SpDeviceRegistry *devices,
                                       SpUser *user,
                                       GDBusMethodInvocation *invocation,
                                       const char *name,
                                       GVariant *options);

G_END_DECLS
