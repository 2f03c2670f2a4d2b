/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "client.h"
#include "commands.h"
#include "fields.h"
#include "json.h"
#include "text.h"
#include "user-value.h"

char **
sp_ctl_group_fields (void)
{
  const char *const own[] = { "id", NULL };
  GDBusInterfaceInfo *const interfaces[] = { sp_bus_group_interface_info (), NULL };

  return sp_field_list (own, interfaces);
}

/* --- list and show --- */

static void
print_groups_data (const SpControl *control, const SpCommand *self, GPtrArray *groups)
{
  SpJson json;

  sp_json_init_listing (&json, control, self);
  sp_json_open (&json, "groups", '[');
  for (guint i = 0; i < groups->len; i++)
    {
      sp_json_open (&json, NULL, '{');
      sp_json_text (&json, "id", sp_client_id_of (groups->pdata[i]));
      sp_json_properties (&json, groups->pdata[i]);
      sp_json_close (&json, '}');
    }
  sp_json_close (&json, ']');
  sp_json_print (&json);
}

static char *
value_cell (SpBusGroup *group, const char *name)
{
  g_autoptr (GVariant) value = g_dbus_proxy_get_cached_property (G_DBUS_PROXY (group), name);

  return value != NULL ? sp_user_value_text (name, value) : g_strdup ("");
}

static void
print_groups (GPtrArray *groups)
{
  const char *const head[] = { "NAME", "LABEL", "ROUTES", "REACH", NULL };
  SpTable *table = sp_table_new (head);

  for (guint i = 0; i < groups->len; i++)
    {
      char *cells[] = {
        value_cell (groups->pdata[i], "Name"),
        value_cell (groups->pdata[i], "Label"),
        value_cell (groups->pdata[i], "Routes"),
        value_cell (groups->pdata[i], "Reach"),
        NULL,
      };

      sp_table_take_row (table, g_memdup2 (cells, sizeof cells));
    }
  sp_table_print (table);
}

/* NULL: the service does not answer, or does not say. */
static SpClient *
look (SpControl *control, GError **error)
{
  g_autoptr (SpClient) client = sp_client_new (control, error);

  if (client == NULL || !sp_client_look (client, 0, error))
    return NULL;
  return g_steal_pointer (&client);
}

SpExitStatus
sp_ctl_group_list (SpControl *control, const SpCommand *self, char ***arguments, GError **error)
{
  g_autoptr (SpClient) client = NULL;
  g_autoptr (GPtrArray) groups = NULL;

  if (!sp_command_parse (self, control, NULL, arguments, error))
    return SP_EXIT_USAGE;
  client = look (control, error);
  if (client == NULL)
    return SP_EXIT_FAILED;
  groups = sp_client_list_groups (client);
  if (sp_fields_wanted (control))
    print_groups_data (control, self, groups);
  else
    print_groups (groups);
  return SP_EXIT_OK;
}

/* A reference of its own. */
static SpBusGroup *
find_group (SpClient *client, const char *name, GError **error)
{
  g_autoptr (GPtrArray) groups = sp_client_list_groups (client);

  for (guint i = 0; i < groups->len; i++)
    if (g_strcmp0 (sp_bus_group_get_name (groups->pdata[i]), name) == 0)
      return g_object_ref (groups->pdata[i]);
  g_set_error (error, SP_CTL_ERROR, SP_CTL_ERROR_NOT_FOUND, "there is no group “%.64s”",
               g_utf8_validate (name, -1, NULL) ? name : "?");
  return NULL;
}

static void
print_group (SpBusGroup *group)
{
  const GDBusInterfaceInfo *info = sp_bus_group_interface_info ();

  for (guint i = 0; info->properties[i] != NULL; i++)
    {
      g_autofree char *key = sp_json_key_from_name (info->properties[i]->name);
      g_autofree char *text = value_cell (group, info->properties[i]->name);

      g_print ("%s=%s\n", key, text);
    }
}

SpExitStatus
sp_ctl_group_show (SpControl *control, const SpCommand *self, char ***arguments, GError **error)
{
  g_autoptr (SpClient) client = NULL;
  g_autoptr (SpBusGroup) group = NULL;
  SpJson json;

  if (!sp_command_parse (self, control, NULL, arguments, error))
    return SP_EXIT_USAGE;
  client = look (control, error);
  group = client != NULL ? find_group (client, (*arguments)[1], error) : NULL;
  if (group == NULL)
    return SP_EXIT_FAILED;
  if (!sp_fields_wanted (control))
    {
      print_group (group);
      return SP_EXIT_OK;
    }
  sp_json_init_listing (&json, control, self);
  sp_json_text (&json, "id", sp_client_id_of (group));
  sp_json_properties (&json, G_DBUS_PROXY (group));
  sp_json_print (&json);
  return SP_EXIT_OK;
}

