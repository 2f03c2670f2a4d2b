/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "platform/uplink.h"

#include <glib-object.h>

G_BEGIN_DECLS

/* The networks that this computer is in now, whether the server is on or not.
 * Signal: "changed" when the computer moved. */
#define SP_TYPE_SURROUNDINGS (sp_surroundings_get_type ())
G_DECLARE_FINAL_TYPE (SpSurroundings, sp_surroundings, SP, SURROUNDINGS, GObject)

/* `manager` (or NULL) is asked for what the kernel does not know.  Where changes cannot be followed
 * (that is logged) it stays as it was found. */
SpSurroundings *sp_surroundings_new (SpUplinkManager *manager);

/* Who is asked; lent, or NULL. */
SpUplinkManager *sp_surroundings_get_manager (SpSurroundings *self);

/* "192.168.1.0/24": the home networks, best known first. */
GStrv sp_surroundings_list_home (SpSurroundings *self);
/* A network of this computer that a range for devices overlaps, as text; NULL: it is free. */
char *sp_surroundings_find_overlap (SpSurroundings *self, const SpNetwork *range);
/* A range for devices that is free, as text; NULL: none is known. */
char *sp_surroundings_propose (SpSurroundings *self);

/* As it was found last; lent until "changed".  NULL: it is not known. */
const SpUplink *sp_surroundings_get_uplink (SpSurroundings *self);

/* The router that leads to the internet, as text; NULL: none is known. */
char *sp_surroundings_get_router (SpSurroundings *self);

G_END_DECLS
