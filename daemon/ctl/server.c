/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "client.h"
#include "commands.h"
#include "fields.h"
#include "json.h"
#include "text.h"

#include "base/label.h"

#include <string.h>

/* The number of sessions, or -1 when the caller may not see them. */
static int
count_sessions (SpClient *client)
{
  g_autoptr (GPtrArray) sessions = NULL;

  if (!sp_client_look_silently (client))
    return -1;
  sessions = sp_client_list_sessions (client);
  return (int) sessions->len;
}

static void
print_failure (SpBusServer *server)
{
  GVariant *last_error = sp_bus_server_get_last_error (server);
  const char *message;

  if (last_error == NULL)
    return;
  g_variant_get_child (last_error, 1, "&s", &message);
  if (message[0] != '\0')
    g_print ("Last error:  %s\n", message);
}

static void
print_attack (SpBusServer *server)
{
  GVariantIter iter;
  const char *id;
  GVariant *details;

  g_variant_iter_init (&iter, sp_bus_server_get_health (server));
  while (g_variant_iter_loop (&iter, "(&s&s@a{sv})", &id, NULL, &details))
    {
      const char *text = "";
      g_autofree char *shown = NULL;

      if (!g_str_equal (id, "under-attack"))
        continue;
      (void) g_variant_lookup (details, "Text", "&s", &text);
      shown = sp_text_printable (text);
      g_print ("Attack:      %s\n", shown);
    }
}

static void
print_dynamic_dns (SpBusServer *server)
{
  GVariant *facts = sp_bus_server_get_dynamic_dns (server);
  const char *state = "off";
  const char *address = "";

  if (facts == NULL)
    return;
  (void) g_variant_lookup (facts, "State", "&s", &state);
  if (!g_variant_lookup (facts, "Ipv4", "&s", &address))
    (void) g_variant_lookup (facts, "Ipv6", "&s", &address);
  if (!g_str_equal (state, "off"))
    g_print ("Dynamic DNS: %s%s%s\n", state, address[0] != '\0' ? ", told " : "", address);
}

static void
print_port_mapping (SpBusServer *server)
{
  GVariant *facts = sp_bus_server_get_port_mapping (server);
  g_autoptr (GVariant) ipv6 = NULL;
  const char *state = "off";
  const char *ipv6_state = "";

  if (facts == NULL)
    return;
  (void) g_variant_lookup (facts, "State", "&s", &state);
  ipv6 = g_variant_lookup_value (facts, "Ipv6", G_VARIANT_TYPE_VARDICT);
  if (ipv6 != NULL)
    (void) g_variant_lookup (ipv6, "State", "&s", &ipv6_state);
  if (!g_str_equal (state, "off"))
    g_print ("Router:      %s%s%s\n", state, ipv6_state[0] != '\0' ? ", for IPv6 " : "",
             ipv6_state);
}

static void
print_status (SpClient *client)
{
  SpBusServer *server = client->server;
  const char *const *urls = sp_bus_server_get_urls (server);
  const char *device_url = sp_bus_server_get_device_url (server);
  g_autofree char *since = sp_text_time (sp_bus_server_get_started_at (server));
  int n_sessions = count_sessions (client);

  g_print ("State:       %s%s%s\n", sp_bus_server_get_state (server),
           since[0] != '\0' ? " since " : "", since);
  print_failure (server);
  print_attack (server);
  if (sp_bus_server_get_port (server) != 0)
    g_print ("Port:        %u\n", sp_bus_server_get_port (server));
  for (guint i = 0; urls != NULL && urls[i] != NULL; i++)
    g_print ("%s%s\n", i == 0 ? "Clients use: " : "             ", urls[i]);
  if (device_url != NULL && strstr (device_url, SP_LABEL_PLACE) != NULL)
    g_print ("Devices use: %s\n", device_url);
  if (sp_bus_server_get_certificate_pin (server)[0] != '\0')
    g_print ("Certificate: %s\n", sp_bus_server_get_certificate_pin (server));
  if (sp_bus_server_get_last_backup_error (server)[0] != '\0')
    g_print ("Backup:      %s\n", sp_bus_server_get_last_backup_error (server));
  print_dynamic_dns (server);
  print_port_mapping (server);
  if (n_sessions >= 0)
    g_print ("Sessions:    %d\n", n_sessions);
  g_print ("Version:     %s\n", sp_bus_server_get_version (server));
}

char **
sp_ctl_status_fields (void)
{
  const char *const own[] = { "sessions", NULL };
  GDBusInterfaceInfo *const interfaces[] = { sp_bus_server_interface_info (), NULL };

  return sp_field_list (own, interfaces);
}

static void
print_status_data (const SpControl *control, const SpCommand *self, SpClient *client)
{
  int n_sessions = count_sessions (client);
  SpJson json;

  sp_json_init_listing (&json, control, self);
  sp_json_properties (&json, G_DBUS_PROXY (client->server));
  if (n_sessions >= 0)
    sp_json_number (&json, "sessions", (guint64) n_sessions);
  sp_json_print (&json);
}

SpExitStatus
sp_ctl_status (SpControl *control, const SpCommand *self, char ***arguments, GError **error)
{
  g_autoptr (SpClient) client = NULL;

  if (!sp_command_parse (self, control, NULL, arguments, error))
    return SP_EXIT_USAGE;
  client = sp_client_new (control, error);
  if (client == NULL)
    return SP_EXIT_FAILED;
  if (sp_fields_wanted (control))
    print_status_data (control, self, client);
  else
    print_status (client);
  return SP_EXIT_OK;
}

typedef gboolean (*Call) (SpBusServer *proxy,
                          GVariant *options,
                          GDBusCallFlags flags,
                          gint timeout,
                          GCancellable *cancellable,
                          GError **error);

