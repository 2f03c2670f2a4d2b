/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "bus-audience.h"
#include "bus-porter.h"

G_BEGIN_DECLS

/* The objects on the bus, and the only way in: every call, property read and listing of the tree
 * comes through one function, which looks into the table of permissions, has the porter decide and
 * only then lets the object answer.  So no method can forget to ask.
 *
 * GDBus's own object manager and interface skeletons answer property reads without asking and
 * broadcast every change.  Therefore skeletons are not exported here but only called: calls arrive
 * in subtrees whose property reads GDBus hands over like methods, and changes of properties that
 * need a permission go to the audience alone. */
#define SP_TYPE_BUS_TREE (sp_bus_tree_get_type ())
G_DECLARE_FINAL_TYPE (SpBusTree, sp_bus_tree, SP, BUS_TREE, GObject)

/* Signal "called": somebody called a method or read a property. */

SpBusTree *sp_bus_tree_new (GDBusConnection *connection,
                            SpBusPorter *porter,
                            SpBusAudience *audience);

/* From now on calls are answered. */
gboolean sp_bus_tree_open (SpBusTree *self, GError **error);
void sp_bus_tree_close (SpBusTree *self);

/* Adds an object with one or two interfaces (`second` may be NULL) and tells the audience.
 * `login` (or NULL) is whom questions about it name.  Changes of `second` are only told in reports
 * to subscribers. */
void sp_bus_tree_add (SpBusTree *self,
                      const char *path,
                      const char *login,
                      GDBusInterfaceSkeleton *first,
                      GDBusInterfaceSkeleton *second);
/* Gives an object one more interface, before the tree is opened. */
void sp_bus_tree_extend (SpBusTree *self, const char *path, GDBusInterfaceSkeleton *interface);
/* The properties of an object's interface, a{sv}: the caller's; NULL: there is none. */
GVariant *sp_bus_tree_read (SpBusTree *self, const char *path, const char *interface);
/* `name` on the bus needs no permission for this object, and hears of it. */
void sp_bus_tree_set_owner (SpBusTree *self, const char *path, const char *name);
/* Sends a signal of an object to the audience and the object's owner.  Takes a floating
 * `arguments`. */
void sp_bus_tree_tell (SpBusTree *self,
                       const char *path,
                       const char *interface,
                       const char *member,
                       GVariant *arguments);
void sp_bus_tree_remove (SpBusTree *self, const char *path);

/* How many calls have not been answered by the porter yet. */
guint sp_bus_tree_get_n_waiting (SpBusTree *self);

G_END_DECLS
