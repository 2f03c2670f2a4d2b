/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* The objects of one kind that the service has, as a list model: proxies of one interface, whose
 * properties notify their changes.  In the order in which they came. */
#define SP_TYPE_OBJECT_LIST (sp_object_list_get_type ())
G_DECLARE_FINAL_TYPE (SpObjectList, sp_object_list, SP, OBJECT_LIST, GObject)

/* `interface`: its name on the bus; `type`: that of its proxies (SP_BUS_TYPE_SESSION, …). */
SpObjectList *sp_object_list_new (const char *interface, GType type);

/* Fills the list from a manager and follows it from now on; NULL empties the list.  Objects that
 * both managers know are replaced by the proxies of the new one. */
void sp_object_list_set_manager (SpObjectList *list, GDBusObjectManager *manager);

/* The proxy at an object's path; lent, or NULL. */
gpointer sp_object_list_find (SpObjectList *list, const char *path);

G_END_DECLS
