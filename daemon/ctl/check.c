/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "client.h"
#include "commands.h"
#include "json.h"
#include "text.h"

static void
print_entries (GVariant *health)
{
  GVariantIter iter;
  const char *id;
  const char *severity;
  GVariant *details;

  g_variant_iter_init (&iter, health);
  while (g_variant_iter_next (&iter, "(&s&s@a{sv})", &id, &severity, &details))
    {
      g_autoptr (GVariant) owned = details;
      const char *text = "";
      g_autofree char *shown = NULL;

      (void) g_variant_lookup (owned, "Text", "&s", &text);
      shown = sp_text_printable (text);
      g_print ("%-8s %s: %s\n", severity, id, shown);
    }
}

static void
print_data (GVariant *health)
{
  GVariantIter iter;
  const char *id;
  const char *severity;
  GVariant *details;
  SpJson json;

  sp_json_init (&json);
  sp_json_open (&json, "health", '[');
  g_variant_iter_init (&iter, health);
  while (g_variant_iter_next (&iter, "(&s&s@a{sv})", &id, &severity, &details))
    {
      g_autoptr (GVariant) owned = details;

      sp_json_open (&json, NULL, '{');
      sp_json_text (&json, "id", id);
      sp_json_text (&json, "severity", severity);
      sp_json_value (&json, "details", owned);
      sp_json_close (&json, '}');
    }
  sp_json_close (&json, ']');
  sp_json_print (&json);
}

SpExitStatus
sp_ctl_check (SpControl *control, const SpCommand *self, char ***arguments, GError **error)
{
  g_autoptr (SpClient) client = NULL;
  GVariant *health;

  if (!sp_command_parse (self, control, NULL, arguments, error))
    return SP_EXIT_USAGE;
  client = sp_client_new (control, error);
  if (client == NULL)
    return SP_EXIT_FAILED;
  health = sp_bus_server_get_health (client->server);
  if (control->json)
    print_data (health);
  else if (g_variant_n_children (health) == 0)
    g_print ("There is nothing to look after.\n");
  else
    print_entries (health);
  return g_variant_n_children (health) == 0 ? SP_EXIT_OK : SP_EXIT_FAILED;
}
