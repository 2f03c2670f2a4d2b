/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "base/names.h"

#include <glib.h>

G_BEGIN_DECLS

#define SP_BUS_SERVER_INTERFACE      SP_BUS_INTERFACE "Server"
#define SP_BUS_SETTINGS_INTERFACE    SP_BUS_INTERFACE "Settings"
#define SP_BUS_USER_INTERFACE        SP_BUS_INTERFACE "User"
#define SP_BUS_DEVICE_INTERFACE      SP_BUS_INTERFACE "Device"
#define SP_BUS_INVITATION_INTERFACE  SP_BUS_INTERFACE "Invitation"
#define SP_BUS_SESSION_INTERFACE     SP_BUS_INTERFACE "Session"
#define SP_BUS_CERTIFICATE_INTERFACE SP_BUS_INTERFACE "Certificate"
#define SP_BUS_STATISTICS_INTERFACE  SP_BUS_INTERFACE "Session.Statistics"
#define SP_BUS_MANAGER_INTERFACE     "org.freedesktop.DBus.ObjectManager"
#define SP_BUS_JOB_INTERFACE         SP_BUS_INTERFACE "Job"
#define SP_BUS_BAN_INTERFACE         SP_BUS_INTERFACE "Ban"
#define SP_BUS_GROUP_INTERFACE       SP_BUS_INTERFACE "Group"

/* Stands for reading any property of an interface. */
#define SP_BUS_READ "*read"

/* What the caller of a member must be allowed to. */
typedef struct
{
  const char *interface;
  const char *member;
  const char *action;  /* of polkit; NULL: everybody may */
  const char *message; /* what a person is asked, translatable; $(login) is who it is about */
} SpBusPermission;

/* NULL if the table does not know the member: then nobody may use it. */
const SpBusPermission *sp_bus_permission_find (const char *interface, const char *member);

/* Whether the permission is that of looking at users and sessions. */
gboolean sp_bus_permission_is_monitor (const SpBusPermission *permission);

/* All actions of the service, NULL-terminated. */
const char *const *sp_bus_permission_get_actions (void);

G_END_DECLS