/* --- changes --- */

static void
print_done (const SpControl *control, const char *what, const char *name, const char *id)
{
  SpJson json;

  if (!control->json)
    {
      g_print ("%s the group %s.\n", what, name);
      return;
    }
  sp_json_init (&json);
  sp_json_text (&json, "id", id);
  sp_json_text (&json, "name", name);
  sp_json_print (&json);
}

/* NAME=VALUE from the third word on. */
static gboolean
read_values (char **arguments, GVariantDict *values, GError **error)
{
  if (!g_utf8_validate (arguments[1], -1, NULL))
    {
      g_set_error (error, SP_CTL_ERROR, SP_CTL_ERROR_USAGE, "the name is not UTF-8");
      return FALSE;
    }
  for (guint i = 2; arguments[i] != NULL; i++)
    if (!sp_user_value_read (sp_bus_group_interface_info (), "group", arguments[i], values, error))
      return FALSE;
  return TRUE;
}

SpExitStatus
sp_ctl_group_add (SpControl *control, const SpCommand *self, char ***arguments, GError **error)
{
  g_auto (GVariantDict) values = G_VARIANT_DICT_INIT (NULL);
  g_autoptr (SpClient) client = NULL;
  g_autofree char *path = NULL;
  const char *name;

  if (!sp_command_parse (self, control, NULL, arguments, error) ||
      !read_values (*arguments, &values, error))
    return SP_EXIT_USAGE;
  name = (*arguments)[1];
  g_variant_dict_insert (&values, "Name", "s", name);
  client = sp_client_new (control, error);
  if (client == NULL || !sp_bus_server_call_add_group_sync (
                            client->server, g_variant_dict_end (&values), sp_client_no_options (),
                            client->flags, client->timeout, &path, NULL, error))
    return SP_EXIT_FAILED;
  print_done (control, "Added", name, strrchr (path, '/') + 1);
  return SP_EXIT_OK;
}

SpExitStatus
sp_ctl_group_set (SpControl *control, const SpCommand *self, char ***arguments, GError **error)
{
  g_auto (GVariantDict) changes = G_VARIANT_DICT_INIT (NULL);
  g_autoptr (SpClient) client = NULL;
  g_autoptr (SpBusGroup) group = NULL;

  if (!sp_command_parse (self, control, NULL, arguments, error) ||
      !read_values (*arguments, &changes, error))
    return SP_EXIT_USAGE;
  client = look (control, error);
  group = client != NULL ? find_group (client, (*arguments)[1], error) : NULL;
  if (group == NULL ||
      !sp_bus_group_call_update_sync (group, g_variant_dict_end (&changes), sp_client_no_options (),
                                      client->flags, client->timeout, NULL, error))
    return SP_EXIT_FAILED;
  print_done (control, "Changed", (*arguments)[1], sp_client_id_of (group));
  return SP_EXIT_OK;
}

SpExitStatus
sp_ctl_group_remove (SpControl *control, const SpCommand *self, char ***arguments, GError **error)
{
  g_autoptr (SpClient) client = NULL;
  g_autoptr (SpBusGroup) group = NULL;

  if (!sp_command_parse (self, control, NULL, arguments, error))
    return SP_EXIT_USAGE;
  client = look (control, error);
  group = client != NULL ? find_group (client, (*arguments)[1], error) : NULL;
  if (group == NULL || !sp_bus_group_call_remove_sync (group, sp_client_no_options (),
                                                       client->flags, client->timeout, NULL, error))
    return SP_EXIT_FAILED;
  print_done (control, "Removed", (*arguments)[1], sp_client_id_of (group));
  return SP_EXIT_OK;
}

SpExitStatus
sp_ctl_group_restore (SpControl *control, const SpCommand *self, char ***arguments, GError **error)
{
  g_autoptr (SpClient) client = NULL;
  g_autofree char *path = NULL;

  if (!sp_command_parse (self, control, NULL, arguments, error))
    return SP_EXIT_USAGE;
  client = sp_client_new (control, error);
  if (client == NULL || !sp_bus_server_call_restore_group_sync (
                            client->server, (*arguments)[1], sp_client_no_options (), client->flags,
                            client->timeout, &path, NULL, error))
    return SP_EXIT_FAILED;
  print_done (control, "Restored", (*arguments)[1], strrchr (path, '/') + 1);
  return SP_EXIT_OK;
}
