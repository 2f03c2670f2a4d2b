/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "door-client.h"
#include "settings.h"

G_BEGIN_DECLS

/* The sockets that clients come to, and who fetches metrics: opened by main, read by the door
 * alone. */
typedef struct
{
  guint n_listeners;
  SpDoorListener listeners[SP_DOOR_SOCKETS_MAX];
} SpListenerSet;

/* All that the settings name, or those that were handed over (of SpInherited; NULL: none) in the
 * place of that.  Of `before` (or NULL), which stays as it is, what is wanted again is the same
 * socket; what is not, and is for datagrams, is there, too, retired with this attachment as the
 * last one that may need it.  Errors: those of opening, with the key that is to be changed. */
SpListenerSet *sp_listener_set_open (const SpSettings *settings,
                                     const GPtrArray *handed,
                                     const SpListenerSet *before,
                                     guint64 last_attachment,
                                     GError **error);
/* Closes the descriptors; another set's copies stay. */
void sp_listener_set_free (SpListenerSet *self);

/* The one with the same kind, address, port and device; lent, NULL: there is none. */
const SpDoorListener *sp_listener_set_find (const SpListenerSet *self, const SpDoorListener *like);
/* Whether both are the same places, retired ones among them. */
gboolean sp_listener_set_equal (const SpListenerSet *self, const SpListenerSet *other);

/* Takes one more; FALSE: there are too many, and it is closed. */
gboolean sp_listener_set_add (SpListenerSet *self, const SpDoorListener *listener);

gboolean sp_listener_set_has_retired (const SpListenerSet *self);
/* Another one, without the retired ones that nobody needs any more; NULL: there are none such, or
 * no descriptors. */
SpListenerSet *sp_listener_set_thin_out (const SpListenerSet *self,
                                         gboolean (*is_needed) (gpointer user_data,
                                                                guint64 last_attachment),
                                         gpointer user_data);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (SpListenerSet, sp_listener_set_free)

G_END_DECLS
