/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "commands.h"
#include "session.h"
#include "text.h"

#include "base/names.h"

#include <glib-unix.h>
#include <signal.h>

typedef struct
{
  SpClient *client;
  GMainLoop *loop;
  gboolean json;
  gboolean lost; /* the service went */
} Monitor;

/* --- one line an event --- */

static void
begin (SpJson *json, const char *event)
{
  guint64 now = (guint64) g_get_real_time ();

  sp_json_init (json);
  sp_json_text (json, "event", event);
  sp_json_time (json, "at", now);
}

static void G_GNUC_PRINTF (1, 2) say (const char *format, ...)
{
  g_autofree char *now = sp_text_time ((guint64) g_get_real_time ());
  g_autofree char *raw = NULL;
  g_autofree char *text = NULL;
  va_list arguments;

  va_start (arguments, format);
  raw = g_strdup_vprintf (format, arguments);
  va_end (arguments);
  text = sp_text_printable (raw);
  g_print ("%s  %s\n", now, text);
}

/* --- the server's own signals --- */

static void
session_opened_cb (SpBusServer *server, const char *path, GVariant *facts, Monitor *monitor)
{
  const char *login = "";
  const char *address = "";
  const char *client = "";
  SpJson json;

  if (monitor->json)
    {
      begin (&json, "session-opened");
      sp_json_text (&json, "session", path);
      sp_json_value (&json, "facts", facts);
      sp_json_print (&json);
      return;
    }
  (void) g_variant_lookup (facts, "Login", "&s", &login);
  (void) g_variant_lookup (facts, "RemoteAddress", "&s", &address);
  (void) g_variant_lookup (facts, "ClientName", "&s", &client);
  say ("%s connected from %s %s", login, address, client);
}

static void
session_closed_cb (
    SpBusServer *server, const char *path, const char *reason, GVariant *totals, Monitor *monitor)
{
  const char *login = "";
  guint64 received = 0;
  guint64 sent = 0;
  g_autofree char *received_text = NULL;
  g_autofree char *sent_text = NULL;
  SpJson json;

  if (monitor->json)
    {
      begin (&json, "session-closed");
      sp_json_text (&json, "session", path);
      sp_json_text (&json, "reason", reason);
      sp_json_value (&json, "totals", totals);
      sp_json_print (&json);
      return;
    }
  (void) g_variant_lookup (totals, "Login", "&s", &login);
  (void) g_variant_lookup (totals, "RxBytes", "t", &received);
  (void) g_variant_lookup (totals, "TxBytes", "t", &sent);
  received_text = g_format_size (received);
  sent_text = g_format_size (sent);
  say ("%s is gone (%s): received %s, sent %s", login, reason, received_text, sent_text);
}

static void
authentication_failed_cb (SpBusServer *server,
                          const char *address,
                          const char *login,
                          const char *reason,
                          Monitor *monitor)
{
  SpJson json;

  if (monitor->json)
    {
      begin (&json, "authentication-failed");
      sp_json_text (&json, "address", address);
      sp_json_text (&json, "login", login);
      sp_json_text (&json, "reason", reason);
      sp_json_print (&json);
      return;
    }
  say ("%s was not let in from %s: %s", login[0] != '\0' ? login : "somebody", address, reason);
}

/* --- objects and their properties --- */

static const char *
describe_kind (GDBusProxy *proxy)
{
  const char *interface = g_dbus_proxy_get_interface_name (proxy);

  if (g_str_has_suffix (interface, ".Device"))
    return "device";
  if (g_str_has_suffix (interface, ".Invitation"))
    return "invitation";
  return g_str_has_suffix (interface, ".User") ? "user" : "session";
}

static char *
describe_proxy (GDBusProxy *proxy)
{
  g_autoptr (GVariant) login = g_dbus_proxy_get_cached_property (proxy, "Login");
  g_autoptr (GVariant) name = g_dbus_proxy_get_cached_property (proxy, "Name");
  GVariant *shown = login != NULL ? login : name;

  return g_strdup_printf ("%s %s", describe_kind (proxy),
                          shown != NULL ? g_variant_get_string (shown, NULL)
                                        : sp_client_id_of (proxy));
}

static void
print_changes (Monitor *monitor, const char *event, GDBusProxy *proxy, GVariant *changes)
{
  g_autofree char *shown = g_variant_print (changes, FALSE);
  g_autofree char *what = describe_proxy (proxy);
  SpJson json;

  if (!monitor->json)
    {
      say ("%s: %s", what, shown);
      return;
    }
  begin (&json, event);
  sp_json_text (&json, "path", g_dbus_proxy_get_object_path (proxy));
  sp_json_value (&json, "changes", changes);
  sp_json_print (&json);
}

static void
server_changed_cb (GDBusProxy *server, GVariant *changes, char **invalidated, Monitor *monitor)
{
  SpJson json;

  if (!monitor->json)
    {
      say ("the server is %s", sp_bus_server_get_state (SP_BUS_SERVER (server)));
      return;
    }
  begin (&json, "server-changed");
  sp_json_value (&json, "changes", changes);
  sp_json_print (&json);
}

static void
object_changed_cb (GDBusObjectManagerClient *objects,
                   GDBusObjectProxy *object,
                   GDBusProxy *proxy,
                   GVariant *changes,
                   char **invalidated,
                   Monitor *monitor)
{
  const char *interface = g_dbus_proxy_get_interface_name (proxy);

  if (g_str_has_suffix (interface, ".Statistics"))
    print_changes (monitor, "statistics", proxy, changes);
  else if (g_str_has_suffix (interface, ".Session"))
    print_changes (monitor, "session-changed", proxy, changes);
  else if (g_str_has_suffix (interface, ".User"))
    print_changes (monitor, "user-changed", proxy, changes);
  else if (g_str_has_suffix (interface, ".Device"))
    print_changes (monitor, "device-changed", proxy, changes);
  else if (g_str_has_suffix (interface, ".Invitation"))
    print_changes (monitor, "invitation-changed", proxy, changes);
}

