/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "client.h"
#include "commands.h"
#include "json.h"

#include "base/label.h"

/* What a device has to call the server. */

static SpBusDevice *
find_device (SpClient *client, const char *id, GError **error)
{
  return sp_client_look (client, 0, error) ? sp_client_find_device (client, id, error) : NULL;
}

/* The device's label, which is another one afterwards if it is renewed. */
static char *
get_label (SpClient *client, SpBusDevice *device, gboolean renew, GError **error)
{
  char *label = NULL;

  if (!renew)
    return g_strdup (sp_bus_device_get_label (device));
  (void) sp_bus_device_call_renew_label_sync (device, sp_client_no_options (), client->flags,
                                              client->timeout, &label, NULL, error);
  return label;
}

static void
print_address (const SpControl *control, SpBusDevice *device, const char *label, const char *url)
{
  SpJson json;

  if (control->json)
    {
      sp_json_init (&json);
      sp_json_text (&json, "id", sp_client_id_of (device));
      sp_json_text (&json, "label", label);
      sp_json_text (&json, "url", url);
      sp_json_print (&json);
    }
  else if (url[0] != '\0')
    g_print ("%s\n", url);
  else
    g_print ("The server is off. Its label is %s.\n", label);
}

SpExitStatus
sp_ctl_device_address (SpControl *control, const SpCommand *self, char ***arguments, GError **error)
{
  gboolean renew = FALSE;
  const GOptionEntry options[] = {
    { "renew", 0, 0, G_OPTION_ARG_NONE, &renew,
      "Give it another one; the one that it has is good for nothing any more", NULL },
    { NULL, 0, 0, 0, NULL, NULL, NULL },
  };
  g_autoptr (SpClient) client = NULL;
  g_autoptr (SpBusDevice) device = NULL;
  g_autofree char *label = NULL;
  g_autofree char *url = NULL;

  if (!sp_command_parse (self, control, options, arguments, error))
    return SP_EXIT_USAGE;
  client = sp_client_new (control, error);
  device = client != NULL ? find_device (client, (*arguments)[1], error) : NULL;
  label = device != NULL ? get_label (client, device, renew, error) : NULL;
  if (label == NULL)
    return SP_EXIT_FAILED;
  url = sp_label_insert (sp_bus_server_get_device_url (client->server), label);
  print_address (control, device, label, url);
  return SP_EXIT_OK;
}
