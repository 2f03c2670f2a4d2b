/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "client/history-list.h"

struct _SpHistoryEntry
{
  GObject parent_instance;
  GVariant *values; /* a{sv} */
};

G_DEFINE_FINAL_TYPE (SpHistoryEntry, sp_history_entry, G_TYPE_OBJECT)

struct _SpHistoryList
{
  GObject parent_instance;
  SpServerConnection *connection;
  SpBusServer *server; /* whose signals are listened to */
  guint page;
  char *user;
  guint64 since;
  GPtrArray *entries;
  char *cursor; /* of the next page; "": there is none */
  GCancellable *loading;
  gboolean begins; /* what is under way is the first page */
  gboolean again;  /* something happened meanwhile */
  GError *error;
};

enum
{
  PROP_LOADING = 1,
  PROP_COMPLETE,
  PROP_ERROR,
};

static void sp_history_list_model_init (GListModelInterface *model);

G_DEFINE_FINAL_TYPE_WITH_CODE (SpHistoryList,
                               sp_history_list,
                               G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (G_TYPE_LIST_MODEL,
                                                      sp_history_list_model_init))

const char *
sp_history_entry_get_text (SpHistoryEntry *entry, const char *key)
{
  const char *text = NULL;

  return g_variant_lookup (entry->values, key, "&s", &text) ? text : "";
}

guint64
sp_history_entry_get_number (SpHistoryEntry *entry, const char *key)
{
  guint64 number = 0;

  return g_variant_lookup (entry->values, key, "t", &number) ? number : 0;
}

static SpHistoryEntry *
sp_history_entry_new (GVariant *values)
{
  SpHistoryEntry *entry = g_object_new (SP_TYPE_HISTORY_ENTRY, NULL);

  entry->values = g_variant_ref (values);
  return entry;
}

static void
sp_history_entry_finalize (GObject *object)
{
  g_clear_pointer (&SP_HISTORY_ENTRY (object)->values, g_variant_unref);
  G_OBJECT_CLASS (sp_history_entry_parent_class)->finalize (object);
}

static void
sp_history_entry_class_init (SpHistoryEntryClass *class)
{
  G_OBJECT_CLASS (class)->finalize = sp_history_entry_finalize;
}

static void
sp_history_entry_init (SpHistoryEntry *entry)
{
}

static GType
get_item_type (GListModel *model)
{
  return SP_TYPE_HISTORY_ENTRY;
}

static guint
get_n_items (GListModel *model)
{
  return SP_HISTORY_LIST (model)->entries->len;
}

static gpointer
get_item (GListModel *model, guint position)
{
  GPtrArray *entries = SP_HISTORY_LIST (model)->entries;

  return position < entries->len ? g_object_ref (entries->pdata[position]) : NULL;
}

static void
sp_history_list_model_init (GListModelInterface *model)
{
  model->get_item_type = get_item_type;
  model->get_n_items = get_n_items;
  model->get_item = get_item;
}

static void
take_rows (SpHistoryList *list, GVariant *rows)
{
  guint removed = list->begins ? list->entries->len : 0;
  guint position;
  GVariantIter iter;
  GVariant *row;

  g_ptr_array_remove_range (list->entries, 0, removed);
  position = list->entries->len;
  g_variant_iter_init (&iter, rows);
  while ((row = g_variant_iter_next_value (&iter)) != NULL)
    {
      g_ptr_array_add (list->entries, sp_history_entry_new (row));
      g_variant_unref (row);
    }
  g_list_model_items_changed (G_LIST_MODEL (list), position, removed,
                              list->entries->len - position);
}

static void
notify_all (SpHistoryList *list)
{
  g_object_notify (G_OBJECT (list), "loading");
  g_object_notify (G_OBJECT (list), "complete");
  g_object_notify (G_OBJECT (list), "error");
}

