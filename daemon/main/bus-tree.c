/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "bus-tree-private.h"

#include "bus-call.h"
#include "bus-node.h"

#include <string.h>

static const char *const subtree_paths[] = { SP_BUS_ROOT_PATH,         SP_BUS_USERS_PATH,
                                             SP_BUS_DEVICES_PATH,      SP_BUS_SESSIONS_PATH,
                                             SP_BUS_CERTIFICATES_PATH, SP_BUS_JOBS_PATH,
                                             SP_BUS_BANS_PATH,         SP_BUS_INVITATIONS_PATH,
                                             SP_BUS_GROUPS_PATH };

G_STATIC_ASSERT (G_N_ELEMENTS (subtree_paths) <= SP_BUS_SUBTREES);

static const char manager_xml[] =
    "<node><interface name='" SP_BUS_MANAGER_INTERFACE "'>"
    "<method name='GetManagedObjects'>"
    "<arg type='a{oa{sa{sv}}}' name='objects' direction='out'/></method>"
    "<signal name='InterfacesAdded'><arg type='o' name='object'/>"
    "<arg type='a{sa{sv}}' name='interfaces'/></signal>"
    "<signal name='InterfacesRemoved'><arg type='o' name='object'/>"
    "<arg type='as' name='interfaces'/></signal>"
    "</interface></node>";

G_DEFINE_FINAL_TYPE (SpBusTree, sp_bus_tree, G_TYPE_OBJECT)

enum
{
  CALLED,
  N_SIGNALS
};
static guint signals[N_SIGNALS]; /* nocheck: set once by class_init */

/* What everybody may read, everybody may hear. */
static gboolean
facet_is_public (const SpBusFacet *facet)
{
  const SpBusPermission *read =
      sp_bus_permission_find (sp_bus_facet_get_interface (facet), SP_BUS_READ);

  return read != NULL && read->action == NULL;
}

/* --- changes --- */

void
sp_bus_tree_tell (SpBusTree *self,
                  const char *path,
                  const char *interface,
                  const char *member,
                  GVariant *arguments)
{
  g_autoptr (GVariant) owned = g_variant_ref_sink (arguments);
  const SpBusNode *node = g_hash_table_lookup (self->nodes, path);

  sp_bus_audience_tell (self->audience, NULL, path, interface, member, owned);
  if (node != NULL && node->owner != NULL && !sp_bus_audience_has (self->audience, node->owner))
    (void) g_dbus_connection_emit_signal (self->connection, node->owner, path, interface, member,
                                          owned, NULL);
}

static void
tell_changes (
    SpBusTree *self, const SpBusFacet *facet, const char *only, const char *path, GVariant *changes)
{
  GVariant *arguments = g_variant_new ("(s@a{sv}@as)", sp_bus_facet_get_interface (facet), changes,
                                       g_variant_new_strv (NULL, 0));

  if (!facet_is_public (facet) && only == NULL)
    sp_bus_tree_tell (self, path, SP_BUS_PROPERTIES_INTERFACE, "PropertiesChanged", arguments);
  else if (!facet_is_public (facet))
    sp_bus_audience_tell (self->audience, only, path, SP_BUS_PROPERTIES_INTERFACE,
                          "PropertiesChanged", arguments);
  else
    (void) g_dbus_connection_emit_signal (self->connection, NULL, path, SP_BUS_PROPERTIES_INTERFACE,
                                          "PropertiesChanged", arguments, NULL);
}

/* Reading all properties of an object to find what changed is most of what a change costs, and
 * most of the time nobody has a window open. */
static gboolean
is_heard (SpBusTree *self, const SpBusNode *node, const SpBusFacet *facet)
{
  return node->owner != NULL || !sp_bus_audience_is_empty (self->audience) ||
         facet_is_public (facet);
}

