/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "bus-tree.h"

G_BEGIN_DECLS

#define SP_BUS_SUBTREES 16 /* at most: the root, users, … */

/* The tree, for those who answer its calls. */
struct _SpBusTree
{
  GObject parent_instance;
  GDBusConnection *connection;
  SpBusPorter *porter;
  SpBusAudience *audience;
  GDBusNodeInfo *manager;
  GHashTable *nodes;   /* path → SpBusNode */
  GHashTable *changed; /* set of facets with changes to be told */
  guint flush_source;
  guint registrations[SP_BUS_SUBTREES];
  guint64 moment; /* counts changes that wait for reports */
  guint n_waiting;
};

G_END_DECLS
