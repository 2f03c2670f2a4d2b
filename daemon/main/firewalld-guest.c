/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "firewalld-guest.h"

#include "acme.h"
#include "base/log.h"
#include "base/names.h"

#define TOPIC            "firewalld"
#define NAME             "org.fedoraproject.FirewallD1"
#define PATH             "/org/fedoraproject/FirewallD1"
#define ZONE_INTERFACE   "org.fedoraproject.FirewallD1.zone"
#define POLICY_INTERFACE "org.fedoraproject.FirewallD1.policy"
/* Named as the files in data/firewalld are installed. */
#define ZONE            "sallyport"
#define POLICY          "sallyport-port"
#define WEB_PORT        80 /* RFC 8555 8.3 */
#define DEVICES         SP_TUN_PREFIX "+"
#define ANSWER_TIMEOUT  60000 /* milliseconds: it works off others' wishes before ours */
#define GOODBYE_TIMEOUT 5000  /* and when the program ends */

struct _SpFirewalldGuest
{
  GObject parent_instance;
  GDBusConnection *connection;
  SpServer *server;
  guint name_watch;
  guint reloaded;      /* a subscription */
  GCancellable *calls; /* of the firewalld that is there; NULL: there is none */
  gboolean is_in;      /* it was asked to let us in, and not to forget us since */
  gboolean is_proving; /* it was asked to let an authority in at WEB_PORT, too */
  guint port;          /* and clients at these */
  guint udp_port;
  guint n_waiting; /* for answers */
};

G_DEFINE_FINAL_TYPE (SpFirewalldGuest, sp_firewalld_guest, G_TYPE_OBJECT)

enum
{
  CHANGED,
  N_SIGNALS
};
static guint signals[N_SIGNALS]; /* nocheck: set once by class_init */

gboolean
sp_firewalld_guest_is_waiting (SpFirewalldGuest *self)
{
  return self->n_waiting > 0;
}

static gboolean
is_wanted (SpFirewalldGuest *self)
{
  return sp_server_get_state (self->server) == SP_SERVER_ON;
}

/* What is the first word of firewalld's errors. */
static gboolean
says (const GError *error, const char *word)
{
  return strstr (error->message, word) != NULL;
}

static void
answered_cb (GObject *connection, GAsyncResult *result, gpointer guest)
{
  g_autoptr (SpFirewalldGuest) self = guest;
  g_autoptr (GError) error = NULL;
  G_GNUC_UNUSED g_autoptr (GVariant) answer =
      g_dbus_connection_call_finish (G_DBUS_CONNECTION (connection), result, &error);

  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return; /* that firewalld is gone */
  self->n_waiting--;
  if (error != NULL && (says (error, "INVALID_ZONE") || says (error, "INVALID_POLICY")))
    {
      if (self->is_in)
        sp_log (SP_LOG_WARNING, TOPIC,
                "does not know our zone and policies yet: let it load its files anew "
                "(firewall-cmd --reload)");
    }
  /* What was not there is gone as it should be. */
  else if (error != NULL && !says (error, "UNKNOWN_INTERFACE") && !says (error, "NOT_ENABLED"))
    {
      (void) g_dbus_error_strip_remote_error (error);
      sp_log (SP_LOG_WARNING, TOPIC, "%s", error->message);
    }
  if (self->n_waiting == 0)
    g_signal_emit (self, signals[CHANGED], 0);
}

static void
call (SpFirewalldGuest *self, const char *interface, const char *method, GVariant *parameters)
{
  self->n_waiting++;
  g_dbus_connection_call (self->connection, NAME, PATH, interface, method, parameters, NULL,
                          G_DBUS_CALL_FLAGS_NO_AUTO_START, ANSWER_TIMEOUT, self->calls, answered_cb,
                          g_object_ref (self));
}

static void
add_port (GVariantBuilder *ports, guint number, const char *protocol)
{
  g_autofree char *text = g_strdup_printf ("%u", number);

  if (number != 0)
    g_variant_builder_add (ports, "(ss)", text, protocol);
}

/* Without ports: closed. */
static GVariant *
describe_ports (guint tcp, guint udp, guint web)
{
  GVariantBuilder ports = G_VARIANT_BUILDER_INIT (G_VARIANT_TYPE ("a(ss)"));
  GVariantBuilder changes = G_VARIANT_BUILDER_INIT (G_VARIANT_TYPE_VARDICT);

  add_port (&ports, tcp, "tcp");
  add_port (&ports, udp, "udp");
  add_port (&ports, web != tcp ? web : 0, "tcp");
  g_variant_builder_add (&changes, "{sv}", "ports", g_variant_builder_end (&ports));
  return g_variant_new ("(s@a{sv})", POLICY, g_variant_builder_end (&changes));
}

static void
open_ports (SpFirewalldGuest *self)
{
  const SpSettings *settings = sp_server_get_settings (self->server);

  self->is_proving = sp_server_is_proving (self->server, SP_ACME_HTTP);
  self->port = settings->port;
  self->udp_port = settings->udp_port;
  call (self, POLICY_INTERFACE, "setPolicySettings",
        describe_ports (self->port, self->udp_port, self->is_proving ? WEB_PORT : 0));
}

static void
enter (SpFirewalldGuest *self)
{
  self->is_in = TRUE;
  call (self, ZONE_INTERFACE, "changeZoneOfInterface", g_variant_new ("(ss)", ZONE, DEVICES));
  open_ports (self);
}

