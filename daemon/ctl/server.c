/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "client.h"
#include "commands.h"
#include "fields.h"
#include "json.h"
#include "text.h"

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
print_status (SpClient *client)
{
  SpBusServer *server = client->server;
  const char *const *urls = sp_bus_server_get_urls (server);
  g_autofree char *since = sp_text_time (sp_bus_server_get_started_at (server));
  int n_sessions = count_sessions (client);

  g_print ("State:       %s%s%s\n", sp_bus_server_get_state (server),
           since[0] != '\0' ? " since " : "", since);
  print_failure (server);
  if (sp_bus_server_get_port (server) != 0)
    g_print ("Port:        %u\n", sp_bus_server_get_port (server));
  for (guint i = 0; urls != NULL && urls[i] != NULL; i++)
    g_print ("%s%s\n", i == 0 ? "Clients use: " : "             ", urls[i]);
  if (sp_bus_server_get_certificate_pin (server)[0] != '\0')
    g_print ("Certificate: %s\n", sp_bus_server_get_certificate_pin (server));
  if (sp_bus_server_get_last_backup_error (server)[0] != '\0')
    g_print ("Backup:      %s\n", sp_bus_server_get_last_backup_error (server));
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

SpExitStatus
sp_ctl_restart (SpControl *control, const SpCommand *self, char ***arguments, GError **error)
{
  if (!sp_command_parse (self, control, NULL, arguments, error))
    return SP_EXIT_USAGE;
  return change_state (control, "on", NULL, sp_bus_server_call_restart_sync, error);
}
