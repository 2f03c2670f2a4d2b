/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "session.h"

#include "commands.h"
#include "moment.h"
#include "fields.h"
#include "text.h"

#include "base/names.h"
#include "bus/error.h"

#define ID_SHOWN 8 /* characters; enough to tell some thousand sessions apart */

/* --- list --- */

static SpBusSessionStatistics *
find_statistics (SpClient *client, SpBusSession *session)
{
  GDBusInterface *statistics = g_dbus_object_manager_get_interface (
      client->objects, g_dbus_proxy_get_object_path (G_DBUS_PROXY (session)),
      SP_BUS_INTERFACE "Session.Statistics");

  return statistics != NULL ? SP_BUS_SESSION_STATISTICS (statistics) : NULL;
}

char **
sp_ctl_session_fields (void)
{
  const char *const own[] = { "id", NULL };
  GDBusInterfaceInfo *const interfaces[] = { sp_bus_session_interface_info (),
                                             sp_bus_session_statistics_interface_info (), NULL };

  return sp_field_list (own, interfaces);
}

void
sp_session_json (SpJson *json, SpClient *client, SpBusSession *session)
{
  g_autoptr (SpBusSessionStatistics) statistics = find_statistics (client, session);

  sp_json_text (json, "id", sp_client_id_of (session));
  sp_json_properties (json, G_DBUS_PROXY (session));
  if (statistics != NULL)
    sp_json_properties (json, G_DBUS_PROXY (statistics));
}

static void
print_sessions_data (const SpControl *control,
                     const SpCommand *self,
                     SpClient *client,
                     GPtrArray *sessions)
{
  SpJson json;

  sp_json_init_listing (&json, control, self);
  sp_json_open (&json, "sessions", '[');
  for (guint i = 0; i < sessions->len; i++)
    {
      sp_json_open (&json, NULL, '{');
      sp_session_json (&json, client, sessions->pdata[i]);
      sp_json_close (&json, '}');
    }
  sp_json_close (&json, ']');
  sp_json_print (&json);
}

static char *
first_address (SpBusSession *session)
{
  const char *const *addresses = sp_bus_session_get_addresses (session);

  return sp_text_printable (addresses != NULL && addresses[0] != NULL ? addresses[0] : "");
}

static void
add_row (SpTable *table, SpClient *client, SpBusSession *session)
{
  g_autoptr (SpBusSessionStatistics) statistics = find_statistics (client, session);
  guint64 received = statistics != NULL ? sp_bus_session_statistics_get_rx_bytes (statistics) : 0;
  guint64 sent = statistics != NULL ? sp_bus_session_statistics_get_tx_bytes (statistics) : 0;
  const char *transport = sp_bus_session_get_transport (session);
  const char *state = sp_bus_session_get_state (session);
  char *cells[] = {
    g_strndup (sp_client_id_of (session), ID_SHOWN),
    sp_text_printable (sp_bus_session_get_login (session)),
    sp_text_printable (sp_bus_session_get_remote_address (session)),
    first_address (session),
    sp_text_printable (transport[0] != '\0' ? transport : state),
    sp_text_time (sp_bus_session_get_connected_at (session)),
    g_format_size (received),
    g_format_size (sent),
    sp_text_printable (sp_bus_session_get_client_name (session)),
    NULL,
  };

  sp_table_take_row (table, g_memdup2 (cells, sizeof cells));
}

static void
print_sessions (SpClient *client, GPtrArray *sessions)
{
  const char *const head[] = { "ID",    "USER",     "FROM", "ADDRESS", "BY",
                               "SINCE", "RECEIVED", "SENT", "CLIENT",  NULL };
  SpTable *table = sp_table_new (head);

  for (guint i = 0; i < sessions->len; i++)
    add_row (table, client, sessions->pdata[i]);
  sp_table_print (table);
}

SpExitStatus
sp_ctl_session_list (SpControl *control, const SpCommand *self, char ***arguments, GError **error)
{
  g_autoptr (SpClient) client = NULL;
  g_autoptr (GPtrArray) sessions = NULL;

  if (!sp_command_parse (self, control, NULL, arguments, error))
    return SP_EXIT_USAGE;
  client = sp_client_new (control, error);
  if (client == NULL || !sp_client_look (client, 0, error))
    return SP_EXIT_FAILED;
  sessions = sp_client_list_sessions (client);
  if (sp_fields_wanted (control))
    print_sessions_data (control, self, client, sessions);
  else
    print_sessions (client, sessions);
  return SP_EXIT_OK;
}

