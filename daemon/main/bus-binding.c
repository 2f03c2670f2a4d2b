/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "bus-binding.h"

/* One handler for all properties of a model: there are many models, with many properties. */
typedef struct
{
  GObject *skeleton; /* whose end is the handler's, too */
  const SpBusBinding *bindings;
  gsize n_bindings;
} Bound;

char *
sp_bus_text (const char *text)
{
  return g_utf8_make_valid (text != NULL ? text : "", -1);
}

static GParamSpec *
find_property (GObject *object, const char *name)
{
  GParamSpec *property = g_object_class_find_property (G_OBJECT_GET_CLASS (object), name);

  if (property == NULL)
    g_error ("%s has no property “%s”", G_OBJECT_TYPE_NAME (object), name);
  return property;
}

static void
copy (GObject *model, const GParamSpec *source, const Bound *bound, const SpBusBinding *binding)
{
  const GParamSpec *target = find_property (bound->skeleton, binding->bus);
  g_auto (GValue) from = G_VALUE_INIT;
  g_auto (GValue) to = G_VALUE_INIT;

  g_object_get_property (model, binding->model, g_value_init (&from, source->value_type));
  (void) g_value_init (&to, target->value_type);
  if (source->value_type == G_TYPE_STRING)
    g_value_take_string (&to, sp_bus_text (g_value_get_string (&from)));
  else if (!g_value_transform (&from, &to))
    g_error ("“%s” is no value for “%s”", binding->model, binding->bus);
  g_object_set_property (bound->skeleton, binding->bus, &to);
}

static void
on_notify (GObject *model, GParamSpec *source, gpointer data)
{
  const Bound *bound = data;

  for (gsize i = 0; i < bound->n_bindings; i++)
    if (g_str_equal (bound->bindings[i].model, source->name))
      copy (model, source, bound, &bound->bindings[i]);
}

static void
bound_free (gpointer data, GClosure *closure)
{
  g_free (data);
}

void
sp_bus_bind (gpointer model, gpointer skeleton, const SpBusBinding *bindings, gsize n_bindings)
{
  Bound *bound = g_new (Bound, 1);
  GClosure *closure = g_cclosure_new (G_CALLBACK (on_notify), bound, bound_free);

  *bound = (Bound){ .skeleton = skeleton, .bindings = bindings, .n_bindings = n_bindings };
  for (gsize i = 0; i < n_bindings; i++)
    copy (model, find_property (model, bindings[i].model), bound, &bindings[i]);
  g_object_watch_closure (skeleton, closure);
  (void) g_signal_connect_closure (model, "notify", closure, FALSE);
}
