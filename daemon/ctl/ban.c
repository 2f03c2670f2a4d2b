/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "client.h"
#include "commands.h"
#include "fields.h"
#include "json.h"
#include "moment.h"
#include "text.h"

#include <string.h>

#define ID_SHOWN 8 /* characters */

char **
sp_ctl_ban_fields (void)
{
  const char *const own[] = { "id", NULL };
  GDBusInterfaceInfo *const interfaces[] = { sp_bus_ban_interface_info (), NULL };

  return sp_field_list (own, interfaces);
}

static void
print_bans_data (const SpControl *control, const SpCommand *self, GPtrArray *bans)
{
  SpJson json;

  sp_json_init_listing (&json, control, self);
  sp_json_open (&json, "bans", '[');
  for (guint i = 0; i < bans->len; i++)
    {
      sp_json_open (&json, NULL, '{');
      sp_json_text (&json, "id", sp_client_id_of (bans->pdata[i]));
      sp_json_properties (&json, bans->pdata[i]);
      sp_json_close (&json, '}');
    }
  sp_json_close (&json, ']');
  sp_json_print (&json);
}

static void
print_bans (GPtrArray *bans)
{
  const char *const head[] = { "ID", "ADDRESS", "SINCE", "UNTIL", "BY", "WHY", NULL };
  SpTable *table = sp_table_new (head);

  for (guint i = 0; i < bans->len; i++)
    {
      SpBusBan *ban = bans->pdata[i];
      char *cells[] = {
        g_strndup (sp_client_id_of (ban), ID_SHOWN),
        sp_text_printable (sp_bus_ban_get_address (ban)),
        sp_text_time (sp_bus_ban_get_created_at (ban)),
        sp_text_time (sp_bus_ban_get_until (ban)),
        sp_text_printable (sp_bus_ban_get_origin (ban)),
        sp_text_printable (sp_bus_ban_get_reason (ban)),
        NULL,
      };

      sp_table_take_row (table, g_memdup2 (cells, sizeof cells));
    }
  sp_table_print (table);
}

SpExitStatus
sp_ctl_ban_list (SpControl *control, const SpCommand *self, char ***arguments, GError **error)
{
  g_autoptr (SpClient) client = NULL;
  g_autoptr (GPtrArray) bans = NULL;

  if (!sp_command_parse (self, control, NULL, arguments, error))
    return SP_EXIT_USAGE;
  client = sp_client_new (control, error);
  if (client == NULL || !sp_client_look (client, 0, error))
    return SP_EXIT_FAILED;
  bans = sp_client_list_bans (client);
  if (sp_fields_wanted (control))
    print_bans_data (control, self, bans);
  else
    print_bans (bans);
  return SP_EXIT_OK;
}

static void
print_done (const SpControl *control, const char *what, const char *address, const char *id)
{
  SpJson json;

  if (!control->json)
    {
      g_print ("%s %s.\n", what, address);
      return;
    }
  sp_json_init (&json);
  sp_json_text (&json, "id", id);
  sp_json_text (&json, "address", address);
  sp_json_print (&json);
}

static SpExitStatus
add (SpControl *control, const char *address, const char *reason, guint64 until, GError **error)
{
  g_autoptr (SpClient) client = sp_client_new (control, error);
  g_autofree char *path = NULL;
  GVariantDict options;

  if (client == NULL)
    return SP_EXIT_FAILED;
  g_variant_dict_init (&options, NULL);
  if (reason != NULL)
    g_variant_dict_insert (&options, "reason", "s", reason);
  if (until != 0)
    g_variant_dict_insert (&options, "until", "t", until);
  if (!sp_bus_server_call_block_address_sync (client->server, address,
                                              g_variant_dict_end (&options), client->flags,
                                              client->timeout, &path, NULL, error))
    return SP_EXIT_FAILED;
  print_done (control, "Nobody is let in from", address, strrchr (path, '/') + 1);
  return SP_EXIT_OK;
}

SpExitStatus
sp_ctl_ban_add (SpControl *control, const SpCommand *self, char ***arguments, GError **error)
{
  g_autofree char *reason = NULL;
  g_autofree char *until = NULL;
  const GOptionEntry options[] = {
    { "reason", 0, 0, G_OPTION_ARG_STRING, &reason, "What its people are told", "TEXT" },
    { "until", 0, 0, G_OPTION_ARG_STRING, &until, "When it ends, as +2h; never, when not given",
      "TIME" },
    { NULL, 0, 0, 0, NULL, NULL, NULL },
  };
  guint64 end = 0;

  if (!sp_command_parse (self, control, options, arguments, error))
    return SP_EXIT_USAGE;
  if (!g_utf8_validate ((*arguments)[1], -1, NULL))
    {
      g_set_error (error, SP_CTL_ERROR, SP_CTL_ERROR_USAGE, "the address is not UTF-8");
      return SP_EXIT_USAGE;
    }
  if (until != NULL && !sp_moment_read_end ("--until", until, &end, error))
    return SP_EXIT_USAGE;
  return add (control, (*arguments)[1], reason, end, error);
}

/* By the address, or by the id or a beginning of it. */
static SpBusBan *
find_ban (GPtrArray *bans, const char *what, GError **error)
{
  SpBusBan *found = NULL;

  for (guint i = 0; what[0] != '\0' && i < bans->len; i++)
    {
      if (g_strcmp0 (sp_bus_ban_get_address (bans->pdata[i]), what) == 0)
        return bans->pdata[i];
      if (!g_str_has_prefix (sp_client_id_of (bans->pdata[i]), what))
        continue;
      if (found != NULL)
        {
          g_set_error (error, SP_CTL_ERROR, SP_CTL_ERROR_USAGE, "several bans begin with “%s”",
                       what);
          return NULL;
        }
      found = bans->pdata[i];
    }
  if (found == NULL)
    g_set_error (error, SP_CTL_ERROR, SP_CTL_ERROR_NOT_FOUND, "there is no ban “%s”", what);
  return found;
}

SpExitStatus
sp_ctl_ban_lift (SpControl *control, const SpCommand *self, char ***arguments, GError **error)
{
  g_autoptr (SpClient) client = NULL;
  g_autoptr (GPtrArray) bans = NULL;
  g_autofree char *address = NULL;
  SpBusBan *ban;

  if (!sp_command_parse (self, control, NULL, arguments, error))
    return SP_EXIT_USAGE;
  client = sp_client_new (control, error);
  if (client == NULL || !sp_client_look (client, 0, error))
    return SP_EXIT_FAILED;
  bans = sp_client_list_bans (client);
  ban = find_ban (bans, (*arguments)[1], error);
  if (ban == NULL)
    return SP_EXIT_FAILED;
  address = g_strdup (sp_bus_ban_get_address (ban));
  if (!sp_bus_ban_call_lift_sync (ban, sp_client_no_options (), client->flags, client->timeout,
                                  NULL, error))
    return SP_EXIT_FAILED;
  print_done (control, "Who comes is let in again from", address, sp_client_id_of (ban));
  return SP_EXIT_OK;
}
