/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "client.h"
#include "commands.h"
#include "fields.h"
#include "json.h"
#include "text.h"

#include "base/names.h"

#include <string.h>

#define ID_SHOWN 8 /* characters */

/* --- list --- */

char **
sp_ctl_device_fields (void)
{
  const char *const own[] = { "id", "login", NULL };
  GDBusInterfaceInfo *const interfaces[] = { sp_bus_device_interface_info (), NULL };

  return sp_field_list (own, interfaces);
}

/* Whose it is; empty when the user went meanwhile. */
static char *
login_of (SpClient *client, SpBusDevice *device)
{
  g_autoptr (GDBusInterface) user = g_dbus_object_manager_get_interface (
      client->objects, sp_bus_device_get_user (device), SP_BUS_INTERFACE "User");

  return g_strdup (user != NULL ? sp_bus_user_get_login (SP_BUS_USER (user)) : "");
}

static void
print_devices_data (const SpControl *control,
                    const SpCommand *self,
                    SpClient *client,
                    GPtrArray *devices)
{
  SpJson json;

  sp_json_init_listing (&json, control, self);
  sp_json_open (&json, "devices", '[');
  for (guint i = 0; i < devices->len; i++)
    {
      g_autofree char *login = login_of (client, devices->pdata[i]);

      sp_json_open (&json, NULL, '{');
      sp_json_text (&json, "id", sp_client_id_of (devices->pdata[i]));
      sp_json_text (&json, "login", login);
      sp_json_properties (&json, devices->pdata[i]);
      sp_json_close (&json, '}');
    }
  sp_json_close (&json, ']');
  sp_json_print (&json);
}

/* What is over says nothing. */
static char *
block_cell (SpBusDevice *device)
{
  guint64 until = sp_bus_device_get_blocked_until (device);

  return until > (guint64) g_get_real_time () ? sp_text_time (until) : g_strdup ("");
}

static void
add_row (SpTable *table, SpClient *client, SpBusDevice *device)
{
  g_autofree char *login = login_of (client, device);
  char *cells[] = {
    g_strndup (sp_client_id_of (device), ID_SHOWN),
    sp_text_printable (login),
    sp_text_printable (sp_bus_device_get_name (device)),
    sp_text_printable (sp_bus_device_get_kind (device)),
    sp_text_time (sp_bus_device_get_created_at (device)),
    sp_text_time (sp_bus_device_get_last_seen_at (device)),
    sp_text_time (sp_bus_device_get_not_after (device)),
    sp_text_time (sp_bus_device_get_revoked_at (device)),
    block_cell (device),
    NULL,
  };

  sp_table_take_row (table, g_memdup2 (cells, sizeof cells));
}

static void
print_devices (SpClient *client, GPtrArray *devices)
{
  const char *const head[] = { "ID",        "USER",       "NAME",    "KIND",          "SINCE",
                               "LAST SEEN", "GOOD UNTIL", "REVOKED", "BLOCKED UNTIL", NULL };
  SpTable *table = sp_table_new (head);

  for (guint i = 0; i < devices->len; i++)
    add_row (table, client, devices->pdata[i]);
  sp_table_print (table);
}

/* Leaves those of one user. */
static gboolean
keep_those_of (SpClient *client, const char *login, GPtrArray *devices, GError **error)
{
  g_autoptr (SpBusUser) user = sp_client_find_user (client, login, error);
  const char *path;

  if (user == NULL)
    return FALSE;
  path = g_dbus_proxy_get_object_path (G_DBUS_PROXY (user));
  for (guint i = devices->len; i > 0; i--)
    if (strcmp (sp_bus_device_get_user (devices->pdata[i - 1]), path) != 0)
      (void) g_ptr_array_remove_index (devices, i - 1);
  return TRUE;
}

SpExitStatus
sp_ctl_device_list (SpControl *control, const SpCommand *self, char ***arguments, GError **error)
{
  g_autoptr (SpClient) client = NULL;
  g_autoptr (GPtrArray) devices = NULL;

  if (!sp_command_parse (self, control, NULL, arguments, error))
    return SP_EXIT_USAGE;
  client = sp_client_new (control, error);
  if (client == NULL || !sp_client_look (client, 0, error))
    return SP_EXIT_FAILED;
  devices = sp_client_list_devices (client);
  if ((*arguments)[1] != NULL && !keep_those_of (client, (*arguments)[1], devices, error))
    return SP_EXIT_FAILED;
  if (sp_fields_wanted (control))
    print_devices_data (control, self, client, devices);
  else
    print_devices (client, devices);
  return SP_EXIT_OK;
}

