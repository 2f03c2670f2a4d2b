/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "remote/nearby.h"

#include "remote/target.h"

#define AVAHI      "org.freedesktop.Avahi"
#define ANY        (-1) /* interface, protocol */
#define KIND       "_ssh._tcp"
#define USUAL_PORT 22
#define NEARBY_MAX 32    /* more is noise */
#define TIMEOUT    10000 /* ms */

struct _SpNearby
{
  GObject parent_instance;
  GDBusConnection *bus;
  GCancellable *cancellable;
  GHashTable *known; /* addresses */
  char *browser;     /* its object, once there is one */
  guint subscription;
};

G_DEFINE_FINAL_TYPE (SpNearby, sp_nearby, G_TYPE_OBJECT)

static void
call (SpNearby *nearby,
      const char *path,
      const char *interface,
      const char *method,
      GVariant *parameters,
      const char *reply,
      GAsyncReadyCallback callback)
{
  g_autoptr (GVariantType) type = g_variant_type_new (reply);

  g_dbus_connection_call (nearby->bus, AVAHI, path, interface, method, parameters, type,
                          G_DBUS_CALL_FLAGS_NO_AUTO_START, TIMEOUT, nearby->cancellable, callback,
                          g_object_ref (nearby));
}

static void
on_resolved (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (SpNearby) nearby = data;
  g_autoptr (GVariant) reply =
      g_dbus_connection_call_finish (G_DBUS_CONNECTION (source), result, NULL);
  g_autofree char *text = NULL;
  g_autoptr (SpTarget) target = NULL;
  const char *host;
  guint16 port;

  if (reply == NULL)
    return;
  g_variant_get_child (reply, 5, "&s", &host);
  g_variant_get_child (reply, 8, "q", &port);
  text = port == USUAL_PORT ? g_strdup (host) : g_strdup_printf ("%s:%u", host, port);
  /* Anybody in the network says what they like. */
  target = sp_target_parse (text, NULL);
  if (target == NULL || target->user != NULL || g_hash_table_size (nearby->known) >= NEARBY_MAX ||
      !g_hash_table_add (nearby->known, sp_target_to_text (target)))
    return;
  g_signal_emit_by_name (nearby, "found", text);
}

static void
on_item (GDBusConnection *bus,
         const char *sender,
         const char *path,
         const char *interface,
         const char *signal,
         GVariant *parameters,
         gpointer data)
{
  const char *name;
  const char *kind;
  const char *domain;
  gint32 device;
  gint32 protocol;

  if (!g_variant_is_of_type (parameters, G_VARIANT_TYPE ("(iisssu)")))
    return;
  g_variant_get (parameters, "(ii&s&s&su)", &device, &protocol, &name, &kind, &domain, NULL);
  if (g_str_equal (kind, KIND))
    call (data, "/", AVAHI ".Server", "ResolveService",
          g_variant_new ("(iisssiu)", device, protocol, name, kind, domain, ANY, 0),
          "(iissssisqaayu)", on_resolved);
}

static void
free_browser (GDBusConnection *bus, const char *path)
{
  g_dbus_connection_call (bus, AVAHI, path, AVAHI ".ServiceBrowser", "Free", NULL, NULL,
                          G_DBUS_CALL_FLAGS_NO_AUTO_START, TIMEOUT, NULL, NULL, NULL);
}

static void
on_browser (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (SpNearby) nearby = data;
  g_autoptr (GVariant) reply =
      g_dbus_connection_call_finish (G_DBUS_CONNECTION (source), result, NULL);

  if (reply != NULL)
    g_variant_get (reply, "(o)", &nearby->browser);
}

void
sp_nearby_look (SpNearby *nearby, GDBusConnection *bus)
{
  if (nearby->bus != NULL)
    return;
  nearby->bus = g_object_ref (bus);
  /* Before there is a browser: it may speak before its answer is read. */
  nearby->subscription =
      g_dbus_connection_signal_subscribe (bus, AVAHI, AVAHI ".ServiceBrowser", "ItemNew", NULL,
                                          NULL, G_DBUS_SIGNAL_FLAGS_NONE, on_item, nearby, NULL);
  call (nearby, "/", AVAHI ".Server", "ServiceBrowserNew",
        g_variant_new ("(iissu)", ANY, ANY, KIND, "", 0), "(o)", on_browser);
}

SpNearby *
sp_nearby_new (void)
{
  return g_object_new (SP_TYPE_NEARBY, NULL);
}

void
sp_nearby_stop (SpNearby *nearby)
{
  g_cancellable_cancel (nearby->cancellable);
  if (nearby->subscription != 0)
    g_dbus_connection_signal_unsubscribe (nearby->bus, nearby->subscription);
  nearby->subscription = 0;
  if (nearby->browser != NULL)
    free_browser (nearby->bus, nearby->browser);
  g_clear_pointer (&nearby->browser, g_free);
}

static void
sp_nearby_dispose (GObject *object)
{
  SpNearby *nearby = SP_NEARBY (object);

  sp_nearby_stop (nearby);
  g_clear_object (&nearby->bus);
  G_OBJECT_CLASS (sp_nearby_parent_class)->dispose (object);
}

static void
sp_nearby_finalize (GObject *object)
{
  SpNearby *nearby = SP_NEARBY (object);

  g_object_unref (nearby->cancellable);
  g_hash_table_unref (nearby->known);
  G_OBJECT_CLASS (sp_nearby_parent_class)->finalize (object);
}

static void
sp_nearby_class_init (SpNearbyClass *class)
{
  G_OBJECT_CLASS (class)->dispose = sp_nearby_dispose;
  G_OBJECT_CLASS (class)->finalize = sp_nearby_finalize;
  (void) g_signal_new ("found", SP_TYPE_NEARBY, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE,
                       1, G_TYPE_STRING);
}

static void
sp_nearby_init (SpNearby *nearby)
{
  nearby->cancellable = g_cancellable_new ();
  nearby->known = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
}
