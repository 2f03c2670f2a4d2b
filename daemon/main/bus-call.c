/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "bus-call.h"

#include "base/limits.h"
#include "bus-node.h"
#include "bus-tree-private.h"
#include "bus/error.h"

#include <string.h>

/* A call that the porter thinks about. */
typedef struct
{
  SpBusTree *tree;
  GDBusMethodInvocation *invocation;
  const SpBusPermission *permission;
} Call;

static void
call_free (Call *call)
{
  g_object_unref (call->tree);
  g_free (call);
}

static GVariant *
describe_all (SpBusTree *self)
{
  GVariantBuilder objects = G_VARIANT_BUILDER_INIT (G_VARIANT_TYPE ("a{oa{sa{sv}}}"));
  GHashTableIter nodes;
  gpointer value;

  g_hash_table_iter_init (&nodes, self->nodes);
  while (g_hash_table_iter_next (&nodes, NULL, &value))
    g_variant_builder_add (&objects, "{o@a{sa{sv}}}", ((SpBusNode *) value)->path,
                           sp_bus_node_describe (value));
  return g_variant_new ("(a{oa{sa{sv}}})", &objects);
}

static void
answer_read (const SpBusFacet *facet, GDBusMethodInvocation *invocation)
{
  GVariant *parameters = g_dbus_method_invocation_get_parameters (invocation);
  const char *name;
  g_autoptr (GVariant) value = NULL;

  if (g_str_equal (g_dbus_method_invocation_get_method_name (invocation), "GetAll"))
    {
      value = g_dbus_interface_skeleton_get_properties (facet->skeleton);
      g_dbus_method_invocation_return_value (invocation, g_variant_new ("(@a{sv})", value));
      return;
    }
  g_variant_get_child (parameters, 1, "&s", &name);
  value = sp_bus_facet_get_property (facet, name);
  if (value != NULL)
    g_dbus_method_invocation_return_value (invocation, g_variant_new ("(v)", value));
  else
    g_dbus_method_invocation_return_error (invocation, SP_BUS_ERROR, SP_BUS_ERROR_NOT_FOUND,
                                           "no such property");
}

static gboolean
is_read (GDBusMethodInvocation *invocation)
{
  return g_strcmp0 (g_dbus_method_invocation_get_interface_name (invocation),
                    SP_BUS_PROPERTIES_INTERFACE) == 0;
}

/* The interface that a call is about; a property read names it in its arguments. */
static const char *
get_interface (GDBusMethodInvocation *invocation)
{
  const char *interface = g_dbus_method_invocation_get_interface_name (invocation);

  if (is_read (invocation))
    g_variant_get_child (g_dbus_method_invocation_get_parameters (invocation), 0, "&s", &interface);
  return interface;
}

static void
answer (SpBusTree *self, GDBusMethodInvocation *invocation)
{
  const char *path = g_dbus_method_invocation_get_object_path (invocation);
  const char *interface = get_interface (invocation);
  SpBusNode *node = g_hash_table_lookup (self->nodes, path);
  SpBusFacet *facet = node != NULL ? sp_bus_node_find (node, interface) : NULL;

  if (g_str_equal (interface, SP_BUS_MANAGER_INTERFACE))
    g_dbus_method_invocation_return_value (invocation, describe_all (self));
  else if (facet == NULL) /* it went while the porter thought */
    g_dbus_method_invocation_return_error (invocation, SP_BUS_ERROR, SP_BUS_ERROR_NOT_FOUND,
                                           "%s is gone", path);
  else if (is_read (invocation))
    answer_read (facet, invocation);
  else
    g_dbus_interface_skeleton_get_vtable (facet->skeleton)
        ->method_call (self->connection, g_dbus_method_invocation_get_sender (invocation), path,
                       interface, g_dbus_method_invocation_get_method_name (invocation),
                       g_dbus_method_invocation_get_parameters (invocation), invocation,
                       facet->skeleton);
}

static void
pass (SpBusTree *self, GDBusMethodInvocation *invocation, const SpBusPermission *permission)
{
  if (sp_bus_permission_is_monitor (permission))
    sp_bus_audience_admit (self->audience, g_dbus_method_invocation_get_sender (invocation));
  answer (self, invocation);
}

static void
on_checked (GObject *source, GAsyncResult *result, gpointer data)
{
  Call *call = data;
  GError *error = NULL;

  call->tree->n_waiting--;
  if (sp_bus_porter_check_finish (SP_BUS_PORTER (source), result, &error))
    pass (call->tree, call->invocation, call->permission);
  else
    g_dbus_method_invocation_take_error (call->invocation, error);
  call_free (call);
}

/* Whom a question is about: the object, or who is to be added.  Only what is fit to be shown. */
static char *
find_login (const SpBusNode *node, GVariant *parameters)
{
  g_autoptr (GVariant) values = NULL;
  const char *login;

  if (node != NULL && node->login != NULL)
    return g_strdup (node->login);
  if (g_variant_n_children (parameters) == 0)
    return NULL;
  values = g_variant_get_child_value (parameters, 0);
  if (!g_variant_is_of_type (values, G_VARIANT_TYPE_VARDICT) ||
      !g_variant_lookup (values, "Login", "&s", &login) || strlen (login) > SP_LOGIN_MAX)
    return NULL;
  for (const char *next = login; *next != '\0'; next = g_utf8_next_char (next))
    {
      if (!g_unichar_isprint (g_utf8_get_char (next)))
        return NULL;
    }
  return g_strdup (login);
}

static void
ask_porter (SpBusTree *self, GDBusMethodInvocation *invocation, const SpBusPermission *permission)
{
  GDBusMessageFlags flags =
      g_dbus_message_get_flags (g_dbus_method_invocation_get_message (invocation));
  g_autofree char *login = find_login (
      g_hash_table_lookup (self->nodes, g_dbus_method_invocation_get_object_path (invocation)),
      g_dbus_method_invocation_get_parameters (invocation));
  Call *call = g_new0 (Call, 1);

  call->tree = g_object_ref (self);
  call->invocation = invocation;
  call->permission = permission;
  self->n_waiting++;
  sp_bus_porter_check_async (
      self->porter, g_dbus_method_invocation_get_sender (invocation), permission, login,
      (flags & G_DBUS_MESSAGE_FLAGS_ALLOW_INTERACTIVE_AUTHORIZATION) != 0, on_checked, call);
}

static gboolean
is_owner (SpBusTree *self, GDBusMethodInvocation *invocation)
{
  const SpBusNode *node =
      g_hash_table_lookup (self->nodes, g_dbus_method_invocation_get_object_path (invocation));

  return node != NULL && node->owner != NULL &&
         g_strcmp0 (node->owner, g_dbus_method_invocation_get_sender (invocation)) == 0;
}

void
sp_bus_call_receive (SpBusTree *self, GDBusMethodInvocation *invocation)
{
  const char *sender = g_dbus_method_invocation_get_sender (invocation);
  const char *member = g_dbus_method_invocation_get_method_name (invocation);
  const SpBusPermission *permission = sp_bus_permission_find (
      get_interface (invocation), is_read (invocation) ? SP_BUS_READ : member);

  if (permission == NULL)
    g_dbus_method_invocation_return_error (invocation, SP_BUS_ERROR, SP_BUS_ERROR_NOT_AUTHORIZED,
                                           "nobody may call %s", member);
  else if (permission->action == NULL || is_owner (self, invocation) ||
           (sp_bus_permission_is_monitor (permission) && sender != NULL &&
            sp_bus_audience_has (self->audience, sender)))
    answer (self, invocation);
  else
    ask_porter (self, invocation, permission);
}
