/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "attention.h"

#include "bus/interfaces.h"

#define CERTIFICATE "certificate-" /* how troubles of it are called */

/* Views with a dot for troubles, and which they are. */
static const struct
{
  const char *view;
  const char *prefix;
} troubles[] = {
  { "overview", "" },
  { "settings", CERTIFICATE },
};

struct _SpAttention
{
  GObject parent_instance;
  AdwViewStack *views;
  SpServerConnection *connection;
  SpBusServer *server;                 /* whose troubles are followed */
  char *seen[G_N_ELEMENTS (troubles)]; /* those that were on the screen */
  guint64 looked;                      /* at the activity; microseconds since 1970 UTC */
};

G_DEFINE_FINAL_TYPE (SpAttention, sp_attention, G_TYPE_OBJECT)

static gboolean
is_visible (SpAttention *attention, const char *view)
{
  return g_strcmp0 (adw_view_stack_get_visible_child_name (attention->views), view) == 0;
}

static void
mark (SpAttention *attention, const char *view, gboolean needs)
{
  GtkWidget *child = adw_view_stack_get_child_by_name (attention->views, view);

  if (child != NULL)
    adw_view_stack_page_set_needs_attention (adw_view_stack_get_page (attention->views, child),
                                             needs);
}

/* The names of what the server complains about; new. */
static char *
list_troubles (SpAttention *attention, const char *prefix)
{
  g_autoptr (GVariant) health =
      attention->server != NULL ? sp_bus_server_dup_health (attention->server) : NULL;
  GString *names = g_string_new (NULL);
  GVariantIter iter;
  const char *name, *level;
  GVariant *details;

  if (health == NULL)
    return g_string_free (names, FALSE);
  g_variant_iter_init (&iter, health);
  while (g_variant_iter_loop (&iter, "(&s&s@a{sv})", &name, &level, &details))
    if (g_str_has_prefix (name, prefix))
      g_string_append_printf (names, "%s %s\n", name, level);
  return g_string_free (names, FALSE);
}

static void
show_troubles (SpAttention *attention)
{
  for (guint i = 0; i < G_N_ELEMENTS (troubles); i++)
    {
      g_autofree char *now = list_troubles (attention, troubles[i].prefix);

      if (is_visible (attention, troubles[i].view))
        {
          g_free (attention->seen[i]);
          attention->seen[i] = g_strdup (now);
        }
      mark (attention, troubles[i].view,
            now[0] != '\0' && g_strcmp0 (now, attention->seen[i]) != 0);
    }
}

static void
show_blocks (SpAttention *attention)
{
  GListModel *bans = G_LIST_MODEL (sp_server_connection_get_bans (attention->connection));
  guint n = g_list_model_get_n_items (bans);
  gboolean found = FALSE;

  if (is_visible (attention, "activity"))
    attention->looked = (guint64) g_get_real_time ();
  for (guint i = 0; i < n && !found; i++)
    {
      g_autoptr (SpBusBan) ban = g_list_model_get_item (bans, i);

      found = sp_bus_ban_get_created_at (ban) > attention->looked &&
              g_strcmp0 (sp_bus_ban_get_origin (ban), "owner") != 0;
    }
  mark (attention, "activity", found);
}

static void
show (SpAttention *attention)
{
  show_troubles (attention);
  show_blocks (attention);
}

static void
follow_server (SpAttention *attention)
{
  SpBusServer *server = sp_server_connection_get_server (attention->connection);

  if (server == attention->server)
    return;
  if (attention->server != NULL)
    (void) g_signal_handlers_disconnect_by_data (attention->server, attention);
  g_set_object (&attention->server, server);
  if (server != NULL)
    (void) g_signal_connect_object (server, "notify::health", G_CALLBACK (show_troubles), attention,
                                    G_CONNECT_SWAPPED);
  show (attention);
}

SpAttention *
sp_attention_new (AdwViewStack *views, SpServerConnection *connection)
{
  SpAttention *attention = g_object_new (SP_TYPE_ATTENTION, NULL);

  attention->views = views;
  attention->connection = g_object_ref (connection);
  attention->looked = (guint64) g_get_real_time ();
  (void) g_signal_connect_object (views, "notify::visible-child", G_CALLBACK (show), attention,
                                  G_CONNECT_SWAPPED);
  (void) g_signal_connect_object (connection, "notify::state", G_CALLBACK (follow_server),
                                  attention, G_CONNECT_SWAPPED);
  (void) g_signal_connect_object (sp_server_connection_get_bans (connection), "items-changed",
                                  G_CALLBACK (show_blocks), attention, G_CONNECT_SWAPPED);
  follow_server (attention);
  return attention;
}

static void
sp_attention_dispose (GObject *object)
{
  SpAttention *attention = SP_ATTENTION (object);

  if (attention->server != NULL)
    (void) g_signal_handlers_disconnect_by_data (attention->server, attention);
  g_clear_object (&attention->server);
  g_clear_object (&attention->connection);
  for (guint i = 0; i < G_N_ELEMENTS (troubles); i++)
    g_clear_pointer (&attention->seen[i], g_free);
  G_OBJECT_CLASS (sp_attention_parent_class)->dispose (object);
}

static void
sp_attention_class_init (SpAttentionClass *class)
{
  G_OBJECT_CLASS (class)->dispose = sp_attention_dispose;
}

static void
sp_attention_init (SpAttention *attention)
{
}
