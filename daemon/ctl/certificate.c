/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "client.h"
#include "commands.h"
#include "json.h"

SpExitStatus
sp_ctl_certificate_authority (SpControl *control,
                              const SpCommand *self,
                              char ***arguments,
                              GError **error)
{
  g_autoptr (SpClient) client = NULL;
  g_autoptr (GVariant) certificate = NULL;
  g_autofree char *pem = NULL;
  gconstpointer bytes;
  gsize size;
  SpJson json;

  if (!sp_command_parse (self, control, NULL, arguments, error))
    return SP_EXIT_USAGE;
  client = sp_client_new (control, error);
  if (client == NULL || !sp_bus_server_call_get_certificate_authority_sync (
                            client->server, sp_client_no_options (), client->flags, client->timeout,
                            &certificate, NULL, error))
    return SP_EXIT_FAILED;
  bytes = g_variant_get_fixed_array (certificate, &size, 1);
  pem = g_strndup (bytes, size);
  if (!control->json)
    {
      g_print ("%s", pem);
      return SP_EXIT_OK;
    }
  sp_json_init (&json);
  sp_json_text (&json, "authority", pem);
  sp_json_print (&json);
  return SP_EXIT_OK;
}
