/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* One interface of an object, with what was last told about its properties. */
typedef struct
{
  GDBusInterfaceSkeleton *skeleton;
  guint64 *told; /* of each property, in their order: what stands for its value */
  guint n_told;
  gpointer tree;      /* set by the tree, for its handler: */
  gulong notify;      /* of the skeleton's property changes */
  gboolean on_report; /* its changes wait for reports */
  gboolean unheard;   /* something changed while nobody listened */
  guint64 moment;     /* of the last change, for reports */
} SpBusFacet;

#define SP_BUS_FACETS_MAX 4

/* One object on the bus. */
typedef struct
{
  char *path;
  char *login;                          /* whom questions about it name; NULL: nobody */
  char *owner;                          /* on the bus, who made it and is not asked; NULL: nobody */
  SpBusFacet facets[SP_BUS_FACETS_MAX]; /* a NULL skeleton ends them early */
} SpBusNode;

SpBusNode *sp_bus_node_new (const char *path, const char *login);
/* At most SP_BUS_FACETS_MAX; lent. */
SpBusFacet *sp_bus_node_add (SpBusNode *node, GDBusInterfaceSkeleton *skeleton);
void sp_bus_node_free (SpBusNode *node);

/* The facet with that interface, or NULL. */
SpBusFacet *sp_bus_node_find (SpBusNode *node, const char *interface);

const char *sp_bus_facet_get_interface (const SpBusFacet *facet);
GVariant *sp_bus_facet_get_property (const SpBusFacet *facet, const char *name);

/* Properties that differ from what was told (a{sv}), which are told from now on; NULL if none. */
GVariant *sp_bus_facet_take_changes (SpBusFacet *facet);
/* In its place where nobody would hear them.  What was told is unknown then: whoever came to look
 * since has read something newer, so the next changes that are taken are all properties. */
void sp_bus_facet_pass_over_changes (SpBusFacet *facet);

/* The node's interfaces with their properties: a{sa{sv}}, and their names: as. */
GVariant *sp_bus_node_describe (SpBusNode *node);
GVariant *sp_bus_node_list_interfaces (SpBusNode *node);

G_END_DECLS
