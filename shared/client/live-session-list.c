/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "client/live-session-list.h"

struct _SpLiveSessionList
{
  GObject parent_instance;
  SpServerConnection *connection;
  GListModel *sessions; /* of SpBusSession */
  GPtrArray *items;     /* of SpLiveSession, likewise ordered */
  guint tick;
};

static void sp_live_session_list_model_init (GListModelInterface *model);

G_DEFINE_FINAL_TYPE_WITH_CODE (SpLiveSessionList,
                               sp_live_session_list,
                               G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (G_TYPE_LIST_MODEL,
                                                      sp_live_session_list_model_init))

static GType
get_item_type (GListModel *model)
{
  return SP_TYPE_LIVE_SESSION;
}

static guint
get_n_items (GListModel *model)
{
  return SP_LIVE_SESSION_LIST (model)->items->len;
}

static gpointer
get_item (GListModel *model, guint position)
{
  SpLiveSessionList *list = SP_LIVE_SESSION_LIST (model);

  return position < list->items->len ? g_object_ref (list->items->pdata[position]) : NULL;
}

static void
sp_live_session_list_model_init (GListModelInterface *model)
{
  model->get_item_type = get_item_type;
  model->get_n_items = get_n_items;
  model->get_item = get_item;
}

SpLiveSession *
sp_live_session_list_find (SpLiveSessionList *list, const char *path)
{
  for (guint i = 0; i < list->items->len; i++)
    if (g_str_equal (sp_live_session_get_path (list->items->pdata[i]), path))
      return list->items->pdata[i];
  return NULL;
}

static gboolean
on_tick (gpointer data)
{
  SpLiveSessionList *list = data;
  gint64 now = g_get_monotonic_time ();

  for (guint i = 0; i < list->items->len; i++)
    sp_traffic_meter_advance (sp_live_session_get_meter (list->items->pdata[i]), now);
  return G_SOURCE_CONTINUE;
}

static void
arm_tick (SpLiveSessionList *list)
{
  if (list->items->len == 0)
    g_clear_handle_id (&list->tick, g_source_remove);
  else if (list->tick == 0)
    list->tick = g_timeout_add_seconds (1, on_tick, list);
}

/* The items that are taken out, by path. */
static GHashTable *
take_out (SpLiveSessionList *list, guint position, guint count)
{
  GHashTable *taken = g_hash_table_new_full (g_str_hash, g_str_equal, NULL, g_object_unref);

  for (guint i = 0; i < count; i++)
    {
      SpLiveSession *live = g_object_ref (list->items->pdata[position + i]);

      g_hash_table_insert (taken, (char *) sp_live_session_get_path (live), live);
    }
  if (count > 0)
    (void) g_ptr_array_remove_range (list->items, position, count);
  return taken;
}

static void
put_in (SpLiveSessionList *list, GHashTable *before, guint position)
{
  g_autoptr (SpBusSession) session = g_list_model_get_item (list->sessions, position);
  const char *path = g_dbus_proxy_get_object_path (G_DBUS_PROXY (session));
  SpLiveSession *live = g_hash_table_lookup (before, path);

  if (live == NULL)
    {
      live = sp_live_session_new (list->connection, session);
      g_ptr_array_insert (list->items, (gint) position, live);
      return;
    }
  (void) g_hash_table_steal (before, path);
  sp_live_session_continue (live, session);
  g_ptr_array_insert (list->items, (gint) position, live);
}

static void
on_sessions_changed (SpLiveSessionList *list, guint position, guint removed, guint added)
{
  g_autoptr (GHashTable) before = take_out (list, position, removed);
  GHashTableIter iter;
  gpointer live;

  for (guint i = 0; i < added; i++)
    put_in (list, before, position + i);
  g_list_model_items_changed (G_LIST_MODEL (list), position, removed, added);
  arm_tick (list);
  g_hash_table_iter_init (&iter, before);
  while (g_hash_table_iter_next (&iter, NULL, &live))
    sp_live_session_end (live);
}

SpLiveSessionList *
sp_live_session_list_new (SpServerConnection *connection)
{
  SpLiveSessionList *list = g_object_new (SP_TYPE_LIVE_SESSION_LIST, NULL);

  list->connection = g_object_ref (connection);
  list->sessions = g_object_ref (G_LIST_MODEL (sp_server_connection_get_sessions (connection)));
  (void) g_signal_connect_object (list->sessions, "items-changed", G_CALLBACK (on_sessions_changed),
                                  list, G_CONNECT_SWAPPED);
  on_sessions_changed (list, 0, 0, g_list_model_get_n_items (list->sessions));
  return list;
}

static void
sp_live_session_list_dispose (GObject *object)
{
  SpLiveSessionList *list = SP_LIVE_SESSION_LIST (object);

  g_clear_handle_id (&list->tick, g_source_remove);
  g_clear_object (&list->sessions);
  g_clear_object (&list->connection);
  G_OBJECT_CLASS (sp_live_session_list_parent_class)->dispose (object);
}

static void
sp_live_session_list_finalize (GObject *object)
{
  g_ptr_array_unref (SP_LIVE_SESSION_LIST (object)->items);
  G_OBJECT_CLASS (sp_live_session_list_parent_class)->finalize (object);
}

static void
sp_live_session_list_class_init (SpLiveSessionListClass *class)
{
  G_OBJECT_CLASS (class)->dispose = sp_live_session_list_dispose;
  G_OBJECT_CLASS (class)->finalize = sp_live_session_list_finalize;
}

static void
sp_live_session_list_init (SpLiveSessionList *list)
{
  list->items = g_ptr_array_new_with_free_func (g_object_unref);
}
