/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "client/object-list.h"

struct _SpObjectList
{
  GObject parent_instance;
  char *interface;
  GType type;
  GPtrArray *proxies;
  GHashTable *by_path; /* object path → proxy, which is lent */
  GDBusObjectManager *manager;
};

static void sp_object_list_model_init (GListModelInterface *model);

G_DEFINE_FINAL_TYPE_WITH_CODE (SpObjectList,
                               sp_object_list,
                               G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (G_TYPE_LIST_MODEL, sp_object_list_model_init))

static GType
get_item_type (GListModel *model)
{
  return SP_OBJECT_LIST (model)->type;
}

static guint
get_n_items (GListModel *model)
{
  return SP_OBJECT_LIST (model)->proxies->len;
}

static gpointer
get_item (GListModel *model, guint position)
{
  SpObjectList *list = SP_OBJECT_LIST (model);

  return position < list->proxies->len ? g_object_ref (list->proxies->pdata[position]) : NULL;
}

static void
sp_object_list_model_init (GListModelInterface *model)
{
  model->get_item_type = get_item_type;
  model->get_n_items = get_n_items;
  model->get_item = get_item;
}

/* Without telling anybody; whether it was new.  Takes the proxy. */
static gboolean
keep (SpObjectList *list, GDBusInterface *proxy)
{
  const char *path = g_dbus_proxy_get_object_path (G_DBUS_PROXY (proxy));

  if (g_hash_table_contains (list->by_path, path))
    {
      g_object_unref (proxy);
      return FALSE;
    }
  g_hash_table_insert (list->by_path, g_strdup (path), proxy);
  g_ptr_array_add (list->proxies, proxy);
  return TRUE;
}

static void
add_object (SpObjectList *list, GDBusObject *object)
{
  GDBusInterface *proxy = g_dbus_object_get_interface (object, list->interface);

  if (proxy != NULL && keep (list, proxy))
    g_list_model_items_changed (G_LIST_MODEL (list), list->proxies->len - 1, 0, 1);
}

static void
remove_path (SpObjectList *list, const char *path)
{
  gpointer proxy = g_hash_table_lookup (list->by_path, path);
  guint position;

  if (proxy == NULL || !g_ptr_array_find (list->proxies, proxy, &position))
    return;
  (void) g_hash_table_remove (list->by_path, path);
  (void) g_ptr_array_remove_index (list->proxies, position);
  g_list_model_items_changed (G_LIST_MODEL (list), position, 1, 0);
}

static void
on_object_added (GDBusObjectManager *manager, GDBusObject *object, gpointer data)
{
  add_object (data, object);
}

static void
on_object_removed (GDBusObjectManager *manager, GDBusObject *object, gpointer data)
{
  remove_path (data, g_dbus_object_get_object_path (object));
}

static void
on_interface_added (GDBusObjectManager *manager,
                    GDBusObject *object,
                    GDBusInterface *interface,
                    gpointer data)
{
  add_object (data, object);
}

static void
on_interface_removed (GDBusObjectManager *manager,
                      GDBusObject *object,
                      GDBusInterface *interface,
                      gpointer data)
{
  SpObjectList *list = data;

  if (g_strcmp0 (g_dbus_proxy_get_interface_name (G_DBUS_PROXY (interface)), list->interface) == 0)
    remove_path (list, g_dbus_object_get_object_path (object));
}

static void
drop_manager (SpObjectList *list)
{
  if (list->manager != NULL)
    (void) g_signal_handlers_disconnect_by_data (list->manager, list);
  g_clear_object (&list->manager);
  g_hash_table_remove_all (list->by_path);
  g_ptr_array_set_size (list->proxies, 0);
}

static void
follow_manager (SpObjectList *list, GDBusObjectManager *manager)
{
  GList *objects = g_dbus_object_manager_get_objects (manager);

  list->manager = g_object_ref (manager);
  (void) g_signal_connect (manager, "object-added", G_CALLBACK (on_object_added), list);
  (void) g_signal_connect (manager, "object-removed", G_CALLBACK (on_object_removed), list);
  (void) g_signal_connect (manager, "interface-added", G_CALLBACK (on_interface_added), list);
  (void) g_signal_connect (manager, "interface-removed", G_CALLBACK (on_interface_removed), list);
  for (GList *next = objects; next != NULL; next = next->next)
    {
      GDBusInterface *proxy = g_dbus_object_get_interface (next->data, list->interface);

      if (proxy != NULL)
        (void) keep (list, proxy);
    }
  g_list_free_full (objects, g_object_unref);
}

void
sp_object_list_set_manager (SpObjectList *list, GDBusObjectManager *manager)
{
  guint before = list->proxies->len;

  drop_manager (list);
  if (manager != NULL)
    follow_manager (list, manager);
  if (before > 0 || list->proxies->len > 0)
    g_list_model_items_changed (G_LIST_MODEL (list), 0, before, list->proxies->len);
}

gpointer
sp_object_list_find (SpObjectList *list, const char *path)
{
  return g_hash_table_lookup (list->by_path, path);
}

SpObjectList *
sp_object_list_new (const char *interface, GType type)
{
  SpObjectList *list = g_object_new (SP_TYPE_OBJECT_LIST, NULL);

  list->interface = g_strdup (interface);
  list->type = type;
  return list;
}

static void
sp_object_list_dispose (GObject *object)
{
  drop_manager (SP_OBJECT_LIST (object));
  G_OBJECT_CLASS (sp_object_list_parent_class)->dispose (object);
}

static void
sp_object_list_finalize (GObject *object)
{
  SpObjectList *list = SP_OBJECT_LIST (object);

  g_hash_table_unref (list->by_path);
  g_ptr_array_unref (list->proxies);
  g_free (list->interface);
  G_OBJECT_CLASS (sp_object_list_parent_class)->finalize (object);
}

static void
sp_object_list_class_init (SpObjectListClass *class)
{
  G_OBJECT_CLASS (class)->dispose = sp_object_list_dispose;
  G_OBJECT_CLASS (class)->finalize = sp_object_list_finalize;
}

static void
sp_object_list_init (SpObjectList *list)
{
  list->proxies = g_ptr_array_new_with_free_func (g_object_unref);
  list->by_path = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
}