/* --- disconnect --- */

typedef struct
{
  char *reason;
  int window;
  gboolean all;
  char *block; /* NULL: nothing */
  guint64 until;
} Disconnect;

/* The sessions that the arguments mean: found before any of them is touched. */
static GPtrArray *
choose_sessions (SpClient *client, const Disconnect *how, char *const *ids, GError **error)
{
  g_autoptr (GPtrArray) chosen = NULL;

  if (how->all)
    return sp_client_list_sessions (client);
  chosen = g_ptr_array_new_with_free_func (g_object_unref);
  for (; *ids != NULL; ids++)
    {
      SpBusSession *session = sp_client_find_session (client, *ids, error);

      if (session == NULL)
        return NULL;
      g_ptr_array_add (chosen, session);
    }
  return g_steal_pointer (&chosen);
}

static char *
disconnect (SpClient *client, SpBusSession *session, const Disconnect *how, GError **error)
{
  GVariantBuilder options = G_VARIANT_BUILDER_INIT (G_VARIANT_TYPE_VARDICT);
  g_autofree char *token = NULL;

  if (how->reason != NULL)
    g_variant_builder_add (&options, "{sv}", "reason", g_variant_new_string (how->reason));
  if (how->window > 0)
    g_variant_builder_add (&options, "{sv}", "undo-window-s",
                           g_variant_new_uint32 ((guint32) how->window));
  if (how->block != NULL)
    g_variant_builder_add (&options, "{sv}", "block", g_variant_new_string (how->block));
  if (how->until != 0)
    g_variant_builder_add (&options, "{sv}", "until", g_variant_new_uint64 (how->until));
  if (!sp_bus_session_call_disconnect_sync (session, g_variant_builder_end (&options),
                                            client->flags, client->timeout, &token, NULL, error))
    return NULL;
  return g_steal_pointer (&token);
}

static char *
disconnect_everybody (SpClient *client, const Disconnect *how, GError **error)
{
  GVariantBuilder options = G_VARIANT_BUILDER_INIT (G_VARIANT_TYPE_VARDICT);
  char *token = NULL;

  if (how->reason != NULL)
    g_variant_builder_add (&options, "{sv}", "reason", g_variant_new_string (how->reason));
  if (how->window > 0)
    g_variant_builder_add (&options, "{sv}", "undo-window-s",
                           g_variant_new_uint32 ((guint32) how->window));
  (void) sp_bus_server_call_disconnect_all_sync (client->server, g_variant_builder_end (&options),
                                                 client->flags, client->timeout, &token, NULL,
                                                 error);
  return token;
}

/* It ended with another one: of the same device, user or address. */
static gboolean
went_along (const Disconnect *how, guint position, const GError *error)
{
  return how->block != NULL && position > 0 &&
         (g_error_matches (error, SP_BUS_ERROR, SP_BUS_ERROR_BUSY) ||
          g_error_matches (error, SP_BUS_ERROR, SP_BUS_ERROR_NOT_FOUND) ||
          g_error_matches (error, G_DBUS_ERROR, G_DBUS_ERROR_UNKNOWN_OBJECT) ||
          g_error_matches (error, G_DBUS_ERROR, G_DBUS_ERROR_UNKNOWN_METHOD));
}

static void
tell_disconnected (SpJson *json, SpBusSession *session, const Disconnect *how, const char *token)
{
  if (json->text != NULL)
    {
      sp_json_open (json, NULL, '{');
      sp_json_text (json, "id", sp_client_id_of (session));
      sp_json_text (json, "login", sp_bus_session_get_login (session));
      sp_json_text (json, "undo-token", token);
      sp_json_close (json, '}');
      return;
    }
  g_print ("Disconnected %s (%s).\n", sp_bus_session_get_login (session),
           sp_bus_session_get_remote_address (session));
  if (token[0] != '\0' && !how->all)
    g_print ("Within %d seconds: " SP_CTL_NAME " undo %s\n", how->window, token);
}

/* Goes on after a failure, so that one stubborn session does not save the others. */
static void
disconnect_each (
    SpClient *client, const Disconnect *how, GPtrArray *sessions, SpJson *json, GError **error)
{
  for (guint i = 0; i < sessions->len; i++)
    {
      g_autoptr (GError) failure = NULL;
      g_autofree char *token = disconnect (client, sessions->pdata[i], how, &failure);

      if (token == NULL && went_along (how, i, failure))
        token = g_strdup ("");
      if (token != NULL)
        tell_disconnected (json, sessions->pdata[i], how, token);
      else if (*error == NULL)
        *error = g_steal_pointer (&failure);
    }
}

