/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "bus-group.h"

#include "base/names.h"
#include "bus-options.h"
#include "bus-reply.h"

#include <string.h>

struct _SpExportedGroup
{
  SpBusGroupSkeleton parent_instance;
  SpGroupRegistry *groups;
  SpGroup *group;
};

static gboolean
handle_update (SpBusGroup *object,
               GDBusMethodInvocation *invocation,
               GVariant *changes,
               GVariant *options)
{
  SpExportedGroup *self = SP_EXPORTED_GROUP (object);
  GError *error = NULL;

  if (sp_bus_options_check (changes, sp_group_keys, SP_GROUP_N_KEYS, &error) &&
      sp_bus_options_check_empty (options, &error))
    (void) sp_group_registry_update (self->groups, self->group, changes, &error);
  sp_bus_reply (invocation, error);
  return TRUE;
}

static gboolean
handle_remove (SpBusGroup *object, GDBusMethodInvocation *invocation, GVariant *options)
{
  SpExportedGroup *self = SP_EXPORTED_GROUP (object);
  GError *error = NULL;

  if (sp_bus_options_check_empty (options, &error))
    (void) sp_group_registry_remove (self->groups, self->group, &error);
  sp_bus_reply (invocation, error);
  return TRUE;
}

static void
sp_exported_group_iface_init (SpBusGroupIface *iface)
{
  iface->handle_update = handle_update;
  iface->handle_remove = handle_remove;
}

G_DEFINE_FINAL_TYPE_WITH_CODE (SpExportedGroup,
                               sp_exported_group,
                               SP_BUS_TYPE_GROUP_SKELETON,
                               G_IMPLEMENT_INTERFACE (SP_BUS_TYPE_GROUP,
                                                      sp_exported_group_iface_init))

static void
sp_exported_group_dispose (GObject *object)
{
  SpExportedGroup *self = SP_EXPORTED_GROUP (object);

  g_clear_object (&self->groups);
  g_clear_object (&self->group);
  G_OBJECT_CLASS (sp_exported_group_parent_class)->dispose (object);
}

static void
sp_exported_group_class_init (SpExportedGroupClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = sp_exported_group_dispose;
}

static void
sp_exported_group_init (SpExportedGroup *self)
{
}

/* The properties of the values have their names. */
static void
show_value (SpExportedGroup *self, SpUserValue which)
{
  GVariant *value = sp_user_values_get (&sp_group_get_record (self->group)->values, which);
  g_auto (GValue) converted = G_VALUE_INIT;

  g_dbus_gvariant_to_gvalue (value, &converted);
  g_object_set_property (G_OBJECT (self), sp_user_get_property_name (which), &converted);
}

static void
show (SpGroupRegistry *groups, SpGroup *group, SpExportedGroup *self)
{
  const SpGroupRecord *record = sp_group_get_record (self->group);
  SpBusGroup *bus = SP_BUS_GROUP (self);

  if (group != self->group)
    return;
  sp_bus_group_set_name (bus, record->name);
  sp_bus_group_set_label (bus, record->label);
  sp_bus_group_set_banner (bus, record->banner);
  sp_bus_group_set_created_at (bus, (guint64) record->created);
  for (guint i = 0; i < SP_GROUP_N_VALUES; i++)
    show_value (self, sp_group_values[i]);
}

SpExportedGroup *
sp_exported_group_new (SpGroupRegistry *groups, SpGroup *group)
{
  SpExportedGroup *self = g_object_new (SP_TYPE_EXPORTED_GROUP, NULL);

  self->groups = g_object_ref (groups);
  self->group = g_object_ref (group);
  show (groups, group, self);
  g_signal_connect_object (groups, "changed", G_CALLBACK (show), self, 0);
  return self;
}

char *
sp_exported_group_path (SpGroup *group)
{
  return g_strconcat (SP_BUS_GROUPS_PATH "/", sp_group_get_path_element (group), NULL);
}

static gboolean
check_new (GVariant *values, GVariant *options, GError **error)
{
  SpBusKey keys[SP_GROUP_N_KEYS + 1];

  memcpy (keys, sp_group_keys, sizeof sp_group_keys);
  keys[SP_GROUP_N_KEYS] = (SpBusKey){ "Name", "s", 1, SP_GROUP_NAME_MAX, TRUE, NULL };
  return sp_bus_options_check_empty (options, error) &&
         sp_bus_options_check (values, keys, G_N_ELEMENTS (keys), error);
}

void
sp_bus_group_add (SpServer *server,
                  GDBusMethodInvocation *invocation,
                  GVariant *values,
                  GVariant *options)
{
  const char *name = "";
  SpGroup *group = NULL;
  g_autofree char *path = NULL;
  GError *error = NULL;

  (void) g_variant_lookup (values, "Name", "&s", &name);
  if (check_new (values, options, &error))
    group = sp_server_add_group (server, name, values, &error);
  if (group == NULL)
    {
      sp_bus_reply_error (invocation, error);
      return;
    }
  path = sp_exported_group_path (group);
  g_dbus_method_invocation_return_value (invocation, g_variant_new ("(o)", path));
}

void
sp_bus_group_restore (SpServer *server,
                      GDBusMethodInvocation *invocation,
                      const char *name,
                      GVariant *options)
{
  SpGroup *group = NULL;
  g_autofree char *path = NULL;
  GError *error = NULL;

  if (sp_bus_options_check_empty (options, &error))
    group = sp_server_restore_group (server, name, &error);
  if (group == NULL)
    {
      sp_bus_reply_error (invocation, error);
      return;
    }
  path = sp_exported_group_path (group);
  g_dbus_method_invocation_return_value (invocation, g_variant_new ("(o)", path));
}