static void
tell_facet (SpBusTree *self, SpBusFacet *facet, const SpBusNode *node)
{
  g_autoptr (GVariant) changes = NULL;

  if (!is_heard (self, node, facet))
    {
      sp_bus_facet_pass_over_changes (facet);
      return;
    }
  changes = sp_bus_facet_take_changes (facet);
  if (changes != NULL)
    tell_changes (self, facet, NULL, node->path, changes);
}

static gboolean
flush (gpointer data)
{
  SpBusTree *self = data;
  GHashTableIter facets;
  gpointer key;
  gpointer node;

  self->flush_source = 0;
  g_hash_table_iter_init (&facets, self->changed);
  while (g_hash_table_iter_next (&facets, &key, &node))
    tell_facet (self, key, node);
  g_hash_table_remove_all (self->changed);
  return G_SOURCE_REMOVE;
}

static SpBusFacet *
facet_of_skeleton (SpBusNode *node, gpointer skeleton)
{
  for (gsize i = 0; i < G_N_ELEMENTS (node->facets); i++)
    {
      if ((gpointer) node->facets[i].skeleton == skeleton)
        return &node->facets[i];
    }
  return NULL;
}

/* Changes of one turn of the main loop become one signal.  The flush runs before completions of
 * asynchronous work, so that a caller hears what its call changed before it gets its answer. */
static void
on_notify (GObject *skeleton, GParamSpec *property, gpointer data)
{
  SpBusNode *node = data;
  SpBusFacet *facet = facet_of_skeleton (node, skeleton);
  SpBusTree *self = facet->tree;

  if (facet->on_report)
    {
      facet->moment = ++self->moment;
      return;
    }
  g_hash_table_insert (self->changed, facet, node);
  if (self->flush_source == 0)
    self->flush_source = g_idle_add_full (G_PRIORITY_HIGH, flush, self, NULL);
}

static guint64
report (const char *name, guint64 since, gpointer data)
{
  SpBusTree *self = data;
  GHashTableIter nodes;
  gpointer value;

  g_hash_table_iter_init (&nodes, self->nodes);
  while (g_hash_table_iter_next (&nodes, NULL, &value))
    {
      SpBusNode *node = value;

      for (gsize i = 0; i < G_N_ELEMENTS (node->facets); i++)
        {
          const SpBusFacet *facet = &node->facets[i];
          g_autoptr (GVariant) properties = NULL;

          if (facet->skeleton == NULL || !facet->on_report || facet->moment <= since)
            continue;
          properties = g_dbus_interface_skeleton_get_properties (facet->skeleton);
          tell_changes (self, facet, name, node->path, properties);
        }
    }
  return self->moment;
}

/* --- subtrees --- */

static void
on_call (GDBusConnection *connection,
         const char *sender,
         const char *path,
         const char *interface,
         const char *member,
         GVariant *parameters,
         GDBusMethodInvocation *invocation,
         gpointer data)
{
  g_signal_emit (data, signals[CALLED], 0);
  sp_bus_call_receive (data, invocation);
}

static const GDBusInterfaceVTable call_vtable = {
  .method_call = on_call,
  .get_property = NULL, /* so that reads come in as calls */
  .set_property = NULL, /* no property can be written */
};

/* Names of objects are for those who may look; the server is no secret. */
static char **
on_enumerate (GDBusConnection *connection, const char *sender, const char *path, gpointer data)
{
  SpBusTree *self = data;
  g_autoptr (GStrvBuilder) names = g_strv_builder_new ();
  gboolean may_look = sender != NULL && sp_bus_audience_has (self->audience, sender);
  GHashTableIter nodes;
  gpointer value;

  g_hash_table_iter_init (&nodes, self->nodes);
  while (g_hash_table_iter_next (&nodes, NULL, &value))
    {
      const SpBusNode *node = value;
      const char *name = strrchr (node->path, '/') + 1;
      gsize parent = name - node->path - 1;

      if (strlen (path) == parent && memcmp (path, node->path, parent) == 0 &&
          (may_look || facet_is_public (&node->facets[0])))
        g_strv_builder_add (names, name);
    }
  return g_strv_builder_end (names);
}

