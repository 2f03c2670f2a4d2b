/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* Computers of this network that say that they have an SSH server (DNS-SD, RFC 6763, "_ssh._tcp"),
 * as far as Avahi runs and tells; where it does not, there are none, and nobody is told why. */
#define SP_TYPE_NEARBY (sp_nearby_get_type ())
G_DECLARE_FINAL_TYPE (SpNearby, sp_nearby, SP, NEARBY, GObject)

/* Signal: "found" (const char *address), once for each, as sp_target_parse() takes it. */
SpNearby *sp_nearby_new (void);
/* `bus`: the system bus. */
void sp_nearby_look (SpNearby *nearby, GDBusConnection *bus);
/* From here on nothing is found any more. */
void sp_nearby_stop (SpNearby *nearby);

G_END_DECLS