/* Brings the server into a state by the call that does it; `idle`: the state in which there is
 * nothing to do, or NULL. */
static SpExitStatus
change_state (SpControl *control, const char *state, const char *idle, Call call, GError **error)
{
  g_autoptr (SpClient) client = sp_client_new (control, error);
  gboolean already;
  SpJson json;

  if (client == NULL)
    return SP_EXIT_FAILED;
  already = g_strcmp0 (sp_bus_server_get_state (client->server), idle) == 0;
  if (!already &&
      !call (client->server, sp_client_no_options (), client->flags, client->timeout, NULL, error))
    return SP_EXIT_FAILED;
  if (control->json)
    {
      sp_json_init (&json);
      sp_json_text (&json, "state", state);
      sp_json_print (&json);
    }
  else
    g_print (already ? "The server is %s already.\n" : "The server is %s.\n", state);
  return already ? SP_EXIT_NOTHING_TO_DO : SP_EXIT_OK;
}

SpExitStatus
sp_ctl_start (SpControl *control, const SpCommand *self, char ***arguments, GError **error)
{
  if (!sp_command_parse (self, control, NULL, arguments, error))
    return SP_EXIT_USAGE;
  return change_state (control, "on", "on", sp_bus_server_call_start_sync, error);
}

SpExitStatus
sp_ctl_stop (SpControl *control, const SpCommand *self, char ***arguments, GError **error)
{
  if (!sp_command_parse (self, control, NULL, arguments, error))
    return SP_EXIT_USAGE;
  return change_state (control, "off", "off", sp_bus_server_call_stop_sync, error);
}

/* Answers at once, but for a server that is off. */
static SpExitStatus
restart_later (SpControl *control, const char *when, GError **error)
{
  g_autoptr (SpClient) client = sp_client_new (control, error);
  g_auto (GVariantDict) options = G_VARIANT_DICT_INIT (NULL);
  SpJson json;

  if (client == NULL)
    return SP_EXIT_FAILED;
  g_variant_dict_insert (&options, "when", "s", when);
  if (!sp_bus_server_call_restart_sync (client->server, g_variant_dict_end (&options),
                                        client->flags, client->timeout, NULL, error))
    return SP_EXIT_FAILED;
  if (control->json)
    {
      sp_json_init (&json);
      sp_json_text (&json, "when", when);
      sp_json_print (&json);
    }
  else
    g_print (g_str_equal (when, "idle") ? "The server restarts when nobody is connected.\n"
                                        : "The server does not restart by itself.\n");
  return SP_EXIT_OK;
}

SpExitStatus
sp_ctl_restart (SpControl *control, const SpCommand *self, char ***arguments, GError **error)
{
  gboolean idle = FALSE;
  gboolean cancel = FALSE;
  const GOptionEntry options[] = {
    { "when-idle", 0, 0, G_OPTION_ARG_NONE, &idle, "As soon as nobody is connected", NULL },
    { "cancel", 0, 0, G_OPTION_ARG_NONE, &cancel, "Not any more when nobody is connected", NULL },
    { 0 },
  };

  if (!sp_command_parse (self, control, options, arguments, error))
    return SP_EXIT_USAGE;
  if (idle || cancel)
    return restart_later (control, cancel ? "never" : "idle", error);
  return change_state (control, "on", NULL, sp_bus_server_call_restart_sync, error);
}

/* --- with this computer --- */

static void
print_autostart (const SpControl *control, const char *state)
{
  static const struct
  {
    const char *state;
    const char *words;
  } sentences[] = {
    { "on", "The service starts with this computer, and turns the server on if it was on." },
    { "off", "The service does not start with this computer, but when somebody uses it." },
    { "no-systemd", "There is no systemd here that could start the service with this computer." },
    { "no-unit", "systemd does not know the service sallyportd." },
    { "fixed", "An administrator has fixed whether systemd starts the service sallyportd." },
  };
  SpJson json;

  if (control->json)
    {
      sp_json_init (&json);
      sp_json_text (&json, "start-at-boot", state);
      sp_json_print (&json);
      return;
    }
  for (guint i = 0; i < G_N_ELEMENTS (sentences); i++)
    if (g_str_equal (sentences[i].state, state))
      g_print ("%s\n", sentences[i].words);
}

SpExitStatus
sp_ctl_autostart (SpControl *control, const SpCommand *self, char ***arguments, GError **error)
{
  g_autoptr (SpClient) client = NULL;
  const char *wanted;
  const char *state;

  if (!sp_command_parse (self, control, NULL, arguments, error))
    return SP_EXIT_USAGE;
  wanted = (*arguments)[1];
  if (wanted != NULL && !g_str_equal (wanted, "on") && !g_str_equal (wanted, "off"))
    {
      g_set_error (error, SP_CTL_ERROR, SP_CTL_ERROR_USAGE,
                   "usage: " SP_CTL_NAME " autostart [on|off]");
      return SP_EXIT_USAGE;
    }
  client = sp_client_new (control, error);
  if (client == NULL)
    return SP_EXIT_FAILED;
  state = sp_bus_server_get_start_at_boot (client->server);
  if (wanted == NULL || g_strcmp0 (wanted, state) == 0)
    {
      print_autostart (control, state != NULL ? state : "");
      return wanted != NULL ? SP_EXIT_NOTHING_TO_DO : SP_EXIT_OK;
    }
  if (!sp_bus_server_call_set_start_at_boot_sync (client->server, g_str_equal (wanted, "on"),
                                                  sp_client_no_options (), client->flags,
                                                  client->timeout, NULL, error))
    return SP_EXIT_FAILED;
  print_autostart (control, wanted);
  return SP_EXIT_OK;
}