/* GDBus gives the subtree's path for introspection, and that of the object for calls. */
static SpBusNode *
find_node (SpBusTree *self, const char *path, const char *name)
{
  g_autofree char *child = g_strconcat (path, "/", name, NULL);
  SpBusNode *node = g_hash_table_lookup (self->nodes, path);

  return node != NULL ? node : g_hash_table_lookup (self->nodes, child);
}

static GDBusInterfaceInfo **
on_introspect (GDBusConnection *connection,
               const char *sender,
               const char *path,
               const char *name,
               gpointer data)
{
  SpBusTree *self = data;
  SpBusNode *node = name != NULL ? find_node (self, path, name) : NULL;
  GPtrArray *interfaces = g_ptr_array_new ();

  if (name == NULL && g_str_equal (path, SP_BUS_ROOT_PATH))
    g_ptr_array_add (interfaces, g_dbus_interface_info_ref (self->manager->interfaces[0]));
  for (gsize i = 0; node != NULL && i < G_N_ELEMENTS (node->facets); i++)
    {
      if (node->facets[i].skeleton != NULL)
        g_ptr_array_add (interfaces, g_dbus_interface_info_ref (g_dbus_interface_skeleton_get_info (
                                         node->facets[i].skeleton)));
    }
  g_ptr_array_add (interfaces, NULL);
  return (GDBusInterfaceInfo **) g_ptr_array_free (interfaces, FALSE);
}

static const GDBusInterfaceVTable *
on_dispatch (GDBusConnection *connection,
             const char *sender,
             const char *path,
             const char *interface,
             const char *node,
             gpointer *ret_data,
             gpointer data)
{
  /* Not the node: it may be gone when the call is handled. */
  *ret_data = data;
  return &call_vtable;
}

static const GDBusSubtreeVTable subtree_vtable = {
  .enumerate = on_enumerate,
  .introspect = on_introspect,
  .dispatch = on_dispatch,
};

/* --- life --- */

static void
sp_bus_tree_dispose (GObject *object)
{
  SpBusTree *self = SP_BUS_TREE (object);

  sp_bus_tree_close (self);
  g_clear_handle_id (&self->flush_source, g_source_remove);
  g_clear_pointer (&self->changed, g_hash_table_unref);
  g_clear_pointer (&self->nodes, g_hash_table_unref);
  g_clear_pointer (&self->manager, g_dbus_node_info_unref);
  g_clear_object (&self->audience);
  g_clear_object (&self->porter);
  g_clear_object (&self->connection);
  G_OBJECT_CLASS (sp_bus_tree_parent_class)->dispose (object);
}

static void
sp_bus_tree_class_init (SpBusTreeClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = sp_bus_tree_dispose;
  signals[CALLED] = g_signal_new ("called", SP_TYPE_BUS_TREE, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                                  NULL, G_TYPE_NONE, 0);
}

static void
sp_bus_tree_init (SpBusTree *self)
{
  self->nodes =
      g_hash_table_new_full (g_str_hash, g_str_equal, NULL, (GDestroyNotify) sp_bus_node_free);
  self->changed = g_hash_table_new (NULL, NULL);
  self->manager = g_dbus_node_info_new_for_xml (manager_xml, NULL);
}

SpBusTree *
sp_bus_tree_new (GDBusConnection *connection, SpBusPorter *porter, SpBusAudience *audience)
{
  SpBusTree *self = g_object_new (SP_TYPE_BUS_TREE, NULL);

  self->connection = g_object_ref (connection);
  self->porter = g_object_ref (porter);
  self->audience = g_object_ref (audience);
  sp_bus_audience_set_reporter (audience, report, self);
  return self;
}

