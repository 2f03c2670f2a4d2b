/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "bus-binding.h"

char *
sp_bus_text (const char *text)
{
  return g_utf8_make_valid (text != NULL ? text : "", -1);
}

static gboolean
copy_text (GBinding *binding, const GValue *from, GValue *to, gpointer data)
{
  g_value_take_string (to, sp_bus_text (g_value_get_string (from)));
  return TRUE;
}

void
sp_bus_bind (gpointer model, gpointer skeleton, const SpBusBinding *bindings, gsize n_bindings)
{
  for (gsize i = 0; i < n_bindings; i++)
    {
      const GParamSpec *source =
          g_object_class_find_property (G_OBJECT_GET_CLASS (model), bindings[i].model);
      gboolean is_text = source != NULL && source->value_type == G_TYPE_STRING;

      (void) g_object_bind_property_full (model, bindings[i].model, skeleton, bindings[i].bus,
                                          G_BINDING_SYNC_CREATE, is_text ? copy_text : NULL, NULL,
                                          NULL, NULL);
    }
}