static void
leave (SpFirewalldGuest *self)
{
  self->is_in = FALSE;
  call (self, ZONE_INTERFACE, "removeInterface", g_variant_new ("(ss)", ZONE, DEVICES));
  call (self, POLICY_INTERFACE, "setPolicySettings", describe_ports (0, 0, 0));
}

static void
call_and_wait (SpFirewalldGuest *self,
               const char *interface,
               const char *method,
               GVariant *parameters)
{
  G_GNUC_UNUSED g_autoptr (GVariant) answer =
      g_dbus_connection_call_sync (self->connection, NAME, PATH, interface, method, parameters,
                                   NULL, G_DBUS_CALL_FLAGS_NO_AUTO_START, GOODBYE_TIMEOUT, NULL,
                                   NULL); /* nobody is left to do anything about it */
}

/* firewalld listens to nobody who has left the bus meanwhile, so whoever asked it for something and
 * ends at once was not heard. */
static void
say_goodbye (SpFirewalldGuest *self)
{
  if (self->calls == NULL || (!self->is_in && self->n_waiting == 0))
    return;
  call_and_wait (self, ZONE_INTERFACE, "removeInterface", g_variant_new ("(ss)", ZONE, DEVICES));
  call_and_wait (self, POLICY_INTERFACE, "setPolicySettings", describe_ports (0, 0, 0));
}

static void
follow_server (SpFirewalldGuest *self)
{
  if (self->calls == NULL || is_wanted (self) == self->is_in)
    return;
  if (self->is_in)
    leave (self);
  else
    enter (self);
}

/* From the beginning of an order: the authority asks for more than one thing before it looks. */
static void
follow_order (SpFirewalldGuest *self)
{
  if (self->calls != NULL && self->is_in &&
      sp_server_is_proving (self->server, SP_ACME_HTTP) != self->is_proving)
    open_ports (self);
}

static void
follow_settings (SpFirewalldGuest *self)
{
  const SpSettings *settings = sp_server_get_settings (self->server);

  if (self->calls != NULL && self->is_in &&
      (settings->port != self->port || settings->udp_port != self->udp_port))
    open_ports (self);
}

/* It has forgotten everything that was not in its files. */
static void
reloaded_cb (GDBusConnection *connection,
             const char *sender,
             const char *path,
             const char *interface,
             const char *signal,
             GVariant *parameters,
             gpointer guest)
{
  SpFirewalldGuest *self = guest;

  self->is_in = FALSE;
  follow_server (self);
}

/* A run that was killed may have left it with our port open. */
static void
appeared_cb (GDBusConnection *connection, const char *name, const char *owner, gpointer guest)
{
  SpFirewalldGuest *self = guest;

  self->calls = g_cancellable_new ();
  self->is_in = FALSE;
  if (is_wanted (self))
    enter (self);
  else
    leave (self);
}

static void
vanished_cb (GDBusConnection *connection, const char *name, gpointer guest)
{
  SpFirewalldGuest *self = guest;

  if (self->calls != NULL)
    g_cancellable_cancel (self->calls);
  g_clear_object (&self->calls);
  self->is_in = FALSE;
  self->n_waiting = 0;
  g_signal_emit (self, signals[CHANGED], 0);
}

static void
sp_firewalld_guest_dispose (GObject *object)
{
  SpFirewalldGuest *self = SP_FIREWALLD_GUEST (object);

  g_clear_handle_id (&self->name_watch, g_bus_unwatch_name);
  if (self->reloaded != 0)
    g_dbus_connection_signal_unsubscribe (self->connection, self->reloaded);
  self->reloaded = 0;
  say_goodbye (self);
  if (self->calls != NULL)
    g_cancellable_cancel (self->calls);
  g_clear_object (&self->calls);
  g_clear_object (&self->server);
  g_clear_object (&self->connection);
  G_OBJECT_CLASS (sp_firewalld_guest_parent_class)->dispose (object);
}

static void
sp_firewalld_guest_class_init (SpFirewalldGuestClass *class)
{
  G_OBJECT_CLASS (class)->dispose = sp_firewalld_guest_dispose;
  signals[CHANGED] = g_signal_new ("changed", SP_TYPE_FIREWALLD_GUEST, G_SIGNAL_RUN_LAST, 0, NULL,
                                   NULL, NULL, G_TYPE_NONE, 0);
}

static void
sp_firewalld_guest_init (SpFirewalldGuest *self)
{
}

SpFirewalldGuest *
sp_firewalld_guest_new (GDBusConnection *connection, SpServer *server)
{
  SpFirewalldGuest *self = g_object_new (SP_TYPE_FIREWALLD_GUEST, NULL);

  self->connection = g_object_ref (connection);
  self->server = g_object_ref (server);
  g_signal_connect_object (server, "notify::state", G_CALLBACK (follow_server), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (server, "notify::acme", G_CALLBACK (follow_order), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (sp_server_get_configuration (server), "changed",
                           G_CALLBACK (follow_settings), self, G_CONNECT_SWAPPED);
  self->reloaded =
      g_dbus_connection_signal_subscribe (connection, NAME, NAME, "Reloaded", PATH, NULL,
                                          G_DBUS_SIGNAL_FLAGS_NONE, reloaded_cb, self, NULL);
  self->name_watch = g_bus_watch_name_on_connection (
      connection, NAME, G_BUS_NAME_WATCHER_FLAGS_NONE, appeared_cb, vanished_cb, self, NULL);
  return self;
}
