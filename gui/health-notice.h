/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "client/server-connection.h"
#include "preferences.h"

G_BEGIN_DECLS

/* Tells a person who does not look at the window what the server's owner should look after; takes
 * it back when it is mended. */
#define SP_TYPE_HEALTH_NOTICE (sp_health_notice_get_type ())
G_DECLARE_FINAL_TYPE (SpHealthNotice, sp_health_notice, SP, HEALTH_NOTICE, GObject)

/* Sends its notifications as `application`, which has the action "show". */
SpHealthNotice *sp_health_notice_new (GApplication *application,
                                      SpServerConnection *connection,
                                      SpPreferences *preferences);

G_END_DECLS