gboolean
sp_bus_tree_open (SpBusTree *self, GError **error)
{
  for (gsize i = 0; i < G_N_ELEMENTS (subtree_paths); i++)
    {
      self->registrations[i] = g_dbus_connection_register_subtree (
          self->connection, subtree_paths[i], &subtree_vtable,
          G_DBUS_SUBTREE_FLAGS_DISPATCH_TO_UNENUMERATED_NODES, self, NULL, error);
      if (self->registrations[i] == 0)
        return FALSE;
    }
  return TRUE;
}

void
sp_bus_tree_close (SpBusTree *self)
{
  for (gsize i = 0; i < G_N_ELEMENTS (subtree_paths); i++)
    {
      if (self->registrations[i] != 0)
        (void) g_dbus_connection_unregister_subtree (self->connection, self->registrations[i]);
      self->registrations[i] = 0;
    }
  if (self->audience != NULL)
    sp_bus_audience_set_reporter (self->audience, NULL, NULL);
  /* A call that the porter still thinks about holds the tree, and must not hold what hung in it. */
  if (self->changed != NULL)
    g_hash_table_remove_all (self->changed);
  if (self->nodes != NULL)
    g_hash_table_remove_all (self->nodes);
}

static SpBusFacet *
add_facet (SpBusTree *self, SpBusNode *node, GDBusInterfaceSkeleton *skeleton)
{
  SpBusFacet *facet = sp_bus_node_add (node, skeleton);

  facet->tree = self;
  facet->notify = g_signal_connect (skeleton, "notify", G_CALLBACK (on_notify), node);
  return facet;
}

void
sp_bus_tree_add (SpBusTree *self,
                 const char *path,
                 const char *login,
                 GDBusInterfaceSkeleton *first,
                 GDBusInterfaceSkeleton *second)
{
  SpBusNode *node = sp_bus_node_new (path, login);

  (void) add_facet (self, node, first);
  if (second != NULL)
    add_facet (self, node, second)->on_report = TRUE;
  g_hash_table_replace (self->nodes, node->path, node);
  sp_bus_audience_tell (self->audience, NULL, SP_BUS_ROOT_PATH, SP_BUS_MANAGER_INTERFACE,
                        "InterfacesAdded",
                        g_variant_new ("(o@a{sa{sv}})", path, sp_bus_node_describe (node)));
}

void
sp_bus_tree_extend (SpBusTree *self, const char *path, GDBusInterfaceSkeleton *interface)
{
  (void) add_facet (self, g_hash_table_lookup (self->nodes, path), interface);
}

GVariant *
sp_bus_tree_read (SpBusTree *self, const char *path, const char *interface)
{
  SpBusNode *node = g_hash_table_lookup (self->nodes, path);
  SpBusFacet *facet = node != NULL ? sp_bus_node_find (node, interface) : NULL;

  return facet != NULL ? g_dbus_interface_skeleton_get_properties (facet->skeleton) : NULL;
}

void
sp_bus_tree_set_owner (SpBusTree *self, const char *path, const char *name)
{
  SpBusNode *node = g_hash_table_lookup (self->nodes, path);

  g_free (node->owner);
  node->owner = g_strdup (name);
}

/* What became of it in its last moment is told, too. */
void
sp_bus_tree_remove (SpBusTree *self, const char *path)
{
  SpBusNode *node = g_hash_table_lookup (self->nodes, path);

  if (node == NULL)
    return;
  for (gsize i = 0; i < G_N_ELEMENTS (node->facets); i++)
    if (g_hash_table_remove (self->changed, &node->facets[i]))
      tell_facet (self, &node->facets[i], node);
  sp_bus_audience_tell (self->audience, NULL, SP_BUS_ROOT_PATH, SP_BUS_MANAGER_INTERFACE,
                        "InterfacesRemoved",
                        g_variant_new ("(o@as)", path, sp_bus_node_list_interfaces (node)));
  (void) g_hash_table_remove (self->nodes, path);
}

guint
sp_bus_tree_get_n_waiting (SpBusTree *self)
{
  return self->n_waiting;
}
