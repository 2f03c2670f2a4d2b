/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "bus-health.h"

#include "bus-certificate.h"
#include "health.h"

#define LOOK_SECONDS 600 /* when nothing happens but that time goes by */

/* One for each exported server; ends with it. */
typedef struct
{
  SpServer *server;
  SpBusServer *bus; /* not a reference */
  guint timer;
} Follower;

static void
add_active (Follower *self,
            GVariantBuilder *entries,
            const SpCertificateKnown *known,
            const char *element)
{
  const char *name = sp_configuration_get (sp_server_get_configuration (self->server))->name;
  g_autofree char *path = sp_exported_certificate_path (element);
  const char *text;
  SpTokenState state =
      sp_certificate_registry_get_token (sp_server_get_certificates (self->server), &text);

  sp_health_add_certificate (entries, known, path, name, g_get_real_time ());
  sp_health_add_token (entries, state, text, path);
}

static void
look (Follower *self)
{
  SpCertificateRegistry *certificates = sp_server_get_certificates (self->server);
  g_auto (GStrv) elements = sp_certificate_registry_list (certificates);
  GVariantBuilder entries = G_VARIANT_BUILDER_INIT (G_VARIANT_TYPE ("a" SP_HEALTH_TYPE));

  for (guint i = 0; elements[i] != NULL; i++)
    {
      const SpCertificateKnown *known = sp_certificate_registry_find (certificates, elements[i]);

      if (known->kind == SP_CERTIFICATE_SERVER && known->active)
        add_active (self, &entries, known, elements[i]);
    }
  sp_health_add_limits (&entries, sp_server_get_speed_trouble (self->server));
  sp_bus_server_set_health (self->bus, g_variant_builder_end (&entries));
}

static gboolean
look_cb (gpointer follower)
{
  look (follower);
  return G_SOURCE_CONTINUE;
}

static void
end (gpointer follower, GObject *gone)
{
  Follower *self = follower;

  g_source_remove (self->timer);
  g_signal_handlers_disconnect_by_data (sp_server_get_certificates (self->server), self);
  g_signal_handlers_disconnect_by_data (sp_server_get_configuration (self->server), self);
  g_signal_handlers_disconnect_by_data (sp_server_get_sessions (self->server), self);
  g_signal_handlers_disconnect_by_data (sp_server_get_users (self->server), self);
  g_signal_handlers_disconnect_by_data (self->server, self);
  g_object_unref (self->server);
  g_free (self);
}

void
sp_bus_health_follow (SpServer *server, SpBusServer *bus)
{
  static const char *const signals[] = { "added", "changed", "removed" };
  Follower *self = g_new0 (Follower, 1);

  self->server = g_object_ref (server);
  self->bus = bus;
  self->timer = g_timeout_add_seconds (LOOK_SECONDS, look_cb, self);
  for (guint i = 0; i < G_N_ELEMENTS (signals); i++)
    g_signal_connect_swapped (sp_server_get_certificates (server), signals[i], G_CALLBACK (look),
                              self);
  g_signal_connect_swapped (sp_server_get_configuration (server), "changed", G_CALLBACK (look),
                            self);
  /* Limits are tried when somebody comes, and when they change. */
  g_signal_connect_swapped (sp_server_get_sessions (server), "opened", G_CALLBACK (look), self);
  g_signal_connect_swapped (sp_server_get_users (server), "changed", G_CALLBACK (look), self);
  g_signal_connect_swapped (server, "notify::state", G_CALLBACK (look), self);
  g_object_weak_ref (G_OBJECT (bus), end, self);
  look (self);
}
