/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "health-notice.h"

#include <glib/gi18n.h>

struct _SpHealthNotice
{
  GObject parent_instance;
  GApplication *application; /* lent; it owns us */
  SpServerConnection *connection;
  SpPreferences *preferences;
  SpBusServer *server; /* whose property is looked at */
  GHashTable *told;    /* ids of the entries that were told; a set */
};

G_DEFINE_FINAL_TYPE (SpHealthNotice, sp_health_notice, G_TYPE_OBJECT)

static void
tell (SpHealthNotice *notice, const char *id, const char *text)
{
  g_autoptr (GNotification) notification = g_notification_new (_ ("The VPN Server Needs a Look"));

  g_notification_set_body (notification, text);
  g_notification_set_default_action (notification, "app.show");
  g_application_send_notification (notice->application, id, notification);
}

/* Those that were told and are there no more. */
static void
take_back (SpHealthNotice *notice, GHashTable *seen)
{
  GHashTableIter iter;
  gpointer id;

  g_hash_table_iter_init (&iter, notice->told);
  while (g_hash_table_iter_next (&iter, &id, NULL))
    if (!g_hash_table_contains (seen, id))
      {
        g_application_withdraw_notification (notice->application, id);
        g_hash_table_iter_remove (&iter);
      }
}

static void
look (SpHealthNotice *notice)
{
  GVariant *health = notice->server != NULL ? sp_bus_server_get_health (notice->server) : NULL;
  g_autoptr (GHashTable) seen = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  gboolean wanted;
  GVariantIter iter;
  const char *kind;
  const char *severity;
  GVariant *details;

  g_object_get (notice->preferences, "notify-problems", &wanted, NULL);
  if (health != NULL && wanted)
    {
      g_variant_iter_init (&iter, health);
      while (g_variant_iter_loop (&iter, "(&s&s@a{sv})", &kind, &severity, &details))
        {
          const char *text = kind;

          (void) g_variant_lookup (details, "Text", "&s", &text);
          (void) g_hash_table_add (seen, g_strdup (kind));
          if (g_hash_table_add (notice->told, g_strdup (kind)))
            tell (notice, kind, text);
        }
    }
  take_back (notice, seen);
}

static void
on_server (SpHealthNotice *notice)
{
  if (notice->server != NULL)
    (void) g_signal_handlers_disconnect_by_data (notice->server, notice);
  g_set_object (&notice->server, sp_server_connection_get_server (notice->connection));
  if (notice->server == NULL)
    return;
  (void) g_signal_connect_object (notice->server, "notify::health", G_CALLBACK (look), notice,
                                  G_CONNECT_SWAPPED);
  look (notice);
}

SpHealthNotice *
sp_health_notice_new (GApplication *application,
                      SpServerConnection *connection,
                      SpPreferences *preferences)
{
  SpHealthNotice *notice = g_object_new (SP_TYPE_HEALTH_NOTICE, NULL);

  notice->application = application;
  notice->connection = g_object_ref (connection);
  notice->preferences = g_object_ref (preferences);
  (void) g_signal_connect_object (connection, "notify::server", G_CALLBACK (on_server), notice,
                                  G_CONNECT_SWAPPED);
  (void) g_signal_connect_object (preferences, "notify::notify-problems", G_CALLBACK (look), notice,
                                  G_CONNECT_SWAPPED);
  on_server (notice);
  return notice;
}

static void
sp_health_notice_finalize (GObject *object)
{
  SpHealthNotice *notice = SP_HEALTH_NOTICE (object);

  g_clear_object (&notice->server);
  g_clear_object (&notice->connection);
  g_clear_object (&notice->preferences);
  g_hash_table_unref (notice->told);
  G_OBJECT_CLASS (sp_health_notice_parent_class)->finalize (object);
}

static void
sp_health_notice_class_init (SpHealthNoticeClass *class)
{
  G_OBJECT_CLASS (class)->finalize = sp_health_notice_finalize;
}

static void
sp_health_notice_init (SpHealthNotice *notice)
{
  notice->told = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
}
