/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "bus-node.h"

#include <string.h>

#define DIGEST_SIZE 32 /* SHA-256, of which the first bytes do */

/* Values themselves would take many times the memory of the objects.  Clients write some of the
 * texts, and shall not be able to make two that look alike. */
static guint64
digest_value (GVariant *value)
{
  g_autoptr (GChecksum) checksum = g_checksum_new (G_CHECKSUM_SHA256);
  guint8 digest[DIGEST_SIZE];
  gsize size = sizeof digest;
  guint64 result;

  g_checksum_update (checksum, g_variant_get_data (value), (gssize) g_variant_get_size (value));
  g_checksum_get_digest (checksum, digest, &size);
  memcpy (&result, digest, sizeof result);
  return result;
}

static void
note_told (SpBusFacet *facet)
{
  g_autoptr (GVariant) all = g_dbus_interface_skeleton_get_properties (facet->skeleton);
  GVariantIter properties;
  GVariant *value;

  facet->n_told = (guint) g_variant_n_children (all);
  facet->told = g_new (guint64, facet->n_told);
  g_variant_iter_init (&properties, all);
  for (guint i = 0; g_variant_iter_loop (&properties, "{&sv}", NULL, &value); i++)
    facet->told[i] = digest_value (value);
}

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
  note_told (facet);
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
      g_clear_pointer (&facet->told, g_free);
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
  for (guint i = 0; g_variant_iter_loop (&properties, "{&sv}", &name, &value); i++)
    {
      guint64 digest = digest_value (value);

      g_assert (i < facet->n_told);
      if (facet->told[i] == digest && !facet->unheard)
        continue;
      facet->told[i] = digest;
      g_variant_builder_add (&changes, "{sv}", name, value);
      differs = TRUE;
    }
  facet->unheard = FALSE;
  return differs ? g_variant_ref_sink (g_variant_builder_end (&changes)) : NULL;
}

void
sp_bus_facet_pass_over_changes (SpBusFacet *facet)
{
  facet->unheard = TRUE;
}

GVariant *
sp_bus_node_describe (SpBusNode *node)
{
  g_auto (GVariantBuilder) interfaces = G_VARIANT_BUILDER_INIT (G_VARIANT_TYPE ("a{sa{sv}}"));
  GVariant *description;

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
  description = g_variant_builder_end (&interfaces);
  /* One piece of memory from now on, and not one for each part: thousands may be in one answer. */
  (void) g_variant_get_data (description);
  return description;
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
