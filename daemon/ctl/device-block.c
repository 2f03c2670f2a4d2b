/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "client.h"
#include "commands.h"
#include "json.h"
#include "moment.h"
#include "text.h"

/* Keeping a device out for a while. */

#define FOR_GOOD G_GUINT64_CONSTANT (253402300799999999) /* see BlockedUntil */

static gboolean
set_one (SpClient *client, const char *id, guint64 until, SpJson *json, GError **error)
{
  g_autoptr (SpBusDevice) device = sp_client_find_device (client, id, error);
  GVariantBuilder changes = G_VARIANT_BUILDER_INIT (G_VARIANT_TYPE_VARDICT);
  g_autofree char *name = NULL;

  if (device == NULL)
    return FALSE;
  g_variant_builder_add (&changes, "{sv}", "BlockedUntil", g_variant_new_uint64 (until));
  if (!sp_bus_device_call_update_sync (device, g_variant_builder_end (&changes),
                                       sp_client_no_options (), client->flags, client->timeout,
                                       NULL, error))
    return FALSE;
  name = sp_text_printable (sp_bus_device_get_name (device));
  if (json->text != NULL)
    sp_json_text (json, NULL, sp_client_id_of (device));
  else
    g_print ("%s %s.\n", until != 0 ? "Blocked" : "Let in again:", name);
  return TRUE;
}

static SpExitStatus
set_all (SpControl *control, char *const *ids, guint64 until, GError **error)
{
  g_autoptr (SpClient) client = sp_client_new (control, error);
  SpJson json = { 0 };

  if (client == NULL || !sp_client_look (client, 0, error))
    return SP_EXIT_FAILED;
  if (control->json)
    {
      sp_json_init (&json);
      sp_json_open (&json, until != 0 ? "blocked" : "unblocked", '[');
    }
  for (; *ids != NULL && *error == NULL; ids++)
    (void) set_one (client, *ids, until, &json, error);
  if (control->json)
    sp_json_end_list (&json, control, *error);
  return *error == NULL ? SP_EXIT_OK : SP_EXIT_FAILED;
}

SpExitStatus
sp_ctl_device_block (SpControl *control, const SpCommand *self, char ***arguments, GError **error)
{
  g_autofree char *text = NULL;
  const GOptionEntry options[] = {
    { "until", 0, 0, G_OPTION_ARG_STRING, &text, "When it ends, as +2h; never, when not given",
      "TIME" },
    { NULL, 0, 0, 0, NULL, NULL, NULL },
  };
  guint64 until = 0;

  if (!sp_command_parse (self, control, options, arguments, error) ||
      (text != NULL && !sp_moment_read_end ("--until", text, &until, error)))
    return SP_EXIT_USAGE;
  return set_all (control, *arguments + 1, until != 0 ? until : FOR_GOOD, error);
}

SpExitStatus
sp_ctl_device_unblock (SpControl *control, const SpCommand *self, char ***arguments, GError **error)
{
  if (!sp_command_parse (self, control, NULL, arguments, error))
    return SP_EXIT_USAGE;
  return set_all (control, *arguments + 1, 0, error);
}