/* Sessions come and go with signals of their own, which tell more. */
static void
user_event (Monitor *monitor, GDBusObject *object, const char *event, const char *words)
{
  g_autoptr (GDBusInterface) user = g_dbus_object_get_interface (object, SP_BUS_INTERFACE "User");
  SpJson json;

  if (user == NULL)
    return;
  if (!monitor->json)
    {
      say ("user %s was %s", sp_bus_user_get_login (SP_BUS_USER (user)), words);
      return;
    }
  begin (&json, event);
  sp_json_text (&json, "id", sp_client_id_of (user));
  sp_json_properties (&json, G_DBUS_PROXY (user));
  sp_json_print (&json);
}

static void
object_added_cb (GDBusObjectManager *objects, GDBusObject *object, Monitor *monitor)
{
  user_event (monitor, object, "user-added", "added");
}

static void
object_removed_cb (GDBusObjectManager *objects, GDBusObject *object, Monitor *monitor)
{
  user_event (monitor, object, "user-removed", "removed");
}

/* --- the loop --- */

static void
owner_changed_cb (GDBusProxy *server, GParamSpec *property, Monitor *monitor)
{
  g_autofree char *owner = g_dbus_proxy_get_name_owner (server);

  if (owner != NULL)
    return;
  monitor->lost = TRUE;
  g_main_loop_quit (monitor->loop);
}

static gboolean
interrupted_cb (gpointer loop)
{
  g_main_loop_quit (loop);
  return G_SOURCE_CONTINUE;
}

static void
follow (Monitor *monitor)
{
  SpBusServer *server = monitor->client->server;
  GDBusObjectManager *objects = monitor->client->objects;

  g_signal_connect (server, "session-opened", G_CALLBACK (session_opened_cb), monitor);
  g_signal_connect (server, "session-closed", G_CALLBACK (session_closed_cb), monitor);
  g_signal_connect (server, "authentication-failed", G_CALLBACK (authentication_failed_cb),
                    monitor);
  g_signal_connect (server, "g-properties-changed", G_CALLBACK (server_changed_cb), monitor);
  g_signal_connect (server, "notify::g-name-owner", G_CALLBACK (owner_changed_cb), monitor);
  g_signal_connect (objects, "object-added", G_CALLBACK (object_added_cb), monitor);
  g_signal_connect (objects, "object-removed", G_CALLBACK (object_removed_cb), monitor);
  g_signal_connect (objects, "interface-proxy-properties-changed", G_CALLBACK (object_changed_cb),
                    monitor);
}

/* What there is before anything happens, so that a reader has no gap. */
static void
print_beginning (Monitor *monitor)
{
  g_autoptr (GPtrArray) sessions = sp_client_list_sessions (monitor->client);
  SpJson json;

  if (!monitor->json)
    {
      say ("the server is %s, %u connected", sp_bus_server_get_state (monitor->client->server),
           sessions->len);
      return;
    }
  begin (&json, "began");
  sp_json_properties (&json, G_DBUS_PROXY (monitor->client->server));
  sp_json_open (&json, "sessions", '[');
  for (guint i = 0; i < sessions->len; i++)
    {
      sp_json_open (&json, NULL, '{');
      sp_session_json (&json, monitor->client, sessions->pdata[i]);
      sp_json_close (&json, '}');
    }
  sp_json_close (&json, ']');
  sp_json_print (&json);
}

static void
run_loop (Monitor *monitor)
{
  guint interrupt = g_unix_signal_add (SIGINT, interrupted_cb, monitor->loop);
  guint terminate = g_unix_signal_add (SIGTERM, interrupted_cb, monitor->loop);

  g_main_loop_run (monitor->loop);
  (void) g_source_remove (interrupt);
  (void) g_source_remove (terminate);
  (void) g_signal_handlers_disconnect_by_data (monitor->client->server, monitor);
  (void) g_signal_handlers_disconnect_by_data (monitor->client->objects, monitor);
}

SpExitStatus
sp_ctl_monitor (SpControl *control, const SpCommand *self, char ***arguments, GError **error)
{
  int seconds = 0;
  const GOptionEntry options[] = {
    { "statistics", 0, 0, G_OPTION_ARG_INT, &seconds, "Also print counters, at this interval",
      "SECONDS" },
    { NULL, 0, 0, 0, NULL, NULL, NULL },
  };
  g_autoptr (SpClient) client = NULL;
  g_autoptr (GMainLoop) loop = g_main_loop_new (NULL, FALSE);
  Monitor monitor = { .loop = loop };

  if (!sp_command_parse (self, control, options, arguments, error))
    return SP_EXIT_USAGE;
  if (seconds < 0 || seconds > 3600)
    {
      g_set_error (error, SP_CTL_ERROR, SP_CTL_ERROR_USAGE, "--statistics takes 1 to 3600 seconds");
      return SP_EXIT_USAGE;
    }
  client = sp_client_new (control, error);
  if (client == NULL || !sp_client_look (client, (guint) seconds * 1000, error))
    return SP_EXIT_FAILED;
  monitor.client = client;
  monitor.json = control->json;
  follow (&monitor);
  print_beginning (&monitor);
  run_loop (&monitor);
  if (monitor.lost)
    g_set_error (error, SP_CTL_ERROR, SP_CTL_ERROR_UNREACHABLE, "the service ended");
  return SP_EXIT_OK;
}