static void
on_rows (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (SpHistoryList) list = data;
  g_autoptr (GVariant) rows = NULL;
  g_autofree char *next = NULL;
  g_autoptr (GError) error = NULL;

  if (!sp_bus_server_call_list_history_finish (SP_BUS_SERVER (source), &rows, &next, result,
                                               &error) &&
      g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return;
  g_clear_object (&list->loading);
  g_clear_error (&list->error);
  list->error = g_steal_pointer (&error);
  if (rows != NULL)
    {
      take_rows (list, rows);
      g_free (list->cursor);
      list->cursor = g_steal_pointer (&next);
    }
  notify_all (list);
  if (list->again)
    sp_history_list_reload (list);
}

static GVariant *
create_filter (SpHistoryList *list)
{
  GVariantBuilder filter = G_VARIANT_BUILDER_INIT (G_VARIANT_TYPE_VARDICT);

  if (list->user != NULL)
    g_variant_builder_add (&filter, "{sv}", "User", g_variant_new_string (list->user));
  if (list->since != 0)
    g_variant_builder_add (&filter, "{sv}", "Since", g_variant_new_uint64 (list->since));
  return g_variant_builder_end (&filter);
}

static void
load (SpHistoryList *list, const char *cursor)
{
  SpBusServer *server = sp_server_connection_get_server (list->connection);

  if (server == NULL)
    return;
  list->loading = g_cancellable_new ();
  list->begins = cursor[0] == '\0';
  list->again = FALSE;
  sp_bus_server_call_list_history (server, create_filter (list), cursor, list->page,
                                   g_variant_new_array (G_VARIANT_TYPE ("{sv}"), NULL, 0),
                                   SP_CALL_FLAGS, SP_CALL_TIMEOUT, list->loading, on_rows,
                                   g_object_ref (list));
  g_object_notify (G_OBJECT (list), "loading");
}

void
sp_history_list_reload (SpHistoryList *list)
{
  if (list->loading != NULL)
    g_cancellable_cancel (list->loading);
  g_clear_object (&list->loading);
  load (list, "");
}

void
sp_history_list_load_more (SpHistoryList *list)
{
  if (list->loading == NULL && !sp_history_list_is_complete (list))
    load (list, list->cursor);
}

void
sp_history_list_set_filter (SpHistoryList *list, const char *user, guint64 since)
{
  g_free (list->user);
  list->user = g_strdup (user);
  list->since = since;
  sp_history_list_reload (list);
}

gboolean
sp_history_list_is_loading (SpHistoryList *list)
{
  return list->loading != NULL;
}

gboolean
sp_history_list_is_complete (SpHistoryList *list)
{
  return list->cursor != NULL && list->cursor[0] == '\0';
}

const GError *
sp_history_list_get_error (SpHistoryList *list)
{
  return list->error;
}

/* Events come in crowds when a server starts; one more look is enough for all of them. */
static void
on_event (SpHistoryList *list)
{
  if (list->loading != NULL)
    list->again = TRUE;
  else
    sp_history_list_reload (list);
}

static void
on_state (SpHistoryList *list)
{
  SpBusServer *server = sp_server_connection_get_server (list->connection);

  if (sp_server_connection_get_state (list->connection) != SP_CONNECTION_READY)
    return;
  if (list->server != NULL)
    (void) g_signal_handlers_disconnect_by_data (list->server, list);
  g_set_object (&list->server, server);
  (void) g_signal_connect_object (server, "session-opened", G_CALLBACK (on_event), list,
                                  G_CONNECT_SWAPPED);
  (void) g_signal_connect_object (server, "session-closed", G_CALLBACK (on_event), list,
                                  G_CONNECT_SWAPPED);
  sp_history_list_reload (list);
}

SpHistoryList *
sp_history_list_new (SpServerConnection *connection, guint page)
{
  SpHistoryList *list = g_object_new (SP_TYPE_HISTORY_LIST, NULL);

  list->connection = g_object_ref (connection);
  list->page = page;
  (void) g_signal_connect_object (connection, "notify::state", G_CALLBACK (on_state), list,
                                  G_CONNECT_SWAPPED);
  on_state (list);
  return list;
}

static void
sp_history_list_get_property (GObject *object, guint id, GValue *value, GParamSpec *spec)
{
  SpHistoryList *list = SP_HISTORY_LIST (object);

  switch (id)
    {
      case PROP_LOADING:
        g_value_set_boolean (value, sp_history_list_is_loading (list));
        break;
      case PROP_COMPLETE:
        g_value_set_boolean (value, sp_history_list_is_complete (list));
        break;
      case PROP_ERROR:
        g_value_set_boxed (value, list->error);
        break;
      default:
        G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, spec);
    }
}

static void
sp_history_list_dispose (GObject *object)
{
  SpHistoryList *list = SP_HISTORY_LIST (object);

  if (list->loading != NULL)
    g_cancellable_cancel (list->loading);
  g_clear_object (&list->loading);
  g_clear_object (&list->server);
  g_clear_object (&list->connection);
  G_OBJECT_CLASS (sp_history_list_parent_class)->dispose (object);
}

static void
sp_history_list_finalize (GObject *object)
{
  SpHistoryList *list = SP_HISTORY_LIST (object);

  g_ptr_array_unref (list->entries);
  g_clear_error (&list->error);
  g_free (list->cursor);
  g_free (list->user);
  G_OBJECT_CLASS (sp_history_list_parent_class)->finalize (object);
}

static void
sp_history_list_class_init (SpHistoryListClass *class)
{
  GObjectClass *object_class = G_OBJECT_CLASS (class);
  const GParamFlags flags = G_PARAM_READABLE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY;

  object_class->get_property = sp_history_list_get_property;
  object_class->dispose = sp_history_list_dispose;
  object_class->finalize = sp_history_list_finalize;
  g_object_class_install_property (object_class, PROP_LOADING,
                                   g_param_spec_boolean ("loading", NULL, NULL, FALSE, flags));
  g_object_class_install_property (object_class, PROP_COMPLETE,
                                   g_param_spec_boolean ("complete", NULL, NULL, FALSE, flags));
  g_object_class_install_property (object_class, PROP_ERROR,
                                   g_param_spec_boxed ("error", NULL, NULL, G_TYPE_ERROR, flags));
}

static void
sp_history_list_init (SpHistoryList *list)
{
  list->entries = g_ptr_array_new_with_free_func (g_object_unref);
}