/* With one token for all of them. */
static void
disconnect_together (
    SpClient *client, const Disconnect *how, GPtrArray *sessions, SpJson *json, GError **error)
{
  g_autofree char *token = disconnect_everybody (client, how, error);

  for (guint i = 0; token != NULL && i < sessions->len; i++)
    tell_disconnected (json, sessions->pdata[i], how, token);
  if (token != NULL && token[0] != '\0' && sessions->len > 0 && json->text == NULL)
    g_print ("Within %d seconds: " SP_CTL_NAME " undo %s\n", how->window, token);
}

static SpExitStatus
disconnect_all (SpControl *control,
                SpClient *client,
                const Disconnect *how,
                GPtrArray *sessions,
                GError **error)
{
  SpJson json = { 0 };

  if (control->json)
    {
      sp_json_init (&json);
      sp_json_open (&json, "disconnected", '[');
    }
  if (how->all && how->block == NULL && sessions->len > 0)
    disconnect_together (client, how, sessions, &json, error);
  else
    disconnect_each (client, how, sessions, &json, error);
  if (control->json)
    sp_json_end_list (&json, control, *error);
  else if (sessions->len == 0)
    g_print ("Nobody is connected.\n");
  return sessions->len > 0 ? SP_EXIT_OK : SP_EXIT_NOTHING_TO_DO;
}

SpExitStatus
sp_ctl_session_disconnect (SpControl *control,
                           const SpCommand *self,
                           char ***arguments,
                           GError **error)
{
  Disconnect how = { 0 };
  g_autofree char *reason = NULL;
  g_autofree char *block = NULL;
  g_autofree char *until = NULL;
  const GOptionEntry options[] = {
    { "all", 0, 0, G_OPTION_ARG_NONE, &how.all, "All sessions", NULL },
    { "reason", 0, 0, G_OPTION_ARG_STRING, &reason, "What the client shows", "TEXT" },
    { "undo-window", 0, 0, G_OPTION_ARG_INT, &how.window, "For how long it can be taken back (0)",
      "SECONDS" },
    { "block", 0, 0, G_OPTION_ARG_STRING, &block,
      "Keep out what it is of, too: “device”, “user” or “address”", "WHAT" },
    { "until", 0, 0, G_OPTION_ARG_STRING, &until, "When that ends, as +2h", "TIME" },
    { NULL, 0, 0, 0, NULL, NULL, NULL },
  };
  g_autoptr (SpClient) client = NULL;
  g_autoptr (GPtrArray) sessions = NULL;

  if (!sp_command_parse (self, control, options, arguments, error) ||
      (until != NULL && !sp_moment_read_end ("--until", until, &how.until, error)))
    return SP_EXIT_USAGE;
  how.block = block;
  if (how.all == ((*arguments)[1] != NULL) || how.window < 0)
    {
      g_set_error (error, SP_CTL_ERROR, SP_CTL_ERROR_USAGE, "which sessions?  Their ids, or --all");
      return SP_EXIT_USAGE;
    }
  if (until != NULL && block == NULL)
    {
      g_set_error (error, SP_CTL_ERROR, SP_CTL_ERROR_USAGE, "--until is for --block");
      return SP_EXIT_USAGE;
    }
  how.reason = reason;
  client = sp_client_new (control, error);
  if (client == NULL || !sp_client_look (client, 0, error))
    return SP_EXIT_FAILED;
  sessions = choose_sessions (client, &how, *arguments + 1, error);
  if (sessions == NULL)
    return SP_EXIT_FAILED;
  return disconnect_all (control, client, &how, sessions, error);
}

/* --- undo --- */

SpExitStatus
sp_ctl_undo (SpControl *control, const SpCommand *self, char ***arguments, GError **error)
{
  g_autoptr (SpClient) client = NULL;
  SpJson json;

  if (!sp_command_parse (self, control, NULL, arguments, error))
    return SP_EXIT_USAGE;
  client = sp_client_new (control, error);
  if (client == NULL ||
      !sp_bus_server_call_undo_sync (client->server, (*arguments)[1], sp_client_no_options (),
                                     client->flags, client->timeout, NULL, error))
    return SP_EXIT_FAILED;
  if (control->json)
    {
      sp_json_init (&json);
      sp_json_print (&json);
    }
  else
    g_print ("Taken back.\n");
  return SP_EXIT_OK;
}