/* --- rename --- */

static SpBusDevice *
look_for_device (SpClient *client, const char *id, GError **error)
{
  return sp_client_look (client, 0, error) ? sp_client_find_device (client, id, error) : NULL;
}

SpExitStatus
sp_ctl_device_rename (SpControl *control, const SpCommand *self, char ***arguments, GError **error)
{
  g_autoptr (SpClient) client = NULL;
  g_autoptr (SpBusDevice) device = NULL;
  GVariantBuilder changes = G_VARIANT_BUILDER_INIT (G_VARIANT_TYPE_VARDICT);
  SpJson json;

  if (!sp_command_parse (self, control, NULL, arguments, error))
    return SP_EXIT_USAGE;
  if (!g_utf8_validate ((*arguments)[2], -1, NULL))
    {
      g_set_error (error, SP_CTL_ERROR, SP_CTL_ERROR_USAGE, "the name is not UTF-8");
      return SP_EXIT_USAGE;
    }
  client = sp_client_new (control, error);
  device = client != NULL ? look_for_device (client, (*arguments)[1], error) : NULL;
  if (device == NULL)
    return SP_EXIT_FAILED;
  g_variant_builder_add (&changes, "{sv}", "Name", g_variant_new_string ((*arguments)[2]));
  if (!sp_bus_device_call_update_sync (device, g_variant_builder_end (&changes),
                                       sp_client_no_options (), client->flags, client->timeout,
                                       NULL, error))
    return SP_EXIT_FAILED;
  if (control->json)
    {
      sp_json_init (&json);
      sp_json_text (&json, "id", sp_client_id_of (device));
      sp_json_print (&json);
    }
  else
    g_print ("Renamed.\n");
  return SP_EXIT_OK;
}

/* --- revoke --- */

static gboolean
revoke_one (SpClient *client, SpBusDevice *device, SpJson *json, GError **error)
{
  g_autofree char *token = NULL;

  if (!sp_bus_device_call_revoke_sync (device, sp_client_no_options (), client->flags,
                                       client->timeout, &token, NULL, error))
    return FALSE;
  if (json->text != NULL)
    {
      sp_json_open (json, NULL, '{');
      sp_json_text (json, "id", sp_client_id_of (device));
      sp_json_text (json, "undo-token", token);
      sp_json_close (json, '}');
    }
  else
    {
      g_autofree char *name = sp_text_printable (sp_bus_device_get_name (device));

      g_print ("Revoked %s.\nWithin 10 seconds: " SP_CTL_NAME " undo %s\n", name, token);
    }
  return TRUE;
}

/* The devices that the arguments mean: found before any of them is touched. */
static GPtrArray *
choose (SpClient *client, char *const *ids, GError **error)
{
  g_autoptr (GPtrArray) chosen = g_ptr_array_new_with_free_func (g_object_unref);

  for (; *ids != NULL; ids++)
    {
      SpBusDevice *device = look_for_device (client, *ids, error);

      if (device == NULL)
        return NULL;
      g_ptr_array_add (chosen, device);
    }
  return g_steal_pointer (&chosen);
}

/* Goes on after a failure, so that one does not save the others. */
static SpExitStatus
revoke_all (SpControl *control, SpClient *client, GPtrArray *devices, GError **error)
{
  SpJson json = { 0 };

  if (control->json)
    {
      sp_json_init (&json);
      sp_json_open (&json, "revoked", '[');
    }
  for (guint i = 0; i < devices->len; i++)
    {
      g_autoptr (GError) failure = NULL;

      if (!revoke_one (client, devices->pdata[i], &json, &failure) && *error == NULL)
        *error = g_steal_pointer (&failure);
    }
  if (control->json)
    sp_json_end_list (&json, control, *error);
  return *error == NULL ? SP_EXIT_OK : SP_EXIT_FAILED;
}

SpExitStatus
sp_ctl_device_revoke (SpControl *control, const SpCommand *self, char ***arguments, GError **error)
{
  g_autoptr (SpClient) client = NULL;
  g_autoptr (GPtrArray) devices = NULL;

  if (!sp_command_parse (self, control, NULL, arguments, error))
    return SP_EXIT_USAGE;
  client = sp_client_new (control, error);
  devices = client != NULL ? choose (client, *arguments + 1, error) : NULL;
  if (devices == NULL)
    return SP_EXIT_FAILED;
  return revoke_all (control, client, devices, error);
}
