/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "bus-node.h"

SpBusNode *
sp_bus_node_new (const char *path, const char *login)
{
  SpBusNode *node = g_new0 (SpBusNode, 1);

  node->path = g_strdup (path);
  node->login = g_strdup (login);
  return node;
}

SpBusFacet *
sp_bus_node_add (SpBusNode *node, GDBusInterfaceSkeleton *skeleton)
{
  SpBusFacet *facet = node->facets;

  while (facet->skeleton != NULL)
    facet++;
  g_assert (facet < node->facets + SP_BUS_FACETS_MAX);
  facet->skeleton = g_object_ref (skeleton);
  facet->told = g_dbus_interface_skeleton_get_properties (skeleton);
  return facet;
}

void
sp_bus_node_free (SpBusNode *node)
{
  for (gsize i = 0; i < G_N_ELEMENTS (node->facets); i++)
    {
      SpBusFacet *facet = &node->facets[i];

      g_clear_signal_handler (&facet->notify, facet->skeleton);
      g_clear_object (&facet->skeleton);
      g_clear_pointer (&facet->told, g_variant_unref);
    }
  g_free (node->path);
  g_free (node->login);
  g_free (node->owner);
  g_free (node);
}

const char *
sp_bus_facet_get_interface (const SpBusFacet *facet)
{
  return g_dbus_interface_skeleton_get_info (facet->skeleton)->name;
}

SpBusFacet *
sp_bus_node_find (SpBusNode *node, const char *interface)
{
  for (gsize i = 0; i < G_N_ELEMENTS (node->facets); i++)
    {
      SpBusFacet *facet = &node->facets[i];

      if (facet->skeleton != NULL && g_str_equal (sp_bus_facet_get_interface (facet), interface))
        return facet;
    }
  return NULL;
}

GVariant *
sp_bus_facet_get_property (const SpBusFacet *facet, const char *name)
{
  g_autoptr (GVariant) all = g_dbus_interface_skeleton_get_properties (facet->skeleton);

  return g_variant_lookup_value (all, name, NULL);
}

GVariant *
sp_bus_facet_take_changes (SpBusFacet *facet)
{
  g_autoptr (GVariant) now = g_dbus_interface_skeleton_get_properties (facet->skeleton);
  g_auto (GVariantBuilder) changes = G_VARIANT_BUILDER_INIT (G_VARIANT_TYPE_VARDICT);
  GVariantIter properties;
  const char *name;
  GVariant *value;
  gboolean differs = FALSE;

  g_variant_iter_init (&properties, now);
  while (g_variant_iter_loop (&properties, "{&sv}", &name, &value))
    {
      g_autoptr (GVariant) before = g_variant_lookup_value (facet->told, name, NULL);

      if (before != NULL && g_variant_equal (before, value))
        continue;
      g_variant_builder_add (&changes, "{sv}", name, value);
      differs = TRUE;
    }
  if (!differs)
    return NULL;
  g_clear_pointer (&facet->told, g_variant_unref);
  facet->told = g_steal_pointer (&now);
  return g_variant_ref_sink (g_variant_builder_end (&changes));
}

GVariant *
sp_bus_node_describe (SpBusNode *node)
{
  g_auto (GVariantBuilder) interfaces = G_VARIANT_BUILDER_INIT (G_VARIANT_TYPE ("a{sa{sv}}"));

  for (gsize i = 0; i < G_N_ELEMENTS (node->facets); i++)
    {
      const SpBusFacet *facet = &node->facets[i];
      g_autoptr (GVariant) properties = NULL;

      if (facet->skeleton == NULL)
        continue;
      properties = g_dbus_interface_skeleton_get_properties (facet->skeleton);
      g_variant_builder_add (&interfaces, "{s@a{sv}}", sp_bus_facet_get_interface (facet),
                             properties);
    }
  return g_variant_builder_end (&interfaces);
}

GVariant *
sp_bus_node_list_interfaces (SpBusNode *node)
{
  g_auto (GVariantBuilder) names = G_VARIANT_BUILDER_INIT (G_VARIANT_TYPE_STRING_ARRAY);

  for (gsize i = 0; i < G_N_ELEMENTS (node->facets); i++)
    {
      if (node->facets[i].skeleton != NULL)
        g_variant_builder_add (&names, "s", sp_bus_facet_get_interface (&node->facets[i]));
    }
  return g_variant_builder_end (&names);
}
